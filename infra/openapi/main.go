// Command openapi writes the description of the HTTP API from the operations of
// shared/contract: go run ./infra/openapi > shared/contract/openapi.yaml. With
// -check it compares instead, and fails on a difference.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"os"

	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"paht/shared/contract"
	"paht/shared/httpapi"
)

func main() {
	check := flag.String("check", "", "compare with this file")
	flag.Parse()
	description, err := describe()
	if err == nil && *check == "" {
		_, err = os.Stdout.Write(description)
	}
	if err == nil && *check != "" {
		err = compare(*check, description)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}

func describe() ([]byte, error) {
	api := humago.New(http.NewServeMux(), httpapi.Config())
	for _, operation := range contract.Operations() {
		operation.Describe(api)
	}
	return api.OpenAPI().YAML()
}

func compare(path string, description []byte) error {
	written, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Equal(written, description) {
		return fmt.Errorf("%s differs from shared/contract; run make generate", path)
	}
	return nil
}
