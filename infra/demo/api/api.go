// Package api is an HTTP client as an app would be: JSON, a bearer token, an
// idempotency key, and the outbox of the local system in the place of a mailbox.
// It knows the contract's addresses only through its callers.
package api

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Client talks to one address.
type Client struct {
	Base string
	HTTP *http.Client
	// Clock is the time of the system that is talked to; nil is that of the wall.
	Clock Clock
	// Patience bounds each wait; nought is a hundred seconds, since the sweep that
	// mends a lost message comes once a minute.
	Patience time.Duration
}

// Clock is the time that a client dates by and waits in.
type Clock interface {
	Now() time.Time
	// Sleep waits; its error is the context's.
	Sleep(ctx context.Context, d time.Duration) error
}

// Now is the instant by the client's clock.
func (c *Client) Now() time.Time {
	if c.Clock == nil {
		return time.Now()
	}
	return c.Clock.Now()
}

// Sleep waits by the client's clock.
func (c *Client) Sleep(ctx context.Context, d time.Duration) error {
	if c.Clock != nil {
		return c.Clock.Sleep(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// New makes a client of an address such as http://localhost:8080.
func New(base string) *Client {
	return &Client{Base: strings.TrimSuffix(base, "/"), HTTP: &http.Client{Timeout: 40 * time.Second}}
}

// Call is one request.
type Call struct {
	Method string
	Path   string
	Token  string
	Body   any
	Key    string // Idempotency-Key; made up where empty and the method changes something
	Match  string // If-Match
	Want   int    // the status that the answer must have
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Into reads the answer's JSON.
func (a Answer) Into(v any) error {
	if err := json.Unmarshal(a.Body, v); err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	return nil
}

// ETag is the answer's ETag.
func (a Answer) ETag() string { return a.Header.Get("ETag") }

// Problem is what a refusal says (RFC 9457).
type Problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Code   string `json:"code"`
	Errors []struct {
		Path   string   `json:"path"`
		Code   string   `json:"code"`
		Detail string   `json:"detail"`
		Facts  []string `json:"facts"`
	} `json:"errors"`
}

// Do sends a request and checks the answer's status.
func (c *Client) Do(ctx context.Context, call Call) (Answer, error) {
	var body io.Reader
	if call.Body != nil {
		encoded, err := json.Marshal(call.Body)
		if err != nil {
			return Answer{}, fmt.Errorf("encoding the request: %w", err)
		}
		body = bytes.NewReader(encoded)
	}
	r, err := http.NewRequestWithContext(ctx, call.Method, c.Base+call.Path, body)
	if err != nil {
		return Answer{}, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if call.Token != "" {
		r.Header.Set("Authorization", "Bearer "+call.Token)
	}
	if call.Method != http.MethodGet {
		key := call.Key
		if key == "" {
			key = Key()
		}
		r.Header.Set("Idempotency-Key", key)
	}
	if call.Match != "" {
		r.Header.Set("If-Match", call.Match)
	}
	a, err := c.send(r)
	if err != nil {
		return Answer{}, fmt.Errorf("%s %s: %w", call.Method, call.Path, err)
	}
	if call.Want != 0 && a.Status != call.Want {
		return a, fmt.Errorf("%s %s answered %d, not %d: %s", call.Method, call.Path, a.Status, call.Want, shorten(a.Body))
	}
	return a, nil
}

func (c *Client) send(r *http.Request) (Answer, error) {
	response, err := c.HTTP.Do(r)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return Answer{}, fmt.Errorf("reading the answer: %w", err)
	}
	return Answer{Status: response.StatusCode, Header: response.Header, Body: body}, nil
}

// Fetch reads an address, absolute or on the client's host.
func (c *Client) Fetch(ctx context.Context, address string) (Answer, error) {
	if strings.HasPrefix(address, "/") {
		address = c.Base + address
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Answer{}, err
	}
	a, err := c.send(r)
	if err == nil && a.Status != http.StatusOK {
		err = fmt.Errorf("%s answered %d: %s", address, a.Status, shorten(a.Body))
	}
	return a, err
}

// Form sends a file to a presigned form: the fields, and the file last.
func (c *Client) Form(ctx context.Context, address string, fields map[string]string, file []byte) (Answer, error) {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range fields {
		if err := w.WriteField(name, value); err != nil {
			return Answer{}, err
		}
	}
	part, err := w.CreateFormFile("file", "file")
	if err != nil {
		return Answer{}, err
	}
	if _, err := part.Write(file); err != nil {
		return Answer{}, err
	}
	if err := w.Close(); err != nil {
		return Answer{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, &body)
	if err != nil {
		return Answer{}, err
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	return c.send(r)
}

// Key makes an Idempotency-Key.
func Key() string { return rand.Text() }

func shorten(b []byte) string {
	if len(b) > 600 {
		return string(b[:600]) + "…"
	}
	return string(b)
}

// Mail is a message of the outbox.
type Mail struct {
	To      []string `json:"to"`
	Subject string   `json:"subject"`
	Text    string   `json:"text"`
}

// Mails reads what was sent to an address, newest first.
func (c *Client) Mails(ctx context.Context, address string) ([]Mail, error) {
	a, err := c.Do(ctx, Call{Method: http.MethodGet, Path: "/local/outbox.json?to=" + url.QueryEscape(address), Want: http.StatusOK})
	if err != nil {
		return nil, err
	}
	var out struct {
		Messages *[]Mail `json:"messages"`
	}
	if err := a.Into(&out); err != nil {
		return nil, err
	}
	if out.Messages == nil {
		return nil, fmt.Errorf("the outbox gave no list of messages")
	}
	return *out.Messages, nil
}

var code = regexp.MustCompile(`\b[0-9A-HJKMNP-TV-Z]{8}\b`)

// Code waits for a one-time code that was sent to an address.
func (c *Client) Code(ctx context.Context, address string) (string, error) {
	var found string
	err := c.Wait(ctx, "a code for "+address, func() (bool, error) {
		mails, err := c.Mails(ctx, address)
		if err != nil {
			return false, err
		}
		for _, m := range mails {
			if found = code.FindString(m.Text); found != "" {
				return true, nil
			}
		}
		return false, nil
	})
	return found, err
}

const patience = 100 * time.Second

// Wait asks until something is so.
func (c *Client) Wait(ctx context.Context, what string, ask func() (bool, error)) error {
	deadline := c.Now().Add(cmp.Or(c.Patience, patience))
	for {
		done, err := ask()
		if err != nil {
			return fmt.Errorf("waiting for %s: %w", what, err)
		}
		if done {
			return nil
		}
		if c.Now().After(deadline) {
			return fmt.Errorf("waiting for %s: it did not come", what)
		}
		if err := c.Sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}
