package cloud

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"paht/shared/ledger"
	"paht/shared/packed"
)

// Raw reads items as they are stored, for the ledger, which judges them by
// itself: packed documents are unpacked, and nothing is decoded here.
type Raw struct{ Table Table }

// Ledger checks what is stored in this table and that bucket. left tells how much
// time an invocation has; nil for as much as it takes.
func (b Base) Ledger(objects ledger.Objects, left func(context.Context) time.Duration) *ledger.Checker {
	return &ledger.Checker{Items: Raw{Table: b.Table}, Objects: objects, Keys: b.Keys, Now: b.Now, Left: left}
}

// Partition implements ledger.Items.
func (r Raw) Partition(ctx context.Context, pk, prefix string) ([]ledger.Item, error) {
	items, err := r.Table.all(ctx, span{pk: pk, prefix: prefix})
	if err != nil {
		return nil, err
	}
	return rawItems(items), nil
}

// Page implements ledger.Items: a page of DynamoDB may end before the limit, at a
// megabyte.
func (r Raw) Page(ctx context.Context, pk, after string, limit int) ([]ledger.Item, error) {
	s := span{pk: pk}
	if after != "" {
		s.after = key(pk, after)
	}
	var items []item
	for len(items) < limit {
		s.limit = int32(limit - len(items))
		p, err := r.Table.query(ctx, s)
		if err != nil {
			return nil, err
		}
		items = append(items, p.items...)
		if s.after = p.next; p.next == nil {
			break
		}
	}
	return rawItems(items), nil
}

// Item implements ledger.Items.
func (r Raw) Item(ctx context.Context, pk, sk string) (ledger.Item, error) {
	it, err := r.Table.get(ctx, pk, sk)
	if err != nil || it == nil {
		return nil, err
	}
	return rawItem(it), nil
}

func rawItems(items []item) []ledger.Item {
	out := make([]ledger.Item, 0, len(items))
	for _, it := range items {
		out = append(out, rawItem(it))
	}
	return out
}

// rawItem turns an item into plain values. A kind of value that no item has is
// kept under its kind's name, so that it is seen as what should not be there.
func rawItem(it item) ledger.Item {
	out := make(ledger.Item, len(it))
	for name, value := range it {
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			out[name] = v.Value
		case *types.AttributeValueMemberB:
			out[name] = v.Value
			if name != attrDoc && name != attrSummary {
				continue
			}
			// What cannot be unpacked is left as it is, which no document may be.
			if doc, err := packed.Unpack(v.Value); err == nil {
				out[name] = string(doc)
			}
		case *types.AttributeValueMemberN:
			out[name] = wholeNumber(v.Value)
		default:
			out[name] = fmt.Sprintf("%T", value)
		}
	}
	return out
}

func wholeNumber(value string) any {
	if n, err := strconv.ParseInt(value, 10, 64); err == nil {
		return n
	}
	return value
}

var _ ledger.Items = Raw{}
