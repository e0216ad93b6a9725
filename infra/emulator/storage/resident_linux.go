package storage

import (
	"syscall"

	"go.etcd.io/bbolt"
)

// releaseResident lets go of the pages of the mapped file that this process has touched. They stay in the kernel's
// cache and come back at the next touch; without this, opening a file (its free pages are found by walking all others)
// would count the whole of it as this process's memory. The caller holds the writer's lock, or is alone: only a writer
// moves the mapping.
func releaseResident(db *bbolt.DB, size int64) {
	if size > 0 {
		// An error would only mean that the pages stay counted.
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, db.Info().Data, uintptr(size), syscall.MADV_DONTNEED)
	}
}
