package intake

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"paht/shared/settings"
)

// Folder is what a folder holds, by kind.
type Folder struct{ Sources map[settings.Kind]*Source }

// Kinds lists the kinds that the folder holds, in the order of the settings.
func (f *Folder) Kinds() []settings.Kind {
	return slices.DeleteFunc(slices.Clone(settings.Kinds), func(k settings.Kind) bool { return f.Sources[k] == nil })
}

// file is one file as it was read.
type file struct {
	name string
	data []byte // without the byte order mark
}

// maxFile is more than any document may have, in the longer form of a file.
const maxFile = 16 << 20

// reader makes the source of a kind of its files.
type reader func(kind settings.Kind, files []file, at time.Time) (*Source, []Problem)

// readers are the forms of files, by name. Each kind can come as a .json file
// besides, in the form of its document.
func readers() map[string]struct {
	kind settings.Kind
	read reader
} {
	type form = struct {
		kind settings.Kind
		read reader
	}
	forms := map[string]form{
		"boundary.geojson": {settings.Boundary, readJSON},
		"roots.pem":        {settings.Roots, readPEM},
		"calendar.csv":     {settings.Calendar, readCalendar},
		"hours.csv":        {settings.Calendar, readCalendar},
	}
	for kind := range tables {
		forms[string(kind)+".csv"] = form{kind, readTable}
	}
	for _, kind := range settings.Kinds {
		forms[string(kind)+".json"] = form{kind, readJSON}
	}
	return forms
}

// Read reads a folder. Its problems are all that can be said of the files by
// themselves; the error is of the disk.
func Read(dir string, at time.Time) (*Folder, []Problem, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the folder: %w", err)
	}
	forms, files := readers(), map[settings.Kind][]file{}
	var problems []Problem
	for _, entry := range entries {
		name := entry.Name()
		form, known := forms[name]
		if strings.HasPrefix(name, ".") || strings.EqualFold(filepath.Ext(name), ".md") {
			continue
		}
		if !known {
			problems = append(problems, Problem{File: name, Message: "is no file of an import; it takes " + strings.Join(names(forms), ", ")})
			continue
		}
		read, wrong, err := load(dir, name)
		if err != nil {
			return nil, nil, err
		}
		problems = append(problems, wrong...)
		files[form.kind] = append(files[form.kind], read)
	}
	folder := &Folder{Sources: map[settings.Kind]*Source{}}
	for kind, list := range files {
		source, found := read(kind, list, problems, at)
		folder.Sources[kind] = source
		problems = append(problems, found...)
	}
	if len(entries) == 0 || len(files) == 0 && len(problems) == 0 {
		problems = append(problems, Problem{File: dir, Message: "holds no file of an import; it takes " + strings.Join(names(forms), ", ")})
	}
	return folder, Sorted(problems), nil
}

// load reads a file; one that is not text in UTF-8 is a problem.
func load(dir, name string) (file, []Problem, error) {
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return file{}, nil, fmt.Errorf("reading the folder: %w", err)
	}
	f := file{name: name, data: bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))}
	if len(data) > maxFile {
		return file{name: name}, []Problem{{File: name, Message: fmt.Sprintf("has more than %d MB", maxFile>>20)}}, nil
	}
	if utf8.Valid(f.data) {
		return f, nil, nil
	}
	offset := 0
	for rest := f.data; ; offset++ {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size <= 1 {
			break
		}
		rest, offset = rest[size:], offset+size-1
	}
	line, column := position(f.data, offset)
	return file{name: name}, []Problem{{File: name, Line: line, Column: column, Message: "is not UTF-8; save it as UTF-8"}}, nil
}

// read makes the source of a kind, and checks its document by itself.
func read(kind settings.Kind, files []file, known []Problem, at time.Time) (*Source, []Problem) {
	failed := &Source{Kind: kind, broken: true, find: nowhere}
	for _, f := range files {
		failed.Files = append(failed.Files, f.name)
	}
	unread := slices.ContainsFunc(known, func(p Problem) bool { return slices.Contains(failed.Files, p.File) })
	forms := readers()
	pair := slices.Equal(failed.Files, []string{"calendar.csv", "hours.csv"})
	switch {
	case len(files) > 1 && !pair:
		return failed, []Problem{{File: files[1].name, Message: "stands beside " + files[0].name + "; there must be one of them"}}
	case files[0].name == "hours.csv":
		return failed, []Problem{{File: "hours.csv", Message: "needs calendar.csv beside it, whose version names both"}}
	case unread:
		return failed, nil
	}
	source, problems := forms[files[0].name].read(kind, files, at)
	if source == nil {
		return failed, problems
	}
	source.Kind, source.Files = kind, failed.Files
	for _, found := range settings.CheckAlone(kind, source.Document, at) {
		problems = append(problems, source.problem(found))
	}
	source.broken = len(problems) > 0
	return source, problems
}

func nowhere(string) (place, bool) { return place{}, false }

func names[V any](m map[string]V) []string {
	var list []string
	for name := range m {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// position is the line and the column, in characters, of a byte of a file.
func position(data []byte, offset int) (line, column int) {
	before := data[:min(offset, len(data))]
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
}
