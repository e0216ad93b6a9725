package fleet

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"paht/infra/demo/api"
	"paht/infra/demo/province"
)

// Client talks to the fleet as an app would: what is visible is delivered before
// each of its requests, and to wait lets the system live.
func (f *Fleet) Client() *api.Client {
	return &api.Client{Base: origin, HTTP: &http.Client{Transport: door{f}}, Clock: f}
}

// SetUp makes the made-up province of the demo, with its officers.
func (f *Fleet) SetUp(ctx context.Context) error {
	if err := province.Set(ctx, f.Client(), f.Invoke, Path("data", "demo")); err != nil {
		return fmt.Errorf("setting the province up: %w", err)
	}
	return nil
}

// door carries requests to the fleet's gateway, and those to the object store to
// it, by the fleet's clock.
type door struct{ fleet *Fleet }

// RoundTrip implements http.RoundTripper.
func (d door) RoundTrip(r *http.Request) (*http.Response, error) {
	if isStore(r.URL) {
		return d.store(r)
	}
	if r.URL.Scheme+"://"+r.URL.Host != origin {
		return nil, fmt.Errorf("nothing but the system may be asked, and not %s", r.URL.Host)
	}
	if err := d.fleet.Pump(r.Context()); err != nil {
		return nil, err
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
	}
	served := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), bytes.NewReader(body))
	served.Header = r.Header.Clone()
	a := d.fleet.serve(served)
	return &http.Response{Status: http.StatusText(a.Status), StatusCode: a.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.Header, Body: io.NopCloser(bytes.NewReader(a.Body)), ContentLength: int64(len(a.Body)), Request: r}, nil
}

// store sends a request to the object store, which knows the wall's time alone:
// a form that holds by the fleet's clock is dated and signed anew.
func (d door) store(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPost {
		return storeTransport.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_ = r.Body.Close()
	kind := r.Header.Get("Content-Type")
	if dated, boundary, err := redate(body, kind, d.fleet.Now(), time.Now()); err == nil {
		body, kind = dated, boundary
	}
	again := r.Clone(r.Context())
	again.Body, again.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	again.Header.Set("Content-Type", kind)
	return storeTransport.RoundTrip(again)
}

// field is one part of a form.
type field struct {
	name, file string
	value      []byte
}

// redate moves a signed form from one clock to another: its date, its
// expiration, its signature. A form whose signature is not right is left as it
// is, so that the store refuses it; so is one whose time is over.
func redate(body []byte, kind string, from, to time.Time) (dated []byte, newKind string, err error) {
	fields, err := readForm(body, kind)
	if err != nil {
		return nil, "", err
	}
	value := func(name string) string {
		for _, f := range fields {
			if f.name == name {
				return string(f.value)
			}
		}
		return ""
	}
	key, _, _ := strings.Cut(value("x-amz-credential"), "/")
	secret := ""
	for _, a := range shared.accounts {
		if a.AccessKey == key {
			secret = a.Secret
		}
	}
	at, err := time.Parse("20060102T150405Z", value("x-amz-date"))
	if err != nil || sign(value("policy"), secret, at) != value("x-amz-signature") {
		return nil, "", fmt.Errorf("the form is not signed")
	}
	fresh := to.UTC().Add(at.Sub(from))
	policy, err := movePolicy(value("policy"), at, fresh, key)
	if err != nil {
		return nil, "", err
	}
	changed := map[string]string{"x-amz-date": fresh.Format("20060102T150405Z"), "policy": policy,
		"x-amz-credential": key + "/" + scope(fresh), "x-amz-signature": sign(policy, secret, fresh)}
	return writeForm(fields, changed)
}

func scope(at time.Time) string {
	return at.UTC().Format("20060102") + "/" + region + "/s3/aws4_request"
}

// movePolicy rewrites what a policy says of time.
func movePolicy(policy string, at, fresh time.Time, key string) (string, error) {
	data, err := base64.StdEncoding.DecodeString(policy)
	if err != nil {
		return "", err
	}
	var document struct {
		Expiration string `json:"expiration"`
		Conditions []any  `json:"conditions"`
	}
	if err := json.Unmarshal(data, &document); err != nil {
		return "", err
	}
	expires, err := time.Parse(time.RFC3339, document.Expiration)
	if err != nil {
		return "", err
	}
	document.Expiration = fresh.Add(expires.Sub(at)).Format("2006-01-02T15:04:05.000Z")
	for _, c := range document.Conditions {
		parts, ok := c.([]any)
		switch {
		case !ok || len(parts) != 3:
		case parts[1] == "$x-amz-date":
			parts[2] = fresh.Format("20060102T150405Z")
		case parts[1] == "$x-amz-credential":
			parts[2] = key + "/" + scope(fresh)
		}
	}
	moved, err := json.Marshal(document)
	return base64.StdEncoding.EncodeToString(moved), err
}

// sign is Signature Version 4 over a form's policy.
func sign(policy, secret string, at time.Time) string {
	key := []byte("AWS4" + secret)
	for _, part := range append(strings.Split(scope(at), "/"), policy) {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part)) // never fails
		key = mac.Sum(nil)
	}
	return hex.EncodeToString(key)
}

func readForm(body []byte, kind string) ([]field, error) {
	_, params, err := mime.ParseMediaType(kind)
	if err != nil {
		return nil, err
	}
	var fields []field
	for parts := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return fields, nil
		}
		if err != nil {
			return nil, err
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return nil, err
		}
		fields = append(fields, field{part.FormName(), part.FileName(), value})
	}
}

func writeForm(fields []field, changed map[string]string) ([]byte, string, error) {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, f := range fields {
		if value, ok := changed[f.name]; ok {
			f.value = []byte(value)
		}
		create := w.CreateFormField
		if f.file != "" {
			create = func(name string) (io.Writer, error) { return w.CreateFormFile(name, f.file) }
		}
		part, err := create(f.name)
		if err != nil {
			return nil, "", err
		}
		if _, err := part.Write(f.value); err != nil {
			return nil, "", err
		}
	}
	err := w.Close()
	return body.Bytes(), w.FormDataContentType(), err
}

// Sleep and Now make the fleet the clock of its clients.
var _ api.Clock = (*Fleet)(nil)
