package system

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"paht/infra/local/s3"
)

// kept is what the data folder remembers beside the services' own data, so
// that a second start has the same credentials and addresses.
type kept struct {
	mu   sync.Mutex
	path string

	Accounts  map[string]s3.Account // by name
	Addresses map[string]string     // by listener
}

func openKept(data string) (*kept, error) {
	k := &kept{path: filepath.Join(data, "local.json"), Accounts: map[string]s3.Account{}, Addresses: map[string]string{}}
	content, err := os.ReadFile(k.path)
	if errors.Is(err, os.ErrNotExist) {
		return k, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading what the data folder remembers: %w", err)
	}
	if err := json.Unmarshal(content, k); err != nil {
		return nil, fmt.Errorf("reading what the data folder remembers: %s: %w", k.path, err)
	}
	return k, nil
}

// account gives the credentials of a name, made at its first use.
func (k *kept) account(name string) s3.Account {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, known := k.Accounts[name]
	if !known {
		a = s3.Account{Name: name, AccessKey: "AKLOCAL" + rand.Text()[:13], Secret: rand.Text() + rand.Text()[:14]}
		k.Accounts[name] = a
	}
	return a
}

func (k *kept) address(listener string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.Addresses[listener]
}

func (k *kept) remember(listener, address string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.Addresses[listener] = address
}

// save writes the file in one step, so that a crash leaves the old one.
func (k *kept) save() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	content, err := json.MarshalIndent(k, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding what the data folder remembers: %w", err)
	}
	if err := os.WriteFile(k.path+".new", content, 0o600); err != nil {
		return fmt.Errorf("writing what the data folder remembers: %w", err)
	}
	if err := os.Rename(k.path+".new", k.path); err != nil {
		return fmt.Errorf("writing what the data folder remembers: %w", err)
	}
	return nil
}

// secretDocument is the document of secrets as the functions read it: keys with
// ids, the first one in use, and what the distribution says of itself.
type secretDocument struct {
	Keys   []secretKey `json:"keys"`
	Origin []string    `json:"origin"`
}

type secretKey struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
}

// complete gives the document what it lacks, and tells whether that was anything.
func (d *secretDocument) complete() (changed bool) {
	if len(d.Keys) == 0 {
		secret := make([]byte, 32)
		rand.Read(secret)
		d.Keys, changed = []secretKey{{"k1", base64.StdEncoding.EncodeToString(secret)}}, true
	}
	if len(d.Origin) == 0 {
		d.Origin, changed = []string{rand.Text()}, true
	}
	return changed
}
