package fleet_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"paht/functions/admin"
	"paht/infra/demo/api"
	"paht/infra/intake"
	"paht/infra/local/fleet"
	"paht/shared/settings"
	"paht/shared/signature/signaturetest"
)

// empty is a system with its first administrator and nothing else, made once.
var empty struct {
	once     sync.Once
	snapshot *fleet.Snapshot
	roots    []byte // authorities as a file
}

// emptySystem starts such a system, logs the administrator in, and gives the folder
// of the made-up province with authorities besides.
func emptySystem(t *testing.T) (*fleet.Fleet, *intake.API, string) {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	empty.once.Do(func() {
		f := fleet.New(t, fleet.Options{})
		answer, err := f.Invoke(t.Context(), "admin", []byte(`{"operation":"first-administrator","logIn":"quantri","name":"Phạm Quản Trị","email":"quantri@moclam.example"}`))
		check(err)
		var made admin.Made
		check(json.Unmarshal(answer, &made))
		_, err = f.Client().Do(t.Context(), api.Call{Method: http.MethodPost, Path: "/v1/officers/activation", Want: http.StatusNoContent,
			Body: map[string]any{"logIn": made.LogIn, "code": made.ActivationCode, "password": password}})
		check(err)
		authority, err := signaturetest.NewAuthority(f.Now())
		check(err)
		empty.roots = append(authority.RootsPEM(), authority.IntermediatesPEM()...)
		check(f.Settle(t.Context()))
		empty.snapshot, err = f.Snapshot(t.Context())
		check(err)
	})
	if empty.snapshot == nil {
		t.Fatal("the empty system could not be prepared")
	}
	f := fleet.New(t, fleet.Options{From: empty.snapshot})
	door, err := intake.LogIn(t.Context(), f.Client(), "quantri", password)
	check(err)
	dir := t.TempDir()
	check(os.CopyFS(dir, os.DirFS(fleet.Path("data", "moclam"))))
	check(os.WriteFile(filepath.Join(dir, "roots.pem"), empty.roots, 0o600))
	return f, door, dir
}

func importFolder(t *testing.T, f *fleet.Fleet, door intake.Door, dir string, dry bool) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := intake.Import(t.Context(), door, dir, dry, f.Now, &out)
	return out.String(), err
}

// tableOf is every item that is stored, as text.
func tableOf(t *testing.T, f *fleet.Fleet) string {
	t.Helper()
	raw, err := f.Raw()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(raw)
}

// standing is each kind's document with its version, as the administrator reads it.
func standing(t *testing.T, door intake.Door) map[settings.Kind]string {
	t.Helper()
	all := map[settings.Kind]string{}
	for _, kind := range settings.Kinds {
		d, there, err := door.Read(t.Context(), kind)
		if err != nil {
			t.Fatal(err)
		}
		all[kind] = fmt.Sprint(there, d.Version, string(d.Data))
	}
	return all
}

const kindsImported = 8 // units, agencies, categories, boundary, calendar, texts, roots, certificates

func TestAnEmptySystemIsFilledFromAFolder(t *testing.T) {
	f, door, dir := emptySystem(t)
	before := tableOf(t, f)
	out, err := importFolder(t, f, door, dir, true)
	if err != nil || !strings.HasSuffix(out, fmt.Sprintf("a dry run: %d kinds would be stored, nothing was\n", kindsImported)) {
		t.Fatalf("the dry run said %v\n%s", err, out)
	}
	if tableOf(t, f) != before {
		t.Error("the dry run wrote something")
	}
	out, err = importFolder(t, f, door, dir, false)
	if stored := strings.Count(out, "\nstored the "); err != nil || stored != kindsImported {
		t.Fatalf("%d kinds were stored: %v\n%s", stored, err, out)
	}
	filled := tableOf(t, f)
	out, err = importFolder(t, f, door, dir, false)
	if err != nil || !strings.HasSuffix(out, "everything stands as the files say: nothing to change\n") {
		t.Fatalf("the second import said %v\n%s", err, out)
	}
	if tableOf(t, f) != filled {
		t.Error("the second import wrote something")
	}
	asTheDemo(t, f)
}

// asTheDemo holds the directory's documents in the system against those that the
// made-up province is set up with.
func asTheDemo(t *testing.T, f *fleet.Fleet) {
	t.Helper()
	s := newScene(t)
	demo, err := intake.LogIn(t.Context(), s.client, administrator, password)
	s.check(err)
	folder := t.TempDir()
	for _, kind := range []settings.Kind{settings.Units, settings.Agencies, settings.Categories, settings.Boundary} {
		document, there, err := demo.Read(t.Context(), kind)
		if err != nil || !there {
			t.Fatal(kind, err)
		}
		if err := os.WriteFile(filepath.Join(folder, string(kind)+".json"), document.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	door, err := intake.LogIn(t.Context(), f.Client(), administrator, password)
	s.check(err)
	out, err := importFolder(t, f, door, folder, true)
	if err != nil || !strings.HasSuffix(out, "nothing to change\n") {
		t.Errorf("what the demo has differs: %v\n%s", err, out)
	}
}

// cut breaks an import off at one of its stores, before or after it was done.
type cut struct {
	intake.Door
	at   int
	done bool
}

var errCut = errors.New("the line broke")

func (c *cut) Store(ctx context.Context, kind settings.Kind, over int, document []byte) (int, error) {
	if c.at--; c.at != 0 {
		return c.Door.Store(ctx, kind, over, document)
	}
	if c.done {
		if _, err := c.Door.Store(ctx, kind, over, document); err != nil {
			return 0, err
		}
	}
	return 0, errCut
}

func TestAnImportThatWasCutIsCompletedByTheNext(t *testing.T) {
	f, door, dir := emptySystem(t)
	if out, err := importFolder(t, f, door, dir, false); err != nil {
		t.Fatal(out, err)
	}
	want := standing(t, door)
	for at := 1; at <= kindsImported; at++ {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("at the store %d, done %v", at, done), func(t *testing.T) {
				f, door, dir := emptySystem(t)
				out, err := importFolder(t, f, &cut{door, at, done}, dir, false)
				if stored := strings.Count(out, "\nstored the "); !errors.Is(err, errCut) || stored != at-1 {
					t.Fatalf("%d kinds were stored before: %v", stored, err)
				}
				out, err = importFolder(t, f, door, dir, false)
				rest := kindsImported - at + 1
				if done {
					rest--
				}
				if stored := strings.Count("\n"+out, "\nstored the "); err != nil || stored != rest {
					t.Errorf("%d kinds were stored, want %d: %v\n%s", stored, rest, err, out)
				}
				for kind, document := range standing(t, door) {
					if document != want[kind] {
						t.Errorf("the %s are not those of an import in one go", kind)
					}
				}
			})
		}
	}
}

func TestAWrongFileKeepsEverythingBack(t *testing.T) {
	f, door, dir := emptySystem(t)
	wrong := t.TempDir()
	if err := os.CopyFS(wrong, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(wrong, "texts.csv"), []byte("key,lang,text\nnone,vi,a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := tableOf(t, f)
	out, err := importFolder(t, f, door, wrong, false)
	if err == nil || out != "texts.csv:2:1: key \"none\": is no text of this system\n" {
		t.Errorf("the import said %v\n%s", err, out)
	}
	if tableOf(t, f) != before {
		t.Error("the import wrote something")
	}
}

func TestOnlyAnAdministratorImports(t *testing.T) {
	s := newScene(t)
	for _, row := range []struct{ name, logIn, password, want string }{
		{"a wrong password", administrator, "nothing-like-it-1433", "logging quantri in: the system answered 401"},
		{"an officer without the right", screener, password, "the system answered 403"},
	} {
		t.Run(row.name, func(t *testing.T) {
			door, err := intake.LogIn(t.Context(), s.client, row.logIn, row.password)
			if err == nil {
				_, err = importFolder(t, s.fleet, door, fleet.Path("data", "moclam"), false)
			}
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}
