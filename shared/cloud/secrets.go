package cloud

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"paht/shared/seal"
)

// Secrets reads the one secret document.
func Secrets(ctx context.Context, client *ssm.Client, name string) (*seal.Keys, error) {
	out, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: &name, WithDecryption: aws.Bool(true)})
	if err != nil {
		return nil, fmt.Errorf("reading the secret document: %w", err)
	}
	return seal.Parse([]byte(aws.ToString(out.Parameter.Value)))
}
