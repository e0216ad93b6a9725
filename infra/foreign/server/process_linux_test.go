package server

import "testing"

// The lines are of proc(5); the words of an IPv6 address stand in the machine's order, each by itself.
func TestAnAddressOfTheKernelsTable(t *testing.T) {
	for line, want := range map[string]string{
		"0100007F:11D6":                         "127.0.0.1:4566",
		"00000000:0050":                         "0.0.0.0:80",
		"00000000000000000000000001000000:11D6": "[::1]:4566",
		"0000000000000000FFFF00000100007F:11D6": "[::ffff:127.0.0.1]:4566",
	} {
		got, err := address(line)
		if err != nil || got.String() != want {
			t.Errorf("%s is %s (%v), want %s", line, got, err, want)
		}
	}
	for _, line := range []string{"0100007F", "01007F:11D6", "zz00007F:11D6", "0100007F:111D6"} {
		if got, err := address(line); err == nil {
			t.Errorf("%s is %s, want an error", line, got)
		}
	}
}
