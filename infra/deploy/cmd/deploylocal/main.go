// Command deploylocal deploys the packaged template to a ministack of its own by
// `sam deploy`, compares what stands there with the template, and plays the story of
// `make demo` through its API, its queues and its schedules. What it is known not to
// do stands in DIVERGENCES (infra/deploy/divergences.txt); any other difference, and
// a known one that is gone, fails it.
//
// ROOT (.), TOOLS (build/venv) and BUILD (build/local) say with what.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"paht/infra/demo/api"
	"paht/infra/demo/province"
	"paht/infra/demo/story"
	"paht/infra/deploy/sandbox"
	"paht/infra/local/fleet"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "deploylocal: "+err.Error())
		os.Exit(1)
	}
}

func setting(name, standard string) string {
	value := os.Getenv(name)
	if value == "" {
		value = standard
	}
	if absolute, err := filepath.Abs(value); err == nil {
		return absolute
	}
	return value
}

// Credentials of the deployment; ministack takes any.
const accessKey, secret = "AKIAPAHTDEPLOYLOCAL", "not-a-secret"

// deployed is what local.py says of the stack.
type deployed struct {
	API     string
	Bucket  string
	Admin   string
	Differs []string
}

func run(ctx context.Context) error {
	root, tools := setting("ROOT", "."), setting("TOOLS", "build/venv")
	address, stop, err := ministack(ctx, tools)
	if err != nil {
		return err
	}
	defer stop()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	origin := "http://" + listener.Addr().String()
	stack, err := deploy(ctx, root, tools, address, origin)
	if err != nil {
		return err
	}
	if err := known(filepath.Join(root, "infra", "deploy", "divergences.txt"), stack.Differs); err != nil {
		return err
	}
	front := &http.Server{Handler: frontOf(address, stack), ReadHeaderTimeout: time.Minute}
	go front.Serve(listener)
	defer front.Close()
	invoke := func(ctx context.Context, _ string, payload []byte) ([]byte, error) {
		return call(ctx, address+"/2015-03-31/functions/"+stack.Admin+"/invocations", payload)
	}
	client := api.New(origin)
	if err := province.Set(ctx, client, invoke, filepath.Join(root, "data", "demo")); err != nil {
		return fmt.Errorf("setting the province up: %w", err)
	}
	return story.Play(ctx, story.Options{Client: client, Photos: fleet.Photos(), Out: os.Stdout})
}

// ministack starts one on a free port, with its state in memory.
func ministack(ctx context.Context, tools string) (address string, stop func(), err error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	port := free.Addr().(*net.TCPAddr).Port
	_ = free.Close() // taken again at once
	address = fmt.Sprintf("http://127.0.0.1:%d", port)
	cmd := exec.Command(filepath.Join(tools, "ministack", "bin", "ministack"))
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir(), "BIND_HOST=127.0.0.1", fmt.Sprint("GATEWAY_PORT=", port),
		"AWS_ACCESS_KEY_ID=" + accessKey, "AWS_SECRET_ACCESS_KEY=" + secret, "AWS_ENDPOINT_URL=" + address}
	log, err := os.CreateTemp("", "ministack-*.log")
	if err != nil {
		return "", nil, err
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("starting ministack: %w", err)
	}
	fmt.Fprintf(os.Stderr, "ministack at %s, its log in %s\n", address, log.Name())
	stop = func() {
		_ = cmd.Process.Kill() // its state is in memory alone
		_ = cmd.Wait()
	}
	for range 300 {
		r, err := http.Get(address + "/_localstack/health")
		if err == nil {
			_ = r.Body.Close()
			return address, stop, nil
		}
		select {
		case <-ctx.Done():
			stop()
			return "", nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	stop()
	return "", nil, fmt.Errorf("starting ministack: it does not answer")
}

// deploy runs local.py on a project whose functions find ministack: they look for a
// service's own variable alone.
func deploy(ctx context.Context, root, tools, address, origin string) (deployed, error) {
	folder, err := os.MkdirTemp("", "paht-deploy-")
	if err != nil {
		return deployed{}, err
	}
	defer os.RemoveAll(folder)
	variables := map[string]string{}
	for _, service := range []string{"DYNAMODB", "SQS", "S3", "SCHEDULER", "SESV2", "SNS", "SSM"} {
		variables["AWS_ENDPOINT_URL_"+service] = address
	}
	if err := sandbox.Project(folder, root, setting("BUILD", "build/local"), variables); err != nil {
		return deployed{}, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(tools, "sam", "bin", "python"), filepath.Join(root, "infra", "deploy", "local.py"), folder, address)
	cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID="+accessKey, "AWS_SECRET_ACCESS_KEY="+secret, "WEB_ORIGIN="+origin)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return deployed{}, fmt.Errorf("deploying: %w", err)
	}
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	var d deployed
	if err := json.Unmarshal(lines[len(lines)-1], &d); err != nil {
		return deployed{}, fmt.Errorf("reading what was deployed: %w", err)
	}
	return d, nil
}

// known compares the differences with those that are expected: lines that begin
// with what differs.
func known(path string, differs []string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading the known divergences: %w", err)
	}
	var wrong []string
	used := map[string]bool{}
	for _, d := range differs {
		what, _, _ := strings.Cut(d, ":")
		if !strings.Contains("\n"+string(content), "\n"+what+":") {
			wrong = append(wrong, "not known: "+d)
		}
		used[what] = true
	}
	for line := range strings.Lines(string(content)) {
		what, _, ok := strings.Cut(line, ":")
		if ok && !strings.HasPrefix(line, "#") && !used[what] {
			wrong = append(wrong, "gone: "+strings.TrimSpace(line))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("comparing the deployment with the template: %s", strings.Join(wrong, "; "))
	}
	fmt.Printf("deployed: all as in the template but for %d known divergences of ministack\n", len(differs))
	return nil
}

func call(ctx context.Context, address string, body []byte) ([]byte, error) {
	method := http.MethodPost
	if body == nil {
		method = http.MethodGet
	}
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	// ministack takes the region from the scope of a signature, which it does not check.
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+accessKey+"/20260101/ap-southeast-1/lambda/aws4_request, SignedHeaders=host, Signature=0")
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer a.Body.Close()
	content, err := io.ReadAll(a.Body)
	if err == nil && a.StatusCode/100 != 2 {
		err = fmt.Errorf("%s answered %d: %.300s", address, a.StatusCode, content)
	}
	return content, err
}
