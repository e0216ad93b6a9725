package dynamodb

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"paht/infra/emulator/storage"
)

type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) WriteHeader(int)             {}
func (d discard) Write(p []byte) (int, error) { return len(p), nil }

// BenchmarkCalls measures the handler alone, without client or socket, on the calls of a report's life.
func BenchmarkCalls(b *testing.B) {
	item := func(i int) string {
		return fmt.Sprintf(`{"pk":{"S":"R#PA-%08d"},"sk":{"S":"A"},"g":{"S":"agency"},"due":{"N":"%d"},"version":{"N":"1"},"state":{"S":"processing"},"text":{"S":%q},"clocks":{"L":[{"M":{"due":{"N":"1772400000"},"kind":{"S":"route"}}},{"M":{"due":{"N":"1772400000"},"kind":{"S":"route"}}}]}}`,
			i, i, strings.Repeat("Đường Lê Lợi ngập nước. ", 20))
	}
	for _, backend := range []string{"memory", "file"} {
		for _, c := range []struct {
			operation string
			body      func(i int) string
		}{
			{"PutItem", func(i int) string {
				return `{"TableName":"reports","Item":` + item(i) + `,"ConditionExpression":"attribute_not_exists(pk)","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`
			}},
			{"UpdateItem", func(i int) string {
				return fmt.Sprintf(`{"TableName":"reports","Key":{"pk":{"S":"R#PA-%08d"},"sk":{"S":"A"}},"UpdateExpression":"SET #s = :s, version = version + :one, due = :d","ConditionExpression":"version >= :one","ExpressionAttributeNames":{"#s":"state"},"ExpressionAttributeValues":{":s":{"S":"published"},":one":{"N":"1"},":d":{"N":"%d"}}}`, i%1000, i)
			}},
			{"GetItem", func(i int) string {
				return fmt.Sprintf(`{"TableName":"reports","ConsistentRead":true,"Key":{"pk":{"S":"R#PA-%08d"},"sk":{"S":"A"}}}`, i%1000)
			}},
			{"Query", func(i int) string {
				return `{"TableName":"reports","IndexName":"due","Limit":50,"KeyConditionExpression":"g = :g","ExpressionAttributeValues":{":g":{"S":"agency"}}}`
			}},
		} {
			b.Run(backend+"/"+c.operation, func(b *testing.B) {
				call := benchHandler(b, backend)
				for i := range 1000 {
					call("PutItem", `{"TableName":"reports","Item":`+item(i)+`}`)
				}
				i := 1000
				b.ReportAllocs()
				for b.Loop() {
					call(c.operation, c.body(i))
					i++
				}
			})
		}
	}
}

func benchHandler(b *testing.B, backend string) func(operation, body string) {
	store := storage.OpenMemory()
	if backend == "file" {
		var err error
		if store, err = storage.OpenFile(filepath.Join(b.TempDir(), "store")); err != nil {
			b.Fatal(err)
		}
	}
	b.Cleanup(func() { _ = store.Close() })
	h, err := New(store, Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		b.Fatal(err)
	}
	call := func(operation, body string) {
		r, _ := http.NewRequest(http.MethodPost, "/", bytes.NewReader([]byte(body)))
		r.Header.Set("X-Amz-Target", targetPrefix+operation)
		h.ServeHTTP(discard{http.Header{}}, r)
	}
	call("CreateTable", reportTable)
	return call
}
