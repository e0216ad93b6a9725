// Package cloud holds the adapters to AWS: the table, the queues, the objects,
// mail, secrets. It is the only importer of the AWS SDK outside infra and tests,
// and imports no step.
package cloud

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
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

// endpoint is the service's own address where one is set (one machine), else nil.
func endpoint(service string) *string {
	if address := os.Getenv("AWS_ENDPOINT_URL_" + service); address != "" {
		return aws.String(address)
	}
	return nil
}

// DynamoDB makes the client of the table.
func DynamoDB(cfg aws.Config) *dynamodb.Client {
	return dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
		if e := endpoint("DYNAMODB"); e != nil {
			o.BaseEndpoint = e
		}
	})
}

// SQS makes the client of the queues.
func SQS(cfg aws.Config) *sqs.Client {
	return sqs.NewFromConfig(cfg, func(o *sqs.Options) {
		if e := endpoint("SQS"); e != nil {
			o.BaseEndpoint = e
		}
	})
}

// S3 makes the client of the bucket; on one machine addresses are path style.
func S3(cfg aws.Config) *s3.Client {
	return s3.NewFromConfig(cfg, func(o *s3.Options) {
		if e := endpoint("S3"); e != nil {
			o.BaseEndpoint = e
			o.UsePathStyle = true
		}
		if o.BaseEndpoint != nil {
			o.UsePathStyle = true
		}
	})
}

// SES makes the client of the mail service.
func SES(cfg aws.Config) *sesv2.Client {
	return sesv2.NewFromConfig(cfg, func(o *sesv2.Options) {
		if e := endpoint("SESV2"); e != nil {
			o.BaseEndpoint = e
		}
	})
}

// SSM makes the client of the secret document.
func SSM(cfg aws.Config) *ssm.Client {
	return ssm.NewFromConfig(cfg, func(o *ssm.Options) {
		if e := endpoint("SSM"); e != nil {
			o.BaseEndpoint = e
		}
	})
}
