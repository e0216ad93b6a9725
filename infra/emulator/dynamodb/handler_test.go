package dynamodb

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"paht/infra/emulator/storage"
)

// A bench is a handler with a clock of its own and the calls that it was observed to answer.
type bench struct {
	tb    rapid.TB
	h     *Handler
	store storage.Store
	clock time.Time
	lag   time.Duration
	calls []Call
}

const reportTable = `{"TableName":"reports","BillingMode":"PAY_PER_REQUEST",
	"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"},
		{"AttributeName":"g","AttributeType":"S"},{"AttributeName":"due","AttributeType":"N"}],
	"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],
	"GlobalSecondaryIndexes":[
		{"IndexName":"due","KeySchema":[{"AttributeName":"g","KeyType":"HASH"},{"AttributeName":"due","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}},
		{"IndexName":"group","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}]}`

func newBench(tb rapid.TB, store storage.Store) *bench {
	b := &bench{tb: tb, store: store, clock: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
	b.open()
	return b
}

func (b *bench) open() {
	h, err := New(b.store, Options{
		Now:      func() time.Time { return b.clock },
		Observe:  func(c Call) { b.calls = append(b.calls, c) },
		LagIndex: func(_, index string) time.Duration { return b.lag },
		Log:      slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		b.tb.Fatal(err)
	}
	b.h = h
}

// send posts a request and returns status and body; the checksum is verified on the way.
func (b *bench) send(operation, body string) (int, string) {
	b.tb.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", targetPrefix+operation)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDSUBMIT/20260302/ap-southeast-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	out := w.Body.String()
	if got, want := w.Header().Get("X-Amz-Crc32"), strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(out))), 10); got != want {
		b.tb.Errorf("the checksum of %s is %s, want %s", out, got, want)
	}
	if !json.Valid([]byte(out)) {
		b.tb.Errorf("%s answered %s", operation, out)
	}
	return w.Code, out
}

func (b *bench) must(operation, body string) string {
	b.tb.Helper()
	status, out := b.send(operation, body)
	if status != http.StatusOK {
		b.tb.Fatalf("%s %s: %d %s", operation, body, status, out)
	}
	return out
}

// put stores an item of the reports table from its attributes in short form.
func (b *bench) put(pk, sk, rest string) {
	b.tb.Helper()
	b.must("PutItem", fmt.Sprintf(`{"TableName":"reports","Item":{"pk":{"S":%q},"sk":{"S":%q}%s}}`, pk, sk, rest))
}

func (b *bench) listed(index, group string) (sks []string) {
	b.tb.Helper()
	out := b.must("Query", fmt.Sprintf(`{"TableName":"reports","IndexName":%q,"KeyConditionExpression":"g = :g","ExpressionAttributeValues":{":g":{"S":%q}}}`, index, group))
	var page struct {
		Items []map[string]map[string]string
	}
	if err := json.Unmarshal([]byte(out), &page); err != nil {
		b.tb.Fatal(err)
	}
	for _, it := range page.Items {
		sks = append(sks, it["pk"]["S"]+"/"+it["sk"]["S"])
	}
	return sks
}

func TestBadRequestsAreRefusedWithTheirReason(t *testing.T) {
	b := newBench(t, storage.OpenMemory())
	b.must("CreateTable", reportTable)
	for _, c := range []struct{ name, operation, body, want string }{
		{"a body that is not JSON", "PutItem", `TableName=reports`, "SerializationException"},
		{"a body that ends early", "PutItem", `{"TableName":"reports","Item":{"pk":{"S":"x`, "SerializationException"},
		{"text after the body", "GetItem", `{"TableName":"reports","Key":{"pk":{"S":"a"},"sk":{"S":"b"}}} {}`, "SerializationException"},
		{"a parameter twice", "GetItem", `{"TableName":"reports","TableName":"reports"}`, "SerializationException"},
		{"an attribute twice", "PutItem", `{"TableName":"reports","Item":{"pk":{"S":"a"},"pk":{"S":"b"},"sk":{"S":"c"}}}`, "SerializationException"},
		{"nesting without end", "PutItem", `{"TableName":"reports","Item":{"pk":` + strings.Repeat(`{"L":[`, 5000), "SerializationException"},
		{"two types in one value", "PutItem", `{"TableName":"reports","Item":{"pk":{"S":"a","N":"1"}}}`, "more than one datatypes"},
		{"no type in a value", "PutItem", `{"TableName":"reports","Item":{"pk":{}}}`, "empty"},
		{"an unknown type", "PutItem", `{"TableName":"reports","Item":{"pk":{"X":"a"}}}`, "must contain exactly one"},
		{"a table's name too short", "GetItem", `{"TableName":"r","Key":{}}`, "tableName"},
		{"an ARN for a table", "GetItem", `{"TableName":"arn:aws:dynamodb:x:y:table/reports","Key":{}}`, "not supported here: an ARN"},
		{"no key", "GetItem", `{"TableName":"reports"}`, "at 'key'"},
		{"a limit of zero", "Query", `{"TableName":"reports","Limit":0,"KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"a"}}}`, "'limit'"},
		{"ReturnValues that a put does not have", "PutItem", `{"TableName":"reports","Item":{"pk":{"S":"a"},"sk":{"S":"b"}},"ReturnValues":"ALL_NEW"}`, "returnValues"},
		{"names without an expression", "GetItem", `{"TableName":"reports","Key":{"pk":{"S":"a"},"sk":{"S":"b"}},"ExpressionAttributeNames":{"#a":"a"}}`, "only be specified when using expressions"},
		{"an empty expression", "UpdateItem", `{"TableName":"reports","Key":{"pk":{"S":"a"},"sk":{"S":"b"}},"UpdateExpression":""}`, "can not be empty"},
		{"redundant parentheses", "DeleteItem", `{"TableName":"reports","Key":{"pk":{"S":"a"},"sk":{"S":"b"}},"ConditionExpression":"((attribute_exists(pk)))"}`, "redundant parentheses"},
		{"a condition that goes on", "DeleteItem", `{"TableName":"reports","Key":{"pk":{"S":"a"},"sk":{"S":"b"}},"ConditionExpression":"attribute_exists(pk) pk"}`, "Syntax error"},
		{"parentheses without end", "DeleteItem", `{"TableName":"reports","Key":{"pk":{"S":"a"},"sk":{"S":"b"}},"ConditionExpression":"` + strings.Repeat("(", 3000) + `"}`, "nesting"},
		{"a key condition with OR", "Query", `{"TableName":"reports","KeyConditionExpression":"pk = :p OR sk = :p","ExpressionAttributeValues":{":p":{"S":"a"}}}`, "Invalid operator"},
		{"an inequality on the partition key", "Query", `{"TableName":"reports","KeyConditionExpression":"pk > :p","ExpressionAttributeValues":{":p":{"S":"a"}}}`, "not supported"},
		{"two conditions on the sort key", "Query", `{"TableName":"reports","KeyConditionExpression":"pk = :p AND sk > :p AND sk < :q","ExpressionAttributeValues":{":p":{"S":"a"},":q":{"S":"b"}}}`, "one condition per key"},
		{"a condition on an attribute that is no key", "Query", `{"TableName":"reports","KeyConditionExpression":"pk = :p AND x = :p","ExpressionAttributeValues":{":p":{"S":"a"}}}`, "missed key schema element"},
		{"bounds the wrong way round", "Query", `{"TableName":"reports","KeyConditionExpression":"pk = :p AND sk BETWEEN :b AND :a","ExpressionAttributeValues":{":p":{"S":"a"},":a":{"S":"a"},":b":{"S":"b"}}}`, "upper bound"},
		{"a table without on-demand billing", "CreateTable", `{"TableName":"other","BillingMode":"PROVISIONED"}`, "not supported here: BillingMode"},
		{"a definition that no key uses", "CreateTable", strings.Replace(strings.Replace(reportTable, "reports", "other", 1), `{"AttributeName":"pk","AttributeType":"S"},`, `{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"zz","AttributeType":"S"},`, 1), "not used"},
		{"an operation that does not exist", "Mend", `{}`, "not supported here: Mend"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b.tb = t
			if status, out := b.send(c.operation, c.body); status != http.StatusBadRequest || !strings.Contains(out, c.want) {
				t.Errorf("answered %d %s, want 400 with %q", status, out, c.want)
			}
		})
	}
}

func TestAHandlerFindsWhatTheLastOneLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	store, err := storage.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, store)
	b.must("CreateTable", reportTable)
	b.must("UpdateTimeToLive", `{"TableName":"reports","TimeToLiveSpecification":{"AttributeName":"ends","Enabled":true}}`)
	b.put("a", "1", `,"g":{"S":"x"},"ends":{"N":"1772400000"}`)
	described := b.must("DescribeTable", `{"TableName":"reports"}`)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if b.store, err = storage.OpenFile(path); err != nil {
		t.Fatal(err)
	}
	defer b.store.Close()
	b.open()
	if got := b.must("DescribeTable", `{"TableName":"reports"}`); got != described {
		t.Errorf("described as %s, want %s", got, described)
	}
	if got := b.listed("group", "x"); !reflect.DeepEqual(got, []string{"a/1"}) {
		t.Errorf("the index lists %v", got)
	}
	if n, err := b.h.Expire(t.Context()); n != 1 || err != nil {
		t.Errorf("expired %d, %v; want 1", n, err)
	}
}

func TestExpiredItemsGoWithTheirIndexEntriesAtTheSweep(t *testing.T) {
	b := newBench(t, storage.OpenMemory())
	b.must("CreateTable", reportTable)
	at := func(d time.Duration) string { return strconv.FormatInt(b.clock.Add(d).Unix(), 10) }
	b.put("a", "before TTL was on", `,"g":{"S":"x"},"ends":{"N":"`+at(-time.Hour)+`"}`)
	b.must("UpdateTimeToLive", `{"TableName":"reports","TimeToLiveSpecification":{"AttributeName":"ends","Enabled":true}}`)
	for i := range 250 {
		b.put("many", fmt.Sprint(i), `,"ends":{"N":"`+at(-time.Minute)+`"}`)
	}
	b.put("a", "due", `,"g":{"S":"x"},"ends":{"N":"`+at(-time.Second)+`"}`)
	b.put("a", "just now", `,"g":{"S":"x"},"ends":{"N":"`+at(0)+`"}`)
	b.put("a", "later", `,"g":{"S":"x"},"ends":{"N":"`+at(time.Hour)+`"}`)
	b.put("a", "over five years ago", `,"g":{"S":"x"},"ends":{"N":"`+at(-6*365*24*time.Hour)+`"}`)
	b.put("a", "not a number", `,"g":{"S":"x"},"ends":{"S":"`+at(-time.Hour)+`"}`)
	b.put("a", "put off", `,"g":{"S":"x"},"ends":{"N":"`+at(-time.Hour)+`"}`)
	b.put("a", "put off", `,"g":{"S":"x"},"ends":{"N":"`+at(2*time.Hour)+`"}`)
	if got := b.listed("group", "x"); len(got) != 7 {
		t.Errorf("before the sweep the index lists %v", got)
	}
	if n, err := b.h.Expire(t.Context()); n != 252 || err != nil {
		t.Errorf("the first sweep took %d (%v), want 252", n, err)
	}
	b.clock = b.clock.Add(time.Hour + time.Second)
	if n, err := b.h.Expire(t.Context()); n != 2 || err != nil {
		t.Errorf("an hour later the sweep took %d (%v), want 2", n, err)
	}
	if got, want := b.listed("group", "x"), []string{"a/not a number", "a/over five years ago", "a/put off"}; !reflect.DeepEqual(got, want) {
		t.Errorf("after the sweeps the index lists %q, want %q", got, want)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.h.Expire(cancelled); err == nil {
		t.Error("a sweep went on without its context")
	}
}

func TestALaggingIndexShowsChangesInTheirOrderAndWhenTheyAreDue(t *testing.T) {
	b := newBench(t, storage.OpenMemory())
	b.must("CreateTable", reportTable)
	shows := func(why string, want ...string) {
		t.Helper()
		if got := b.listed("group", "x"); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the index lists %q, want %q", why, got, want)
		}
	}
	b.put("a", "1", `,"g":{"S":"x"}`)
	shows("without lag at once", "a/1")
	b.lag = 10 * time.Second
	b.put("a", "2", `,"g":{"S":"x"}`)
	b.must("DeleteItem", `{"TableName":"reports","Key":{"pk":{"S":"a"},"sk":{"S":"1"}}}`)
	shows("with lag the state before", "a/1")
	b.clock = b.clock.Add(5 * time.Second)
	b.lag = 0
	b.put("a", "3", `,"g":{"S":"x"}`)
	shows("a later change does not overtake", "a/1")
	b.open()
	b.clock = b.clock.Add(5 * time.Second)
	shows("once due, also after a restart", "a/2", "a/3")
	b.put("a", "4", `,"g":{"S":"x"}`)
	shows("then at once again", "a/2", "a/3", "a/4")
}

func TestCallsAreObservedWithWhatTheyCost(t *testing.T) {
	b := newBench(t, storage.OpenMemory())
	b.must("CreateTable", reportTable)
	b.calls = nil
	b.put("a", "1", `,"g":{"S":"x"},"due":{"N":"5"}`)
	b.send("PutItem", `{"TableName":"reports","Item":{"pk":{"S":"a"},"sk":{"S":"1"}},"ConditionExpression":"attribute_not_exists(pk)"}`)
	b.must("UpdateItem", `{"TableName":"reports","Key":{"pk":{"S":"a"},"sk":{"S":"1"}},"UpdateExpression":"SET due = :d","ExpressionAttributeValues":{":d":{"N":"6"}}}`)
	b.must("GetItem", `{"TableName":"reports","Key":{"pk":{"S":"a"},"sk":{"S":"1"}}}`)
	b.listed("due", "x")
	b.must("BatchGetItem", `{"RequestItems":{"reports":{"ConsistentRead":true,"Keys":[{"pk":{"S":"a"},"sk":{"S":"1"}},{"pk":{"S":"a"},"sk":{"S":"2"}}]}}}`)
	b.send("Scan", `{"TableName":"reports"}`)
	b.must("DeleteItem", `{"TableName":"reports","Key":{"pk":{"S":"a"},"sk":{"S":"1"}}}`)
	k := []Key{{"a", "1"}}
	both := map[string]float64{"due": 1, "group": 1}
	want := []Call{
		{Operation: "PutItem", Table: "reports", Keys: k, WriteUnits: 1, IndexUnits: both},
		{Operation: "PutItem", Table: "reports", Keys: k, WriteUnits: 1, Failure: codeCondition},
		{Operation: "UpdateItem", Table: "reports", Keys: k, WriteUnits: 1, IndexUnits: map[string]float64{"due": 2}},
		{Operation: "GetItem", Table: "reports", Keys: k, ReadUnits: 0.5},
		{Operation: "Query", Table: "reports", Index: "due", Keys: []Key{{"x", ""}}, IndexUnits: map[string]float64{"due": 0.5}},
		{Operation: "BatchGetItem", Table: "reports", Keys: []Key{{"a", "1"}, {"a", "2"}}, ReadUnits: 2},
		{Operation: "Scan", Failure: codeValidation},
		{Operation: "DeleteItem", Table: "reports", Keys: k, WriteUnits: 1, IndexUnits: both},
	}
	if len(b.calls) != len(want) {
		t.Fatalf("observed %d calls, want %d: %+v", len(b.calls), len(want), b.calls)
	}
	for i := range want {
		want[i].AccessKey = "AKIDSUBMIT"
		if !reflect.DeepEqual(b.calls[i], want[i]) {
			t.Errorf("call %d: observed %+v, want %+v", i, b.calls[i], want[i])
		}
	}
}

// Whatever is written, each index holds exactly the entries that the items call for, in the order that they call for.
func TestIndexesAreAFunctionOfTheItems(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := newBench(rt, storage.OpenMemory())
		b.must("CreateTable", reportTable)
		attribute := func(name, kind string, values ...string) string {
			v := rapid.SampledFrom(append(values, "")).Draw(rt, name)
			if v == "" {
				return ""
			}
			return fmt.Sprintf(`,%q:{%q:%q}`, name, kind, v)
		}
		for range rapid.IntRange(1, 30).Draw(rt, "writes") {
			pk, sk := rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "pk"), rapid.SampledFrom([]string{"1", "2", "3"}).Draw(rt, "sk")
			k := fmt.Sprintf(`"Key":{"pk":{"S":%q},"sk":{"S":%q}}`, pk, sk)
			switch rapid.IntRange(0, 4).Draw(rt, "operation") {
			case 0:
				b.must("DeleteItem", `{"TableName":"reports",`+k+`}`)
			case 1:
				b.must("UpdateItem", `{"TableName":"reports",`+k+`,"UpdateExpression":"REMOVE g"}`)
			case 2:
				b.must("UpdateItem", `{"TableName":"reports",`+k+`,"UpdateExpression":"ADD due :n SET x = :x","ExpressionAttributeValues":{":n":{"N":"-3"},":x":{"S":"y"}}}`)
			default:
				b.put(pk, sk, attribute("g", "S", "x", "y")+attribute("due", "N", "-1", "2", "10"))
			}
		}
		t := b.h.tables["reports"]
		for _, x := range t.Indexes {
			want := map[string]string{}
			got := map[string]string{}
			_ = b.store.View(func(tx storage.Tx) error {
				tx.Ascend(t.bucket, nil, func(_, v []byte) bool {
					if key, kept := x.entry(t, decodeItem(v), v); key != nil {
						want[string(key)] = string(kept)
					}
					return true
				})
				tx.Ascend(x.bucket, nil, func(k, v []byte) bool { got[string(k)] = string(v); return true })
				return nil
			})
			if !reflect.DeepEqual(got, want) {
				rt.Fatalf("index %s holds %q, want %q", x.Name, got, want)
			}
		}
	})
}

func TestADeletedTableLeavesNothingBehind(t *testing.T) {
	b := newBench(t, storage.OpenMemory())
	b.must("CreateTable", reportTable)
	b.put("a", "1", `,"g":{"S":"x"}`)
	b.must("UpdateTable", `{"TableName":"reports","DeletionProtectionEnabled":true}`)
	if status, out := b.send("DeleteTable", `{"TableName":"reports"}`); status != http.StatusBadRequest || !strings.Contains(out, "protected") {
		t.Errorf("deleting a protected table: %d %s", status, out)
	}
	b.must("UpdateTable", `{"TableName":"reports","DeletionProtectionEnabled":false}`)
	b.must("DeleteTable", `{"TableName":"reports"}`)
	b.must("CreateTable", reportTable)
	if got := b.listed("group", "x"); got != nil {
		t.Errorf("the index of the new table lists %v", got)
	}
	if out := b.must("GetItem", `{"TableName":"reports","Key":{"pk":{"S":"a"},"sk":{"S":"1"}}}`); out != "{}" {
		t.Errorf("the new table holds %s", out)
	}
}

func TestABatchThatIsTooLargeNamesWhatItLeftOut(t *testing.T) {
	b := newBench(t, storage.OpenMemory())
	b.must("CreateTable", reportTable)
	var keys []string
	for i := range 45 {
		sk := fmt.Sprintf("%02d", i)
		b.put("a", sk, `,"x":{"S":"`+strings.Repeat("x", 399<<10)+`"}`)
		keys = append(keys, `{"pk":{"S":"a"},"sk":{"S":"`+sk+`"}}`)
	}
	out := b.must("BatchGetItem", `{"RequestItems":{"reports":{"Keys":[`+strings.Join(keys, ",")+`],"ProjectionExpression":"#s","ExpressionAttributeNames":{"#s":"sk"}}}}`)
	var answer struct {
		Responses       map[string][]any
		UnprocessedKeys map[string]json.RawMessage
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatal(err)
	}
	first := len(answer.Responses["reports"])
	if first != 41 {
		t.Errorf("the first batch brought %d items, want the 41 that 16 MB hold", first)
	}
	rest, _ := json.Marshal(map[string]any{"RequestItems": answer.UnprocessedKeys})
	answer.UnprocessedKeys = nil
	if err := json.Unmarshal([]byte(b.must("BatchGetItem", string(rest))), &answer); err != nil {
		t.Fatal(err)
	}
	if n := len(answer.Responses["reports"]); first+n != 45 || len(answer.UnprocessedKeys) != 0 {
		t.Errorf("the rest brought %d, want %d", n, 45-first)
	}
}
