package cloud

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/notice"
)

// Inbox keeps notices: an account's beside the account, an agency's or the
// operator's officers' in a partition of their own.
type Inbox struct{ Table Table }

const noticePrefix = "n#"

func inboxPK(owner string) string {
	if strings.Contains(owner, ":") { // no account's id has one
		return "N#" + owner
	}
	return ownerPK(owner)
}

// Create writes a new notice unless it stands there: then it gives what stands,
// and false.
func (b Inbox) Create(ctx context.Context, i notice.Item) (notice.Item, bool, error) {
	it, err := noticeItem(i)
	if err != nil {
		return i, false, err
	}
	err = b.Table.put(ctx, it, isNew)
	if there, failed := standing(err); failed {
		stood, err := noticeOf(there)
		// A write whose answer was lost stands already, under this holder.
		return stood, err == nil && i.Holder != "" && stood.Version == i.Version && stood.Holder == i.Holder, err
	}
	if err != nil {
		return i, false, fmt.Errorf("writing a notice: %w", err)
	}
	return i, true, nil
}

// Save writes a changed notice on the condition of the version before;
// effect.ErrVersion when another was first.
func (b Inbox) Save(ctx context.Context, i notice.Item) error {
	it, err := noticeItem(i)
	if err != nil {
		return err
	}
	err = b.Table.put(ctx, it, standsAt(i.Version-1))
	if there, failed := standing(err); failed {
		if there != nil && number(there, attrVersion) == int64(i.Version) && text(there, attrDoc) == text(it, attrDoc) {
			return nil // its answer was lost
		}
		return effect.ErrVersion
	}
	if err != nil {
		return fmt.Errorf("writing a notice: %w", err)
	}
	return nil
}

// Item reads one notice consistently.
func (b Inbox) Item(ctx context.Context, owner, entry string) (notice.Item, error) {
	it, err := b.Table.get(ctx, inboxPK(owner), noticePrefix+entry)
	if err != nil {
		return notice.Item{}, fmt.Errorf("reading a notice: %w", err)
	}
	if it == nil {
		return notice.Item{}, fault.New(fault.NotFound, "not_found")
	}
	return noticeOf(it)
}

// InboxPage is a page of an inbox.
type InboxPage struct {
	Items []notice.Item
	Next  map[string]string // nil at the end
}

// List reads a page of an inbox, newest first: one Query.
func (b Inbox) List(ctx context.Context, owner string, limit int, after map[string]string) (InboxPage, error) {
	got, err := b.Table.query(ctx, span{
		pk: inboxPK(owner), prefix: noticePrefix, descending: true, limit: int32(limit), after: startKey(after),
	})
	if err != nil {
		return InboxPage{}, fmt.Errorf("reading an inbox: %w", err)
	}
	out := InboxPage{Next: position(got.next)}
	for _, it := range got.items {
		i, err := noticeOf(it)
		if err != nil {
			return InboxPage{}, err
		}
		out.Items = append(out.Items, i)
	}
	return out, nil
}

func noticeItem(i notice.Item) (item, error) {
	doc, err := json.Marshal(i)
	if err != nil {
		return nil, fmt.Errorf("encoding a notice: %w", err)
	}
	it := key(inboxPK(i.Owner), noticePrefix+i.Entry)
	it[attrVersion], it[attrDoc] = num(int64(i.Version)), str(string(doc))
	if at, ok := i.Attention(); ok {
		it[attrDueKey], it[attrDueAt] = str(dueShard(i.Owner+i.Entry)), str(instant(at))
	}
	return it, nil
}

func noticeOf(it item) (notice.Item, error) {
	var i notice.Item
	if err := json.Unmarshal([]byte(text(it, attrDoc)), &i); err != nil {
		return notice.Item{}, fmt.Errorf("reading a notice: %w", err)
	}
	_, i.Owner, _ = strings.Cut(text(it, attrPK), "#")
	i.Entry = strings.TrimPrefix(text(it, attrSK), noticePrefix)
	i.Version = int(number(it, attrVersion))
	return i, nil
}
