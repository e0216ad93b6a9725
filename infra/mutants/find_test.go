package main

import (
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

func TestWhatTheRuleIsMadeOfIsFound(t *testing.T) {
	for _, row := range []struct {
		name, file, source string
		want               []string // kind: what
		text               []string // of the copy
	}{
		{"a condition where it is used", "shared/cloud/a.go",
			`func f() { err = t.put(ctx, it, isNew); err = t.put(ctx, it, standsAt(v - 1)); err = t.put(ctx, it, nil) }`,
			[]string{"condition: t.put(ctx, it, isNew)", "condition: t.put(ctx, it, standsAt(v - 1))"},
			[]string{"t.put(ctx, it, mutant.None(1, isNew))", "mutant.None(2, standsAt(v - 1))"}},
		{"not where it is made", "shared/cloud/a.go",
			`var isNew = &condition{expression: "x"}; func standsAt(v int) *condition { return &condition{expression: "v = :v"} }`, nil, nil},
		{"a condition written out", "shared/cloud/a.go", `func f() { c := &condition{expression: "acc = :old"} }`,
			[]string{`condition: "acc = :old"`}, []string{`mutant.None(1, &condition{expression: "acc = :old"})`}},
		{"the condition of an update", "shared/cloud/a.go", `func f() { t.update(ctx, pk, sk, "SET x = :x", condition{expression: "y = :y"}) }`,
			[]string{`condition: "y = :y"`}, []string{`without(1, "SET x = :x", condition{expression: "y = :y"})`}},
		{"the condition of a removal", "shared/cloud/a.go", `func f() { c.DeleteItem(ctx, &dynamodb.DeleteItemInput{Key: k, ConditionExpression: &e}) }`,
			[]string{"condition: DeleteItemInput ConditionExpression"}, []string{"mutant.With(1, &dynamodb.DeleteItemInput{"}},
		{"a projection's condition", "shared/cloud/a.go", `func f() { p.Table.putNewer(ctx, it, 1) }`,
			[]string{"condition: p.Table.putNewer(ctx, it, 1)"}, []string{"p.Table.putNewerOr(1, ctx, it, 1)"}},
		{"each effect by itself", "shared/report/a.go", `func F() { b.owe(ProjectMine, MessageEffect(A, B)) }`,
			[]string{"effect: owe ProjectMine", "effect: owe MessageEffect(A, B)"},
			[]string{"b.owe(mutant.Some(mutant.None(1, ProjectMine), mutant.None(2, MessageEffect(A, B)))...)"}},
		{"an account's message", "shared/account/a.go", `func F() { l.Change = a.owe(message.AccountLocked, at) }`,
			[]string{"effect: a.owe(message.AccountLocked, at)"}, []string{"a.oweOr(1, message.AccountLocked, at)"}},
		{"what clears what was done", "shared/report/a.go", `func F() { b.settle(A); b.settleOf(A, 3) }`,
			[]string{"dedupe: settle A", "dedupe: b.settleOf(A, 3)"}, []string{"if mutant.Keep(2) { b.settleOf(A, 3) }"}},
		{"a message type for each of its queues", "shared/message/a.go", `var consumers = map[Type][]string{A: {X, Y}, B: {X}}`,
			[]string{"message: A > X", "message: A > Y", "message: B > X"}, []string{"A: mutant.Some(mutant.None(1, X), mutant.None(2, Y))"}},
		{"a check that says that the report moved on, but for its nil", "shared/report/a.go",
			`func F() error { if a == nil || a.State != S || late { return ErrMovedOn }; return nil }`,
			[]string{"dedupe: if a.State != S", "dedupe: if late"}, []string{"if a == nil || mutant.If(1, a.State != S) || mutant.If(2, late) {"}},
		{"who asks whether it moved on", "functions/x/a.go", `func F() { if errors.Is(err, report.ErrMovedOn) { return nil }; if !errors.Is(err, effect.ErrVersion) { return err } }`,
			[]string{"dedupe: if errors.Is(err, report.ErrMovedOn)", "dedupe: if !errors.Is(err, effect.ErrVersion)"}, []string{"if !mutant.If(2, errors.Is(err, effect.ErrVersion)) {"}},
		{"another error is none of it", "functions/x/a.go", `func F() { if errors.Is(err, io.EOF) { return nil } }`, nil, nil},
		{"what stood in a write's way", "shared/cloud/a.go", `func F() { if _, there := standing(err); there { return nil }; if there { return nil } }`,
			[]string{"dedupe: if there", "dedupe: if there"}, []string{"; mutant.If(1, there) {"}},
		{"the same act once more", "shared/effect/a.go", `func F() { done, err := h.Repeat(c) }`, []string{"dedupe: h.Repeat(c)"}, []string{"mutant.Both(h.Repeat(c))(1)"}},
		{"a key of another request", "shared/report/a.go", `func F() error { if e.Request != r { return fault.New(fault.Invalid, "key_reused", id) }; return nil }`,
			[]string{"dedupe: if e.Request != r"}, nil},
		{"what is done again", "shared/effect/a.go", `func F() { if change := r.Postpone(now); change != nil {}; return f.Settle(ctx, stored) }; func G() error { return s.Send(ctx, q) }`,
			[]string{"resend: r.Postpone(now)", "resend: f.Settle(ctx, stored)", "resend: s.Send(ctx, q)"},
			[]string{"mutant.Apply(2, f.Settle, ctx, stored, stored)", "mutant.Err(3, func() error { return s.Send(ctx, q) })"}},
		{"what the sweep finds", "shared/cloud/a.go", `func F() { if ok { it[attrDueKey], it[attrDueAt] = a, b } }`, []string{"resend: it[attrDueKey], it[attrDueAt] = a, b"}, nil},
		{"what an event displaces", "shared/cloud/a.go", `func F() { err := s.displace(ctx, r) }`, []string{"history: s.displace(ctx, r)"}, nil},
		{"a lease", "functions/notify/a.go", `func F() { if err != nil || !mine { return } }`, []string{"dedupe: !mine"}, []string{"err != nil || mutant.If(1, !mine)"}},
	} {
		n := 0
		text, found, err := rewrite(row.file, []byte("package p\n"+row.source), func(Mutant) int { n++; return n })
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		var got []string
		for _, m := range found {
			got = append(got, string(m.Kind)+": "+m.What)
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%s: found %q", row.name, got)
		}
		if _, err := parser.ParseFile(token.NewFileSet(), "", text, 0); err != nil {
			t.Errorf("%s: the copy cannot be read: %v\n%s", row.name, err, text)
		}
		for _, want := range row.text {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s: the copy reads\n%s", row.name, text)
			}
		}
	}
}

// root is the project's folder.
const root = "../.."

func TestEveryStepThatWritesHasMutants(t *testing.T) {
	all, err := Find(root, nil)
	if err != nil {
		t.Fatal(err)
	}
	steps, kinds, keys := map[string]int{}, map[Kind]int{}, map[string]bool{}
	for _, m := range all {
		steps[m.Step()]++
		kinds[m.Kind]++
		if keys[m.Key()] {
			t.Errorf("two mutants have the key %s", m.Key())
		}
		keys[m.Key()] = true
	}
	if len(all) < 25 {
		t.Errorf("there are %d mutants", len(all))
	}
	for _, step := range []string{"submit", "media", "screen", "route", "processcallback", "publish", "notify", "sla", "account", "admin"} {
		if steps["functions/"+step] == 0 {
			t.Errorf("the step %s has none", step)
		}
	}
	for _, kind := range []Kind{Condition, Effect, Message, Dedupe, Resend, History} {
		if kinds[kind] < 3 {
			t.Errorf("of the kind %s there are %d", kind, kinds[kind])
		}
	}
}

func TestWhatMakesNoDifferenceIsStillThere(t *testing.T) {
	allowed, err := Allowed(allowedText)
	if err != nil {
		t.Fatal(err)
	}
	code, permissions, err := find(root, func() ([]Mutant, error) { return Find(root, nil) })
	if err != nil {
		t.Fatal(err)
	}
	all := slices.Concat(code, permissions)
	for key := range allowed {
		if !slices.ContainsFunc(all, func(m Mutant) bool { return m.Key() == key }) {
			t.Errorf("no mutant has the key %s", key)
		}
	}
}

func TestAMutantIsExcusedByAReasonAlone(t *testing.T) {
	for text, want := range map[string]bool{
		"// words\n\na b: c ⇒ since": true, "a b: c ⇒": false, "a b: c": false, "a b: c ⇒ x\na b: c ⇒ y": false,
	} {
		reasons, err := Allowed(text)
		if (err == nil) != want {
			t.Errorf("%q is read as %v, %v", text, reasons, err)
		}
	}
}
