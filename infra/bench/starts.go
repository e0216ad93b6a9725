package bench

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"paht/infra/emulator"
	"paht/infra/emulator/provision"
	"paht/infra/template"
)

// starts is how often each function is started; those of all are interleaved, so
// that what else the machine does hits all alike.
const starts = 60

// ground is what functions start against: the embedded AWS over TLS.
type ground struct {
	aws     *emulator.Emulator
	server  *httptest.Server // over TLS
	plain   *httptest.Server
	roots   string // file with the server's certificate
	folder  string
	options map[string]string // variables of every function
}

func newGround(t *template.Template) (*ground, error) {
	g := &ground{}
	var err error
	if g.folder, err = os.MkdirTemp("", "paht-bench-"); err != nil {
		return nil, err
	}
	if g.aws, err = emulator.Open(emulator.Options{}); err != nil {
		return nil, err
	}
	if err := provision.Provision(g.aws, t); err != nil {
		return nil, err
	}
	const document = `{"keys":[{"id":"k1","secret":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}],"origin":["the distribution of a bench"]}`
	if _, err := g.aws.Parameters().Put(t.Functions[0].Environment["SECRET"], "SecureString", document, true); err != nil {
		return nil, err
	}
	g.server = httptest.NewTLSServer(g.aws)
	g.roots = filepath.Join(g.folder, "roots.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: g.server.Certificate().Raw})
	if err := os.WriteFile(g.roots, certificate, 0o600); err != nil {
		return nil, err
	}
	g.options = map[string]string{"SSL_CERT_FILE": g.roots, "SSL_CERT_DIR": g.folder + "/none", "AWS_REGION": "ap-southeast-1", "AWS_DEFAULT_REGION": "ap-southeast-1",
		"AWS_ACCESS_KEY_ID": "AKBENCH", "AWS_SECRET_ACCESS_KEY": "bench", "GOMAXPROCS": "1", "AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "INFO"}
	g.plain = httptest.NewServer(g.aws)
	return g, nil
}

// endpoints lead to the embedded AWS, over TLS or not.
func endpoints(url string) map[string]string {
	all := map[string]string{}
	for _, service := range []string{"DYNAMODB", "SQS", "SCHEDULER", "SESV2", "SNS", "SSM", "S3"} {
		all["AWS_ENDPOINT_URL_"+service] = url
	}
	return all
}

func (g *ground) close() error {
	g.server.Close()
	g.plain.Close()
	return errors.Join(g.aws.Close(), os.RemoveAll(g.folder))
}

// subject is a bootstrap that is started.
type subject struct {
	name        string
	path        string
	environment map[string]string
	real        []byte // an event that it does work for
}

// start starts a bootstrap, gives it one event, waits for its answer, and gives the
// CPU seconds that the process took.
func (g *ground) start(s subject, event []byte, url string) (float64, string, error) {
	answered, given := make(chan string, 1), false
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		if given {
			<-r.Context().Done()
			return
		}
		given = true
		h := w.Header()
		h.Set("Lambda-Runtime-Aws-Request-Id", "1")
		h.Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:ap-southeast-1:000000000000:function:"+s.name)
		_, _ = w.Write(event) // a failure shows in the missing answer
	})
	over := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
		answered <- string(body)
	}
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/1/response", over)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/1/error", over)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, "", err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go server.Serve(listener)
	defer server.Close()

	var said strings.Builder
	cmd := exec.Command(s.path)
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + listener.Addr().String(), "AWS_LAMBDA_FUNCTION_NAME=" + s.name}
	for _, more := range []map[string]string{g.options, endpoints(url), s.environment} {
		for name, value := range more {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	if err := cmd.Start(); err != nil {
		return 0, "", fmt.Errorf("starting %s: %w", s.name, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case answer := <-answered:
		_ = cmd.Process.Kill() // it waits for another event
		<-ended
		return (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), answer, nil
	case err := <-ended:
		return 0, "", fmt.Errorf("starting %s: it ended: %w: %s", s.name, err, said.String())
	case <-time.After(time.Minute):
		_ = cmd.Process.Kill()
		<-ended
		return 0, "", fmt.Errorf("starting %s: it gave no answer: %s", s.name, said.String())
	}
}

// noop has no mark of any event: a function says that it does not know it.
const noop = `{}`

// buildHello builds the measure by the deployment's own compiler call.
func buildHello(ctx context.Context, root, folder string) (string, error) {
	path := filepath.Join(folder, "hello")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", path, "./hello")
	cmd.Dir, cmd.Env = filepath.Join(root, "infra", "bench"), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building hello: %w: %s", err, out)
	}
	return path, nil
}

func startBudget(f template.Function) float64 {
	if kindOf(f) == "http" {
		return 2.3
	}
	if word(f) == "sla" || word(f) == "media" { // four clients: table, queues, bucket, secrets
		return 1.7
	}
	return 1.6
}

// Starts measures cold starts: the CPU of a process from its start to the answer to
// an event that means nothing, against hello's.
func Starts(ctx context.Context, f *Figures, root, build string, t *template.Template, real map[string][]byte) error {
	g, err := newGround(t)
	if err != nil {
		return err
	}
	defer g.close()
	hello, err := buildHello(ctx, root, g.folder)
	if err != nil {
		return err
	}
	subjects := []subject{{name: "hello", path: hello}}
	for _, fn := range t.Functions {
		environment := maps.Clone(fn.Environment)
		environment["GOMEMLIMIT"] = fmt.Sprintf("%dMiB", fn.MemorySize)
		subjects = append(subjects, subject{word(fn), filepath.Join(build, word(fn), "bootstrap"), environment, real[word(fn)]})
	}
	cold, first := map[string][]float64{}, map[string][]float64{}
	for range starts {
		for _, s := range subjects {
			seconds, _, err := g.start(s, []byte(noop), g.plain.URL)
			if err != nil {
				return err
			}
			cold[s.name] = append(cold[s.name], seconds)
			if s.real == nil {
				continue
			}
			seconds, answer, err := g.start(s, s.real, g.server.URL)
			if err != nil {
				return err
			}
			if strings.Contains(answer, "errorType") || strings.Contains(answer, `"statusCode":5`) {
				return fmt.Errorf("starting %s with an event: it answered %s", s.name, answer)
			}
			first[s.name] = append(first[s.name], seconds)
		}
	}
	measure := median(cold["hello"])
	f.Add("start hello", 1000*measure, "ms CPU", 0, fmt.Sprintf("median of %d", starts))
	for _, fn := range t.Functions {
		f.Add("start "+word(fn), median(cold[word(fn)])/measure, "× hello", startBudget(fn), fmt.Sprintf("%.1f ms CPU", 1000*median(cold[word(fn)])))
	}
	for _, fn := range t.Functions {
		if all := first[word(fn)]; len(all) > 0 {
			f.Add("first "+word(fn), 1000*median(all), "ms CPU", 0, fmt.Sprintf("start and first event over TLS, GOMAXPROCS=1, %d MB", fn.MemorySize))
		}
	}
	return nil
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
