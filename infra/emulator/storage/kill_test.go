package storage

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
)

// writerEnv makes this test binary a process that writes to the store it names until it is killed.
const writerEnv = "STORAGE_TEST_WRITER"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerEnv); path != "" {
		writeUntilKilled(path)
	}
	os.Exit(m.Run())
}

// writeUntilKilled puts pairs of keys from four goroutines, so that commits are grouped, and reports each pair on
// standard output once its update has returned.
func writeUntilKilled(path string) {
	s, err := OpenFile(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var out sync.Mutex
	for worker := range 4 {
		go func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("%d-%06d", worker, i)
				err := s.Update(func(tx Tx) error {
					if err := tx.Put("one", []byte(key), make([]byte, 300)); err != nil {
						return err
					}
					return tx.Put("two", []byte(key), []byte("v"))
				})
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				out.Lock()
				fmt.Println(key)
				out.Unlock()
			}
		}()
	}
	select {}
}

// Each round kills the writer after some hundreds of acknowledged updates, in the middle of whatever it was doing.
func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	for round := range 3 {
		t.Run("round "+strconv.Itoa(round+1), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store")
			writer := exec.Command(os.Args[0])
			writer.Env = append(os.Environ(), writerEnv+"="+path)
			writer.Stderr = os.Stderr
			lines, err := writer.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := writer.Start(); err != nil {
				t.Fatal(err)
			}
			var acknowledged []string
			scanner := bufio.NewScanner(lines)
			for scanner.Scan() {
				if acknowledged = append(acknowledged, scanner.Text()); len(acknowledged) == 400+100*round {
					if err := writer.Process.Kill(); err != nil {
						t.Fatal(err)
					}
				}
			}
			_ = writer.Wait() // it was killed
			if len(acknowledged) < 400 {
				t.Fatalf("the writer ended after %d updates", len(acknowledged))
			}
			last := acknowledged[len(acknowledged)-1]
			if len(last) != len("0-000000") { // a line that the kill cut short
				acknowledged = acknowledged[:len(acknowledged)-1]
			}
			checkSurvivors(t, openFile(t, path), acknowledged)
		})
	}
}

func checkSurvivors(t *testing.T, s Store, acknowledged []string) {
	t.Helper()
	_ = s.View(func(tx Tx) error {
		for _, key := range acknowledged {
			if tx.Get("one", []byte(key)) == nil || tx.Get("two", []byte(key)) == nil {
				t.Errorf("the acknowledged update %s is gone", key)
			}
		}
		one, two := 0, 0
		tx.Ascend("one", nil, func(_, _ []byte) bool { one++; return true })
		tx.Ascend("two", nil, func(_, _ []byte) bool { two++; return true })
		if one != two {
			t.Errorf("an update is there by half: %d keys and %d", one, two)
		}
		return nil
	})
}
