package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"paht/shared/ledger"
)

// Verify is the stack operation that checks what is stored: every report's chain,
// effects, projections and files. One invocation checks as many reports as its
// time allows; its answer's next is the after of the following one.
const Verify = "verify"

// Ledger checks what is stored, in steps.
type Ledger interface {
	// Verify checks the reports of some days, from where the step before ended.
	Verify(ctx context.Context, r ledger.Request) (ledger.Answer, error)
}

// Verification serves the operation verify.
type Verification struct{ Ledger Ledger }

// operation serves one of the stack's operations.
type operation = func(ctx context.Context, name string, event json.RawMessage) (any, error)

// Or serves verify, and leaves every other operation to another.
func (v Verification) Or(others operation) operation {
	return func(ctx context.Context, name string, event json.RawMessage) (any, error) {
		if name != Verify {
			return others(ctx, name, event)
		}
		return v.verify(ctx, event)
	}
}

// verification is the event: {"operation":"verify","from":"2026-11-01"}.
type verification struct {
	Operation string `json:"operation"`
	ledger.Request
}

func (v Verification) verify(ctx context.Context, event json.RawMessage) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(event))
	decoder.DisallowUnknownFields()
	var in verification
	if err := decoder.Decode(&in); err != nil {
		return nil, fmt.Errorf("reading the event of %s: %w", Verify, err)
	}
	answer, err := v.Ledger.Verify(ctx, in.Request)
	if err != nil {
		return nil, fmt.Errorf("verifying the ledger: %w", err)
	}
	return answer, nil
}

// TimeLeft is the time until the invocation's own deadline.
func TimeLeft(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return time.Hour
	}
	return time.Until(deadline)
}
