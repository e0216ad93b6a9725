package foreign

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"paht/infra/demo/api"
	"paht/infra/demo/province"
	"paht/infra/demo/story"
	"paht/infra/emulator/conformance"
	"paht/infra/foreign/stage"
	"paht/infra/local/fleet"
)

// play runs the story of `make demo` on the target, with our own runner driving the bootstraps under build/local.
func play(t *testing.T, target conformance.Target) {
	t.Run("story", func(t *testing.T) {
		root, err := filepath.Abs("../..")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(root, "build", "local", "submit", "bootstrap")); err != nil {
			t.Fatalf("the functions are not built: run make build-local (%v)", err)
		}
		logs, notices := t.TempDir(), notices{}
		s, err := stage.Open(t.Context(), stage.Options{Root: root, Name: conformance.UniqueName("paht"), Logs: logs, Config: target.Config(), Notice: notices.add})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Errorf("closing the stage: %v", err)
			}
			outcome := "played"
			if t.Failed() {
				outcome = "FAILED"
				t.Logf("notices: %s\n%s", notices.text(), last(logs))
			}
			say("the story of make demo on %s: %s", target.Name, outcome)
		})
		if err := province.Set(t.Context(), api.New(s.Address()), s.Invoke, filepath.Join(root, "data", "demo")); err != nil {
			t.Fatalf("setting the province up: %v", err)
		}
		var out bytes.Buffer
		if err := story.Play(t.Context(), story.Options{Client: api.New(s.Address()), Photos: fleet.Photos(), Out: &out}); err != nil {
			t.Fatalf("%v\n%s", err, &out)
		}
		embedded := s.Embedded()
		for service := range embedded {
			if !slices.Contains([]string{"ses", "sns", "ssm"}, service) {
				t.Errorf("calls of %s went to the emulator, not to %s", service, target.Name)
			}
		}
		if embedded["ses"] == 0 || embedded["ssm"] == 0 {
			t.Errorf("the emulator had the calls %v, and neither secrets nor letters can have come from elsewhere", embedded)
		}
	})
}

// notices are what the runner has to say.
type notices struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (n *notices) add(line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.b.WriteString(line + "\n")
}

func (n *notices) text() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.b.String()
}

// last gives the ends of the functions' logs.
func last(folder string) string {
	var b bytes.Buffer
	files, _ := filepath.Glob(filepath.Join(folder, "*")) // the pattern is right
	for _, file := range files {
		said, err := os.ReadFile(file)
		if err == nil {
			b.WriteString(filepath.Base(file) + ":\n")
			b.Write(said[max(0, len(said)-2000):])
		}
	}
	return b.String()
}
