package bench

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"paht/infra/local/fleet"
	"paht/infra/template"
)

func TestMain(m *testing.M) { os.Exit(fleet.Main(m)) }

// TestFigures takes every figure; `make bench` runs it. A figure over its budget
// is told in the table and is no failure: only what could not be taken is.
func TestFigures(t *testing.T) {
	f := &Figures{}
	tpl, err := template.Load(fleet.Path("template.yaml"), map[string]string{"Architecture": architecture()}, template.Resolver{})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct {
		name string
		take func(ctx context.Context, t *testing.T, f *Figures, tpl *template.Template) error
	}{
		{"sizes", func(_ context.Context, _ *testing.T, f *Figures, tpl *template.Template) error {
			return Sizes(f, fleet.Path(), tpl)
		}},
		{"starts", func(ctx context.Context, t *testing.T, f *Figures, tpl *template.Template) error {
			return Starts(ctx, f, fleet.Path(), fleet.Path("build", "local"), tpl, realEvents(t))
		}},
		{"life", life},
		{"growth", growth},
		{"load", load},
	} {
		t.Run(part.name, func(t *testing.T) {
			if err := part.take(t.Context(), t, f, tpl); err != nil {
				t.Fatal(err)
			}
		})
	}
	f.Print(os.Stdout)
	if out := os.Getenv("OUT"); out != "" {
		if !filepath.IsAbs(out) {
			out = filepath.Join(fleet.Path("infra", "bench"), out)
		}
		if err := f.Write(out); err != nil {
			t.Fatal(err)
		}
	}
}

func architecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}

// realEvents are events that a function does work for on an empty table: it reads
// the session, the account or the report, and answers that there is none.
func realEvents(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string]string{
		"submit": "http-report", "media": "sqs-object-created", "screen": "http-acceptance", "route": "http-transfer", "processcallback": "http-receipt",
		"publish": "http-draft", "notify": "sqs-transferred", "sla": "sqs-tick", "account": "http-session", "query": "http-tracking", "admin": "http-settings",
	}
	values := map[string]string{"report": "PA-V5RP7RF6MG=", "n": "1", "slot": "01890000-0000-7000-8000-000000000000", "bucket": "paht-bucket", "etag": `"1"`, "part": `"1"`,
		"logIn": "nobody", "password": "Mot-mat-khau-dai-1"}
	for _, who := range []string{"reporter", "reader", "lan", "hung", "minh", "mai", "quantri"} {
		values[who] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	}
	all := map[string][]byte{}
	for name, file := range files {
		all[name] = filled(t, filepath.Join(fleet.Path("events", name), file+".json"), values)
	}
	return all
}

func life(ctx context.Context, t *testing.T, f *Figures, _ *template.Template) error {
	m, s := newLife(t)
	acts, err := Life(ctx, m, s)
	if err != nil {
		return err
	}
	var whole tally
	for _, a := range acts {
		whole.add(a.tally)
		if a.table+a.index+a.reads > 0 {
			f.Add("units "+a.name, a.table, "write units", 0, "indexes "+strconv.FormatFloat(a.index, 'g', 4, 64)+", reads "+strconv.FormatFloat(a.reads, 'g', 4, 64))
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(whole.kinds)) {
		f.Add("units-by-item "+kind, whole.kinds[kind], "write units", 0, "")
	}
	f.Add("units-whole table", whole.table, "write units", 0, "")
	f.Add("units-whole indexes", whole.index, "write units", 0, "")
	f.Add("units-whole writes", whole.table+whole.index, "write units", 90, "one agency, three photos")
	f.Add("units-whole reads", whole.reads, "read units", 0, "the story polls while it waits, and reads every list")
	prices, err := loadPrices(fleet.Path("infra", "bench", "prices.json"))
	if err != nil {
		return err
	}
	return Cost(f, prices, whole)
}
