package cloud

import (
	"context"
	"fmt"
	"strings"
	"time"

	"paht/shared/effect"
)

// Due reads the index of what is owed and due, which holds keys only.
type Due struct{ Table Table }

// Shards lists the partitions of the index.
func (Due) Shards() []string { return DueShards() }

// Page reads one page of a shard, of what is due at an instant, the longest due
// first; next is nil at the end.
func (d Due) Page(ctx context.Context, shard string, until time.Time, limit int, after map[string]string) (hits []effect.Hit, next map[string]string, err error) {
	got, err := d.Table.query(ctx, span{
		index: indexDue, pk: shard, to: instant(until), limit: int32(limit), after: startKey(after),
	})
	if err != nil {
		return nil, nil, fmt.Errorf("reading what is due in %s: %w", shard, err)
	}
	for _, it := range got.items {
		hits = append(hits, hit(text(it, attrPK), text(it, attrSK)))
	}
	return hits, position(got.next), nil
}

// hit tells from an item's key what it is.
func hit(pk, sk string) effect.Hit {
	prefix, id, _ := strings.Cut(pk, "#")
	entry, isNotice := strings.CutPrefix(sk, noticePrefix)
	switch {
	case prefix == "R" && sk == stateSK:
		return effect.Hit{Kind: effect.HitReport, ID: id}
	case prefix == "S" && sk == "s":
		return effect.Hit{Kind: effect.HitSlot, ID: id}
	case (prefix == "U" || prefix == "N") && isNotice:
		return effect.Hit{Kind: effect.HitNotice, ID: id, Entry: entry}
	case prefix == "U" && sk == "a":
		return effect.Hit{Kind: effect.HitAccount, ID: id}
	}
	return effect.Hit{Kind: effect.HitUnknown, ID: pk, Entry: sk}
}
