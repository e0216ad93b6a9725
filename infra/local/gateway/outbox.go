package gateway

import (
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"paht/infra/emulator/messaging"
)

// Messages is the outbox that the page shows.
type Messages interface {
	List(offset, limit int) (messages []messaging.Message, total int, err error)
	Get(id string) (messaging.Message, bool, error)
	Bounce(recipient string) error
	Unbounce(recipient string) error
}

const pageSize = 50

// Outbox is the page of what was sent: newest first, one message, the same as
// JSON, and a form that makes an address bounce. It stands under /local/, where
// the product has nothing.
func Outbox(box Messages) http.Handler {
	o := outbox{box}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /local/outbox", o.list)
	mux.HandleFunc("GET /local/outbox.json", o.json)
	mux.HandleFunc("GET /local/outbox/{id}", o.show)
	mux.HandleFunc("POST /local/outbox/bounce", o.bounce)
	return mux
}

type outbox struct{ box Messages }

// entry is a message as outbox.json gives it.
type entry struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind"`
	At        time.Time `json:"at"`
	From      string    `json:"from,omitempty"`
	To        []string  `json:"to,omitempty"`
	Subject   string    `json:"subject,omitempty"`
	Text      string    `json:"text,omitempty"`
	HTML      string    `json:"html,omitempty"`
	MessageID string    `json:"messageId,omitempty"`
	Target    string    `json:"target,omitempty"`
	Bounced   []string  `json:"bounced,omitempty"`
}

func (o outbox) json(w http.ResponseWriter, r *http.Request) {
	entries, err := o.addressed(r.URL.Query().Get("to"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(map[string]any{"messages": entries})
}

// addressed gives the newest thousand messages, or those of them to one
// address or endpoint.
func (o outbox) addressed(to string) ([]entry, error) {
	messages, _, err := o.box.List(0, 1000)
	if err != nil {
		return nil, fmt.Errorf("reading the outbox: %w", err)
	}
	entries := []entry{}
	for _, m := range messages {
		isTo := func(address string) bool {
			return strings.EqualFold(address, to) || strings.Contains(address, "<"+to+">")
		}
		if to == "" || m.Target == to || slices.ContainsFunc(m.To, isTo) {
			entries = append(entries, entry{m.ID, m.Kind, m.At, m.From, m.To, m.Subject, m.Text, m.HTML, m.MessageID, m.Target, m.Bounced})
		}
	}
	return entries, nil
}

var listPage = template.Must(template.New("list").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Outbox</title>
<body style="font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto">
<h1>Outbox</h1>
<p>What the system on this machine sent: {{.Total}} messages, newest first. Nothing leaves this machine.</p>
<form method="post" action="/local/outbox/bounce">
<label>Address <input name="address" type="email" required></label>
<button name="bounces" value="yes">Bounces from now on</button>
<button name="bounces" value="no">Takes mail again</button>
</form>
<table cellpadding="6"><tr><th>Time</th><th>Kind</th><th>To</th><th>Subject</th></tr>
{{range .Messages}}<tr><td>{{.At.Format "2006-01-02 15:04:05"}}</td><td>{{.Kind}}</td><td>{{range .To}}{{.}} {{end}}{{.Target}}{{if .Bounced}} (bounced){{end}}</td><td><a href="/local/outbox/{{.ID}}">{{or .Subject "(none)"}}</a></td></tr>
{{end}}</table>
{{if .Older}}<p><a href="/local/outbox?from={{.Older}}">Older</a></p>{{end}}
`))

func (o outbox) list(w http.ResponseWriter, r *http.Request) {
	from, err := strconv.Atoi(r.URL.Query().Get("from"))
	if err != nil || from < 0 {
		from = 0
	}
	messages, total, err := o.box.List(from, pageSize)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	older := 0
	if from+pageSize < total {
		older = from + pageSize
	}
	render(w, listPage, struct {
		Messages     []messaging.Message
		Total, Older int
	}{messages, total, older})
}

var showPage = template.Must(template.New("show").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{{or .Subject "Message"}}</title>
<body style="font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto">
<p><a href="/local/outbox">Outbox</a></p>
<h1>{{or .Subject "(no subject)"}}</h1>
<p>{{.Kind}}, {{.At.Format "2006-01-02 15:04:05"}}<br>from {{.From}}<br>to {{range .To}}{{.}} {{end}}{{.Target}}{{if .Bounced}}<br>bounced: {{range .Bounced}}{{.}} {{end}}{{end}}</p>
<table>{{range .Headers}}<tr><td>{{.Name}}</td><td>{{.Value}}</td></tr>{{end}}</table>
<pre style="white-space: pre-wrap">{{.Text}}</pre>
{{if .HTML}}<iframe sandbox srcdoc="{{.HTML}}" style="width: 100%; height: 40em"></iframe>{{end}}
`))

func (o outbox) show(w http.ResponseWriter, r *http.Request) {
	m, found, err := o.box.Get(r.PathValue("id"))
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	case !found:
		http.NotFound(w, r)
	default:
		render(w, showPage, m)
	}
}

func (o outbox) bounce(w http.ResponseWriter, r *http.Request) {
	address := strings.TrimSpace(r.PostFormValue("address"))
	if address == "" {
		http.Error(w, "the field address is missing", http.StatusBadRequest)
		return
	}
	mark := o.box.Bounce
	if r.PostFormValue("bounces") == "no" {
		mark = o.box.Unbounce
	}
	if err := mark(address); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/local/outbox", http.StatusSeeOther)
}

func render(w http.ResponseWriter, page *template.Template, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	page.Execute(w, data)
}
