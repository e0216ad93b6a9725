package fleet

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"paht/infra/emulator/policy"
	"paht/infra/local/s3"
)

// UsedFile is the variable that names a file for the permissions that a process's
// fleets used: a line each, the function's logical id and the places of the
// statement, of its action and of its resource in the template, from 0.
const UsedFile = "PERMISSIONS_USED"

// permissions are the functions' statements. The object store holds those on S3
// itself; they stand here too for what is used, and for what is refused.
func (f *Fleet) permissions() error {
	f.allowed = map[string]*policy.Set{}
	for _, fn := range f.template.Functions {
		set, err := policy.New(fn.Statements)
		if err != nil {
			return fmt.Errorf("reading the policies of %s: %w", fn.LogicalID, err)
		}
		f.allowed[shared.accounts[word(fn.CodeURI)].AccessKey] = set
	}
	return nil
}

func (f *Fleet) authorize(accessKey, action string, resources []string) error {
	set, known := f.allowed[accessKey]
	if !known {
		return fmt.Errorf("the access key %q is unknown", accessKey)
	}
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	for _, r := range resources {
		if !set.Allowed(action, r, nil) {
			f.refuse(accessKey, action, r)
			return fmt.Errorf("no statement of the template allows it")
		}
	}
	return nil
}

// accessed is told of what the object store was asked for.
func (g *ground) accessed(a s3.Access) {
	f := g.fleet(a.Bucket)
	if f == nil {
		return
	}
	set, known := f.allowed[a.Who]
	if known && !set.Allowed(a.Action, a.Resource, nil) {
		f.refuse(a.Who, a.Action, a.Resource)
	}
}

// refuse notes that a function was refused something. No function asks for what it
// may not do: so a test fails by it, whatever became of the call, unless it wants to
// be told.
func (f *Fleet) refuse(accessKey, action, resource string) {
	name := accessKey
	for function, who := range shared.accounts {
		if who.AccessKey == accessKey {
			name = function
		}
	}
	call := fmt.Sprintf("%s: %s on %s", name, action, resource)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.options.Refused != nil {
		f.options.Refused(call)
	} else if !slices.Contains(f.refused, call) {
		f.refused = append(f.refused, call)
	}
}

// misled is an error once a function was refused something: nothing that comes after
// says anything more.
func (f *Fleet) misled() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.refused) == 0 {
		return nil
	}
	return fmt.Errorf("the template does not allow what the functions asked for: %s", strings.Join(f.refused, "; "))
}

// Unused lists, by function, the statements that no call has used so far.
func (f *Fleet) Unused() map[string][]policy.Statement {
	all := map[string][]policy.Statement{}
	for name, who := range shared.accounts {
		if set := f.allowed[who.AccessKey]; set != nil && len(set.Unused()) > 0 {
			all[name] = set.Unused()
		}
	}
	return all
}

// use keeps what a fleet that ends has used of the template.
func (g *ground) use(f *Fleet) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, fn := range f.template.Functions {
		for _, u := range f.allowed[g.accounts[word(fn.CodeURI)].AccessKey].Used() {
			g.used[fmt.Sprintf("%s/%d/%d/%d", fn.LogicalID, u.Statement, u.Action, u.Resource)] = true
		}
	}
}

// writeUsed writes what all fleets have used, if somebody wants it.
func (g *ground) writeUsed() error {
	name := os.Getenv(UsedFile)
	if name == "" {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	lines := make([]string, 0, len(g.used))
	for line := range g.used {
		lines = append(lines, line+"\n")
	}
	slices.Sort(lines)
	return os.WriteFile(name, []byte(strings.Join(lines, "")), 0o600)
}
