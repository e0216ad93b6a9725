package bench

import (
	"fmt"
	"os"
	"path/filepath"

	"paht/infra/template"
)

// kinds tell which budget a function has: a function with a door is an HTTP
// function, whatever else it does.
func kindOf(f template.Function) string {
	if len(f.Routes) > 0 {
		return "http"
	}
	return "queue"
}

func word(f template.Function) string { return filepath.Base(f.CodeURI) }

// sizeBudget is in MB of a million bytes.
func sizeBudget(f template.Function) float64 {
	switch word(f) {
	case "account", "processcallback", "media":
		return 14
	}
	if kindOf(f) == "http" {
		return 12
	}
	return 10
}

// Sizes weighs the binaries as they are deployed.
func Sizes(f *Figures, root string, t *template.Template) error {
	for _, fn := range t.Functions {
		info, err := os.Stat(filepath.Join(root, fn.CodeURI, "bootstrap"))
		if err != nil {
			return fmt.Errorf("weighing %s: %w", word(fn), err)
		}
		f.Add("size "+word(fn), float64(info.Size())/1e6, "MB", sizeBudget(fn), "")
	}
	return nil
}
