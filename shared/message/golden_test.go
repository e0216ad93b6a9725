package message

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"paht/shared/report"
)

// Golden messages: every type as a release sends it, in testdata/golden-<release>.
// How a field is added and retired is written in shared/cloud/golden_test.go. A
// message of an old release stands in a queue for seven days and in a dead-letter
// queue for fourteen.
var goldenFlag = flag.String("golden", "", "write what is sent today into the new folder testdata/golden-<name>")

// goldenLine is one message in its queue.
type goldenLine struct {
	Queue string `json:"queue"`
	Body  string `json:"body"`
}

// written are all messages that are sent today, in one order.
func written() []goldenLine {
	id, settled := report.Code("6fxioeugnqzizvbg4tpzjmeugq", "key", 0), false
	var all []goldenLine
	for _, kind := range slices.Sorted(maps.Keys(consumers)) {
		var e Envelope
		switch kind {
		case UploadUnchecked:
			e = OfUpload("ihh5rxjsu3bgzcmklrkcqnbjmq")
		case AccountVerify, AccountActivate, AccountLocked:
			e = OfAccount(kind, "6fxioeugnqzizvbg4tpzjmeugq", 3)
		case Sweep:
			e = Envelope{ID: "sweep", Type: Sweep} // the template's schedule
		default:
			settled = !settled
			e = OfReport(string(kind), id, 7, settled)
			e.Trace = "a9757162bf68b389ec1e19b8"
		}
		for _, queue := range consumers[kind] {
			all = append(all, goldenLine{queue, e.Encode()})
		}
	}
	return all
}

func golden(t *testing.T, folder string) []goldenLine {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, "messages.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var all []goldenLine
	for line := range strings.Lines(string(content)) {
		var g goldenLine
		if err := json.Unmarshal([]byte(line), &g); err != nil {
			t.Fatalf("reading %s: %v", folder, err)
		}
		all = append(all, g)
	}
	return all
}

func goldenFolders(t *testing.T) []string {
	t.Helper()
	folders, err := filepath.Glob("testdata/golden-v*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no golden messages: %v", err)
	}
	slices.SortFunc(folders, func(a, b string) int { return len(a)*1000 - len(b)*1000 + strings.Compare(a, b) })
	return folders
}

func TestGoldenMessagesAreWhatIsSent(t *testing.T) {
	if *goldenFlag != "" {
		save(t, filepath.Join("testdata", "golden-"+*goldenFlag))
	}
	folders := goldenFolders(t)
	newest := folders[len(folders)-1]
	now, before := written(), golden(t, newest)
	for i := range max(len(now), len(before)) {
		if i >= len(now) || i >= len(before) || now[i] != before[i] {
			t.Fatalf("message %d differs: today %v, in %s %v", i, now[min(i, len(now)-1)], newest, before[min(i, len(before)-1)])
		}
	}
}

func TestGoldenMessagesAreRead(t *testing.T) {
	for _, folder := range goldenFolders(t) {
		for _, g := range golden(t, folder) {
			e, err := Decode(g.Queue, []byte(g.Body))
			if err != nil {
				t.Errorf("%s: %s of %s: %v", folder, g.Body, g.Queue, err)
				continue
			}
			if got := e.Encode(); got != g.Body {
				t.Errorf("%s: %s reads %s", folder, g.Body, got)
			}
			later := `{"later":{"a":[1]},` + strings.TrimPrefix(g.Body, "{")
			if known, err := Decode(g.Queue, []byte(later)); err != nil || known != e {
				t.Errorf("%s: with a field of a newer version %s reads %+v, %v", folder, later, known, err)
			}
		}
	}
}

// save writes a new folder; one that is there is never changed.
func save(t *testing.T, folder string) {
	t.Helper()
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatalf("a folder of golden messages is written once: %v", err)
	}
	var lines bytes.Buffer
	for _, g := range written() {
		line, err := json.Marshal(g)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintln(&lines, string(line)) // to memory
	}
	if err := os.WriteFile(filepath.Join(folder, "messages.jsonl"), lines.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
