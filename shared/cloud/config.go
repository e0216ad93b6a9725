// Package cloud holds the adapters to AWS: the table, the queues, secrets; the
// bucket and mail in packages of their own below it, since each client of the SDK
// that is linked costs a function a megabyte and its start. They are the only
// importers of the AWS SDK outside infra and tests, and import no step.
package cloud

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Environment makes the configuration by hand from what the Lambda runtime sets:
// the default loader costs a function a fifth of its cold start and looks in
// places that a function does not have.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func Environment() aws.Config {
	return aws.Config{
		Region: os.Getenv("AWS_REGION"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{
				AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
				SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
				SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
			}, nil
		}),
		HTTPClient: awshttp.NewBuildableClient().WithTimeout(10 * time.Second),
	}
}

// Endpoint is the service's own address where one is set (one machine), else nil.
func Endpoint(service string) *string {
	if address := os.Getenv("AWS_ENDPOINT_URL_" + service); address != "" {
		return aws.String(address)
	}
	return nil
}

// DynamoDB makes the client of the table.
func DynamoDB(cfg aws.Config) *dynamodb.Client {
	return dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
		if e := Endpoint("DYNAMODB"); e != nil {
			o.BaseEndpoint = e
		}
	})
}

// SQS makes the client of the queues.
func SQS(cfg aws.Config) *sqs.Client {
	return sqs.NewFromConfig(cfg, func(o *sqs.Options) {
		if e := Endpoint("SQS"); e != nil {
			o.BaseEndpoint = e
		}
	})
}
