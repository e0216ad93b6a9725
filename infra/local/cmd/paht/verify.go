package main

import (
	"encoding/json"
	"fmt"
	"io"

	"paht/infra/local/system"
	"paht/shared/ledger"
)

// verify asks the running system to check every report of some days, step by
// step, and prints what was checked and each deviation.
func verify(remote system.Remote, days []string, out io.Writer) error {
	var request ledger.Request
	for i, day := range []*string{&request.From, &request.To} {
		if i < len(days) {
			*day = days[i]
		}
	}
	answer, err := ledger.Walk(request, func(step ledger.Request) (ledger.Answer, error) {
		event, err := json.Marshal(struct {
			Operation string `json:"operation"`
			ledger.Request
		}{"verify", step})
		if err != nil {
			return ledger.Answer{}, err
		}
		result, err := remote.Invoke("admin", event)
		if err != nil {
			return ledger.Answer{}, err
		}
		if result.FunctionError != "" {
			return ledger.Answer{}, fmt.Errorf("verifying failed: %s", result.Payload)
		}
		var part ledger.Answer
		return part, json.Unmarshal(result.Payload, &part)
	})
	if err != nil {
		return err
	}
	answer.Print(out)
	if len(answer.Deviations) > 0 {
		return fmt.Errorf("%d deviations", len(answer.Deviations))
	}
	return nil
}
