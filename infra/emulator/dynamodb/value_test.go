package dynamodb

import (
	"bytes"
	"encoding/json"
	"reflect"
	"sort"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func drawValue(rt *rapid.T, depth int) value {
	kinds := []kind{kindS, kindN, kindB, kindBool, kindNull, kindSS, kindNS, kindBS}
	if depth > 0 {
		kinds = append(kinds, kindM, kindL)
	}
	v := value{kind: rapid.SampledFrom(kinds).Draw(rt, "kind")}
	scalar := func(k kind) string {
		switch k {
		case kindN:
			return drawNumber(rt, "number")
		case kindB:
			return string(rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(rt, "bytes"))
		}
		return rapid.StringN(0, 8, -1).Draw(rt, "text")
	}
	switch v.kind {
	case kindM:
		v.fields = drawItem(rt, depth-1)
	case kindL:
		for range rapid.IntRange(0, 3).Draw(rt, "elements") {
			v.list = append(v.list, drawValue(rt, depth-1))
		}
	case kindSS, kindNS, kindBS:
		for range rapid.IntRange(1, 3).Draw(rt, "elements") {
			e := value{kind: v.kind.element(), text: scalar(v.kind.element())}
			if !v.hasElement(&e) {
				v.list = append(v.list, e)
			}
		}
		sortSet(v.list)
	case kindBool:
		v.text = rapid.SampledFrom([]string{"", "true"}).Draw(rt, "truth")
	case kindNull:
	default:
		v.text = scalar(v.kind)
	}
	return v
}

func drawItem(rt *rapid.T, depth int) item {
	it := item{}
	for range rapid.IntRange(0, 5).Draw(rt, "attributes") {
		it.set(rapid.StringN(1, 6, -1).Draw(rt, "name"), drawValue(rt, depth))
	}
	return it
}

func TestAnItemComesBackFromItsStoredFormAndFromJSON(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		it := drawItem(rt, 3)
		encoded := encodeItem(it)
		if encodedSize(encoded) != it.size() {
			rt.Fatalf("the stored size is %d, want %d", encodedSize(encoded), it.size())
		}
		whole := value{kind: kindM, fields: it}
		for name, got := range map[string]item{"the stored form": decodeItem(encoded), "the borrowed form": borrowItem(encoded), "a copy": it.copy()} {
			if w := (value{kind: kindM, fields: got}); !w.equal(&whole) {
				rt.Fatalf("%s gave %v, want %v", name, got, it)
			}
		}
		written := appendItemJSON(nil, it)
		if !json.Valid(written) {
			rt.Fatalf("wrote %s", written)
		}
		r := reader{b: written}
		got, f := r.item()
		if f == nil {
			f = r.end()
		}
		if w := (value{kind: kindM, fields: got}); f != nil || !w.equal(&whole) {
			rt.Fatalf("%s read back as %v (%v)", written, got, f)
		}
	})
}

func TestTextReadsAsTheStandardDecoderReadsIt(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		given := rapid.OneOf(rapid.String(), rapid.StringMatching(`(\\u[dD][89abAB][0-9a-f]{2}|\\u00[0-9a-f]{2}|\\[nrtbf"/\\]|[a-zđ])*`)).Draw(rt, "text")
		document := []byte(`"` + given + `"`)
		var want string
		wantErr := json.Unmarshal(document, &want)
		r := reader{b: document}
		got, f := r.text()
		if f == nil {
			f = r.end()
		}
		if (f == nil) != (wantErr == nil) || f == nil && got != want {
			rt.Fatalf("%s: got %q (%v), want %q (%v)", document, got, f, want, wantErr)
		}
	})
}

func FuzzReader(f *testing.F) {
	for _, s := range []string{`{"a":{"S":"x"}}`, `{"a":[1,-2.5e7,true,null]}`, `{`, `{"a"`, `{"a":{"S":"\u12"}}`, `[[[[`, "\"\xff\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		// Valid JSON is always passed over; the reader is the laxer one with numbers, which no parameter here keeps as such.
		r := reader{b: b}
		if json.Valid(b) && utf8.Valid(b) && bytes.Count(b, []byte("{"))+bytes.Count(b, []byte("[")) < maxJSONDepth {
			if fault := r.skip(); fault != nil || r.end() != nil {
				t.Errorf("%q was refused: %v", b, fault)
			}
		}
		r = reader{b: b}
		if it, fault := r.item(); fault == nil {
			if got := decodeItem(encodeItem(it)); !(&value{kind: kindM, fields: got}).equal(&value{kind: kindM, fields: it}) {
				t.Errorf("%q did not survive storing", b)
			}
		}
	})
}

func TestKeysSortByTheirBytesAndPartsStayApart(t *testing.T) {
	schema := keySchema{Hash: keyAttribute{"h", kindS}, Range: keyAttribute{"r", kindB}}
	rapid.Check(t, func(rt *rapid.T) {
		part := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 2, 'a', 0xFE, 0xFF}), 1, 5), func(b []byte) string { return string(b) })
		draw := func(name string) item {
			return item{{"h", value{kind: kindS, text: part.Draw(rt, name+" hash")}}, {"r", value{kind: kindB, text: part.Draw(rt, name+" range")}}}
		}
		a, b := draw("a"), draw("b")
		want := strings.Compare(a[0].value.text, b[0].value.text)
		if want == 0 {
			want = strings.Compare(a[1].value.text, b[1].value.text)
		}
		x, y := schema.appendKey(nil, a), schema.appendKey(nil, b)
		if got := bytes.Compare(x, y); got != want {
			rt.Fatalf("%v and %v: the keys compare as %d, want %d", a, b, got, want)
		}
		hash := appendKeyPart(nil, &a[0].value)
		if prefixSpan(hash).holds(y) != (a[0].value.text == b[0].value.text) {
			rt.Fatalf("the partition of %v and %v is told wrongly", a, b)
		}
	})
}

func TestTheReservedWordsAreComplete(t *testing.T) {
	words := strings.Fields(reservedWords)
	if len(words) != 573 || !sort.StringsAreSorted(words) {
		t.Errorf("%d words, sorted %v; the page lists 573", len(words), sort.StringsAreSorted(words))
	}
	for word, want := range map[string]bool{"Status": true, "NAME": true, "ttl": true, "reporter": false, "pk": false} {
		if isReserved(word) != want {
			t.Errorf("%s reserved: %v", word, !want)
		}
	}
}

func TestActionsNameTheResourcesOfARequest(t *testing.T) {
	for _, c := range []struct {
		name, target, body, action string
		resources                  []string
	}{
		{"a write names its table", "DynamoDB_20120810.PutItem", `{"Item":{"TableName":{"S":"x"}},"TableName":"reports"}`, "dynamodb:PutItem", []string{"table/reports"}},
		{"a query names its index", "DynamoDB_20120810.Query", `{"IndexName":"due","TableName":"reports","Limit":1}`, "dynamodb:Query", []string{"table/reports/index/due"}},
		{"a query of the table names the table", "DynamoDB_20120810.Query", `{"IndexName":null,"TableName":"reports"}`, "dynamodb:Query", []string{"table/reports"}},
		{"a batch names every table", "DynamoDB_20120810.BatchGetItem", `{"RequestItems":{"a":{"Keys":[]},"b":{}}}`, "dynamodb:BatchGetItem", []string{"table/a", "table/b"}},
		{"a body that cannot be read names nothing", "DynamoDB_20120810.PutItem", `{"TableName":"a"`, "dynamodb:PutItem", nil},
		{"another service is not ours", "AmazonSQS.SendMessage", `{}`, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			action, resources := Actions(c.target, []byte(c.body))
			if action != c.action || !reflect.DeepEqual(resources, c.resources) {
				t.Errorf("got %s on %v, want %s on %v", action, resources, c.action, c.resources)
			}
		})
	}
}
