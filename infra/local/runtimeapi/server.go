package runtimeapi

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// routes is the Runtime API of one sandbox, version 2018-06-01.
func (s *sandbox) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", s.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", s.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", s.failed)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", s.initFailed)
	return mux
}

// next is asked when the function is ready, first after its start and then
// after each invocation; it blocks until there is one.
func (s *sandbox) next(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	again, over := s.asked, s.current
	s.asked = true
	if again {
		s.current = nil
	}
	s.mu.Unlock()
	s.pool.ready(s, !again)
	if again && over != nil {
		close(over.over)
	}
	select {
	case i := <-s.work:
		s.deliver(w, i)
	case <-r.Context().Done():
	case <-s.ended:
	}
}

func (s *sandbox) deliver(w http.ResponseWriter, i *invocation) {
	f, o := s.pool.function, s.pool.runtime.options
	i.deadline = time.Now().Add(f.Timeout)
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Lambda-Runtime-Aws-Request-Id", i.id)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(i.deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", o.Region, o.AccountID, f.Name))
	h.Set("Lambda-Runtime-Trace-Id", fmt.Sprintf("Root=1-%08x-%s;Sampled=0", i.deadline.Unix(), i.id[:8]+"0000000000000000"))
	close(i.delivered)
	w.Write(i.payload)
}

// running gives the invocation that an answer is for.
func (s *sandbox) running(w http.ResponseWriter, r *http.Request) *invocation {
	s.mu.Lock()
	i := s.current
	s.mu.Unlock()
	if i == nil || i.id != r.PathValue("id") {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return nil
	}
	return i
}

func (s *sandbox) response(w http.ResponseWriter, r *http.Request) {
	i := s.running(w, r)
	if i == nil {
		return
	}
	payload, err := io.ReadAll(io.LimitReader(r.Body, MaxPayload+1))
	if err != nil {
		refuse(w, http.StatusBadRequest, "InvalidResponse", "the response did not arrive")
		return
	}
	if len(payload) > MaxPayload {
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "Response payload size exceeded maximum allowed payload size (6291556 bytes).")
		i.finish(failure(i, "Function.ResponseSizeTooLarge", "Error: Response payload size exceeded maximum allowed payload size (6291556 bytes)."))
		return
	}
	accept(w)
	i.finish(Result{Payload: payload})
}

func (s *sandbox) failed(w http.ResponseWriter, r *http.Request) {
	i := s.running(w, r)
	if i == nil {
		return
	}
	payload, err := io.ReadAll(io.LimitReader(r.Body, MaxPayload))
	if err != nil || !json.Valid(payload) {
		payload = failure(i, r.Header.Get("Lambda-Runtime-Function-Error-Type"), "Error: the function failed").Payload
	}
	accept(w)
	i.finish(Result{Payload: payload, FunctionError: "Unhandled"})
}

// initFailed ends the sandbox; who waits for it gets what it said.
func (s *sandbox) initFailed(w http.ResponseWriter, r *http.Request) {
	payload, err := io.ReadAll(io.LimitReader(r.Body, MaxPayload))
	if err == nil && json.Valid(payload) {
		s.mu.Lock()
		s.initError = payload
		s.mu.Unlock()
	}
	accept(w)
	s.kill()
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, kind, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"errorType": kind, "errorMessage": text})
}
