package check

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"paht/infra/demo/province"
)

// The people of the made-up province, with their one password that everybody can
// read, are made by the demonstration through the API of one machine. No function
// holds them, nothing of the templates can ask for them.
func TestDemoLogInsCannotExistInADeployedStack(t *testing.T) {
	command := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}} {{.Dir}} {{.GoFiles}} {{.EmbedFiles}}{{end}}", "./functions/...")
	command.Dir = root(t)
	listed, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	bracketed := regexp.MustCompile(`^(\S+) (\S+) \[(.*)\] \[(.*)\]$`)
	own := 0
	for line := range strings.Lines(string(listed)) {
		m := bracketed.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil || m[1] != "paht" && !strings.HasPrefix(m[1], "paht/") {
			continue
		}
		own++
		if strings.HasPrefix(m[1], "paht/infra") {
			t.Errorf("a function holds %s, which is for one machine", m[1])
		}
		for _, name := range slices.Concat(strings.Fields(m[3]), strings.Fields(m[4])) {
			withoutDemo(t, filepath.Join(m[2], name))
		}
	}
	if own < 30 {
		t.Errorf("only %d packages of the functions were looked at", own)
	}
	for _, pattern := range []string{"template.yaml", "samconfig.toml", "infra/stacks/*.yaml", "infra/deploy/deploy.sh"} {
		files, err := filepath.Glob(filepath.Join(root(t), pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, file := range files {
			withoutDemo(t, file)
		}
	}
}

// withoutDemo checks that a file holds neither the password of the demonstration nor
// a word of where its people stand.
func withoutDemo(t *testing.T, file string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{province.Password, "infra/demo", "PROVINCE"} {
		if strings.Contains(string(content), word) {
			t.Errorf("%s speaks of %q", file, word)
		}
	}
}
