package runtimeapi

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// canMeasure says whether resident works here.
const canMeasure = true

// attributes put a sandbox into a process group of its own, so that it is
// killed with all it started, and tie its life to ours.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// resident is the memory of a process in bytes, nought when it is gone.
func resident(pid int) int64 {
	content, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(content)
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
