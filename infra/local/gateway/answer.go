package gateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// response is what a function answers in payload format 2.0.
type response struct {
	StatusCode      int            `json:"statusCode"`
	Headers         map[string]any `json:"headers"`
	Cookies         []string       `json:"cookies"`
	Body            string         `json:"body"`
	IsBase64Encoded bool           `json:"isBase64Encoded"`
}

// answer writes a function's answer. One without statusCode is itself the body
// of a 200; one that is malformed is the service's 500.
func answer(w http.ResponseWriter, r *http.Request, payload []byte) {
	out, err := decode(payload)
	if err != nil {
		message(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	body := []byte(out.Body)
	if out.IsBase64Encoded {
		if body, err = base64.StdEncoding.DecodeString(out.Body); err != nil {
			message(w, http.StatusInternalServerError, "Internal Server Error")
			return
		}
	}
	h := w.Header()
	for name, value := range out.Headers {
		if text, ok := headerText(value); ok && !connectionHeader[strings.ToLower(name)] {
			h.Set(name, text)
		}
	}
	for _, cookie := range out.Cookies {
		h.Add("Set-Cookie", cookie)
	}
	if h.Get("Content-Type") == "" && len(body) > 0 {
		h.Set("Content-Type", "text/plain; charset=utf-8")
	}
	w.WriteHeader(out.StatusCode)
	if r.Method != http.MethodHead && out.StatusCode != http.StatusNoContent && out.StatusCode != http.StatusNotModified {
		w.Write(body)
	}
}

// connectionHeader are headers that the server sets itself.
var connectionHeader = map[string]bool{"connection": true, "content-length": true, "transfer-encoding": true, "keep-alive": true, "upgrade": true, "trailer": true}

func decode(payload []byte) (response, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(payload, &fields); err != nil || fields["statusCode"] == nil {
		return implicit(payload)
	}
	var out response
	if err := json.Unmarshal(payload, &out); err != nil {
		return response{}, err
	}
	if out.StatusCode < 100 || out.StatusCode > 599 {
		return response{}, errors.New("the status is none")
	}
	return out, nil
}

// implicit makes any JSON value without a status the body; a string is given
// without its quotes.
func implicit(payload []byte) (response, error) {
	out := response{StatusCode: http.StatusOK, Headers: map[string]any{"Content-Type": "application/json"}, Body: string(payload)}
	if !json.Valid(payload) {
		return response{}, errors.New("the answer is not JSON")
	}
	var text string
	if json.Unmarshal(payload, &text) == nil && bytes.HasPrefix(bytes.TrimSpace(payload), []byte(`"`)) {
		out.Body = text
	}
	return out, nil
}

// headerText takes strings, numbers and booleans, as the service does.
func headerText(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case float64, bool:
		text, err := json.Marshal(v)
		return string(text), err == nil
	}
	return "", false
}
