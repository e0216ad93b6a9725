package system

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"paht/infra/emulator/sqs"
	"paht/infra/local/runtimeapi"
)

// Queue is the state of one queue.
type Queue struct {
	Name       string `json:"name"`
	Visible    int    `json:"visible"`
	InFlight   int    `json:"inFlight"`
	Delayed    int    `json:"delayed"`
	DeadLetter string `json:"deadLetter,omitempty"` // queue that takes what failed too often
}

// operator is the handler of the operator's address.
func (s *System) operator() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/2015-03-31/", s.runtime.Handler())
	mux.HandleFunc("POST /invoke/{name}", func(w http.ResponseWriter, r *http.Request) {
		payload, err := io.ReadAll(io.LimitReader(r.Body, runtimeapi.MaxPayload+1))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		reply(w)(s.Invoke(r.Context(), r.PathValue("name"), payload))
	})
	mux.HandleFunc("GET /queues", func(w http.ResponseWriter, _ *http.Request) { reply(w)(Queues(s.emulator.Queues())) })
	mux.HandleFunc("POST /redrive/{queue}", func(w http.ResponseWriter, r *http.Request) {
		reply(w)(Redrive(s.emulator.Queues(), r.PathValue("queue")))
	})
	mux.HandleFunc("POST /seed/{reports}", func(w http.ResponseWriter, r *http.Request) {
		reports, err := strconv.Atoi(r.PathValue("reports"))
		if err == nil {
			err = s.Fill(r.Context(), reports)
		}
		reply(w)(Filled{reports}, err)
	})
	return mux
}

// reply writes a result as JSON, or an error as text.
func reply(w http.ResponseWriter) func(result any, err error) {
	return func(result any, err error) {
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(result)
	}
}

// Invocation is what an operator sees of an invocation.
type Invocation struct {
	Payload       json.RawMessage `json:"payload"`
	FunctionError string          `json:"functionError,omitempty"`
	RequestID     string          `json:"requestId"`
}

// Invoke runs a function by its name, its logical id, or its one word.
func (s *System) Invoke(ctx context.Context, name string, payload []byte) (any, error) {
	for _, f := range s.template.Functions {
		if f.Name == name || f.LogicalID == name || word(f.CodeURI) == name {
			if len(payload) == 0 {
				payload = []byte("{}")
			}
			result, err := s.runtime.Invoke(ctx, f.Name, payload)
			if err != nil {
				return nil, err
			}
			return Invocation{result.Payload, result.FunctionError, result.RequestID}, nil
		}
	}
	return nil, fmt.Errorf("invoking %s: %w", name, runtimeapi.ErrUnknown)
}

// Queues lists the queues with what is in them.
func Queues(queues *sqs.Service) ([]Queue, error) {
	var all []Queue
	for _, name := range queues.Names() {
		counts, err := queues.Counts(name)
		if err != nil {
			return nil, err
		}
		dead, err := deadLetter(queues, name)
		if err != nil {
			return nil, err
		}
		all = append(all, Queue{name, counts.Visible, counts.InFlight, counts.Delayed, dead})
	}
	return all, nil
}

func deadLetter(queues *sqs.Service, name string) (string, error) {
	attributes, err := queues.Attributes(name)
	if err != nil {
		return "", err
	}
	var redrive struct {
		Target string `json:"deadLetterTargetArn"`
	}
	if attributes[sqs.RedrivePolicy] == "" {
		return "", nil
	}
	if err := json.Unmarshal([]byte(attributes[sqs.RedrivePolicy]), &redrive); err != nil {
		return "", fmt.Errorf("reading the redrive policy of %s: %w", name, err)
	}
	return queues.Name(redrive.Target), nil
}

// Moved is how many dead letters went back.
type Moved struct {
	Queue string `json:"queue"`
	Moved int    `json:"moved"`
}

// Redrive sends the dead letters of a queue back to it. The queue, or its
// dead-letter queue, may be named with or without the stack's name, or by the
// one word of the step that consumes it.
func Redrive(queues *sqs.Service, name string) (Moved, error) {
	for _, q := range queues.Names() {
		if q != name && !strings.EqualFold(q, stack+"-"+name) && !strings.EqualFold(q, stack+"-"+name+"Queue") {
			continue
		}
		dead, err := deadLetter(queues, q)
		if err != nil {
			return Moved{}, err
		}
		if dead == "" {
			dead = q
		}
		task, err := queues.Redrive(dead, "")
		if err != nil {
			return Moved{}, fmt.Errorf("sending the dead letters of %s back: %w", dead, err)
		}
		return Moved{dead, task.Moved}, nil
	}
	return Moved{}, fmt.Errorf("there is no queue %s", name)
}
