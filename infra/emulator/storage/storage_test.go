package storage

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func backends(t *testing.T, run func(t *testing.T, open func(t *testing.T) Store)) {
	t.Run("memory", func(t *testing.T) {
		run(t, func(t *testing.T) Store { return OpenMemory() })
	})
	t.Run("file", func(t *testing.T) {
		run(t, func(t *testing.T) Store { return openFile(t, filepath.Join(t.TempDir(), "store")) })
	})
}

func openFile(t *testing.T, path string) Store {
	t.Helper()
	s, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

var errTakenBack = errors.New("taken back")

// keysFrom reads a bucket both ways, from a key or from the end.
func keysFrom(tx Tx, bucket string, from []byte) (up, down []string) {
	tx.Ascend(bucket, from, func(k, v []byte) bool { up = append(up, string(k)+"="+string(v)); return true })
	tx.Descend(bucket, from, func(k, v []byte) bool { down = append(down, string(k)+"="+string(v)); return true })
	return up, down
}

func TestABucketIsReadInKeyOrderFromAnyKeyBothWays(t *testing.T) {
	backends(t, func(t *testing.T, open func(t *testing.T) Store) {
		s := open(t)
		err := s.Update(func(tx Tx) error {
			for _, k := range []string{"d", "b", "f"} {
				if err := tx.Put("x", []byte(k), []byte(strings.ToUpper(k))); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range []struct {
			name, from string
			up, down   []string
		}{
			{"from a stored key, itself included", "d", []string{"d=D", "f=F"}, []string{"d=D", "b=B"}},
			{"from between two keys", "c", []string{"d=D", "f=F"}, []string{"b=B"}},
			{"from before the first", "a", []string{"b=B", "d=D", "f=F"}, nil},
			{"from after the last", "z", nil, []string{"f=F", "d=D", "b=B"}},
			{"from nil", "", []string{"b=B", "d=D", "f=F"}, []string{"f=F", "d=D", "b=B"}},
		} {
			t.Run(row.name, func(t *testing.T) {
				var from []byte
				if row.from != "" {
					from = []byte(row.from)
				}
				_ = s.View(func(tx Tx) error {
					up, down := keysFrom(tx, "x", from)
					if !slices.Equal(up, row.up) || !slices.Equal(down, row.down) {
						t.Errorf("up %v, down %v; want %v, %v", up, down, row.up, row.down)
					}
					return nil
				})
			})
		}
	})
}

func TestEdgesOfAKey(t *testing.T) {
	backends(t, func(t *testing.T, open func(t *testing.T) Store) {
		s := open(t)
		for _, row := range []struct {
			name string
			key  []byte
			ok   bool
		}{
			{"an empty key is refused", nil, false},
			{"the longest key is taken", make([]byte, MaxKeySize), true},
			{"one byte more is refused", make([]byte, MaxKeySize+1), false},
		} {
			t.Run(row.name, func(t *testing.T) {
				err := s.Update(func(tx Tx) error { return tx.Put("x", row.key, nil) })
				if (err == nil) != row.ok {
					t.Errorf("error %v", err)
				}
			})
		}
		t.Run("an empty value is told from none", func(t *testing.T) {
			_ = s.Update(func(tx Tx) error { return tx.Put("x", []byte("k"), nil) })
			_ = s.View(func(tx Tx) error {
				if tx.Get("x", []byte("k")) == nil || tx.Get("x", []byte("l")) != nil || tx.Get("y", []byte("k")) != nil {
					t.Error("empty and absent were confused")
				}
				return nil
			})
		})
		t.Run("a view cannot write", func(t *testing.T) {
			_ = s.View(func(tx Tx) error {
				for _, err := range []error{tx.Put("x", []byte("k"), nil), tx.Delete("x", []byte("k")), tx.DropBucket("x")} {
					if err == nil {
						t.Error("a write inside View was taken")
					}
				}
				return nil
			})
		})
		t.Run("a value given may be reused at once", func(t *testing.T) {
			v := []byte("one")
			_ = s.Update(func(tx Tx) error {
				err := tx.Put("x", []byte("k"), v)
				copy(v, "two")
				return err
			})
			_ = s.View(func(tx Tx) error {
				if got := string(tx.Get("x", []byte("k"))); got != "one" {
					t.Errorf("got %q", got)
				}
				return nil
			})
		})
	})
}

// The model is a plain map; a refused update must leave it as it was, dropped buckets included.
func TestAStoreBehavesAsAMapThatForgetsRefusedUpdates(t *testing.T) {
	for _, backend := range []string{"memory", "file"} {
		t.Run(backend, func(t *testing.T) {
			n := 0
			dir := t.TempDir()
			rapid.Check(t, func(rt *rapid.T) {
				s := OpenMemory()
				if backend == "file" {
					n++
					var err error
					if s, err = OpenFile(filepath.Join(dir, fmt.Sprint(n))); err != nil {
						rt.Fatal(err)
					}
				}
				defer s.Close()
				model := map[string]map[string]string{"a": {}, "b": {}}
				for range rapid.IntRange(1, 12).Draw(rt, "updates") {
					model = updateBoth(rt, s, model)
				}
				compare(rt, s, model)
			})
		})
	}
}

func updateBoth(rt *rapid.T, s Store, model map[string]map[string]string) map[string]map[string]string {
	next := map[string]map[string]string{}
	for b, m := range model {
		next[b] = map[string]string{}
		for k, v := range m {
			next[b][k] = v
		}
	}
	refuse := rapid.Bool().Draw(rt, "refuse")
	err := s.Update(func(tx Tx) error {
		for range rapid.IntRange(0, 200).Draw(rt, "writes") {
			bucket := rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "bucket")
			key := fmt.Sprintf("%03d", rapid.IntRange(0, 400).Draw(rt, "key"))
			var err error
			switch kind := rapid.IntRange(0, 60).Draw(rt, "kind"); {
			case kind == 0:
				err, next[bucket] = tx.DropBucket(bucket), map[string]string{}
			case kind < 20:
				err = tx.Delete(bucket, []byte(key))
				delete(next[bucket], key)
			default:
				err = tx.Put(bucket, []byte(key), []byte{byte(kind)})
				next[bucket][key] = string([]byte{byte(kind)})
			}
			if err != nil {
				rt.Fatal(err)
			}
		}
		if refuse {
			return errTakenBack
		}
		return nil
	})
	if refuse != errors.Is(err, errTakenBack) {
		rt.Fatalf("refused %v, error %v", refuse, err)
	}
	if refuse {
		return model
	}
	return next
}

func compare(rt *rapid.T, s Store, model map[string]map[string]string) {
	_ = s.View(func(tx Tx) error {
		for bucket, m := range model {
			var want []string
			for k, v := range m {
				want = append(want, k+"="+v)
			}
			sort.Strings(want)
			up, down := keysFrom(tx, bucket, nil)
			slices.Reverse(down)
			if !slices.Equal(up, want) || !slices.Equal(down, want) {
				rt.Fatalf("bucket %s: up %q, down %q, want %q", bucket, up, down, want)
			}
			from := fmt.Sprintf("%03d", rapid.IntRange(0, 400).Draw(rt, "from"))
			i := sort.SearchStrings(want, from)
			up, down = keysFrom(tx, bucket, []byte(from))
			if !slices.Equal(up, want[i:]) || len(up)+len(down) < len(want) || len(up)+len(down) > len(want)+1 {
				rt.Fatalf("bucket %s from %s: up %q, down %q, want %q", bucket, from, up, down, want)
			}
		}
		return nil
	})
}

// Updates that share a commit must not share their fate: every second one is refused or panics.
func TestUpdatesOfOneGroupAreTakenBackAlone(t *testing.T) {
	backends(t, func(t *testing.T, open func(t *testing.T) Store) {
		s := open(t)
		var all sync.WaitGroup
		for i := range 400 {
			all.Go(func() {
				defer func() { _ = recover() }()
				err := s.Update(func(tx Tx) error {
					if err := tx.Put("x", fmt.Appendf(nil, "%03d", i), []byte("v")); err != nil {
						return err
					}
					n := len(tx.Get("count", []byte("n"))) + 1
					if err := tx.Put("count", []byte("n"), make([]byte, n)); err != nil {
						return err
					}
					switch i % 4 {
					case 1:
						return errTakenBack
					case 3:
						if err := tx.DropBucket("x"); err != nil {
							return err
						}
						panic("the caller's mistake")
					}
					return nil
				})
				if (i%4 == 1) != errors.Is(err, errTakenBack) || i%4 == 3 {
					t.Errorf("update %d: %v", i, err)
				}
			})
		}
		all.Wait()
		_ = s.View(func(tx Tx) error {
			up, _ := keysFrom(tx, "x", nil)
			if n := len(tx.Get("count", []byte("n"))); len(up) != 200 || n != 200 {
				t.Errorf("%d keys and a count of %d, want 200 of each", len(up), n)
			}
			return nil
		})
	})
}

func TestAGroupTakesBackExactlyTheRefused(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "store")).(*fileStore)
	group := []*call{
		{fn: func(tx Tx) error { return tx.Put("x", []byte("a"), []byte("1")) }},
		{fn: func(tx Tx) error {
			_ = tx.Put("x", []byte("a"), []byte("2"))
			_ = tx.Put("x", []byte("b"), []byte("2"))
			_ = tx.DropBucket("x")
			return errTakenBack
		}},
		{fn: func(tx Tx) error { return tx.Put("x", []byte("c"), []byte("3")) }},
		{fn: func(tx Tx) error { _ = tx.Delete("x", []byte("a")); panic("the caller's mistake") }},
	}
	s.runGroup(group)
	if group[0].err != nil || !errors.Is(group[1].err, errTakenBack) || group[2].err != nil || group[3].panicked == nil {
		t.Errorf("results %v, %v, %v, %v", group[0].err, group[1].err, group[2].err, group[3].panicked)
	}
	_ = s.View(func(tx Tx) error {
		if up, _ := keysFrom(tx, "x", nil); !reflect.DeepEqual(up, []string{"a=1", "c=3"}) {
			t.Errorf("the bucket holds %v", up)
		}
		return nil
	})
}

func TestAFileKeepsItsDataAndIsHeldByOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	s := openFile(t, path)
	if err := s.Update(func(tx Tx) error { return tx.Put("x", []byte("k"), []byte("v")) }); err != nil {
		t.Fatal(err)
	}
	if other, err := OpenFile(path); err == nil {
		_ = other.Close()
		t.Error("a second opening of a held file succeeded")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_ = openFile(t, path).View(func(tx Tx) error {
		if got := string(tx.Get("x", []byte("k"))); got != "v" {
			t.Errorf("got %q after reopening", got)
		}
		return nil
	})
}

func BenchmarkUpdate(b *testing.B) {
	for _, backend := range []string{"memory", "file"} {
		b.Run(backend, func(b *testing.B) {
			s := OpenMemory()
			if backend == "file" {
				var err error
				if s, err = OpenFile(filepath.Join(b.TempDir(), "store")); err != nil {
					b.Fatal(err)
				}
			}
			defer s.Close()
			value := make([]byte, 700)
			var n int
			for b.Loop() {
				n++
				err := s.Update(func(tx Tx) error { return tx.Put("x", fmt.Appendf(nil, "%x", uint32(n*2654435761)), value) })
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
