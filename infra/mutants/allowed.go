package main

import (
	"bufio"
	_ "embed"
	"fmt"
	"strings"
)

// allowedText lists mutants that no test can tell from the code, each with the
// reason: "key = reason", a line each.
//
//go:embed equivalent.txt
var allowedText string

// Allowed reads the list.
func Allowed(text string) (map[string]string, error) {
	reasons := map[string]string{}
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "//") {
			continue
		}
		key, reason, ok := strings.Cut(line, " ⇒ ")
		if !ok || strings.TrimSpace(reason) == "" {
			return nil, fmt.Errorf("reading equivalent.txt: line %d gives no reason", n)
		}
		if reasons[key] != "" {
			return nil, fmt.Errorf("reading equivalent.txt: line %d names a mutant for the second time", n)
		}
		reasons[key] = strings.TrimSpace(reason)
	}
	return reasons, lines.Err()
}
