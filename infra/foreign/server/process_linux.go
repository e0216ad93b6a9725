package server

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// leader puts a server at the head of a process group, so that what it starts can be stopped with it, and lets the
// kernel end it should this process be killed.
func leader() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// confined checks that the server and what it started listen on loopback and nowhere else, and that the port is theirs.
func (r *Running) confined() error {
	addresses, err := listening(r.cmd.Process.Pid)
	if err != nil {
		return fmt.Errorf("looking at its sockets: %w", err)
	}
	mine := false
	for _, a := range addresses {
		if !a.Addr().Unmap().IsLoopback() {
			return fmt.Errorf("it listens on %s, which is not loopback", a)
		}
		mine = mine || strings.HasSuffix(r.URL, fmt.Sprint("//", netip.AddrPortFrom(a.Addr().Unmap(), a.Port())))
	}
	if !mine {
		return fmt.Errorf("it listens on %v, and somebody else on its port", addresses)
	}
	return nil
}

// listening returns where the processes of a group listen, from /proc (proc(5)).
func listening(group int) ([]netip.AddrPort, error) {
	inodes, err := sockets(group)
	if err != nil {
		return nil, err
	}
	var found []netip.AddrPort
	for _, table := range []string{"tcp", "tcp6"} {
		file, err := os.Open("/proc/net/" + table)
		if os.IsNotExist(err) {
			continue // a kernel without IPv6
		}
		if err != nil {
			return nil, err
		}
		defer file.Close()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			f := strings.Fields(lines.Text())
			if len(f) < 10 || f[3] != "0A" || !inodes[f[9]] { // 0A: LISTEN
				continue
			}
			a, err := address(f[1])
			if err != nil {
				return nil, err
			}
			found = append(found, a)
		}
	}
	return found, nil
}

// sockets returns the inodes of the sockets that processes of a group hold.
func sockets(group int) (map[string]bool, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	inodes := map[string]bool{}
	for _, stat := range stats {
		line, err := os.ReadFile(stat)
		if err != nil {
			continue // it has ended
		}
		// The name stands in brackets and may hold anything; after it come state, parent and group.
		rest := strings.Fields(string(line[strings.LastIndexByte(string(line), ')')+1:]))
		if len(rest) < 3 || rest[2] != strconv.Itoa(group) {
			continue
		}
		files, err := filepath.Glob(filepath.Dir(stat) + "/fd/*")
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			target, _ := os.Readlink(file) // closed since: no socket of it
			if inode, is := strings.CutPrefix(target, "socket:["); is {
				inodes[strings.TrimSuffix(inode, "]")] = true
			}
		}
	}
	return inodes, nil
}

// address reads an address as /proc/net/tcp writes it: words of four bytes in the machine's order, which is little
// endian wherever Go's linux/amd64 and linux/arm64 run, and the port.
func address(s string) (netip.AddrPort, error) {
	host, port, _ := strings.Cut(s, ":")
	b, err := hex.DecodeString(host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	for word := range slices.Chunk(b, 4) {
		slices.Reverse(word)
	}
	p, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return netip.AddrPort{}, err
	}
	a, ok := netip.AddrFromSlice(b)
	if !ok {
		return netip.AddrPort{}, fmt.Errorf("%s is no address", s)
	}
	return netip.AddrPortFrom(a, uint16(p)), nil
}
