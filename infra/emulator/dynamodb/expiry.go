package dynamodb

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"paht/infra/emulator/storage"
)

// Items that expire stand in a bucket by their second, so that a sweep reads what is due and no more. An item past its
// time is still read until a sweep takes it, as with the service, which may take days.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html

// expiryBatch is how many items one transaction of a sweep takes, so that callers do not wait long behind it.
const expiryBatch = 100

// oldestExpiry is how far in the past a time may lie and still count.
const oldestExpiry = 5 * 365 * 24 * time.Hour

// expires reads an item's time in seconds; anything but a number that is a time is ignored, as the service does.
func (t *table) expires(it item) (uint64, bool) {
	if t.TTL == "" || it == nil {
		return 0, false
	}
	v, ok := it.get(t.TTL)
	if !ok || v.kind != kindN {
		return 0, false
	}
	whole, _, _ := strings.Cut(v.text, ".")
	seconds, err := strconv.ParseUint(whole, 10, 63)
	return seconds, err == nil
}

func expiryKey(seconds uint64, key []byte) []byte {
	return append(binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(key)), seconds), key...)
}

func moveExpiry(tx storage.Tx, t *table, key []byte, old, next item) error {
	from, had := t.expires(old)
	to, has := t.expires(next)
	if had == has && from == to {
		return nil
	}
	if had {
		if err := tx.Delete(t.expiryName, expiryKey(from, key)); err != nil {
			return err
		}
	}
	if has {
		return tx.Put(t.expiryName, expiryKey(to, key), nil)
	}
	return nil
}

// Expire removes the items whose time has come by the handler's clock and returns how many. It consumes no units.
func (h *Handler) Expire(ctx context.Context) (int, error) {
	h.schema.RLock()
	defer h.schema.RUnlock()
	total := 0
	for _, t := range h.tables {
		for t.TTL != "" {
			if err := ctx.Err(); err != nil {
				return total, err
			}
			n, err := h.expireSome(t)
			total += n
			if err != nil {
				return total, fmt.Errorf("expiring items of table %s: %w", t.Name, err)
			}
			if n < expiryBatch {
				break
			}
		}
	}
	return total, nil
}

func (h *Handler) expireSome(t *table) (removed int, err error) {
	due, first := h.now().Unix(), h.now().Add(-oldestExpiry).Unix()
	from := expiryKey(uint64(max(0, first)), nil)
	err = h.store.Update(func(tx storage.Tx) error {
		var keys [][]byte
		tx.Ascend(t.expiryName, from, func(k, _ []byte) bool {
			if int64(binary.BigEndian.Uint64(k)) >= due || len(keys) == expiryBatch {
				return false
			}
			keys = append(keys, bytes.Clone(k[8:]))
			return true
		})
		for _, key := range keys {
			encoded := bytes.Clone(tx.Get(t.bucket, key))
			if err := h.replace(tx, t, key, version{decodeItem(encoded), encoded}, version{}, &usage{}); err != nil {
				return err
			}
		}
		removed = len(keys)
		return nil
	})
	return removed, err
}

// fillExpiry orders what a table holds already by its time, when the time to live is turned on.
func fillExpiry(tx storage.Tx, t *table) error {
	var err error
	tx.Ascend(t.bucket, nil, func(k, v []byte) bool {
		if seconds, ok := t.expires(borrowItem(v)); ok {
			err = tx.Put(t.expiryName, expiryKey(seconds, k), nil)
		}
		return err == nil
	})
	return err
}
