package main

import (
	"encoding/json"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
)

// frontOf does what the distribution does in the cloud: API and published files on
// one host. What ministack's SES took stands where the story looks for mail.
func frontOf(address string, stack deployed) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/v1/", to(stack.API, "X-Origin-Verify", "the front of make deploy-local"))
	mux.Handle("/public/", to(address+"/"+stack.Bucket))
	mux.HandleFunc("GET /local/outbox.json", func(w http.ResponseWriter, r *http.Request) {
		content, err := call(r.Context(), address+"/_ministack/ses/messages", nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		messages, err := mails(content, r.URL.Query().Get("to"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"messages": messages}) // the client sees what is cut off
	})
	return mux
}

// to leads to an address with a header's name and value, if any.
func to(base string, header ...string) http.Handler {
	target, err := url.Parse(base)
	if err != nil {
		return http.NotFoundHandler()
	}
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = target.Host
		for i := 0; i+1 < len(header); i += 2 {
			r.Out.Header.Set(header[i], header[i+1])
		}
	}}
}

// mail is one message as the outbox of one machine gives it.
type mail struct {
	To      []string `json:"to"`
	Subject string   `json:"subject"`
	Text    string   `json:"text"`
}

// mails reads ministack's list, newest last, and gives those to one address, newest
// first.
func mails(content []byte, address string) ([]mail, error) {
	var list struct {
		Messages map[string][]struct { // by account
			To                []string
			Subject, BodyText string
		}
	}
	if err := json.Unmarshal(content, &list); err != nil {
		return nil, err
	}
	found := []mail{}
	for _, messages := range list.Messages {
		for _, m := range messages {
			if address == "" || slices.ContainsFunc(m.To, func(to string) bool { return strings.Contains(to, address) }) {
				found = append(found, mail{m.To, m.Subject, m.BodyText})
			}
		}
	}
	slices.Reverse(found)
	return found, nil
}
