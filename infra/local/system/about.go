package system

import (
	"fmt"
	"path/filepath"

	"paht/infra/emulator"
	"paht/infra/emulator/policy"
	"paht/infra/local/runtimeapi"
	"paht/infra/local/s3"
)

// Address is the one that people use.
func (s *System) Address() string { return s.addresses["system"] }

// OperatorAddress is the one for whoever runs the system: invoking functions,
// looking at queues. Nothing of the product stands there.
func (s *System) OperatorAddress() string { return s.addresses["operator"] }

// Endpoints are the variables that lead an AWS client here.
func (s *System) Endpoints() map[string]string {
	return endpoints(s.addresses["aws"], s.addresses["s3"])
}

func endpoints(aws, store string) map[string]string {
	all := map[string]string{"AWS_ENDPOINT_URL_S3": store}
	for _, service := range []string{"DYNAMODB", "SQS", "SCHEDULER", "SESV2", "SNS", "SSM"} {
		all["AWS_ENDPOINT_URL_"+service] = aws
	}
	return all
}

// Emulator is the embedded AWS without S3.
func (s *System) Emulator() *emulator.Emulator { return s.emulator }

// Store is the embedded S3.
func (s *System) Store() *s3.Server { return s.store }

// Root is the account that may do everything.
func (s *System) Root() s3.Account { return s.kept.account("root") }

// Processes lists the functions' running processes.
func (s *System) Processes() []runtimeapi.Process { return s.runtime.Processes() }

// Unused lists, by function, the statements that no call has used so far.
func (s *System) Unused() map[string][]policy.Statement {
	all := map[string][]policy.Statement{}
	for _, f := range s.template.Functions {
		if unused := s.allowed[s.kept.account(f.Name).AccessKey].Unused(); len(unused) > 0 {
			all[f.LogicalID] = unused
		}
	}
	return all
}

func (s *System) about() []string {
	return []string{
		"the outbox: " + s.Address() + "/local/outbox",
		"S3: " + s.addresses["s3"],
		"DynamoDB, SQS, Scheduler, SESv2, SNS, SSM: " + s.addresses["aws"],
		"operator: " + s.addresses["operator"],
		"data: " + s.options.Data,
		"logs: " + filepath.Join(s.options.Data, "logs"),
	}
}

// announce prints what runs, and the log-ins.
func (s *System) announce() error {
	fmt.Fprintf(lockedWriter{s}, "paht runs at %s\n", s.Address())
	for _, line := range s.about() {
		fmt.Fprintln(lockedWriter{s}, "  "+line)
	}
	if s.options.Announce == nil {
		return nil
	}
	lines, err := s.options.Announce(s)
	if err != nil {
		return err
	}
	for _, line := range lines {
		fmt.Fprintln(lockedWriter{s}, "  "+line)
	}
	return nil
}
