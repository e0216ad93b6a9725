package kill

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"paht/infra/demo/api"
	"paht/infra/demo/province"
	"paht/infra/demo/story"
	"paht/infra/local/fleet"
	"paht/shared/contract"
	"paht/shared/message"
	"paht/shared/report"
)

// sender sends to the queues of the running system as its owner.
func sender(t *testing.T, data string) *sqs.Client {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(data, "local.json"))
	if err != nil {
		t.Fatal(err)
	}
	var kept struct {
		Accounts  map[string]struct{ AccessKey, Secret string }
		Addresses map[string]string
	}
	if err := json.Unmarshal(content, &kept); err != nil {
		t.Fatal(err)
	}
	owner := kept.Accounts["root"]
	return sqs.New(sqs.Options{Region: "ap-southeast-1", BaseEndpoint: aws.String(kept.Addresses["aws"]),
		Credentials: credentials.NewStaticCredentialsProvider(owner.AccessKey, owner.Secret, "")})
}

func put(ctx context.Context, t *testing.T, c *sqs.Client, queue, body string) {
	t.Helper()
	address, err := c.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &queue})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: address.QueueUrl, MessageBody: &body}); err != nil {
		t.Fatal(err)
	}
}

func TestTheOperatorsCommandsOnTheRealSystem(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), hang)
	defer cancel()
	m := newMachine(t)
	m.start("data/demo")
	client := newPhone(m.address(), 0, nil, &ledger{})
	code := played(ctx, t, client)
	settled(ctx, t, m)

	// A late duplicate does nothing twice; what cannot be decoded is parked. Nothing
	// is left of either in a queue.
	before := history(ctx, t, client, code)
	queues := sender(t, m.data)
	put(ctx, t, queues, "paht-ScreenQueue", message.OfReport(report.EventSubmitted, code, 1, true).Encode())
	put(ctx, t, queues, "paht-RouteQueue", "no envelope")
	settled(ctx, t, m)
	if after := history(ctx, t, client, code); after != before {
		t.Errorf("the late duplicate changed the report's history: %s, not %s", after, before)
	}

	if out, err := m.run("invoke", "sla", sweepEvent); err != nil || out != `{"batchItemFailures":[]}`+"\n" {
		t.Errorf("invoking the sweep gave %v: %s", err, out)
	}
	for _, row := range []struct {
		name, want string
		args       []string
	}{
		{"an unknown queue", "paht: there is no queue nix\n", []string{"redrive", "nix"}},
		{"an unknown function", "paht: invoking nix: there is no such function\n", []string{"invoke", "nix"}},
		{"days in the wrong order", "to: must not be before from", []string{"verify", "2026-02-01", "2026-01-01"}},
		{"a day that is none", "from: must be a day like", []string{"verify", "yesterday"}},
	} {
		if out, err := m.run(row.args...); err == nil || !strings.Contains(out, row.want) {
			t.Errorf("%s: got %v: %s", row.name, err, out)
		}
	}

	poison(ctx, t, m, queues)

	// At rest, the data folder alone tells the same.
	if err := m.interrupt(); err != nil {
		t.Errorf("the interrupted system ended with %v", err)
	}
	if left := m.left(t); len(left) > 0 {
		t.Errorf("processes outlived the system: %v", left)
	}
	if shown, err := m.run("queues"); err != nil || !dead.MatchString(shown) {
		t.Errorf("the queues at rest are %v: %s", err, shown)
	}
	if moved, err := m.run("redrive", "paht-ScreenQueue"); err != nil || moved != wentBack {
		t.Errorf("the redrive at rest gave %v: %s", err, moved)
	}
}

// played plays the story and gives its tracking code.
func played(ctx context.Context, t *testing.T, client *api.Client) string {
	t.Helper()
	var out strings.Builder
	if err := story.Play(ctx, story.Options{Client: client, Photos: fleet.Photos(), Out: &out}); err != nil {
		t.Fatalf("the story itself: %v\n%s", err, out.String())
	}
	code := regexp.MustCompile(`tracking code (PA-\S{11}):`).FindStringSubmatch(out.String())
	if code == nil {
		t.Fatal("the story names no tracking code")
	}
	return code[1]
}

// dead is the line of a queue that holds one dead letter.
var dead = regexp.MustCompile(`(?m)^paht-ScreenDeadQueue +1 +0 +0`)

const wentBack = "1 messages of paht-ScreenDeadQueue went back\n"

// poison sends a message that always fails: after five tries it stands in the
// dead-letter queue, one command sends it back, and it ends there again.
func poison(ctx context.Context, t *testing.T, m *machine, queues *sqs.Client) {
	t.Helper()
	name := "paht-ScreenQueue"
	address, err := queues.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil {
		t.Fatal(err)
	}
	// A second instead of a minute between two tries; the next start sets what the
	// template says.
	if _, err := queues.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: address.QueueUrl,
		Attributes: map[string]string{"VisibilityTimeout": "1"}}); err != nil {
		t.Fatal(err)
	}
	put(ctx, t, queues, name, message.OfReport(report.EventSubmitted, report.Code("nobody", "nothing", 0), 1, true).Encode())
	died := func() bool {
		shown, err := m.run("queues")
		if err != nil {
			t.Fatalf("looking at the queues: %v: %s", err, shown)
		}
		return dead.MatchString(shown)
	}
	for range 2 {
		for !died() {
			if ctx.Err() != nil {
				t.Fatal("a message that always fails does not end in the dead-letter queue")
			}
			time.Sleep(200 * time.Millisecond)
		}
		if moved, err := m.run("redrive", "screen"); err != nil || moved != wentBack {
			t.Fatalf("the redrive gave %v: %s", err, moved)
		}
		if died() {
			t.Error("a message that was sent back stands in the dead-letter queue still")
		}
	}
	for !died() && ctx.Err() == nil {
		time.Sleep(200 * time.Millisecond)
	}
}

// history is what a report's history holds, in short.
func history(ctx context.Context, t *testing.T, client *api.Client, code string) string {
	t.Helper()
	token, err := province.Open(ctx, client, "lan", province.Password)
	if err != nil {
		t.Fatal(err)
	}
	a, err := client.Do(ctx, api.Call{Method: http.MethodGet, Path: "/v1/reports/" + code, Token: token, Want: http.StatusOK})
	if err != nil {
		t.Fatal(err)
	}
	var d contract.Detail
	if err := a.Into(&d); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d events to %s, ETag %s, %s", len(d.History), d.History[len(d.History)-1].Type, d.ETag, d.State)
}

// left lists the processes that run the machine's own binaries.
func (m *machine) left(t *testing.T) []string {
	t.Helper()
	var left []string
	for range 100 {
		left = nil
		links, err := filepath.Glob("/proc/[0-9]*/exe")
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range links {
			if exe, err := os.Readlink(link); err == nil && strings.HasPrefix(exe, m.bin) {
				left = append(left, exe)
			}
		}
		if len(left) == 0 {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return left
}

func TestEveryAddressIsOfThisMachineAlone(t *testing.T) {
	m := newMachine(t)
	m.start("data/demo")
	content, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		t.Fatal(err)
	}
	all6, err := os.ReadFile("/proc/net/tcp6")
	if err != nil {
		t.Fatal(err)
	}
	owned := m.sockets(t)
	found := 0
	for _, line := range strings.Split(string(content)+"\n"+string(all6), "\n") {
		fields := strings.Fields(line)
		if len(fields) < 10 || fields[3] != "0A" || !owned[fields[9]] { // 0A: listening
			continue
		}
		found++
		if address, _, _ := strings.Cut(fields[1], ":"); address != "0100007F" {
			t.Errorf("the system listens on %s", fields[1])
		}
	}
	if found < 4 { // people, AWS, S3, operator
		t.Errorf("the system listens on %d addresses", found)
	}
	t.Logf("%d addresses, all of loopback", found)

	other := m.prepare("run")
	other.Env = append(other.Env, "DATA="+t.TempDir())
	out, err := other.CombinedOutput()
	want := fmt.Sprintf("port %d is in use by another program: stop it, or set PORT to another one", m.port)
	if err == nil || !strings.Contains(string(out), want) {
		t.Errorf("a second system on the port gave %v: %s", err, out)
	}
	if c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", m.port)); err != nil {
		t.Errorf("the first system no longer answers: %v", err)
	} else {
		_ = c.Close()
	}
}

// sockets gives the inodes of all sockets of the system and its functions.
func (m *machine) sockets(t *testing.T) map[string]bool {
	t.Helper()
	pids := []int{m.command.Process.Pid}
	for _, p := range m.processes() {
		pids = append(pids, p.pid)
	}
	owned := map[string]bool{}
	for _, pid := range pids {
		links, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range links {
			to, err := os.Readlink(link)
			if inode, ok := strings.CutPrefix(to, "socket:["); err == nil && ok {
				owned[strings.TrimSuffix(inode, "]")] = true
			}
		}
	}
	return owned
}
