//go:build unix && !linux

package runtimeapi

import "syscall"

// canMeasure says whether resident works here.
const canMeasure = false

// attributes put a sandbox into a process group of its own, so that it is
// killed with all it started.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

func resident(int) int64 { return 0 }
