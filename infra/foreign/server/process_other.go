//go:build unix && !linux

package server

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// leader puts a server at the head of a process group, so that what it starts can be stopped with it.
func leader() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// confined checks, where a process's sockets cannot be listed, that none of this machine's other addresses answers on
// the server's port.
func (r *Running) confined() error {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return err
	}
	_, port, _ := strings.Cut(r.URL, "//127.0.0.1:")
	for _, a := range addresses {
		p, err := netip.ParsePrefix(a.String())
		if err != nil || p.Addr().IsLoopback() {
			continue
		}
		c, err := net.DialTimeout("tcp", net.JoinHostPort(p.Addr().String(), port), time.Second)
		if err == nil {
			_ = c.Close()
			return fmt.Errorf("it listens on %s, which is not loopback", p.Addr())
		}
	}
	return nil
}
