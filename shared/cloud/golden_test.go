// Golden items: what every writer of a release stores, byte for byte, in
// testdata/golden-<release>, and proof that today's readers understand it.
//
// A field is added and retired so:
//
//   - A folder of a release is never changed. When a writer changes, the test of
//     the writers says so, and the new bytes get the next folder:
//     go test ./shared/cloud -run Golden -golden=v2
//   - A field is only ever added, under a new name, with omitempty (or omitzero):
//     an item without it means what it meant before. No name gets another meaning.
//   - A reader ignores what it does not know, so that the version before can read
//     what the newer one wrote while both run, and after a step back.
//   - What is kept whole and written again (an event, a state, an account, a slot)
//     loses what its reader does not know, and the hash of an event covers all its
//     fields. So such a field is added in two releases: the first one reads and
//     keeps it, the next one writes it.
//   - A field is retired in two releases as well: the first stops writing it and
//     still reads it, from every folder here; the next one may forget it once the
//     items that hold it are gone or were written again, and then its folder goes.
//   - The same holds for messages (shared/message/testdata), for which a queue keeps
//     seven days and a dead-letter queue fourteen, for cursors, and for the keys of
//     the secret document, of which old ones stay for as long as anything is sealed
//     under them.
package cloud_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"paht/shared/cloud/cloudtest"
	"paht/shared/httpapi"
	"paht/shared/packed"
	"paht/shared/report"
	"paht/shared/seal"
)

var goldenFlag = flag.String("golden", "", "write what today's writers store into the new folder testdata/golden-<name>")

var goldenTime = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC) // 08:00 in Vietnam

// goldenItem is one item as it lay in the table after a step of the script.
type goldenItem struct {
	Step string          `json:"step"`
	Item json.RawMessage `json:"item"` // as on the wire: {"pk":{"S":"…"},…}
}

// attribute is one attribute on the wire.
type attribute struct {
	S *string `json:"S,omitempty"`
	N *string `json:"N,omitempty"`
	B []byte  `json:"B,omitempty"`
}

type wireItem map[string]attribute

func (g goldenItem) wire(t *testing.T) wireItem {
	t.Helper()
	var it wireItem
	if err := json.Unmarshal(g.Item, &it); err != nil {
		t.Fatalf("reading an item of %q: %v", g.Step, err)
	}
	return it
}

// text is a text, or a document that is packed.
func (it wireItem) text(name string) string {
	if v := it[name].S; v != nil {
		return *v
	}
	if doc, err := packed.Unpack(it[name].B); err == nil && (name == "d" || name == "sum") {
		return string(doc)
	}
	return ""
}

// put stores items as they are.
func put(t *testing.T, w *cloudtest.World, items ...wireItem) {
	t.Helper()
	for _, it := range items {
		values := map[string]types.AttributeValue{}
		for name, a := range it {
			switch {
			case a.S != nil:
				values[name] = &types.AttributeValueMemberS{Value: *a.S}
			case a.N != nil:
				values[name] = &types.AttributeValueMemberN{Value: *a.N}
			default:
				values[name] = &types.AttributeValueMemberB{Value: a.B}
			}
		}
		if _, err := w.Table.Client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &w.Table.Name, Item: values}); err != nil {
			t.Fatal(err)
		}
	}
}

// opened is an item with what is sealed opened and what is packed unpacked: two
// sealings of one text are never alike.
func opened(t *testing.T, keys *seal.Keys, it wireItem) string {
	t.Helper()
	pk, sk := it.text("pk"), it.text("sk")
	_, id, _ := strings.Cut(pk, "#")
	place := ""
	switch {
	case strings.HasPrefix(pk, "R#"):
		var r report.Report
		if err := json.Unmarshal([]byte(it.text("d")), &r); sk == "s" && err != nil {
			t.Fatal(err)
		}
		place = fmt.Sprintf("%s#%d", id, r.Newest.N)
	case strings.HasPrefix(pk, "B#"):
		place = id + "#" + strings.TrimLeft(strings.TrimPrefix(sk, "e#"), "0")
	case strings.HasPrefix(pk, "U#") && sk == "a":
		place = "account#" + id
	case strings.HasPrefix(pk, "U#"):
		place = "session#" + strings.TrimPrefix(sk, "t#")
	case strings.HasPrefix(pk, "AU#"):
		place = "audit#" + sk[strings.LastIndex(sk, "#")+1:]
	}
	shown := map[string]string{}
	for name, a := range it {
		switch {
		case a.B != nil && name == "b" && strings.HasPrefix(pk, "settings#"):
			shown[name] = "zipped: " + unzip(t, a.B)
		case a.B != nil && (name == "d" || name == "sum"):
			shown[name] = "packed: " + it.text(name)
		case a.B != nil && name == "b":
			shown[name] = "sealed: " + unseal(t, keys, a.B, place)
		case name == "sum" && sk == "a":
			sealed, err := base64.StdEncoding.DecodeString(*a.S)
			if err != nil {
				t.Fatal(err)
			}
			shown[name] = "sealed: " + unseal(t, keys, sealed, place)
		default:
			encoded, err := json.Marshal(a)
			if err != nil {
				t.Fatal(err)
			}
			shown[name] = string(encoded)
		}
	}
	var lines []string
	for name, value := range shown {
		lines = append(lines, name+"="+value)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func unseal(t *testing.T, keys *seal.Keys, sealed []byte, place string) string {
	t.Helper()
	plain, err := keys.Open(sealed, place)
	if err != nil {
		t.Fatalf("opening what is sealed for %s: %v", place, err)
	}
	if plain, err = packed.Unpack(plain); err != nil { // bodies are packed; the rest is given as it is
		t.Fatalf("reading what is sealed for %s: %v", place, err)
	}
	return string(plain)
}

func unzip(t *testing.T, zipped []byte) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

// goldenFolders are the releases, the oldest first.
func goldenFolders(t *testing.T) []string {
	t.Helper()
	folders, err := filepath.Glob("testdata/golden-v*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no golden items: %v", err)
	}
	slices.SortFunc(folders, func(a, b string) int { return len(a)*1000 - len(b)*1000 + strings.Compare(a, b) })
	return folders
}

func readGolden(t *testing.T, folder string) []goldenItem {
	t.Helper()
	file, err := os.Open(filepath.Join(folder, "items.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var all []goldenItem
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var g goldenItem
		if err := json.Unmarshal(lines.Bytes(), &g); err != nil {
			t.Fatalf("reading %s: %v", folder, err)
		}
		all = append(all, g)
	}
	if lines.Err() != nil || len(all) == 0 {
		t.Fatalf("reading %s: %d items, %v", folder, len(all), lines.Err())
	}
	return all
}

// goldenKeys are the keys of a release's secret document.
func goldenKeys(t *testing.T, folder string) *seal.Keys {
	t.Helper()
	document, err := os.ReadFile(filepath.Join(folder, "secret.json"))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Parse(document)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// goldenCursor is a cursor as a client may hold it.
type goldenCursor struct {
	Scope    string            `json:"scope"`
	Position map[string]string `json:"position"`
	Cursor   string            `json:"cursor"`
}

var writtenCursor = goldenCursor{Scope: "queue/screen/lan", Position: map[string]string{
	"pk": "R#PA-0000000000A", "sk": "s", "lk": "screen", "ls": "2026-11-24T03:00:00.000Z#PA-0000000000A#"}}

// TestGoldenItemsAreWhatIsWritten runs the script of all writers and compares
// with the newest folder.
func TestGoldenItemsAreWhatIsWritten(t *testing.T) {
	written, keys := writeGolden(t)
	if *goldenFlag != "" {
		saveGolden(t, filepath.Join("testdata", "golden-"+*goldenFlag), written, keys)
	}
	folders := goldenFolders(t)
	newest := folders[len(folders)-1]
	golden, goldenKey := readGolden(t, newest), goldenKeys(t, newest)
	now, before := byStep(t, keys, written), byStep(t, goldenKey, golden)
	for step, item := range now {
		switch old, ok := before[step]; {
		case !ok:
			t.Errorf("today's writers store, and %s lacks\n%s\n%s", newest, step, item)
		case old != item:
			t.Errorf("%s\ntoday's writer stores\n%s\nand %s holds\n%s", step, item, newest, old)
		}
		delete(before, step)
	}
	for step, item := range before {
		t.Errorf("today's writers no longer store what %s holds\n%s\n%s", newest, step, item)
	}
	cursor := readCursor(t, newest)
	if got := httpapi.WriteCursor(keys, writtenCursor.Scope, writtenCursor.Position); got != cursor.Cursor {
		t.Errorf("today's cursor is %s, and %s holds %s", got, newest, cursor.Cursor)
	}
}

// byStep gives the opened items by step and key: an item changes once in a step.
func byStep(t *testing.T, keys *seal.Keys, items []goldenItem) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, g := range items {
		it := g.wire(t)
		all[fmt.Sprintf("after %q, %s %s", g.Step, it.text("pk"), it.text("sk"))] = opened(t, keys, it)
	}
	return all
}

func readCursor(t *testing.T, folder string) goldenCursor {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, "cursor.json"))
	if err != nil {
		t.Fatal(err)
	}
	var c goldenCursor
	if err := json.Unmarshal(content, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// saveGolden writes a new folder; one that is there is never changed.
func saveGolden(t *testing.T, folder string, written []goldenItem, keys *seal.Keys) {
	t.Helper()
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatalf("a folder of golden items is written once: %v", err)
	}
	var items bytes.Buffer
	encoder := json.NewEncoder(&items)
	encoder.SetEscapeHTML(false)
	for _, g := range written {
		if err := encoder.Encode(g); err != nil {
			t.Fatal(err)
		}
	}
	c := writtenCursor
	c.Cursor = httpapi.WriteCursor(keys, c.Scope, c.Position)
	cursor, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"items.jsonl": items.Bytes(), "cursor.json": append(cursor, '\n'), "secret.json": []byte(cloudtest.Secret + "\n")} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
