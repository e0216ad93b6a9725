//go:build aws

package conformance_test

import (
	"context"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"paht/infra/emulator/conformance"
)

// The suites on whatever stands at AWS_ENDPOINT_URL (or at the service's own
// variable): ministack, LocalStack's code, AWS itself. CONFORMANCE_TARGET
// names it, for the list of its known divergences.

// divergences are how other implementations are known to differ, by target
// and service; a row that differs no more fails.
var divergences = map[string]map[string]map[string]string{
	"ministack": {"SQS": conformance.MinistackSQS, "SCHEDULER": conformance.MinistackScheduler},
}

func foreign(t *testing.T, service string) conformance.Target {
	t.Helper()
	need := func(names ...string) string {
		for _, name := range names {
			if v := os.Getenv(name); v != "" {
				return v
			}
		}
		t.Fatalf("the environment variable %s is missing", names[0])
		return ""
	}
	name := os.Getenv("CONFORMANCE_TARGET")
	endpoint := need("AWS_ENDPOINT_URL_"+service, "AWS_ENDPOINT_URL")
	region := need("AWS_REGION", "AWS_DEFAULT_REGION")
	key, secret := need("AWS_ACCESS_KEY_ID"), need("AWS_SECRET_ACCESS_KEY")
	return conformance.Target{Name: name, Divergence: divergences[name][service], Config: func() aws.Config {
		return aws.Config{Region: region, BaseEndpoint: &endpoint,
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: key, SecretAccessKey: secret, SessionToken: os.Getenv("AWS_SESSION_TOKEN")}, nil
			})}
	}}
}

func TestQueuesOfAForeignTarget(t *testing.T) { conformance.SQS(t, foreign(t, "SQS")) }

func TestSchedulesOfAForeignTarget(t *testing.T) {
	conformance.Scheduler(t, foreign(t, "SCHEDULER"), nil)
}
