package dynamodb

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A drawn is a condition as text, with what it must give on sampleItem.
type drawn struct {
	text  string
	holds bool
}

// leaves are conditions whose outcome on sampleItem is known.
var leaves = []drawn{
	{"n = :ten", true}, {"n < :ten", false}, {"n BETWEEN :one AND :ten", true}, {"attribute_exists(m.k)", true},
	{"attribute_not_exists(m.k)", false}, {"contains(l, :one)", true}, {"n IN (:one, :x)", false}, {"size(l) > :one", true},
	{"begins_with(s, :x)", false}, {"absent <> :one", true}, {"absent = :one", false},
}

func sampleScope() *scope {
	return &scope{
		names: []nameAlias{{alias: "#n", name: "n"}},
		values: []placeholder{{name: ":one", value: value{kind: kindN, text: "1"}}, {name: ":ten", value: value{kind: kindN, text: "10"}},
			{name: ":x", value: value{kind: kindS, text: "x"}}, {name: ":l", value: value{kind: kindL, list: []value{{kind: kindS, text: "e"}}}},
			{name: ":s", value: value{kind: kindSS, list: []value{{kind: kindS, text: "a"}}}}},
	}
}

func sampleItem() item {
	return item{
		{"l", value{kind: kindL, list: []value{{kind: kindN, text: "1"}, {kind: kindS, text: "y"}}}},
		{"m", value{kind: kindM, fields: item{{"k", value{kind: kindS, text: "v"}}}}},
		{"n", value{kind: kindN, text: "10"}},
		{"s", value{kind: kindS, text: "hello"}},
		{"t", value{kind: kindSS, list: []value{{kind: kindS, text: "a"}, {kind: kindS, text: "b"}}}},
	}
}

// level gives how tightly an operator binds; parentheses are written only where they are needed.
func drawCondition(rt *rapid.T, depth int) (c drawn, level int) {
	if depth == 0 {
		return rapid.SampledFrom(leaves).Draw(rt, "leaf"), 3
	}
	inner := func(least int) drawn {
		d, l := drawCondition(rt, depth-1)
		if l < least {
			d.text = "(" + d.text + ")"
		}
		return d
	}
	switch rapid.IntRange(0, 3).Draw(rt, "operator") {
	case 0:
		d := inner(2)
		return drawn{"not " + d.text, !d.holds}, 2
	case 1:
		a, b := inner(1), inner(2)
		return drawn{a.text + " AND " + b.text, a.holds && b.holds}, 1
	case 2:
		a, b := inner(0), inner(1)
		return drawn{a.text + " OR " + b.text, a.holds || b.holds}, 0
	}
	return rapid.SampledFrom(leaves).Draw(rt, "leaf"), 3
}

func TestConditionsBindAsWritten(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		want, _ := drawCondition(rt, rapid.IntRange(0, 5).Draw(rt, "depth"))
		c, f := parseCondition("ConditionExpression", want.text, sampleScope())
		if f != nil {
			rt.Fatalf("%s: %v", want.text, f)
		}
		if got := c.holds(sampleItem()); got != want.holds {
			rt.Fatalf("%s is %v, want %v", want.text, got, want.holds)
		}
	})
}

// Whatever text comes as an expression, it is refused or it works; what an update leaves can be stored and read back,
// and a refused one changes nothing outside its own copy.
func FuzzExpressions(f *testing.F) {
	for _, l := range leaves {
		f.Add(l.text)
	}
	for _, s := range []string{"SET n = n + :one, l[5] = :x REMOVE m.k ADD z :ten DELETE t :s", "SET l = list_append(if_not_exists(q, :l), l)",
		"l[1], m.k, #n", "REMOVE l[0], l[1]", "SET m.k = m", "SET m = m", "((n = :ten))", "SET a = :x, a.b = :x", "n = :ten AND", "l[99999999999999999999]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if c, fault := parseCondition("ConditionExpression", src, sampleScope()); fault == nil {
			if c.holds(sampleItem()) == (&condition{operator: "NOT", parts: []*condition{c}}).holds(sampleItem()) {
				t.Errorf("%q is its own opposite", src)
			}
			c.holds(nil)
		}
		if keep, fault := parseProjection(src, sampleScope()); fault == nil {
			whole, part := sampleItem(), keep.of(sampleItem())
			if part.size() > whole.size() {
				t.Errorf("%q keeps more than there is: %v", src, part)
			}
		}
		u, fault := parseUpdate(src, sampleScope())
		if fault != nil {
			return
		}
		before := sampleItem()
		after := before.copy()
		if fault := u.apply(&after); fault == nil {
			stored := decodeItem(encodeItem(after))
			if fmt.Sprint(stored) != fmt.Sprint(after) && !(&value{kind: kindM, fields: stored}).equal(&value{kind: kindM, fields: after}) {
				t.Errorf("%q left %v, stored as %v", src, after, stored)
			}
		}
		if !(&value{kind: kindM, fields: before}).equal(&value{kind: kindM, fields: sampleItem()}) {
			t.Errorf("%q changed the item as it was", src)
		}
	})
}

func TestAValueTakenFromTheItemIsACopy(t *testing.T) {
	u, f := parseUpdate("SET c = m, m.k = :x", sampleScope())
	if f != nil {
		t.Fatal(f)
	}
	it := sampleItem()
	if f := u.apply(&it); f != nil {
		t.Fatal(f)
	}
	c, _ := it.get("c")
	m, _ := it.get("m")
	if c.fields[0].value.text != "v" || m.fields[0].value.text != "x" {
		t.Errorf("the copy holds %v, the original %v", c, m)
	}
}

func TestAnExpressionHasALongestLength(t *testing.T) {
	long := "n = :ten" + strings.Repeat(" AND n = :ten", maxExpression/12)
	if _, f := parseCondition("ConditionExpression", long, sampleScope()); f == nil || !strings.Contains(f.message, "maximum allowed size") {
		t.Errorf("%d bytes: %v", len(long), f)
	}
}
