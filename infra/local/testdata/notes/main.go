// Command notes is the function of the system's tests: it stores, sends,
// receives, queries and signs uploads, with nothing but what its environment
// names, so that templates can use it in several places.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
)

var (
	table, queue, bucket = os.Getenv("TABLE"), os.Getenv("QUEUE_URL"), os.Getenv("BUCKET")
	mark, index          = os.Getenv("MARK"), os.Getenv("INDEX")

	config = aws.Config{
		Region:      os.Getenv("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), ""),
	}
	items = dynamodb.NewFromConfig(config, func(o *dynamodb.Options) {
		o.BaseEndpoint, o.RetryMaxAttempts = aws.String(os.Getenv("AWS_ENDPOINT_URL_DYNAMODB")), 1
	})
	messages = sqs.NewFromConfig(config, func(o *sqs.Options) { o.BaseEndpoint = aws.String(os.Getenv("AWS_ENDPOINT_URL_SQS")) })
	objects  = s3.NewFromConfig(config, func(o *s3.Options) {
		o.BaseEndpoint, o.UsePathStyle = aws.String(os.Getenv("AWS_ENDPOINT_URL_S3")), true
	})
)

func main() { lambda.Start(handle) }

func handle(ctx context.Context, raw json.RawMessage) (any, error) {
	var shape struct {
		RequestContext *json.RawMessage `json:"requestContext"`
	}
	if err := json.Unmarshal(raw, &shape); err != nil {
		return nil, err
	}
	if shape.RequestContext == nil {
		var batch events.SQSEvent
		if err := json.Unmarshal(raw, &batch); err != nil {
			return nil, err
		}
		return receive(ctx, batch), nil
	}
	var request events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(raw, &request); err != nil {
		return nil, err
	}
	result, err := serve(ctx, request)
	var api smithy.APIError
	if errors.As(err, &api) {
		return map[string]string{"refused": api.ErrorCode()}, nil
	}
	return result, err
}

func serve(ctx context.Context, r events.APIGatewayV2HTTPRequest) (any, error) {
	last := r.RawPath[strings.LastIndex(r.RawPath, "/")+1:]
	switch {
	case last == "marked":
		return marked(ctx)
	case last == "upload":
		return uploadForm(ctx, "uploads/"+r.RequestContext.RequestID)
	case last == "scan":
		_, err := items.Scan(ctx, &dynamodb.ScanInput{TableName: &table})
		return nil, err
	case last == "origin":
		return map[string]string{"header": r.Headers["x-origin-verify"]}, nil
	}
	id := r.RequestContext.RequestID
	if err := put(ctx, id, "new"); err != nil {
		return nil, err
	}
	_, err := messages.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: aws.String(`{"id":"` + id + `"}`)})
	return map[string]string{"id": id}, err
}

func put(ctx context.Context, id, value string) error {
	_, err := items.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: map[string]types.AttributeValue{
		"id": &types.AttributeValueMemberS{Value: id}, "text": &types.AttributeValueMemberS{Value: value},
	}})
	return err
}

func marked(ctx context.Context) (any, error) {
	found, err := items.Query(ctx, &dynamodb.QueryInput{
		TableName: &table, IndexName: &index, KeyConditionExpression: aws.String("#m = :seen"),
		ExpressionAttributeNames: map[string]string{"#m": mark}, ExpressionAttributeValues: map[string]types.AttributeValue{":seen": &types.AttributeValueMemberS{Value: "seen"}},
	})
	if err != nil {
		return nil, err
	}
	ids := []string{}
	for _, item := range found.Items {
		ids = append(ids, item["id"].(*types.AttributeValueMemberS).Value)
	}
	return map[string]any{"ids": ids}, nil
}

func uploadForm(ctx context.Context, key string) (any, error) {
	post, err := s3.NewPresignClient(objects).PresignPostObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key}, func(o *s3.PresignPostOptions) { o.Expires = 5 * time.Minute })
	if err != nil {
		return nil, err
	}
	return map[string]any{"url": post.URL, "fields": post.Values, "key": key}, nil
}

func receive(ctx context.Context, batch events.SQSEvent) events.SQSEventResponse {
	response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, m := range batch.Records {
		if err := take(ctx, m.Body); err != nil {
			response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
		}
	}
	return response
}

// take marks what a message names: a note, or an object that was created.
func take(ctx context.Context, body string) error {
	var m struct {
		ID      string `json:"id"`
		Event   string
		Records []events.S3EventRecord
	}
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		return err
	}
	ids := []string{m.ID}
	if m.Event == "s3:TestEvent" {
		return nil
	}
	for _, r := range m.Records {
		key, err := url.QueryUnescape(r.S3.Object.Key)
		if err != nil {
			return err
		}
		ids = []string{key}
	}
	if ids[0] == "" {
		return errors.New("the message names nothing")
	}
	_, err := items.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &table, Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: ids[0]}},
		UpdateExpression: aws.String("SET #m = :seen"), ExpressionAttributeNames: map[string]string{"#m": mark},
		ExpressionAttributeValues: map[string]types.AttributeValue{":seen": &types.AttributeValueMemberS{Value: "seen"}},
	})
	return err
}
