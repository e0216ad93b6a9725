package cloud

import (
	"context"
	"fmt"
	"time"

	"paht/shared/seal"
)

// Limits counts tries in fixed windows of time. What is counted stands there as a
// keyed digest: an address is personal.
type Limits struct {
	Table Table
	Keys  *seal.Keys
	Now   func() time.Time
}

const limitSK = "x"

// Take counts one try of a subject; false when the window has had its number
// already, which then counts no further.
func (l Limits) Take(ctx context.Context, scope, subject string, number int, window time.Duration) (bool, error) {
	start := l.Now().UTC().Truncate(window)
	pk := "X#" + l.Keys.MAC(seal.Digest, "limit", scope, subject, instant(start))[:32]
	_, err := l.Table.update(ctx, pk, limitSK, "SET #t = :t ADD n :one", condition{
		expression: "attribute_not_exists(n) OR n < :number", names: map[string]string{"#t": attrExpires},
		values: item{":one": num(1), ":number": num(int64(number)), ":t": num(start.Add(2 * window).Unix())},
	})
	if _, full := standing(err); full {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("counting a try: %w", err)
	}
	return true, nil
}
