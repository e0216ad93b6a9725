package cloud

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"paht/shared/account"
	"paht/shared/fault"
	"paht/shared/seal"
	"paht/shared/worktime"
)

// Audit keeps what was done with accounts, settings and personal data (R13). An
// entry is written before what it tells of.
type Audit struct {
	Table Table
	Keys  *seal.Keys
}

// Entry is one act.
type Entry = account.Entry

func auditPK(at time.Time) string { return "AU#" + at.In(worktime.Zone).Format(time.DateOnly) }

// Write writes an entry and gives its id. The same act once more, by its key, is
// the same entry, at the time of its first; with another request it is a fault
// key_reused.
func (a Audit) Write(ctx context.Context, e Entry) (string, error) {
	id := a.Keys.MAC(seal.Digest, "audit", e.Actor, e.Act, e.Subject, e.Key)[:32]
	mark := key("AUK#"+id, "k")
	mark["at"] = str(instant(e.At))
	if e.Request != "" {
		mark[attrRequest] = str(e.Request)
	}
	err := a.Table.put(ctx, mark, isNew)
	if first, there := standing(err); there {
		if text(first, attrRequest) != e.Request {
			return "", fault.New(fault.Invalid, "key_reused", e.Subject)
		}
		at, err := time.Parse(time.RFC3339, text(first, "at"))
		if err != nil {
			return "", fmt.Errorf("reading the mark of an audit entry: %w", err)
		}
		e.At = at
	} else if err != nil {
		return "", fmt.Errorf("marking an audit entry: %w", err)
	}
	e.At = e.At.UTC().Truncate(time.Millisecond)
	doc, err := json.Marshal(e)
	if err != nil {
		return "", fmt.Errorf("encoding an audit entry: %w", err)
	}
	it := key(auditPK(e.At), instant(e.At)+"#"+id)
	it[attrDoc] = str(string(doc))
	it[attrSealed] = bin(a.Keys.Seal([]byte(e.Reason), "audit#"+id))
	err = a.Table.put(ctx, it, isNew)
	if _, there := standing(err); err != nil && !there {
		return "", fmt.Errorf("writing an audit entry: %w", err)
	}
	return id, nil
}
