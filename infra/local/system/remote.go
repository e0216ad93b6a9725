package system

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"

	"paht/infra/emulator"
)

// Remote speaks to the system that runs on a data folder, through its
// operator's address.
type Remote struct{ data string }

// On finds the system of a data folder.
func On(data string) Remote { return Remote{data} }

var errNotRunning = errors.New("no system runs on this data folder")

// Invoke runs a function of the running system.
func (r Remote) Invoke(name string, payload []byte) (Invocation, error) {
	var out Invocation
	return out, r.call(http.MethodPost, "/invoke/"+name, payload, &out)
}

// Queues lists the queues: of the running system, or of its data at rest.
func (r Remote) Queues() ([]Queue, error) {
	var out []Queue
	err := r.call(http.MethodGet, "/queues", nil, &out)
	if errors.Is(err, errNotRunning) {
		err = r.atRest(func(e *emulator.Emulator) (err error) { out, err = Queues(e.Queues()); return err })
	}
	return out, err
}

// Redrive sends dead letters back, in the running system or in its data.
func (r Remote) Redrive(queue string) (Moved, error) {
	var out Moved
	err := r.call(http.MethodPost, "/redrive/"+queue, nil, &out)
	if errors.Is(err, errNotRunning) {
		err = r.atRest(func(e *emulator.Emulator) (err error) { out, err = Redrive(e.Queues(), queue); return err })
	}
	return out, err
}

// Fill has the running system make reports of the past.
func (r Remote) Fill(reports int) (running bool, err error) {
	var out Filled
	err = r.call(http.MethodPost, "/seed/"+strconv.Itoa(reports), nil, &out)
	return !errors.Is(err, errNotRunning), err
}

func (r Remote) call(method, path string, body []byte, out any) error {
	data, err := filepath.Abs(r.data)
	if err != nil {
		return fmt.Errorf("finding the data folder: %w", err)
	}
	k, err := openKept(data)
	if err != nil {
		return err
	}
	address := k.address("operator")
	if address == "" {
		return fmt.Errorf("asking the system on %s: %w", data, errNotRunning)
	}
	request, err := http.NewRequest(method, address+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("asking the system on %s: %w", data, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking the system on %s: %w: %w", data, errNotRunning, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("asking the system on %s: %w", data, err)
	}
	if response.StatusCode != http.StatusOK {
		return errors.New(string(bytes.TrimSpace(answer)))
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("reading the answer of the system on %s: %w", data, err)
	}
	return nil
}

// atRest opens the data of a system that does not run.
func (r Remote) atRest(use func(*emulator.Emulator) error) error {
	e, err := emulator.Open(emulator.Options{Dir: r.data, Account: account, Region: region})
	if err != nil {
		return err
	}
	return errors.Join(use(e), e.Close())
}
