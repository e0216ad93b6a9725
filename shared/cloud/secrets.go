package cloud

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"paht/shared/seal"
)

// Secrets reads the one secret document with SSM's GetParameter. It is a single
// signed request by hand: the SDK's client of SSM adds 1.2 MB to every function,
// and its schemas to every cold start, for this one call.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
func Secrets(ctx context.Context, cfg aws.Config, name string) (*seal.Keys, error) {
	const attempts = 3
	var err error
	for range attempts {
		var document []byte
		if document, err = parameter(ctx, cfg, name); err == nil {
			return seal.Parse(document)
		}
	}
	return nil, fmt.Errorf("reading the secret document: %w", err)
}

func parameter(ctx context.Context, cfg aws.Config, name string) ([]byte, error) {
	body, err := json.Marshal(map[string]any{"Name": name, "WithDecryption": true})
	if err != nil {
		return nil, err
	}
	address := aws.ToString(Endpoint("SSM"))
	if address == "" {
		address = aws.ToString(cfg.BaseEndpoint)
	}
	if address == "" {
		address = "https://ssm." + cfg.Region + ".amazonaws.com"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AmazonSSM.GetParameter")
	who, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, who, r, hex.EncodeToString(sum[:]), "ssm", cfg.Region, time.Now()); err != nil {
		return nil, err
	}
	client := cfg.HTTPClient
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err != nil {
		return nil, err
	}
	var out struct {
		Parameter struct{ Value string }
		Type      string `json:"__type"`
		Message   string `json:"message"`
	}
	if err := json.Unmarshal(answer, &out); err != nil || response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the parameter %s: status %d, %s %s", name, response.StatusCode, out.Type, out.Message)
	}
	return []byte(out.Parameter.Value), nil
}
