package server

import (
	"fmt"
	"os"
	"syscall"
)

// lock keeps two runs from installing into one folder. The lock ends with the process at the latest.
func lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("waiting for another installation: %w", err)
	}
	return func() { _ = file.Close() }, nil
}
