package cloud

import (
	"context"
	"fmt"
	"time"
)

// Parked keeps messages that cannot be decoded, with the reason.
type Parked struct {
	Table Table
	Now   func() time.Time
}

// Park keeps one; parking it twice keeps it once.
func (p Parked) Park(ctx context.Context, queue, id string, body []byte, reason string) error {
	it := key("PARK#"+queue, id)
	it["body"], it["reason"], it["at"] = bin(body), str(reason), str(instant(p.Now()))
	err := p.Table.put(ctx, it, isNew)
	if _, there := standing(err); there {
		return nil
	}
	if err != nil {
		return fmt.Errorf("parking a message of %s: %w", queue, err)
	}
	return nil
}
