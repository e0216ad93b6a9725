package foreign

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"paht/infra/emulator/conformance"
	"paht/infra/foreign/server"
	objects "paht/infra/local/s3/conformance"
)

// environments is where the virtual environments stand, with everything else that is built.
const environments = "../../build"

// report is what is printed at the end: which server was asked for what.
var report struct {
	sync.Mutex
	lines []string
}

func say(format string, args ...any) {
	report.Lock()
	defer report.Unlock()
	report.lines = append(report.lines, fmt.Sprintf(format, args...))
}

func TestMain(m *testing.M) {
	flag.Parse()
	// The rows on schedules sleep side by side; they are more than a machine has processors.
	if err := flag.Set("test.parallel", "64"); err != nil {
		panic(err) // the testing package has no such flag any more
	}
	code := m.Run()
	for _, line := range report.lines {
		fmt.Println(line)
	}
	os.Exit(code)
}

// suites are the parts of the conformance suite by the services' names.
var suites = map[string]func(*testing.T, conformance.Target){
	"dynamodb":  conformance.DynamoDB,
	"sqs":       conformance.SQS,
	"scheduler": func(t *testing.T, target conformance.Target) { conformance.Scheduler(t, target, nil) },
	"s3":        func(t *testing.T, target conformance.Target) { objects.S3(t, target, nil) },
}

func TestMinistack(t *testing.T) { started(t, server.Ministack(), ministack) }

func TestLocalStack(t *testing.T) { started(t, server.LocalStack(), localStack) }

// started installs and starts a server and runs the suites of its services on it. Where AWS_ENDPOINT_URL names another
// ground, that one is asked instead of it.
func started(t *testing.T, program server.Program, lists divergences) {
	if address := os.Getenv("AWS_ENDPOINT_URL"); address != "" {
		t.Logf("AWS_ENDPOINT_URL is %s: that is asked, and %s is not started", address, program.Name)
		return
	}
	installed, err := program.Install(t.Context(), environments, os.Stderr)
	var none *server.NoPython
	if errors.As(err, &none) {
		say("NOT CHECKED on %s %s (%s): %v", program.Name, program.Version, strings.Join(program.Services, ", "), none)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	running := start(t, installed)
	all(t, program.Services, lists, conformance.Target{Name: program.Name + " " + program.Version,
		Config: config(running.URL, "ap-southeast-1", aws.Credentials{AccessKeyID: running.Credentials.AccessKey, SecretAccessKey: running.Credentials.Secret})})
}

// all runs the suites of the services on a target, and the story where it has every one of them.
func all(t *testing.T, services []string, lists divergences, target conformance.Target) {
	for _, service := range services {
		target.Divergence = lists[service]
		ask(t, service, target)
	}
	if len(services) == len(suites) {
		play(t, target)
	}
}

// start starts a server that ends with the test; what it printed is shown if the test fails.
func start(t *testing.T, installed *server.Installed) *server.Running {
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	running, err := installed.Start(t.Context(), log)
	t.Cleanup(func() {
		if running != nil {
			if err := running.Stop(); err != nil {
				t.Error(err)
			}
		}
		if said, err := os.ReadFile(log.Name()); t.Failed() && err == nil {
			t.Logf("%s said at last:\n%s", installed.Name, said[max(0, len(said)-4000):])
		}
		_ = log.Close() // it was written by the server alone
	})
	if err != nil {
		t.Fatal(err)
	}
	return running
}

// TestTheEndpointOfTheEnvironment runs every suite on what stands at AWS_ENDPOINT_URL, with the credentials and the
// region of the environment (test, test and ap-southeast-1 where there are none). AWS_SERVICES, a list with commas,
// narrows it to what that server has.
func TestTheEndpointOfTheEnvironment(t *testing.T) {
	address := os.Getenv("AWS_ENDPOINT_URL")
	if address == "" {
		t.Log("AWS_ENDPOINT_URL is not set: the servers of this package are asked")
		return
	}
	name, lists := known(t.Context(), address)
	region := variable("ap-southeast-1", "AWS_REGION", "AWS_DEFAULT_REGION")
	credentials := aws.Credentials{AccessKeyID: variable("test", "AWS_ACCESS_KEY_ID"),
		SecretAccessKey: variable("test", "AWS_SECRET_ACCESS_KEY"), SessionToken: os.Getenv("AWS_SESSION_TOKEN")}
	services := strings.Split(variable("dynamodb,sqs,scheduler,s3", "AWS_SERVICES"), ",")
	for _, service := range services {
		if suites[service] == nil {
			t.Fatalf("AWS_SERVICES names %q, which is none of %v", service, slices.Sorted(maps.Keys(suites)))
		}
	}
	all(t, services, lists, conformance.Target{Name: name, Config: config(strings.TrimSuffix(address, "/"), region, credentials)})
}

// known gives the name and the divergences of a server whose health page says that it is one of ours, in the same
// version. Any other is held to what AWS says, without exception.
func known(ctx context.Context, address string) (string, divergences) {
	health, err := server.Ask(ctx, strings.TrimSuffix(address, "/")+"/_localstack/health")
	if err != nil {
		return address, nil // AWS itself, and others, have no such page
	}
	for program, lists := range map[*server.Program]divergences{new(server.Ministack()): ministack, new(server.LocalStack()): localStack} {
		if health.Version == program.Version {
			return program.Name + " at " + address, lists
		}
	}
	return fmt.Sprintf("version %s of %s", health.Version, address), nil
}

func variable(otherwise string, names ...string) string {
	for _, name := range names {
		if v := os.Getenv(name); v != "" {
			return v
		}
	}
	return otherwise
}

func config(address, region string, credentials aws.Credentials) func() aws.Config {
	return func() aws.Config {
		return aws.Config{Region: region, BaseEndpoint: &address,
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return credentials, nil })}
	}
}

// ask runs a suite. A divergence that names no row of it fails as well: the row has gone or changed its name.
func ask(t *testing.T, service string, target conformance.Target) {
	t.Run(service, func(t *testing.T) {
		rows := map[string]bool{}
		target.Ran = func(fact string) { rows[fact] = true }
		t.Cleanup(func() {
			outcome := "as AWS says"
			if t.Failed() {
				outcome = "FAILED"
			}
			say("%s on %s: %d rows, %s, but for %d listed divergences", service, target.Name, len(rows), outcome, len(target.Divergence))
			for fact := range target.Divergence {
				if !rows[fact] {
					t.Errorf("%s is listed as differing in a row that is none: %s", target.Name, fact)
				}
			}
		})
		suites[service](t, target)
	})
}
