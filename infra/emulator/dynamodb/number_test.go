package dynamodb

import (
	"bytes"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestANumberHasOneText(t *testing.T) {
	for _, c := range []struct{ given, want string }{
		{"0", "0"}, {"-0", "0"}, {"0.000", "0"}, {"00", "0"}, {"+5", "5"}, {"007", "7"}, {"1.500", "1.5"}, {"15e-1", "1.5"},
		{"1E3", "1000"}, {"-.5", "-0.5"}, {"5.", "5"}, {"1e-3", "0.001"}, {"123456789012345678901234567890", "123456789012345678901234567890"},
	} {
		if got, f := canonicalNumber(c.given); f != nil || got != c.want {
			t.Errorf("%s became %q (%v), want %s", c.given, got, f, c.want)
		}
	}
}

func TestWhatIsNoNumberIsRefused(t *testing.T) {
	for _, s := range []string{"", "-", ".", "e5", "1e", "1e5.5", "0x10", "1 ", "NaN", "Infinity", "1_000", "--1", "1.2.3",
		strings.Repeat("9", 39), "1e126", "1e-131", "1e999999999999999999999"} {
		if got, f := canonicalNumber(s); f == nil {
			t.Errorf("%q was taken as %s", s, got)
		}
	}
}

// drawNumber draws the whole range of numbers, and many close together.
func drawNumber(rt *rapid.T, name string) string {
	digits := rapid.StringMatching(`[0-9]{1,38}`).Draw(rt, name+" digits")
	exponent := rapid.OneOf(rapid.IntRange(-3, 3), rapid.IntRange(-130, 87)).Draw(rt, name+" exponent")
	sign := rapid.SampledFrom([]string{"", "-"}).Draw(rt, name+" sign")
	s := fmt.Sprintf("%s%se%d", sign, digits, exponent)
	got, f := canonicalNumber(s)
	if f != nil {
		return "0" // an underflow or overflow at the edges
	}
	return got
}

func rat(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic(s)
	}
	return r
}

func TestTheOrderOfKeysIsTheOrderOfNumbers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, b := drawNumber(rt, "a"), drawNumber(rt, "b")
		want := rat(a).Cmp(rat(b))
		x, y := appendNumberKey(nil, a), appendNumberKey(nil, b)
		if got := bytes.Compare(x, y); got != want {
			rt.Fatalf("the keys of %s and %s compare as %d, want %d", a, b, got, want)
		}
		if got := compareNumbers(a, b); got != want {
			rt.Fatalf("%s and %s compare as %d, want %d", a, b, got, want)
		}
		if want != 0 && (bytes.HasPrefix(x, y) || bytes.HasPrefix(y, x)) {
			rt.Fatalf("the key of one of %s and %s begins the other", a, b)
		}
	})
}

func TestSumsAreExactOrRefused(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, b := drawNumber(rt, "a"), drawNumber(rt, "b")
		subtract := rapid.Bool().Draw(rt, "subtract")
		want := new(big.Rat).Add(rat(a), rat(b))
		if subtract {
			want = new(big.Rat).Sub(rat(a), rat(b))
		}
		got, f := addNumbers(a, b, subtract)
		if f != nil {
			return
		}
		if rat(got).Cmp(want) != 0 {
			rt.Fatalf("%s and %s gave %s, want %s", a, b, got, want.FloatString(20))
		}
		if again, f := canonicalNumber(got); f != nil || again != got {
			rt.Fatalf("%s is not canonical", got)
		}
	})
	for _, c := range []struct{ a, b string }{{strings.Repeat("9", 38), "0.1"}, {"9e125", "9e125"}} {
		if got, f := addNumbers(mustNumber(c.a), mustNumber(c.b), false); f == nil {
			t.Errorf("%s and %s gave %s, want a refusal", c.a, c.b, got)
		}
	}
}

func mustNumber(s string) string {
	n, f := canonicalNumber(s)
	if f != nil {
		panic(f)
	}
	return n
}

func TestANumberIsChargedByItsDigits(t *testing.T) {
	for _, c := range []struct {
		given string
		want  int
	}{{"0", 1}, {"7", 2}, {"42", 2}, {"123", 3}, {"-123", 4}, {"1000", 2}, {"0.001", 2}, {"1.5", 2}, {"-0.25", 3}} {
		if got := numberSize(c.given); got != c.want {
			t.Errorf("%s is charged %d bytes, want %d", c.given, got, c.want)
		}
	}
}
