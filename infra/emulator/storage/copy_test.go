package storage_test

import (
	"path/filepath"
	"testing"

	"paht/infra/emulator/storage"
)

func TestACopyAndItsOriginalAreTwoStores(t *testing.T) {
	one := storage.OpenMemory()
	put := func(s storage.Store, key, value string) {
		t.Helper()
		if err := s.Update(func(tx storage.Tx) error { return tx.Put("b", []byte(key), []byte(value)) }); err != nil {
			t.Fatal(err)
		}
	}
	get := func(s storage.Store, key string) (value string) {
		t.Helper()
		if err := s.View(func(tx storage.Tx) error { value = string(tx.Get("b", []byte(key))); return nil }); err != nil {
			t.Fatal(err)
		}
		return value
	}
	put(one, "k", "1")
	two, err := storage.CopyMemory(one)
	if err != nil {
		t.Fatal(err)
	}
	put(one, "k", "2")
	put(two, "l", "3")
	if err := one.Update(func(tx storage.Tx) error { return tx.Delete("b", []byte("k")) }); err != nil {
		t.Fatal(err)
	}
	if get(one, "k") != "" || get(two, "k") != "1" || get(one, "l") != "" || get(two, "l") != "3" {
		t.Errorf("the stores hold %q, %q and %q, %q", get(one, "k"), get(one, "l"), get(two, "k"), get(two, "l"))
	}
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	if get(two, "k") != "1" {
		t.Error("the copy went with its original")
	}
	if _, err := storage.CopyMemory(one); err == nil {
		t.Error("a closed store was copied")
	}
	file, err := storage.OpenFile(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := storage.CopyMemory(file); err == nil {
		t.Error("a file was copied")
	}
}
