package cloud

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"paht/infra/emulator"
	"paht/shared/fault"
	"paht/shared/settings"
)

// settingsWire carries the calls of one table to the emulator; it can break one
// of them, before it is carried out or after.
type settingsWire struct {
	http.RoundTripper
	mu      sync.Mutex
	calls   []string // operations since the last reset
	breakAt int      // the call that is broken, from 1; 0 for none
	applied bool     // the broken call is carried out all the same
	between func()   // what another does before the call that would be broken, which is not
}

var errWire = errors.New("the connection broke")

func (w *settingsWire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	w.calls = append(w.calls, operation)
	broken, between := len(w.calls) == w.breakAt, w.between
	if broken && between != nil {
		broken, w.between = false, nil
	} else {
		between = nil
	}
	w.mu.Unlock()
	if between != nil {
		between()
	}
	if broken && !w.applied {
		return nil, errWire
	}
	response, err := w.RoundTripper.RoundTrip(r)
	if broken {
		return nil, errWire
	}
	return response, err
}

func (w *settingsWire) reset(breakAt int, applied bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls, w.breakAt, w.applied = nil, breakAt, applied
}

func settingsTable(t *testing.T) (Table, *settingsWire) {
	t.Helper()
	e, err := emulator.Open(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	wire := &settingsWire{RoundTripper: e.Transport()}
	cfg := e.OwnerConfig()
	cfg.HTTPClient = &http.Client{Transport: wire}
	cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	client := dynamodb.NewFromConfig(cfg)
	attribute := func(name string) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeTypeS}
	}
	_, err = client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("main"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{attribute(attrPK), attribute(attrSK)},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String(attrPK), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String(attrSK), KeyType: types.KeyTypeRange},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	wire.reset(0, false)
	return Table{Client: client, Name: "main"}, wire
}

var settingsAt = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

func ratingDays(n int) []byte { return fmt.Appendf(nil, `[{"name":"rating_days","value":%d}]`, n) }

// manyUnits is a document of several parts, with texts that do not pack well.
func manyUnits() []byte {
	var b bytes.Buffer
	b.WriteString(`{"units":[{"code":"T","level":"province","name":"Hải Giang","type":"Tỉnh"}`)
	for i := range 2000 {
		note := ""
		for j := range 8 {
			note += settings.Sum(fmt.Append(nil, i, j))
		}
		fmt.Fprintf(&b, `,{"code":"X%d","level":"commune","name":"Xã %d","type":"Xã","parent":"T","note":"%s"}`, i, i, note)
	}
	b.WriteString("]}")
	return b.Bytes()
}

func TestAStoredDocumentHoldsForEveryProcess(t *testing.T) {
	table, _ := settingsTable(t)
	one, two := NewSettings(table), NewSettings(table)
	before, err := two.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if p, err := before.Policy(t.Context(), settingsAt); err != nil || p.RatingDays != 15 {
		t.Fatalf("the product's own: %d %v", p.RatingDays, err)
	}
	d, err := one.Store(t.Context(), settings.Policies, ratingDays(7), 0, "officer-1", settingsAt)
	if err != nil || d.Version != 1 || d.By != "officer-1" || !d.At.Equal(settingsAt) {
		t.Fatalf("%+v %v", d, err)
	}
	for _, s := range []*Settings{one, two} {
		snapshot, err := s.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		p, err := snapshot.Policy(t.Context(), settingsAt)
		if err != nil || p.RatingDays != 7 || !strings.HasPrefix(p.Version, "1-") {
			t.Errorf("%+v %v", p, err)
		}
	}
	if p, _ := before.Policy(t.Context(), settingsAt); p.RatingDays != 15 {
		t.Error("a snapshot changed under its holder")
	}
	got, err := two.Document(t.Context(), settings.Policies)
	if err != nil || !bytes.Equal(got.Data, ratingDays(7)) {
		t.Errorf("%s %v", got.Data, err)
	}
}

func TestALargeDocumentIsStoredInParts(t *testing.T) {
	table, wire := settingsTable(t)
	data := manyUnits()
	if len(data) < 3*chunkBytes {
		t.Fatalf("only %d bytes", len(data))
	}
	if _, err := NewSettings(table).Store(t.Context(), settings.Units, data, 0, "officer-1", settingsAt); err != nil {
		t.Fatal(err)
	}
	reader := NewSettings(table)
	wire.reset(0, false)
	got, err := reader.Document(t.Context(), settings.Units)
	if err != nil || !bytes.Equal(got.Data, data) {
		t.Fatalf("%d of %d bytes, %v", len(got.Data), len(data), err)
	}
	if !slices.Contains(wire.calls, "Query") {
		t.Errorf("%v", wire.calls)
	}
}

func TestWhatIsNotAskedForIsNotFetched(t *testing.T) {
	table, wire := settingsTable(t)
	writer := NewSettings(table)
	if _, err := writer.Store(t.Context(), settings.Units, manyUnits(), 0, "o", settingsAt); err != nil {
		t.Fatal(err)
	}
	if _, err := writer.Store(t.Context(), settings.Policies, ratingDays(7), 0, "o", settingsAt); err != nil {
		t.Fatal(err)
	}
	s := NewSettings(table)
	wire.reset(0, false)
	for range 3 {
		snapshot, err := s.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := snapshot.Policy(t.Context(), settingsAt); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"GetItem", "Query", "GetItem", "GetItem"}; !slices.Equal(wire.calls, want) {
		t.Errorf("%v, want %v", wire.calls, want)
	}
	if _, err := writer.Store(t.Context(), settings.Roles, mustDefault(t, settings.Roles), 0, "o", settingsAt); err != nil {
		t.Fatal(err)
	}
	wire.reset(0, false)
	snapshot, err := s.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := snapshot.Policy(t.Context(), settingsAt); err != nil || !slices.Equal(wire.calls, []string{"GetItem"}) {
		t.Errorf("another kind changed, and %v was called (%v)", wire.calls, err)
	}
}

func mustDefault(t *testing.T, kind settings.Kind) []byte {
	t.Helper()
	data, ok := settings.Default(kind)
	if !ok {
		t.Fatalf("%s has no default", kind)
	}
	return data
}

func TestADocumentIsStoredOnlyOverTheVersionThatWasSeen(t *testing.T) {
	table, _ := settingsTable(t)
	s := NewSettings(table)
	store := func(n, expected int) (settings.Document, error) {
		return s.Store(t.Context(), settings.Policies, ratingDays(n), expected, "o", settingsAt.Add(time.Duration(n)*time.Minute))
	}
	if d, err := store(1, 0); err != nil || d.Version != 1 {
		t.Fatalf("%d %v", d.Version, err)
	}
	if d, err := store(1, 0); err != nil || d.Version != 1 {
		t.Errorf("the same act once more: version %d, %v", d.Version, err)
	}
	if d, err := store(1, 1); err != nil || d.Version != 1 {
		t.Errorf("the bytes that hold already: version %d, %v", d.Version, err)
	}
	if _, err := store(2, 0); !fault.Is(err, "stale") || fault.As(err).Args[0] != "1" {
		t.Errorf("an old version: %v", err)
	}
	if _, err := store(2, 2); !fault.Is(err, "stale") {
		t.Errorf("a version that is not there: %v", err)
	}
	if d, err := store(2, 1); err != nil || d.Version != 2 {
		t.Errorf("%d %v", d.Version, err)
	}
	if d, err := store(1, 2); err != nil || d.Version != 3 {
		t.Errorf("going back to older bytes is a new version: %d %v", d.Version, err)
	}
}

func TestABadDocumentIsRefusedAndStoresNothing(t *testing.T) {
	table, wire := settingsTable(t)
	s := NewSettings(table)
	bad := []byte(`[{"name":"rating_days","value":0},{"name":"nothing","value":1}]`)
	_, err := s.Store(t.Context(), settings.Policies, bad, 0, "o", settingsAt)
	f := fault.As(err)
	if f == nil || f.Kind != fault.Invalid || len(f.Fields) != 2 || f.Fields[0].Path != "body.document[0].value" || f.Fields[1].Code != settings.RuleUnknownPolicy {
		t.Errorf("%+v", f)
	}
	if slices.Contains(wire.calls, "PutItem") {
		t.Errorf("something was stored: %v", wire.calls)
	}
	if _, err := s.Store(t.Context(), "recipes", bad, 0, "o", settingsAt); !fault.Is(err, "not_found") {
		t.Errorf("an unknown kind: %v", err)
	}
}

func TestABrokenStoreIsMadeWholeByTheNextTry(t *testing.T) {
	for broken := 1; broken <= storeCalls(t); broken++ {
		for _, applied := range []bool{false, true} {
			t.Run(fmt.Sprintf("call %d breaks, carried out %v", broken, applied), func(t *testing.T) {
				table, wire := settingsTable(t)
				s := NewSettings(table)
				if _, err := s.Store(t.Context(), settings.Policies, ratingDays(1), 0, "o", settingsAt); err != nil {
					t.Fatal(err)
				}
				store := func(s *Settings, at time.Time) error {
					_, err := s.Store(t.Context(), settings.Policies, ratingDays(2), 1, "o", at)
					return err
				}
				wire.reset(broken, applied)
				if err := store(NewSettings(table), settingsAt.Add(time.Hour)); !errors.Is(err, errWire) {
					t.Fatalf("the broken call does not show: %v", err)
				}
				wire.reset(0, false)
				entries, _, err := s.Log(t.Context(), "", 10)
				if err != nil {
					t.Fatal(err)
				}
				d, err := s.Document(t.Context(), settings.Policies)
				if err != nil || len(entries) != d.Version || entries[0].SHA256 != d.SHA256 {
					t.Errorf("before the next try: version %d, log %+v, %v", d.Version, entries, err)
				}
				wire.reset(0, false)
				if err := store(NewSettings(table), settingsAt.Add(2*time.Hour)); err != nil {
					t.Fatal(err)
				}
				if d, err := s.Document(t.Context(), settings.Policies); err != nil || d.Version != 2 || !bytes.Equal(d.Data, ratingDays(2)) {
					t.Errorf("%+v %v", d, err)
				}
				if logged := rawLog(t, table); len(logged) != 2 {
					t.Errorf("the log holds %v", logged)
				}
			})
		}
	}
}

// storeCalls counts the calls of one change.
func storeCalls(t *testing.T) int {
	t.Helper()
	table, wire := settingsTable(t)
	s := NewSettings(table)
	for i := range 2 {
		wire.reset(0, false)
		if _, err := s.Store(t.Context(), settings.Policies, ratingDays(i+1), i, "o", settingsAt); err != nil {
			t.Fatal(err)
		}
	}
	return len(wire.calls)
}

func rawLog(t *testing.T, table Table) []string {
	t.Helper()
	items, err := table.all(t.Context(), span{pk: pkSettingsLog})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, it := range items {
		keys = append(keys, text(it, attrSK))
	}
	return keys
}

func TestTwoWritersOfOneVersionDoNotMixTheirBytes(t *testing.T) {
	table, _ := settingsTable(t)
	var group sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for i := range 6 {
		group.Go(func() {
			_, err := NewSettings(table).Store(context.Background(), settings.Policies, ratingDays(i+1), 0, "o", settingsAt)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !fault.Is(err, "stale") {
				t.Error(err)
			}
		})
	}
	group.Wait()
	d, err := NewSettings(table).Document(t.Context(), settings.Policies)
	if err != nil || won != 1 || d.Version != 1 {
		t.Errorf("%d won, version %d, %v", won, d.Version, err)
	}
}

func TestWritersOfDifferentKindsBothSucceed(t *testing.T) {
	table, _ := settingsTable(t)
	var group sync.WaitGroup
	for _, kind := range []settings.Kind{settings.Roles, settings.Refusals, settings.Texts, settings.Policies} {
		data := mustDefault(t, kind)
		group.Go(func() {
			if d, err := NewSettings(table).Store(context.Background(), kind, data, 0, "o", settingsAt); err != nil || d.Version != 1 {
				t.Errorf("%s: version %d, %v", kind, d.Version, err)
			}
		})
	}
	group.Wait()
}

func TestTheLogNamesEveryVersionNewestFirst(t *testing.T) {
	table, _ := settingsTable(t)
	s := NewSettings(table)
	for i := range 5 {
		at := settingsAt.Add(time.Duration(i) * time.Minute)
		if _, err := s.Store(t.Context(), settings.Policies, ratingDays(i+1), i, fmt.Sprint("officer-", i), at); err != nil {
			t.Fatal(err)
		}
	}
	var seen []int
	after := ""
	for {
		entries, next, err := s.Log(t.Context(), after, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			seen = append(seen, e.Version)
			if e.By != fmt.Sprint("officer-", e.Version-1) || e.Kind != settings.Policies {
				t.Errorf("%+v", e)
			}
			if data, err := s.Past(t.Context(), e); err != nil || !bytes.Equal(data, ratingDays(e.Version)) {
				t.Errorf("version %d: %s %v", e.Version, data, err)
			}
		}
		if after = next; next == "" {
			break
		}
	}
	if !slices.Equal(seen, []int{5, 4, 3, 2, 1}) {
		t.Errorf("%v", seen)
	}
	entries, _, err := s.Log(t.Context(), "", 1)
	if err != nil || entries[0].Changed != 1 || entries[0].Added != 0 {
		t.Errorf("%+v %v", entries, err)
	}
}

func TestBytesThatWereAlteredAreNotRead(t *testing.T) {
	table, _ := settingsTable(t)
	s := NewSettings(table)
	d, err := s.Store(t.Context(), settings.Policies, ratingDays(7), 0, "o", settingsAt)
	if err != nil {
		t.Fatal(err)
	}
	d.Data = ratingDays(8)
	if err := s.putDocument(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	snapshot, err := NewSettings(table).Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := snapshot.Policy(t.Context(), settingsAt); err == nil || !strings.Contains(err.Error(), "digest") {
		t.Errorf("%v", err)
	}
}

func TestTheVersionsOfAllKindsFitOneReadUnit(t *testing.T) {
	table, _ := settingsTable(t)
	s := NewSettings(table)
	for _, kind := range settings.Kinds {
		x, err := s.index(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		e := SettingsEntry{
			Kind: kind, Version: 9999, SHA256: settings.Sum(nil), At: settingsAt, By: "01a2b3c4-d5e6-4f70-8192-a3b4c5d6e7f8",
			Added: 5000, Removed: 5000, Changed: 5000,
		}
		if moved, err := s.putIndex(t.Context(), x, e); err != nil || moved {
			t.Fatal(moved, err)
		}
	}
	it, err := table.get(t.Context(), pkSettings, skCurrent)
	if err != nil {
		t.Fatal(err)
	}
	size := len(attrPK+pkSettings+attrSK+skCurrent+attrVersion+attrDoc) + len(text(it, attrDoc)) + 21 // a number takes 21 bytes at most
	t.Logf("the current item with all kinds takes %d bytes", size)
	if size > 4096 {
		t.Errorf("%d bytes are more than one read unit", size)
	}
}

// Whatever another writes between two calls of a writer of another kind, both
// documents stand.
func TestAWriterOfAnotherKindInTheMiddleIsNotWrittenOver(t *testing.T) {
	for at := 1; at <= storeCalls(t); at++ {
		table, wire := settingsTable(t)
		store := func(kind settings.Kind) {
			if d, err := NewSettings(table).Store(context.Background(), kind, mustDefault(t, kind), 0, "o", settingsAt); err != nil || d.Version != 1 {
				t.Errorf("%s, with another before call %d: version %d, %v", kind, at, d.Version, err)
			}
		}
		store(settings.Texts)
		wire.reset(at, false)
		wire.between = func() { store(settings.Refusals) }
		store(settings.Policies)
		for _, kind := range []settings.Kind{settings.Texts, settings.Refusals, settings.Policies} {
			if d, err := NewSettings(table).Document(t.Context(), kind); err != nil || d.Version != 1 {
				t.Errorf("with another before call %d: %s stands at version %d, %v", at, kind, d.Version, err)
			}
		}
	}
}
