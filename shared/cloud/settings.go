package cloud

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"paht/shared/fault"
	"paht/shared/settings"
)

// Keys of the settings. The current versions of all kinds stand in one item, so
// that one read of less than 4 KB tells whether anything changed. The bytes of a
// version lie under its digest as well: two writers of the same next version
// never write over each other, and what the loser left behind is never read.
const (
	pkSettings    = "settings"
	skCurrent     = "current"
	pkSettingsLog = "settings-log"
	chunkBytes    = 300 << 10 // an item holds 400 KB
	storeAttempts = 8
)

func pkDocument(d settings.Document) string {
	return fmt.Sprintf("settings#%s#%d#%.16s", d.Kind, d.Version, d.SHA256)
}

// SettingsEntry is one stored version: who stored what and when, and how many
// rows it changed. The newest of each kind stands in the current item, and all
// of them in the log.
type SettingsEntry struct {
	Kind    settings.Kind `json:"kind"`
	Version int           `json:"version"`
	SHA256  string        `json:"sha256"`
	At      time.Time     `json:"at"`
	By      string        `json:"by"`
	Added   int           `json:"added"`
	Removed int           `json:"removed"`
	Changed int           `json:"changed"`
}

func (e SettingsEntry) document() settings.Document {
	return settings.Document{Kind: e.Kind, Version: e.Version, SHA256: e.SHA256, At: e.At, By: e.By}
}

func (e SettingsEntry) sk() string {
	return fmt.Sprintf("%s#%s#%06d", instant(e.At), e.Kind, e.Version)
}

// Settings keeps the department's documents. What is not changed is fetched and
// parsed once for the life of the process. Use it by pointer.
type Settings struct {
	Table
	mu       sync.Mutex
	version  int64
	snapshot *settings.Snapshot
}

// NewSettings keeps the settings in a table.
func NewSettings(t Table) *Settings { return &Settings{Table: t} }

// settingsIndex is the current item.
type settingsIndex struct {
	version int64 // 0: nothing was ever stored
	entries map[settings.Kind]SettingsEntry
}

func (s *Settings) index(ctx context.Context) (settingsIndex, error) {
	x := settingsIndex{entries: map[settings.Kind]SettingsEntry{}}
	it, err := s.get(ctx, pkSettings, skCurrent)
	if err != nil {
		return x, fmt.Errorf("loading the settings' versions: %w", err)
	}
	if it == nil {
		return x, nil
	}
	x.version = number(it, attrVersion)
	if err := json.Unmarshal([]byte(text(it, attrDoc)), &x.entries); err != nil {
		return x, fmt.Errorf("reading the settings' versions: %w", err)
	}
	return x, nil
}

// Load gives all settings as they stand, by one consistent read of one item.
// Documents are fetched when the snapshot is first asked for them.
func (s *Settings) Load(ctx context.Context) (*settings.Snapshot, error) {
	x, err := s.index(ctx)
	if err != nil {
		return nil, err
	}
	return s.adopt(x), nil
}

// adopt makes the snapshot of an index; an older one than that of the last call,
// which a concurrent call may hold, does not replace it.
func (s *Settings) adopt(x settingsIndex) *settings.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.snapshot != nil && s.version >= x.version {
		return s.snapshot
	}
	docs := make(map[settings.Kind]settings.Document, len(x.entries))
	for kind, e := range x.entries {
		docs[kind] = e.document()
	}
	if s.snapshot == nil {
		s.snapshot = settings.New(docs, s.fetch)
	} else {
		s.snapshot = s.snapshot.Next(docs)
	}
	s.version = x.version
	return s.snapshot
}

// Document gives the version of a kind that holds, with its bytes: the product's
// own has version 0; not_set_up when there is none.
func (s *Settings) Document(ctx context.Context, kind settings.Kind) (settings.Document, error) {
	snapshot, err := s.Load(ctx)
	if err != nil {
		return settings.Document{}, err
	}
	return snapshot.Document(ctx, kind)
}

// Past gives the bytes of any version that the log names.
func (s *Settings) Past(ctx context.Context, e SettingsEntry) ([]byte, error) {
	return s.fetch(ctx, e.document())
}

// fetch reads a version's bytes and holds them against their digest.
func (s *Settings) fetch(ctx context.Context, d settings.Document) ([]byte, error) {
	items, err := s.all(ctx, span{pk: pkDocument(d)})
	if err != nil {
		return nil, fmt.Errorf("fetching it: %w", err)
	}
	var data []byte
	for _, it := range items {
		if data, err = inflate(data, bytesOf(it, attrSealed), d.Kind.MaxBytes()); err != nil {
			return nil, err
		}
	}
	if settings.Sum(data) != d.SHA256 {
		return nil, fmt.Errorf("the stored bytes in %d parts do not have the digest %s", len(items), d.SHA256)
	}
	return data, nil
}

func inflate(data, packed []byte, limit int) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpacking a part: %w", err)
	}
	part, err := io.ReadAll(io.LimitReader(r, chunkBytes+1))
	if err != nil {
		return nil, fmt.Errorf("unpacking a part: %w", err)
	}
	if len(part) > chunkBytes || len(data)+len(part) > limit {
		return nil, fmt.Errorf("unpacking a part: it holds more than was ever stored")
	}
	return append(data, part...), nil
}

// putDocument writes a version's bytes, each part packed by itself, so that
// parts written by two tries fit together.
func (s *Settings) putDocument(ctx context.Context, d settings.Document) error {
	number := 0
	for part := range slices.Chunk(d.Data, chunkBytes) {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("packing %s: %w", d.Kind, err)
		}
		if err := w.Close(); err != nil {
			return fmt.Errorf("packing %s: %w", d.Kind, err)
		}
		it := key(pkDocument(d), fmt.Sprintf("%03d", number))
		it[attrSealed] = bin(packed.Bytes())
		if err := s.put(ctx, it, nil); err != nil {
			return fmt.Errorf("storing part %d of %s: %w", number, d.Kind, err)
		}
		number++
	}
	return nil
}

// Store checks a document beside the others and makes it the current version,
// the one after expected; another current version is a fault stale, which names
// it. The bytes come first, then the one conditional write on which everything
// turns, then the log, which the next change or reading completes where this
// process ended before. The same bytes once more change nothing.
func (s *Settings) Store(ctx context.Context, kind settings.Kind, data []byte, expected int, by string, at time.Time) (settings.Document, error) {
	for range storeAttempts {
		x, err := s.index(ctx)
		if err != nil {
			return settings.Document{}, err
		}
		stood := x.entries[kind]
		if stood.Version > 0 && stood.SHA256 == settings.Sum(data) && (stood.Version == expected || stood.Version == expected+1) {
			d := stood.document()
			d.Data = data
			return d, s.log(ctx, stood)
		}
		if stood.Version != expected {
			return settings.Document{}, fault.New(fault.Stale, "stale", fmt.Sprint(stood.Version))
		}
		entry, err := s.entry(ctx, x, kind, data, by, at)
		if err != nil {
			return settings.Document{}, err
		}
		d := entry.document()
		d.Data = data
		if err := s.putDocument(ctx, d); err != nil {
			return settings.Document{}, err
		}
		if err := s.log(ctx, stood); err != nil {
			return settings.Document{}, err
		}
		moved, err := s.putIndex(ctx, x, entry)
		if err != nil {
			return settings.Document{}, err
		}
		if moved {
			continue
		}
		return d, s.log(ctx, entry)
	}
	return settings.Document{}, fmt.Errorf("storing %s: others kept writing at the same time", kind)
}

// entry checks a document beside the others as the index names them, and counts
// what it changes.
func (s *Settings) entry(ctx context.Context, x settingsIndex, kind settings.Kind, data []byte, by string, at time.Time) (SettingsEntry, error) {
	snapshot := s.adopt(x)
	problems, err := settings.Check(ctx, kind, data, snapshot, at)
	if err != nil {
		return SettingsEntry{}, err
	}
	if err := settings.Refused("body.document", problems); err != nil {
		return SettingsEntry{}, err
	}
	e := SettingsEntry{
		Kind: kind, Version: x.entries[kind].Version + 1, SHA256: settings.Sum(data), At: at.UTC().Truncate(time.Millisecond), By: by,
	}
	var old []byte
	if _, stands := snapshot.Current(kind); stands {
		d, err := snapshot.Document(ctx, kind)
		if err != nil {
			return SettingsEntry{}, err
		}
		old = d.Data
	}
	for _, d := range settings.Diff(kind, old, data) {
		switch d.Kind {
		case settings.Added:
			e.Added++
		case settings.Removed:
			e.Removed++
		case settings.Changed:
			e.Changed++
		}
	}
	return e, nil
}

// putIndex makes an entry current; moved tells that the index was changed since
// it was read.
func (s *Settings) putIndex(ctx context.Context, x settingsIndex, e SettingsEntry) (moved bool, err error) {
	x.entries[e.Kind] = e
	doc, err := json.Marshal(x.entries)
	if err != nil {
		return false, fmt.Errorf("encoding the settings' versions: %w", err)
	}
	it := key(pkSettings, skCurrent)
	it[attrVersion], it[attrDoc] = num(x.version+1), str(string(doc))
	c := isNew
	if x.version > 0 {
		c = &condition{
			expression: "#v = :v", names: map[string]string{"#v": attrVersion}, values: item{":v": num(x.version)},
		}
	}
	err = s.put(ctx, it, c)
	if _, moved := standing(err); moved {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("making version %d of %s current: %w", e.Version, e.Kind, err)
	}
	return false, nil
}

// log writes an entry into the log; a repeat writes the same bytes.
func (s *Settings) log(ctx context.Context, e SettingsEntry) error {
	if e.Version == 0 {
		return nil
	}
	doc, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encoding a log entry: %w", err)
	}
	it := key(pkSettingsLog, e.sk())
	it[attrDoc] = str(string(doc))
	if err := s.put(ctx, it, nil); err != nil {
		return fmt.Errorf("logging version %d of %s: %w", e.Version, e.Kind, err)
	}
	return nil
}

// Log lists the stored versions, newest first; after is the end of the page
// before, and next that of this one, "" at the end.
func (s *Settings) Log(ctx context.Context, after string, limit int) (entries []SettingsEntry, next string, err error) {
	in := span{pk: pkSettingsLog, descending: true, limit: int32(limit)}
	if after != "" {
		in.after = key(pkSettingsLog, after)
	}
	p, err := s.query(ctx, in)
	if err != nil {
		return nil, "", fmt.Errorf("loading the settings' log: %w", err)
	}
	for _, it := range p.items {
		var e SettingsEntry
		if err := json.Unmarshal([]byte(text(it, attrDoc)), &e); err != nil {
			return nil, "", fmt.Errorf("reading the settings' log: %w", err)
		}
		entries = append(entries, e)
	}
	if p.next != nil {
		next = text(p.next, attrSK)
	}
	x, err := s.index(ctx)
	if err != nil {
		return nil, "", err
	}
	return complete(entries, x, after, next), next, nil
}

// complete puts into a page of the log the current versions that belong there
// and are not logged yet, because the process that stored them ended before.
func complete(entries []SettingsEntry, x settingsIndex, after, next string) []SettingsEntry {
	for _, e := range x.entries {
		inPage := (after == "" || e.sk() < after) && (next == "" || e.sk() > next)
		if inPage && !slices.ContainsFunc(entries, func(o SettingsEntry) bool { return o.sk() == e.sk() }) {
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, func(a, b SettingsEntry) int { return cmp.Compare(b.sk(), a.sk()) })
	return entries
}
