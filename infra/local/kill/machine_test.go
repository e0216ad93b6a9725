package kill

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"paht/infra/local/system"
)

// root is the repository's folder.
const root = "../../.."

// built is the folder of the binaries.
var built string

// TestMain makes the bootstraps and the command as make run does, and copies
// them, so that another build at the same time changes nothing here.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "paht-kill-")
	if err != nil {
		panic(err)
	}
	built = dir
	for _, c := range [][]string{{"make", "build-local"}, {"cp", "-r", "build/local", "build/paht", dir}} {
		command := exec.Command(c[0], c[1:]...)
		command.Dir = root
		if out, err := command.CombinedOutput(); err != nil {
			panic(fmt.Sprintf("building: %v: %s", err, out))
		}
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// machine is one machine's system: a process that can be killed and started
// again on the same data and the same port.
type machine struct {
	t    *testing.T
	bin  string
	data string
	port int

	mu      sync.Mutex
	command *exec.Cmd
	log     *os.File
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	m := &machine{t: t, bin: built, data: t.TempDir(), port: port}
	if m.log, err = os.Create(filepath.Join(t.TempDir(), "system.log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		m.kill()
		if t.Failed() {
			m.tell()
		}
		_ = m.log.Close()
	})
	return m
}

// tell shows what the system and its functions said last.
func (m *machine) tell() {
	logs, _ := filepath.Glob(filepath.Join(m.data, "logs", "*.log"))
	for _, name := range append(logs, m.log.Name()) {
		content, err := os.ReadFile(name)
		if err != nil {
			m.t.Log(err)
			continue
		}
		lines := slices.DeleteFunc(strings.Split(string(content), "\n"), func(line string) bool {
			return line == "" || strings.Contains(line, `"level":"INFO"`) || strings.Contains(line, " ignored")
		})
		m.t.Logf("%s:\n%s", filepath.Base(name), strings.Join(lines[max(0, len(lines)-30):], "\n"))
	}
}

// address is the one that people use.
func (m *machine) address() string { return fmt.Sprintf("http://127.0.0.1:%d", m.port) }

// prepare makes the command with the environment of a shell.
func (m *machine) prepare(args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(m.bin, "paht"), args...)
	c.Dir = root
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), "DATA=" + m.data, "BUILD=" + filepath.Join(m.bin, "local"),
		"PORT=" + strconv.Itoa(m.port)}
	return c
}

// launch starts the system and gives its lines.
func (m *machine) launch(province string) io.Reader {
	m.t.Helper()
	c := m.prepare("run")
	c.Env = append(c.Env, "PROVINCE="+province)
	pipe, err := c.StdoutPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	c.Stderr = m.log
	if err := c.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.mu.Lock()
	m.command = c
	m.mu.Unlock()
	return pipe
}

// start starts the system and waits until it says that it runs: with the demo's
// province, until its log-ins are printed.
func (m *machine) start(province string) {
	m.t.Helper()
	pipe := m.launch(province)
	last := "paht runs at"
	if province != "none" {
		last = "log-ins"
	}
	lines := bufio.NewScanner(pipe)
	for lines.Scan() {
		_, _ = fmt.Fprintln(m.log, lines.Text())
		if strings.Contains(lines.Text(), last) {
			go func() { _, _ = io.Copy(m.log, pipe) }()
			return
		}
	}
	m.tell()
	m.t.Fatal("the system ended before it ran")
}

// cut starts the system and kills it while it sets itself up.
func (m *machine) cut(province string, after time.Duration) {
	m.t.Helper()
	pipe := m.launch(province)
	go func() { _, _ = io.Copy(m.log, pipe) }()
	time.Sleep(after)
	m.kill()
}

// kill kills the whole system and waits until it is gone.
func (m *machine) kill() {
	m.mu.Lock()
	c := m.command
	m.command = nil
	m.mu.Unlock()
	if c == nil {
		return
	}
	_ = c.Process.Kill() // SIGKILL; an error says that it is gone already
	_ = c.Wait()
}

// interrupt stops the system as Ctrl-C does and gives how it ended.
func (m *machine) interrupt() error {
	m.mu.Lock()
	c := m.command
	m.command = nil
	m.mu.Unlock()
	if err := c.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	return c.Wait()
}

// process is one function's running process.
type process struct {
	pid      int
	function string
}

// processes lists the functions' processes: the children of the system.
func (m *machine) processes() []process {
	m.mu.Lock()
	c := m.command
	m.mu.Unlock()
	if c == nil {
		return nil
	}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	var all []process
	for _, name := range stats {
		content, err := os.ReadFile(name)
		if err != nil {
			continue // it ended meanwhile
		}
		_, after, _ := strings.Cut(string(content), ") ")
		fields := strings.Fields(after)
		if len(fields) < 2 || fields[0] == "Z" || fields[1] != strconv.Itoa(c.Process.Pid) {
			continue
		}
		p := process{}
		p.pid, _ = strconv.Atoi(filepath.Base(filepath.Dir(name)))
		exe, err := os.Readlink(filepath.Join(filepath.Dir(name), "exe"))
		if err != nil {
			continue
		}
		p.function = filepath.Base(filepath.Dir(exe))
		all = append(all, p)
	}
	return all
}

// run runs another command of paht on the machine.
func (m *machine) run(args ...string) (string, error) {
	out, err := m.prepare(args...).CombinedOutput()
	return string(out), err
}

// sweepEvent is the schedule's message as the function sla receives it.
const sweepEvent = `{"Records":[{"messageId":"sweep","eventSource":"aws:sqs","body":"{\"id\":\"sweep\",\"type\":\"sweep\"}"}]}`

// sweep asks for one sweep, and does not mind that the system is down.
func (m *machine) sweep() error {
	answer, err := system.On(m.data).Invoke("sla", []byte(sweepEvent))
	if err != nil {
		return err
	}
	if string(answer.Payload) != `{"batchItemFailures":[]}` {
		return fmt.Errorf("the sweep answered %s", answer.Payload)
	}
	return nil
}

// sweeping asks for a sweep every other second until the test stops it.
func (m *machine) sweeping() (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(2 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				_ = m.sweep() // it may be down
			}
		}
	}()
	return func() { close(done); <-ended }
}
