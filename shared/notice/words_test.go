package notice

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"paht/shared/report"
	"paht/shared/settings"
)

var update = flag.Bool("update", false, "write the golden file anew")

// told is every notice of a report, with its event and body.
func told() []struct {
	owner, channel string
	event          report.Event
	body           *report.Body
} {
	clock := report.Clock{Name: report.ClockRedistribute, Due: begin.Add(time.Hour)}
	return []struct {
		owner, channel string
		event          report.Event
		body           *report.Body
	}{
		{"lan", "email", report.Event{Type: report.EventAccepted}, nil},
		{"lan", "email", report.Event{Type: report.EventRefused, Facts: report.Facts{Code: "9.2"}}, &report.Body{Reason: "Xin viết lại {link} có dấu."}},
		{"lan", "email", report.Event{Type: report.EventRefused, Facts: report.Facts{Code: "duplicate", Related: "PA-0000000001"}}, &report.Body{Reason: "Đã có người phản ánh."}},
		{"lan", "email", report.Event{Type: report.EventSupplementAsked}, &report.Body{Text: "Xin cho biết số nhà."}},
		{AgencyInbox("sxd"), InSystem, report.Event{Type: report.EventTransferred, N: 5, Facts: report.Facts{Agencies: []string{"sxd"}}}, nil},
		{"lan", "email", report.Event{Type: report.EventProgress, Assignment: "a1"}, &report.Body{Text: "Đang chờ vật tư."}},
		{"lan", "email", report.Event{Type: report.EventExtended, Assignment: "a1", Clocks: []report.Clock{{Name: report.ClockHandling, Due: begin.AddDate(0, 0, 9)}}}, &report.Body{Reason: "Đang chờ vật tư."}},
		{RouterInbox, InSystem, report.Event{Type: report.EventReturned, Assignment: "a1", Facts: report.Facts{Code: report.NotCompetent}, Clocks: []report.Clock{clock}}, &report.Body{Reason: "Đường do xã quản lý."}},
		{"lan", "email", report.Event{Type: report.EventAnswered}, &report.Body{Text: "Việc này đã xong."}},
		{"lan", "email", report.Event{Type: report.EventPublished, Assignment: "a1"}, &report.Body{Title: "Ổ gà"}},
		{"lan", "email", report.Event{Type: report.EventMediaRejected, Facts: report.Facts{Slot: "s2", Code: "truncated"}}, nil},
	}
}

func TestTheWordsOfEveryNotice(t *testing.T) {
	s := settings.New(nil, func(context.Context, settings.Document) ([]byte, error) {
		t.Fatal("a document was loaded that nobody stored")
		return nil, nil
	})
	links := Links{Public: "https://paht.example.vn"}
	var got strings.Builder
	for _, lang := range []string{"vi", "en"} {
		for _, c := range told() {
			n := max(c.event.N, 1)
			c.event.N, c.event.At = n, begin
			r := report.Report{
				ID: "PA-0123456789*", Media: []string{"s1", "s2"},
				Clocks: []report.Clock{{Name: report.ClockScreening, Due: begin.Add(2 * time.Hour)}},
				Assignments: []report.Assignment{{ID: "a1", Agency: "sxd", Clocks: []report.Clock{
					{Name: report.ClockHandling, Event: 5, Due: begin.AddDate(0, 0, 3)},
				}}},
			}
			h := report.History{Report: r, Events: make([]report.Event, n)}
			h.Events[n-1] = c.event
			i := OfEvent(c.owner, c.channel, r, c.event, begin)
			i.Language = lang
			w, err := OfReport(t.Context(), s, i, h, c.body, links)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&got, "==== %s %s\n%s\n----\n%s\n", lang, c.event.Type, w.Subject, w.Text)
		}
		i := OfAccount("lan", "email", "account.verify", "lan", 1, begin, begin)
		i.Language = lang
		w, err := OfAsked(t.Context(), s, i, Asked{Due: begin.AddDate(0, 0, 1), Link: links.Verify("lan", "ABCD2345")})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "==== %s %s\n%s\n----\n%s\n", lang, i.Type, w.Subject, w.Text)
	}
	golden(t, "testdata/words.txt", got.String())
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run with -update and read the difference. Now:\n%s", file, got)
	}
}

func TestLinksEndInALetterOrADigit(t *testing.T) {
	links := Links{Public: "https://paht.example.vn/"}
	for n := range 500 {
		link := links.Report(report.Code("lan", fmt.Sprint(n), 0))
		if last := link[len(link)-1]; strings.ContainsRune("*~$=", rune(last)) {
			t.Fatalf("programs that show mail may cut %s short", link)
		}
	}
}

func TestANoticeOfAnEventThatIsNotThereIsAnError(t *testing.T) {
	s := settings.New(nil, nil)
	if _, err := OfReport(t.Context(), s, intent(), report.History{}, nil, Links{}); err == nil {
		t.Error("words were made of nothing")
	}
}
