package cloud

import (
	"context"
	"fmt"
	"time"

	"paht/shared/fault"
)

// Acts remembers keyed acts that leave no event of their own, with what they were
// answered, for longer than the 30 days that the contract promises.
type Acts struct {
	Table Table
	Now   func() time.Time
}

const (
	actSK       = "k"
	actLife     = 31 * 24 * time.Hour
	attrRequest = "req"
	attrAnswer  = "ans"
)

func actPK(key string) string { return "K#" + key }

// Find gives the answer of an act that was carried out, empty when it was not;
// the same key with another request is a fault that names what took it.
func (a Acts) Find(ctx context.Context, actKey, request, what string) (string, error) {
	it, err := a.Table.get(ctx, actPK(actKey), actSK)
	if err != nil {
		return "", fmt.Errorf("looking up the key of an act: %w", err)
	}
	if it != nil && text(it, attrRequest) != request {
		return "", fault.New(fault.Invalid, "key_reused", what)
	}
	return text(it, attrAnswer), nil
}

// Begin takes a key for a request; the same key with another request is the
// fault of Find.
func (a Acts) Begin(ctx context.Context, actKey, request, what string) error {
	it := key(actPK(actKey), actSK)
	it[attrRequest], it[attrExpires] = str(request), num(a.Now().Add(actLife).Unix())
	err := a.Table.put(ctx, it, isNew)
	stood, there := standing(err)
	switch {
	case there && text(stood, attrRequest) != request:
		return fault.New(fault.Invalid, "key_reused", what)
	case err != nil && !there:
		return fmt.Errorf("taking the key of an act: %w", err)
	}
	return nil
}

// Answered remembers what an act was answered; the first answer stays.
func (a Acts) Answered(ctx context.Context, actKey, answer string) error {
	_, err := a.Table.update(ctx, actPK(actKey), actSK, "SET ans = :a", condition{
		expression: "attribute_exists(pk) AND attribute_not_exists(ans)", values: item{":a": str(answer)},
	})
	if _, there := standing(err); there {
		return nil
	}
	if err != nil {
		return fmt.Errorf("keeping the answer of an act: %w", err)
	}
	return nil
}
