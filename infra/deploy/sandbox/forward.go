package sandbox

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"
)

// bridge is the interface on which containers see the host.
const bridge = "docker0"

// forwarder lets containers reach addresses on loopback, until it is closed.
type forwarder struct {
	listeners map[string]net.Listener // by the address behind each
}

// reach gives the address under which a container reaches another one.
func (f *forwarder) reach(address string) (string, error) {
	target, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("forwarding to %s: %w", address, err)
	}
	if l := f.listeners[target.Host]; l != nil {
		return "http://" + l.Addr().String(), nil
	}
	host, err := bridgeAddress()
	if err != nil {
		return "", err
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return "", fmt.Errorf("forwarding to %s: %w", address, err)
	}
	if f.listeners == nil {
		f.listeners = map[string]net.Listener{}
	}
	f.listeners[target.Host] = l
	go accept(l, target.Host)
	return "http://" + l.Addr().String(), nil
}

func bridgeAddress() (string, error) {
	i, err := net.InterfaceByName(bridge)
	if err != nil {
		return "", fmt.Errorf("looking for Docker's bridge %s: %w (does the daemon run?)", bridge, err)
	}
	addresses, err := i.Addrs()
	if err != nil {
		return "", fmt.Errorf("looking for Docker's bridge %s: %w", bridge, err)
	}
	for _, a := range addresses {
		if network, ok := a.(*net.IPNet); ok && network.IP.To4() != nil {
			return network.IP.String(), nil
		}
	}
	return "", errors.New("Docker's bridge has no IPv4 address")
}

func accept(l net.Listener, target string) {
	for {
		from, err := l.Accept()
		if err != nil {
			return // closed
		}
		go func() {
			defer from.Close()
			to, err := net.Dial("tcp", target)
			if err != nil {
				return // the container sees its connection close
			}
			defer to.Close()
			var both sync.WaitGroup
			for _, way := range [][2]net.Conn{{from, to}, {to, from}} {
				both.Go(func() {
					_, _ = io.Copy(way[0], way[1]) // an end of either ends both
					way[0].Close()
				})
			}
			both.Wait()
		}()
	}
}

func (f *forwarder) close() {
	for _, l := range f.listeners {
		_ = l.Close() // it is not used any more
	}
}
