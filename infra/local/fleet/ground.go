package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"paht/infra/local/s3"
	"paht/infra/template"
)

const (
	region    = "ap-southeast-1"
	accountID = "000000000000"
	// places is how many fleets can be there at the same time.
	places = 8
	origin = "http://paht.test"
)

// ground is what all fleets of a process share: the object store, of which a
// process can have one. Each fleet has one of its buckets for itself.
type ground struct {
	root     string // of the project
	store    *s3.Server
	accounts map[string]s3.Account // by function
	free     chan place
	log      *tail

	mu        sync.Mutex
	fleets    map[string]*Fleet             // by bucket
	templates map[string]*template.Template // by bucket; read once
	used      map[string]bool               // permissions, as UsedFile has them
}

// place is the bucket of one fleet. All else has the same names in every fleet,
// so that one can begin with what another holds.
type place struct{ bucket string }

var shared *ground

// Main runs a package's tests on one ground; every package that uses New calls
// it in its TestMain. The object store changes the working directory for as long
// as it runs: a test finds the project's files by Path.
func Main(m *testing.M) int {
	dir, err := os.MkdirTemp("", "paht-fleet-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	before, err := os.Getwd()
	if err == nil {
		shared, err = newGround(before, dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() {
		if err := errors.Join(shared.store.Close(), os.Chdir(before)); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	code := m.Run()
	if err := shared.writeUsed(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// Path is a path of the project, made absolute.
func Path(elements ...string) string {
	return filepath.Join(append([]string{shared.root}, elements...)...)
}

func newGround(from, dir string) (*ground, error) {
	root, err := projectRoot(from)
	if err != nil {
		return nil, err
	}
	g := &ground{root: root, accounts: map[string]s3.Account{}, free: make(chan place, places), log: &tail{},
		fleets: map[string]*Fleet{}, templates: map[string]*template.Template{}, used: map[string]bool{}}
	slog.SetDefault(slog.New(newLines(g.log)))
	options := s3.Options{Dir: dir, Region: region, AccountID: accountID, Root: s3.Account{Name: "root", AccessKey: "AKROOT", Secret: secretOf("root")},
		Observe: g.accessed, Notify: g.notify, Copies: g.copiesOf, Notice: func(string) {}}
	for i := range places {
		p := place{bucket: fmt.Sprintf("paht-bucket-%d", i+1)}
		t, err := p.template(root)
		if err != nil {
			return nil, err
		}
		for _, f := range t.Functions {
			name := word(f.CodeURI)
			g.accounts[name] = s3.Account{Name: name, AccessKey: "AK" + strings.ToUpper(name), Secret: secretOf(name)}
		}
		g.templates[p.bucket] = t
		options.Buckets = append(options.Buckets, bucketsOf(t)...)
		options.Grants = append(options.Grants, g.grantsOf(t)...)
		g.free <- p
	}
	for _, a := range g.accounts {
		options.Accounts = append(options.Accounts, a)
	}
	g.store, err = s3.Start(context.Background(), options)
	return g, err
}

// templateOf is the template with a place's names.
func (g *ground) templateOf(p place) (*template.Template, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	t, known := g.templates[p.bucket]
	if !known {
		return nil, fmt.Errorf("the bucket %s is no fleet's", p.bucket)
	}
	return t, nil
}

// projectRoot is the folder of the template.
func projectRoot(from string) (string, error) {
	for dir := from; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "template.yaml")); err == nil {
			if _, err := os.Stat(filepath.Join(dir, "functions")); err == nil {
				return dir, nil
			}
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("finding the project's template above %s: there is none", from)
		}
	}
}

// template reads the template with this place's names, and with the parameters
// of one machine where it declares them.
func (p place) template(root string) (*template.Template, error) {
	path, resolver := filepath.Join(root, "template.yaml"), template.Resolver{Region: region, Account: accountID, Value: p.name}
	plain, err := template.Load(path, nil, resolver)
	if err != nil {
		return nil, err
	}
	given := map[string]string{}
	for name, value := range map[string]string{"WebOrigin": origin, "PublicFiles": origin + "/public"} {
		if _, declared := plain.Inputs[name]; declared {
			given[name] = value
		}
	}
	t, err := template.Load(path, given, resolver)
	if err != nil {
		return nil, err
	}
	if len(t.Buckets) != 1 {
		return nil, fmt.Errorf("the template declares %d buckets; a fleet has one", len(t.Buckets))
	}
	t.Buckets[0].Name = p.bucket
	return t, nil
}

// name gives the place's bucket wherever the template speaks of its own.
func (p place) name(kind, _, _, attribute string) (string, bool) {
	switch {
	case kind == "AWS::S3::Bucket" && attribute == "":
		return p.bucket, true
	case kind == "AWS::S3::Bucket" && attribute == "Arn":
		return "arn:aws:s3:::" + p.bucket, true
	}
	return "", false
}

// word is the one name of a function: the last word of its CodeUri.
func word(codeURI string) string { return filepath.Base(codeURI) }

func secretOf(name string) string { return "not-a-secret-" + name }

func bucketsOf(t *template.Template) []s3.Bucket {
	var all []s3.Bucket
	for _, b := range t.Buckets {
		local := s3.Bucket{Name: b.Name, ObjectLock: b.ObjectLock}
		for _, r := range b.CORS {
			local.CORS = append(local.CORS, s3.CORSRule{Origins: r.AllowedOrigins, Methods: r.AllowedMethods, Headers: r.AllowedHeaders, Exposed: r.ExposedHeaders, MaxAge: r.MaxAge})
		}
		for _, n := range b.Notifications {
			local.Notifications = append(local.Notifications, s3.Notification{QueueARN: n.QueueARN, Events: []string{n.Event}, Prefix: n.Prefix, Suffix: n.Suffix})
		}
		all = append(all, local)
	}
	return all
}

// grantsOf are the functions' statements on S3.
func (g *ground) grantsOf(t *template.Template) []s3.Grant {
	var all []s3.Grant
	for _, f := range t.Functions {
		for _, st := range f.Statements {
			if strings.HasPrefix(st.Actions[0], "s3:") {
				all = append(all, s3.Grant{Who: f.LogicalID, AccessKey: g.accounts[word(f.CodeURI)].AccessKey, Deny: st.Effect == "Deny", Actions: st.Actions, Resources: st.Resources})
			}
		}
	}
	return all
}

// notify gives an object notification to the fleet whose bucket it is about. The
// test events of the start are before any fleet.
func (g *ground) notify(_ context.Context, queueARN string, body []byte) error {
	var event struct {
		Records []struct {
			S3 struct {
				Bucket struct {
					Name string `json:"name"`
				} `json:"bucket"`
			} `json:"s3"`
		}
	}
	if err := json.Unmarshal(body, &event); err != nil {
		return fmt.Errorf("reading a notification: %w", err)
	}
	for _, r := range event.Records {
		if f := g.fleet(r.S3.Bucket.Name); f != nil {
			return f.notified(queueARN, body)
		}
	}
	return nil
}

func (g *ground) fleet(bucket string) *Fleet {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.fleets[bucket]
}

func (g *ground) copiesOf(bucket, key string) int {
	f := g.fleet(bucket)
	if f == nil {
		return 1
	}
	return f.copiesOf(key)
}

// enter makes a fleet the one that its place's notifications go to.
func (g *ground) enter(f *Fleet) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fleets[f.bucket] = f
}

// leave gives the fleet's place to the next.
func (g *ground) leave(f *Fleet) {
	g.use(f)
	g.mu.Lock()
	delete(g.fleets, f.bucket)
	g.mu.Unlock()
	g.free <- f.place
}

// storeTransport reaches the object store.
var storeTransport = &http.Transport{MaxIdleConnsPerHost: 32, DisableCompression: true}

// tail keeps the last lines of the functions' logs, for a test that failed.
type tail struct {
	mu    sync.Mutex
	lines []string
}

const tailLines = 60

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, string(p))
	if len(t.lines) > tailLines {
		t.lines = t.lines[len(t.lines)-tailLines:]
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "")
}

var _ io.Writer = (*tail)(nil)
