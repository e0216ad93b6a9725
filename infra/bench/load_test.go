package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"paht/infra/demo/api"
	"paht/infra/local/fleet"
	"paht/infra/template"
)

// The offer of the load: open loop, so that a slow answer delays no other request.
const (
	perSecond = 200
	offered   = 60 * time.Second
)

// running is `make run` as a process of its own.
type running struct {
	address string
	stop    func()
}

// startSystem starts it in a folder of its own and waits until the province stands.
func startSystem(ctx context.Context, t *testing.T) (*running, error) {
	t.Helper()
	cmd := exec.Command(fleet.Path("build", "paht"), "run")
	cmd.Dir = fleet.Path()
	cmd.Env = append(os.Environ(), "PORT=0", "DATA="+t.TempDir(), "BUILD="+filepath.Join("build", "local"))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the system: %w", err)
	}
	r := &running{stop: func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it ends by itself if it has not already
		_ = cmd.Wait()
	}}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "paht runs at "); ok {
			r.address = address
		}
		if strings.Contains(lines.Text(), "log-ins, each with") { // the last thing that a start does
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return r, ctx.Err()
		}
	}
	r.stop()
	return nil, fmt.Errorf("starting the system: it ended")
}

// offer is what came of the load.
type offer struct {
	mu      sync.Mutex
	took    []time.Duration
	taken   []string
	refused map[string]int
}

func (o *offer) one(ctx context.Context, client *http.Client, address, token string, n int, due time.Time) {
	status, id := "no answer", ""
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/v1/reports", bytes.NewReader(body(n)))
	if err == nil {
		for name, value := range map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + token, "Idempotency-Key": fmt.Sprintf("bench-load-%010d", n)} {
			r.Header.Set(name, value)
		}
		if a, err := client.Do(r); err == nil {
			var acted struct {
				Report struct{ ID string }
			}
			err = json.NewDecoder(a.Body).Decode(&acted)
			_ = a.Body.Close()
			if status, id = a.Status, acted.Report.ID; err != nil {
				status = "no document"
			}
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.took = append(o.took, time.Since(due)) // from when it was due, not from when it could be sent
	if id == "" {
		o.refused[status]++
		return
	}
	o.taken = append(o.taken, id)
}

// load offers reports to the whole system on this machine, each function a process,
// and afterwards reads every one back that was answered.
func load(ctx context.Context, t *testing.T, f *Figures, _ *template.Template) error {
	s, err := startSystem(ctx, t)
	if err != nil {
		return err
	}
	defer s.stop()
	c := api.New(s.address)
	token, err := reporterAt(ctx, c)
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
	o := &offer{refused: map[string]int{}}
	for n := range perSecond { // warm-up: the first second is not counted
		o.one(ctx, client, s.address, token, 1_000_000+n, time.Now())
	}
	o = &offer{refused: map[string]int{}}
	begin, total := time.Now(), int(offered.Seconds())*perSecond
	var all sync.WaitGroup
	for n := range total {
		due := begin.Add(time.Duration(n) * time.Second / perSecond)
		time.Sleep(time.Until(due))
		all.Go(func() { o.one(ctx, client, s.address, token, n, due) })
	}
	all.Wait()
	lost := 0
	for _, id := range o.taken {
		a, err := c.Do(ctx, api.Call{Method: http.MethodGet, Path: "/v1/reports/" + id, Token: token})
		if err != nil {
			return err
		}
		if a.Status != http.StatusOK {
			lost++
		}
	}
	slices.Sort(o.took)
	at := func(q float64) float64 { return float64(o.took[int(q*float64(len(o.took)-1))].Microseconds()) / 1000 }
	f.Add("load p50", at(0.5), "ms", 0, fmt.Sprintf("%d reports offered in %s, the whole system and the offer on one machine", total, offered))
	f.Add("load p99", at(0.99), "ms", 20, fmt.Sprintf("worst %.1f ms; refused %v", at(1), o.refused))
	f.Add("load taken", float64(len(o.taken)), "reports", 0, "")
	f.Add("load lost", float64(lost), "reports", 0, "answered 201 and not read back: must be 0")
	if lost > 0 || len(o.taken) == 0 {
		return fmt.Errorf("of %d reports that were taken %d are lost; refused %v", len(o.taken), lost, o.refused)
	}
	return nil
}
