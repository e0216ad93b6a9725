package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"

	"paht/shared/caller"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/packed"
	"paht/shared/report"
	"paht/shared/seal"
)

// Reports keeps reports: one state item each, with the newest event and its body
// inside; the older events beside it in the same partition; the older bodies,
// sealed, in one of their own.
type Reports struct {
	Table Table
	Keys  *seal.Keys
}

const stateSK = "s"

func reportPK(id string) string       { return "R#" + id }
func bodyPK(id string) string         { return "B#" + id }
func eventSK(n int) string            { return fmt.Sprintf("e#%06d", n) }
func place(id string, n int) string   { return fmt.Sprintf("%s#%d", id, n) }
func partSK(assignment string) string { return "w#" + assignment }

// dueShards spreads the index of what is owed and due over partitions.
const dueShards = 8

// DueShards lists the shards that the sweep reads.
func DueShards() []string {
	shards := make([]string, dueShards)
	for i := range shards {
		shards[i] = fmt.Sprintf("due#%d", i)
	}
	return shards
}

func dueShard(id string) string {
	h := fnv.New32a()
	h.Write([]byte(id))
	return fmt.Sprintf("due#%d", h.Sum32()%dueShards)
}

// Load implements effect.Store with one consistent Query.
func (s Reports) Load(ctx context.Context, id string) (report.History, error) {
	items, err := s.Table.all(ctx, span{pk: reportPK(id), from: "e", to: stateSK})
	if err != nil {
		return report.History{}, fmt.Errorf("loading report %s: %w", id, err)
	}
	if len(items) == 0 || text(items[len(items)-1], attrSK) != stateSK {
		return report.History{}, fault.New(fault.NotFound, "not_found")
	}
	var h report.History
	if h.Report, err = stateOf(items[len(items)-1]); err != nil {
		return report.History{}, fmt.Errorf("loading report %s: %w", id, err)
	}
	for _, it := range items[:len(items)-1] {
		var e report.Event
		if err := unpack(it, attrDoc, &e); err != nil {
			return report.History{}, fmt.Errorf("loading report %s: reading an event: %w", id, err)
		}
		// A change that lost its race has put the embedded event beside it already.
		if e.N < h.Report.Newest.N {
			h.Events = append(h.Events, e)
		}
	}
	h.Events = append(h.Events, h.Report.Newest)
	caller.Saw(ctx, id, h.Report.Trace)
	return h, nil
}

// State reads the state item alone.
func (s Reports) State(ctx context.Context, id string) (report.Report, error) {
	it, err := s.Table.get(ctx, reportPK(id), stateSK)
	if err != nil {
		return report.Report{}, fmt.Errorf("loading report %s: %w", id, err)
	}
	if it == nil {
		return report.Report{}, fault.New(fault.NotFound, "not_found")
	}
	r, err := stateOf(it)
	caller.Saw(ctx, id, r.Trace)
	return r, err
}

func stateOf(it item) (report.Report, error) {
	var r report.Report
	if err := unpack(it, attrDoc, &r); err != nil {
		return report.Report{}, fmt.Errorf("reading the state: %w", err)
	}
	r.Body = bytesOf(it, attrSealed)
	r.Version = int(number(it, attrVersion))
	return r, nil
}

// Save implements effect.Store.
func (s Reports) Save(ctx context.Context, change report.Change) (report.Report, error) {
	after := change.After
	caller.Saw(ctx, after.ID, after.Trace)
	if change.Body != nil {
		after.Body = s.Keys.Seal(packed.Pack(change.Body), place(after.ID, after.Newest.N))
	}
	condition := isNew
	if change.Before != nil {
		if !change.Quiet {
			if err := s.displace(ctx, *change.Before); err != nil {
				return report.Report{}, err
			}
		}
		condition = standsAt(change.Before.Version)
	}
	it, err := stateItem(after)
	if err != nil {
		return report.Report{}, err
	}
	err = s.Table.put(ctx, it, condition)
	if standing, failed := standing(err); failed {
		// A write whose answer was lost stands already, by this very change.
		if stood, err := stateOf(standing); err == nil && stood.Newest.Hash == after.Newest.Hash && stood.Version == after.Version && !change.Quiet {
			return stood, nil
		}
		return report.Report{}, effect.ErrVersion
	}
	if err != nil {
		return report.Report{}, fmt.Errorf("writing the state: %w", err)
	}
	return after, nil
}

// standsAt is the condition of every change: the version that was decided on.
func standsAt(version int) *condition {
	return &condition{expression: "v = :v", values: item{":v": num(int64(version))}}
}

// displace puts the event that a change displaces, and its body, beside the
// state: same keys, same bytes, so that already there is success.
func (s Reports) displace(ctx context.Context, r report.Report) error {
	doc, err := pack(r.Newest)
	if err != nil {
		return fmt.Errorf("encoding event %d: %w", r.Newest.N, err)
	}
	it := key(reportPK(r.ID), eventSK(r.Newest.N))
	it[attrDoc] = doc
	if err := s.putOnce(ctx, it); err != nil {
		return fmt.Errorf("writing event %d: %w", r.Newest.N, err)
	}
	if len(r.Body) == 0 {
		return nil
	}
	it = key(bodyPK(r.ID), eventSK(r.Newest.N))
	it[attrSealed] = bin(r.Body)
	if err := s.putOnce(ctx, it); err != nil {
		return fmt.Errorf("writing the body of event %d: %w", r.Newest.N, err)
	}
	return nil
}

func (s Reports) putOnce(ctx context.Context, it item) error {
	err := s.Table.put(ctx, it, isNew)
	if _, there := standing(err); there {
		return nil
	}
	return err
}

// stateItem is the state with the attributes of the sparse indexes, all derived
// from the report.
func stateItem(r report.Report) (item, error) {
	sealed := r.Body
	r.Body = nil
	doc, err := pack(r)
	if err != nil {
		return nil, fmt.Errorf("encoding report %s: %w", r.ID, err)
	}
	it := key(reportPK(r.ID), stateSK)
	it[attrVersion], it[attrDoc] = num(int64(r.Version)), doc
	if len(sealed) > 0 {
		it[attrSealed] = bin(sealed)
	}
	if at, ok := r.Attention(); ok {
		it[attrDueKey], it[attrDueAt] = str(dueShard(r.ID)), str(instant(at))
	}
	if queue, row, ok := r.QueueRow(); ok {
		if err := indexWorkRow(it, queue, row); err != nil {
			return nil, err
		}
	}
	return it, nil
}

// indexWorkRow puts an item into the index of work.
func indexWorkRow(it item, queue string, row report.WorkRow) error {
	sum, err := pack(row)
	if err != nil {
		return fmt.Errorf("encoding the row of report %s: %w", row.Report, err)
	}
	it[attrListKey] = str(queue)
	it[attrListAt] = str(instant(row.Due) + "#" + row.Report + "#" + row.Assignment)
	it[attrSummary] = sum
	return nil
}

// Body opens the body of one event of a loaded report; nil when it has none.
func (s Reports) Body(ctx context.Context, r report.Report, n int) (*report.Body, error) {
	bodies, err := s.Bodies(ctx, r, n)
	if err != nil {
		return nil, err
	}
	return bodies[n], nil
}

// Bodies opens the bodies of the events named, or of all when none is named.
func (s Reports) Bodies(ctx context.Context, r report.Report, events ...int) (map[int]*report.Body, error) {
	sealed := make(map[int][]byte)
	if len(events) == 0 || slices.ContainsFunc(events, func(n int) bool { return n != r.Newest.N }) {
		if err := s.older(ctx, r, events, sealed); err != nil {
			return nil, err
		}
	}
	if len(r.Body) > 0 && (len(events) == 0 || slices.Contains(events, r.Newest.N)) {
		sealed[r.Newest.N] = r.Body
	}
	bodies := make(map[int]*report.Body, len(sealed))
	for n, b := range sealed {
		opened, err := s.Keys.Open(b, place(r.ID, n))
		if err == nil {
			opened, err = packed.Unpack(opened)
		}
		if err != nil {
			return nil, fmt.Errorf("reading event %d of report %s: %w", n, r.ID, err)
		}
		bodies[n] = new(report.Body)
		if err := json.Unmarshal(opened, bodies[n]); err != nil {
			return nil, fmt.Errorf("reading event %d of report %s: %w", n, r.ID, err)
		}
	}
	return bodies, nil
}

func (s Reports) older(ctx context.Context, r report.Report, events []int, sealed map[int][]byte) error {
	if len(events) == 1 {
		it, err := s.Table.get(ctx, bodyPK(r.ID), eventSK(events[0]))
		if err != nil {
			return fmt.Errorf("loading a body of report %s: %w", r.ID, err)
		}
		if it != nil {
			sealed[events[0]] = bytesOf(it, attrSealed)
		}
		return nil
	}
	items, err := s.Table.all(ctx, span{pk: bodyPK(r.ID)})
	if err != nil {
		return fmt.Errorf("loading the bodies of report %s: %w", r.ID, err)
	}
	for _, it := range items {
		var n int
		if _, err := fmt.Sscanf(text(it, attrSK), "e#%d", &n); err != nil {
			return errors.New("loading a body: its key is malformed")
		}
		if len(events) == 0 || slices.Contains(events, n) {
			sealed[n] = bytesOf(it, attrSealed)
		}
	}
	return nil
}

var _ effect.Store = Reports{}
