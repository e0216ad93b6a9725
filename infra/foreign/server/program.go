// Package server brings up other makers' implementations of AWS, so that the conformance suite can be asked what they
// say: it installs pinned versions into virtual environments, starts them on loopback and stops them. It knows nothing
// of the suites and must import nothing of the product.
package server

import (
	_ "embed" // the pinned packages
	"fmt"
	"strings"
)

// A Program is an implementation of AWS that comes as Python packages.
type Program struct {
	Name, Version string
	// Packages is what pip installs, every package with its exact version.
	Packages string
	// Python is the least version that its code runs on.
	Python Version
	// Command is what starts it; the first word is a file in the environment's bin folder.
	Command []string
	// Environment is what it runs with, for a port, credentials and an empty folder that it may write in.
	Environment func(port int, credentials Credentials, home string) []string
	// Ready is the path that answers 200 once it serves, its JSON document with each of the services.
	Ready    string
	Services []string
	// Credentials are the only ones that it verifies signatures for; nothing means that any may be chosen.
	Credentials Credentials
}

// Credentials sign requests to a server.
type Credentials struct{ AccessKey, Secret string }

//go:embed ministack.txt
var ministackPackages string

// Ministack is a drop-in for LocalStack under the MIT licence, with state in memory alone. By default it binds every
// interface.
func Ministack() Program {
	return Program{
		Name: "ministack", Version: pinned(ministackPackages, "ministack"), Packages: ministackPackages,
		Python: Version{3, 10}, Command: []string{"ministack"},
		Environment: func(port int, c Credentials, _ string) []string {
			return []string{"BIND_HOST=127.0.0.1", fmt.Sprint("GATEWAY_PORT=", port), "AUTH=true",
				"AWS_ACCESS_KEY_ID=" + c.AccessKey, "AWS_SECRET_ACCESS_KEY=" + c.Secret}
		},
		Ready: "/_localstack/health", Services: []string{"dynamodb", "sqs", "scheduler", "s3"},
	}
}

//go:embed localstack.txt
var localStackPackages string

// LocalStack is LocalStack's own code as its last Apache-2.0 packages have it. Its DynamoDB and Lambda are programs that
// it fetches at first use, so only SQS and S3 are asked of it. Its default server ignores the listen address, which is
// why another is named; taken for a container, it would write under /var/lib and listen everywhere.
func LocalStack() Program {
	return Program{
		Name: "LocalStack", Version: pinned(localStackPackages, "localstack-core"), Packages: localStackPackages,
		// The code imports warnings.deprecated, which is new in Python 3.13, though its metadata asks for less.
		Python: Version{3, 13}, Command: []string{"python", "-m", "localstack.runtime.main"},
		Environment: func(port int, _ Credentials, home string) []string {
			return []string{"GATEWAY_SERVER=hypercorn", fmt.Sprint("GATEWAY_LISTEN=127.0.0.1:", port),
				"SERVICES=s3,sqs", "EAGER_SERVICE_LOADING=1", "STRICT_SERVICE_LOADING=1", "S3_SKIP_SIGNATURE_VALIDATION=0",
				"OVERRIDE_IN_DOCKER=0", "FILESYSTEM_ROOT=" + home, "DISABLE_EVENTS=1", "SKIP_SSL_CERT_DOWNLOAD=1",
				"DNS_ADDRESS=0"}
		},
		Ready: "/_localstack/health", Services: []string{"sqs", "s3"},
		Credentials: Credentials{"test", "test"},
	}
}

// pinned returns the version of a package in a list of pins.
func pinned(packages, name string) string {
	for line := range strings.Lines(packages) {
		if v, found := strings.CutPrefix(strings.TrimSpace(line), name+"=="); found {
			return v
		}
	}
	panic("no version of " + name + " is pinned") // the list is a part of the program
}
