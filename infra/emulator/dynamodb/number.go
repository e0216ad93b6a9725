package dynamodb

import (
	"math/big"
	"strconv"
	"strings"
)

// Numbers have up to 38 significant digits and magnitudes from 1E-130 to 9.99…E+125.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number
const (
	maxDigits   = 38
	maxExponent = 126  // of 0.d1d2… × 10^exponent
	minExponent = -129 // 1E-130
)

// A decimal is ±0.d1d2… × 10^exponent with neither leading nor trailing zeros; zero has no digits.
type decimal struct {
	negative bool
	digits   string
	exponent int
}

// canonicalNumber returns the one text under which a number is stored and answered: plain notation, no needless zeros.
func canonicalNumber(s string) (string, *fault) {
	if plainInteger(s) {
		return s, nil
	}
	d, f := parseDecimal(s)
	if f != nil {
		return "", f
	}
	return d.text(), nil
}

// plainInteger tells short integers that are canonical as they are.
func plainInteger(s string) bool {
	if s == "0" {
		return true
	}
	t := strings.TrimPrefix(s, "-")
	if len(t) == 0 || len(t) > 17 || t[0] == '0' {
		return false
	}
	for i := range len(t) {
		if t[i] < '0' || t[i] > '9' {
			return false
		}
	}
	return true
}

func parseDecimal(s string) (decimal, *fault) {
	var d decimal
	refused := invalid("The parameter cannot be converted to a numeric value: %s", s)
	rest := s
	if rest != "" && (rest[0] == '-' || rest[0] == '+') {
		d.negative = rest[0] == '-'
		rest = rest[1:]
	}
	exponent := 0
	if at := strings.IndexAny(rest, "eE"); at >= 0 {
		n, err := strconv.Atoi(rest[at+1:])
		if err != nil {
			return d, refused
		}
		exponent, rest = n, rest[:at]
	}
	whole, fraction, _ := strings.Cut(rest, ".")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return d, refused
	}
	d.exponent = len(whole) + exponent
	trimmed := strings.TrimLeft(digits, "0")
	d.exponent -= len(digits) - len(trimmed)
	d.digits = strings.TrimRight(trimmed, "0")
	return d.checked()
}

// checked refuses what the service cannot store.
func (d decimal) checked() (decimal, *fault) {
	switch {
	case d.digits == "":
		return decimal{}, nil
	case len(d.digits) > maxDigits:
		return d, invalid("Attempting to store more than 38 significant digits in a Number")
	case d.exponent > maxExponent:
		return d, invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
	case d.exponent < minExponent:
		return d, invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
	}
	return d, nil
}

func (d decimal) text() string {
	if d.digits == "" {
		return "0"
	}
	var b strings.Builder
	if d.negative {
		b.WriteByte('-')
	}
	switch n := len(d.digits); {
	case d.exponent <= 0:
		b.WriteString("0.")
		b.WriteString(strings.Repeat("0", -d.exponent))
		b.WriteString(d.digits)
	case d.exponent >= n:
		b.WriteString(d.digits)
		b.WriteString(strings.Repeat("0", d.exponent-n))
	default:
		b.WriteString(d.digits[:d.exponent])
		b.WriteByte('.')
		b.WriteString(d.digits[d.exponent:])
	}
	return b.String()
}

// canonicalDecimal reads a number that is stored, and so is known to be good.
func canonicalDecimal(s string) decimal {
	d, _ := parseDecimal(s)
	return d
}

// compareNumbers orders two canonical numbers.
func compareNumbers(a, b string) int {
	if a == b {
		return 0
	}
	if plainInteger(a) && plainInteger(b) {
		m, _ := strconv.ParseInt(a, 10, 64)
		n, _ := strconv.ParseInt(b, 10, 64)
		if m < n {
			return -1
		}
		return 1
	}
	return strings.Compare(string(appendNumberKey(nil, a)), string(appendNumberKey(nil, b)))
}

// appendNumberKey writes a canonical number so that the order of the bytes is the order of the numbers and no key is
// the beginning of another: sign, exponent, digits, a zero byte; all but the sign inverted for negative numbers.
func appendNumberKey(dst []byte, s string) []byte {
	d := canonicalDecimal(s)
	if d.digits == "" {
		return append(dst, 0x80)
	}
	sign, mask := byte(0xC0), byte(0)
	if d.negative {
		sign, mask = 0x40, 0xFF
	}
	biased := d.exponent + 1000
	dst = append(dst, sign, byte(biased>>8)^mask, byte(biased)^mask)
	for i := range len(d.digits) {
		dst = append(dst, (d.digits[i]-'0'+1)^mask)
	}
	return append(dst, mask)
}

// addNumbers returns the canonical sum, or the difference, of two canonical numbers.
func addNumbers(a, b string, subtract bool) (string, *fault) {
	if plainInteger(a) && plainInteger(b) {
		m, _ := strconv.ParseInt(a, 10, 64)
		n, _ := strconv.ParseInt(b, 10, 64)
		if subtract {
			n = -n
		}
		return canonicalNumber(strconv.FormatInt(m+n, 10))
	}
	x, y := canonicalDecimal(a), canonicalDecimal(b)
	if subtract {
		y.negative = !y.negative
	}
	low := min(x.exponent-len(x.digits), y.exponent-len(y.digits))
	sum := new(big.Int).Add(x.scaled(low), y.scaled(low))
	d, f := parseDecimal(sum.String() + "e" + strconv.Itoa(low))
	if f != nil {
		return "", f
	}
	return d.text(), nil
}

// scaled returns the number as an integer count of 10^low.
func (d decimal) scaled(low int) *big.Int {
	n := new(big.Int)
	if d.digits == "" {
		return n
	}
	n.SetString(d.digits, 10)
	n.Mul(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.exponent-len(d.digits)-low)), nil))
	if d.negative {
		n.Neg(n)
	}
	return n
}

// numberSize is one byte for every two significant digits and one more, and one for a minus sign.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func numberSize(s string) int {
	digits := strings.TrimPrefix(s, "-")
	size := 1 + len(s) - len(digits)
	whole, fraction, _ := strings.Cut(digits, ".")
	if fraction == "" {
		whole = strings.TrimRight(whole, "0")
	}
	if whole == "0" || whole == "" {
		whole, fraction = "", strings.TrimLeft(fraction, "0")
	}
	return size + (len(whole)+len(fraction)+1)/2
}
