package picture

import (
	"bytes"
	"image/jpeg"
	"image/png"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bep/imagemeta"
)

// photos lists the camera photos of imagemeta's test data, as the module lies in
// the module cache.
func photos(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/bep/imagemeta").Output()
	if err != nil {
		t.Fatalf("finding the module imagemeta: %v", err)
	}
	var files []string
	root := filepath.Join(strings.TrimSpace(string(out)), "testdata", "images")
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if kind(path) != "" && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d photos are in the test data", len(files))
	}
	return files
}

func kind(path string) string {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".jpg", ".jpeg":
		return typeJPEG
	case ".png":
		return typePNG
	}
	return ""
}

// tags reads a file's metadata of every source; a file without any is no error.
func tags(data []byte, kind string, sources imagemeta.Source) (imagemeta.Tags, error) {
	var all imagemeta.Tags
	format := imagemeta.JPEG
	if kind == typePNG {
		format = imagemeta.PNG
	}
	_, err := imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(data), ImageFormat: format, Sources: sources,
		ShouldHandleTag: func(imagemeta.TagInfo) bool { return true },
		HandleTag:       func(info imagemeta.TagInfo) error { all.Add(info); return nil },
	})
	return all, err
}

func TestCameraPhotosLoseTheirMetadataAndStandUpright(t *testing.T) {
	var taken, located, turned int
	for _, path := range photos(t) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(path)
		copies, reason := Make(data, announce(data, kind(path)), wide)
		if reason != Taken {
			if strings.Contains(path, "corrupt") {
				continue
			}
			t.Logf("%s is refused: %s", strings.TrimPrefix(path, filepath.Dir(filepath.Dir(path))), reason)
			continue
		}
		taken++
		before, err := tags(data, kind(path), imagemeta.EXIF)
		if err == nil {
			located += count(before, "GPSLatitude")
			turned += compareOrientation(t, name, data, kind(path), before, copies)
		}
		for which, made := range map[string][]byte{"clean": copies.Clean, "small": copies.Small} {
			after, err := tags(made, typeJPEG, imagemeta.EXIF|imagemeta.IPTC|imagemeta.XMP)
			if err != nil {
				t.Errorf("%s: reading the %s copy: %v", name, which, err)
			}
			if n := len(after.EXIF()) + len(after.IPTC()) + len(after.XMP()); n > 0 {
				t.Errorf("%s: the %s copy carries %d tags", name, which, n)
			}
			if marker := segmentWithText(made); marker != 0 {
				t.Errorf("%s: the %s copy has a segment %#x", name, which, marker)
			}
		}
	}
	t.Logf("%d taken, %d with a place, %d turned", taken, located, turned)
	if taken < 50 || located < 3 || turned < 3 {
		t.Errorf("the test data shows too little: %d taken, %d with a place, %d turned", taken, located, turned)
	}
}

func count(t imagemeta.Tags, name string) int {
	if _, ok := t.EXIF()[name]; ok {
		return 1
	}
	return 0
}

// compareOrientation checks the orientation against imagemeta's reading, and that
// a turned photo's copy has its sides exchanged.
func compareOrientation(t *testing.T, name string, data []byte, kind string, before imagemeta.Tags, copies Copies) int {
	t.Helper()
	want := 0
	if tag, ok := before.EXIF()["Orientation"]; ok {
		if v, ok := tag.Value.(uint16); ok && v >= 1 && v <= 8 {
			want = int(v)
		}
	}
	f, _ := survey(data, kind)
	if f.orientation != want {
		t.Errorf("%s: the orientation is read as %d, by imagemeta as %d", name, f.orientation, want)
	}
	if want < 5 {
		return 0
	}
	var w, h int
	if kind == typePNG {
		c, err := png.DecodeConfig(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		w, h = c.Width, c.Height
	} else {
		c, err := jpeg.DecodeConfig(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		w, h = c.Width, c.Height
	}
	if wantW, wantH := fit(h, w, cleanSide); copies.Width != wantW || copies.Height != wantH {
		t.Errorf("%s: %d × %d with orientation %d became %d × %d", name, w, h, want, copies.Width, copies.Height)
	}
	return 1
}

// segmentWithText finds a segment that can hold text: an application segment or a
// comment; 0 when there is none.
func segmentWithText(data []byte) byte {
	for i := 2; i+4 <= len(data) && data[i] == 0xFF && data[i+1] != markSOS; i += 2 + int(data[i+2])<<8 + int(data[i+3]) {
		if m := data[i+1]; m >= 0xE0 && m <= 0xEF || m == 0xFE {
			return m
		}
	}
	return 0
}
