package ledger

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

// digest reads an object to its end, once for a report.
func (q *inquiry) digest(key string) (Digest, bool, error) {
	if s, ok := q.digests[key]; ok {
		return s.digest, s.there, nil
	}
	d, there, err := q.Objects.Digest(q.ctx, key)
	if err != nil {
		return Digest{}, false, fmt.Errorf("reading object %s: %w", key, err)
	}
	q.digests[key] = seen{d, there}
	if there {
		q.checked.Media++
		q.checked.Bytes += d.Size
	}
	return d, there, nil
}

// media checks the report's files against their slots, and the signed results.
func (q *inquiry) media() error {
	for _, id := range q.state.Media {
		if err := q.photo(id); err != nil {
			return err
		}
	}
	for i := range q.state.Assignments {
		if a := &q.state.Assignments[i]; a.Result != nil {
			if err := q.result(a); err != nil {
				return err
			}
		}
	}
	return nil
}

// slot reads a slot and its index attributes; nil when there is none to check.
func (q *inquiry) slot(id string) (*slot, string, error) {
	key := Item{"pk": slotKey(id), "sk": stateSort}
	where := itemName(slotKey(id), stateSort)
	it, err := q.read(key)
	if err != nil || it == nil {
		return nil, where, err
	}
	s := new(slot)
	if err := json.Unmarshal([]byte(it.text("d")), s); err != nil {
		q.deviates(InMedia, where, "the slot cannot be read: %s", reason(err))
		return nil, where, nil
	}
	if s.ID != id {
		q.deviates(InMedia, where, "it is the slot of upload %s", s.ID)
	}
	if v := it.number("v"); v != s.Version {
		q.deviates(InMedia, where, "the attribute v is %d, and the slot says %d", v, s.Version)
	}
	rebuilt := Item{"pk": slotKey(id), "sk": stateSort, "d": it["d"]}
	if s.Attention != nil {
		rebuilt["dk"], rebuilt["da"] = shard(id), instant(*s.Attention)
	}
	q.same(InMedia, it, rebuilt)
	return s, where, nil
}

func (q *inquiry) photo(id string) error {
	s, where, err := q.slot(id)
	if err != nil {
		return err
	}
	told := slices.ContainsFunc(q.events, func(e event) bool { return e.Type == "media.rejected" && e.Facts.Slot == id })
	switch {
	case q.owes(owedMedia):
		q.checked.Pending++
		return nil
	case s == nil || s.Report != q.id:
		// Gone, or another report was first: then this one was told.
		if !told {
			q.deviates(InMedia, where, "the report names the upload, which is not its own, and no event says so")
		}
		return nil
	}
	if s.Owner != q.state.Owner || s.Purpose != "photo" {
		q.deviates(InMedia, where, "the upload is not a photo of the report's account")
	}
	switch s.State {
	case "open":
		if q.now.Sub(s.Created) > patience {
			q.deviates(InMedia, where, "the upload is unchecked since %s", instant(s.Created))
			return nil
		}
		q.checked.Pending++
		return nil
	case "accepted":
		return q.accepted(s)
	case "rejected", "closed":
		if !told && s.Attention == nil {
			q.deviates(InMedia, where, "the upload was not taken, and the report was never told")
		}
		if s.State == "rejected" {
			return q.original(s)
		}
		return nil
	}
	q.deviates(InMedia, where, "the slot is %q, which is no state", s.State)
	return nil
}

// accepted checks the original, and that the two copies are there.
func (q *inquiry) accepted(s *slot) error {
	if err := q.original(s); err != nil {
		return err
	}
	for _, key := range []string{"clean/" + s.ID + ".jpg", "small/" + s.ID + ".jpg"} {
		d, there, err := q.digest(key)
		if err != nil {
			return err
		}
		if !there || d.Size == 0 {
			q.deviates(InMedia, key, "the copy of an accepted upload is missing")
		}
	}
	return nil
}

// original compares an uploaded file with what was announced. One that was
// rejected for being another keeps its own digest.
func (q *inquiry) original(s *slot) error {
	key := uploaded(s.Purpose, s.ID)
	d, there, err := q.digest(key)
	if err != nil {
		return err
	}
	if !there {
		q.deviates(InMedia, key, "the uploaded file is missing")
		return nil
	}
	if s.Reason == "wrong_size" || s.Reason == "wrong_checksum" {
		return nil
	}
	if d.Size != s.Size || base64.StdEncoding.EncodeToString(d.SHA256[:]) != s.SHA256 {
		q.deviates(InMedia, key, "the file is not the one that was announced: another SHA-256 or length")
	}
	return nil
}

// result checks the signed file of an assignment against the digest in its event,
// and the slot that it came through.
func (q *inquiry) result(a *assignment) error {
	s, where, err := q.slot(a.Result.Slot)
	if err != nil {
		return err
	}
	if s == nil {
		q.deviates(InMedia, where, "the slot of the signed result is missing")
	} else if s.Report != q.id || s.Assignment != a.ID || s.Purpose != "result" {
		q.deviates(InMedia, where, "the slot is not that of the signed result of %s of report %s", a.ID, q.id)
	}
	key := uploaded("result", a.Result.Slot)
	d, there, err := q.digest(key)
	switch {
	case err != nil:
		return err
	case !there:
		q.deviates(InMedia, key, "the signed result is missing")
	case hex.EncodeToString(d.SHA256[:]) != a.Result.SHA256:
		q.deviates(InMedia, key, "the file is not the signed result of event %d: another SHA-256", a.Result.Event)
	case s != nil && base64.StdEncoding.EncodeToString(d.SHA256[:]) != s.SHA256:
		q.deviates(InMedia, key, "the file is not the one that was announced: another SHA-256")
	}
	if !there {
		return nil
	}
	return q.retained(key, a.Result.Event)
}

// retained checks that the store keeps a signed file for as long as its event says.
// Events of before there were retentions say nothing.
func (q *inquiry) retained(key string, n int) error {
	i := slices.IndexFunc(q.events, func(e event) bool { return e.N == n })
	if i < 0 || q.events[i].Facts.RetainedUntil == nil {
		return nil
	}
	want := *q.events[i].Facts.RetainedUntil
	until, err := q.Objects.Retained(q.ctx, key)
	switch {
	case err != nil:
		return err
	case until.IsZero():
		q.deviates(InMedia, key, "nothing keeps the signed result of event %d, which is retained until %s", n, instant(want))
	case until.Before(want):
		q.deviates(InMedia, key, "the signed result of event %d is retained until %s, and its event says %s", n, instant(until), instant(want))
	}
	return nil
}
