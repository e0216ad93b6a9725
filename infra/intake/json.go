package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"paht/shared/settings"
)

// readJSON takes a file that has the form of its document.
func readJSON(_ settings.Kind, files []file, _ time.Time) (*Source, []Problem) {
	f := files[0]
	var document json.RawMessage
	if err := json.Unmarshal(f.data, &document); err != nil {
		p := Problem{File: f.name, Message: "is not valid JSON: " + err.Error()}
		var wrong *json.SyntaxError
		if errors.As(err, &wrong) {
			p.Line, p.Column = position(f.data, max(int(wrong.Offset)-1, 0))
		}
		return nil, []Problem{p}
	}
	values := sync.OnceValue(func() map[string][2]int { return valuesOf(f.data) })
	return &Source{Document: f.data, find: func(path string) (place, bool) {
		at, ok := values()[path]
		if !ok {
			return place{}, false
		}
		p := place{file: f.name}
		p.line, p.column = position(f.data, at[0])
		if text := string(f.data[at[0]:at[1]]); at[1] > at[0] && text[0] != '{' && text[0] != '[' {
			var word string
			if json.Unmarshal([]byte(text), &word) == nil {
				text = word
			}
			p.value = short(text)
		}
		return p, true
	}}, nil
}

// valuesOf says of each value of a document where it begins and ends, by its path.
// Of the numbers of a position only the position is named.
func valuesOf(data []byte) map[string][2]int {
	w := &walker{data: data, decoder: json.NewDecoder(bytes.NewReader(data)), at: map[string][2]int{}}
	w.decoder.UseNumber()
	if err := w.value("", false); err != nil && !errors.Is(err, io.EOF) {
		return map[string][2]int{}
	}
	return w.at
}

type walker struct {
	data    []byte
	decoder *json.Decoder
	at      map[string][2]int
}

// value walks over the next value.
func (w *walker) value(path string, listed bool) error {
	begin := w.next()
	token, err := w.decoder.Token()
	if err != nil {
		return err
	}
	if _, number := token.(json.Number); !number || !listed {
		w.at[path] = [2]int{begin, int(w.decoder.InputOffset())}
	}
	shape, nested := token.(json.Delim)
	if !nested {
		return nil
	}
	for i := 0; w.decoder.More(); i++ {
		if shape == '[' {
			if err := w.value(fmt.Sprintf("%s[%d]", path, i), true); err != nil {
				return err
			}
			continue
		}
		name, err := w.decoder.Token()
		if err != nil {
			return err
		}
		inner := fmt.Sprint(name)
		if path != "" {
			inner = path + "." + inner
		}
		if err := w.value(inner, false); err != nil {
			return err
		}
	}
	_, err = w.decoder.Token()
	return err
}

// next is where the next value begins.
func (w *walker) next() int {
	at := int(w.decoder.InputOffset())
	for at < len(w.data) && bytes.IndexByte([]byte(" \t\r\n:,"), w.data[at]) >= 0 {
		at++
	}
	return at
}
