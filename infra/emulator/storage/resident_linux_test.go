package storage

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// mappedResident is how much of mapped files this process has in memory.
func mappedResident(t *testing.T) (kilobytes int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "RssFile:")
	if kilobytes, err = strconv.Atoi(strings.Fields(rest)[0]); err != nil {
		t.Fatal(err)
	}
	return kilobytes
}

func TestOpeningALargeFileDoesNotHoldItInMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	s := openFile(t, path)
	const megabytes = 48
	for i := range megabytes {
		err := s.Update(func(tx Tx) error {
			for j := range 1024 {
				if err := tx.Put("x", fmt.Appendf(nil, "%03d-%04d", i, j), make([]byte, 1024)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before := mappedResident(t)
	s = openFile(t, path)
	if grown := mappedResident(t) - before; grown > megabytes<<10/4 {
		t.Errorf("opening %d MB made %d KB of it resident", megabytes, grown)
	}
	_ = s.View(func(tx Tx) error {
		n := 0
		tx.Ascend("x", nil, func(_, _ []byte) bool { n++; return true })
		if n != megabytes*1024 {
			t.Errorf("%d keys, want %d", n, megabytes*1024)
		}
		return nil
	})
}
