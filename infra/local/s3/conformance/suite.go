// Package conformance is the S3 part of the conformance suite: what the
// product relies on, each row with the page of AWS that it rests on. It runs on
// whatever stands at a target's endpoint and knows nothing of the store that
// the system brings with it.
package conformance

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"paht/infra/emulator/conformance"
)

// Ground is the bucket that the rows use. A target that creates buckets and
// queues through its API needs none; the embedded store takes its buckets from
// the template, so its test hands one over.
type Ground struct {
	Bucket string
	// Messages gives the bodies that came since the last call to the queue
	// that learns of objects under "notified/".
	Messages func(ctx context.Context) ([]string, error)
}

const (
	origin   = "http://localhost:8080" // the one that the bucket's CORS rule names
	notified = "notified/"
)

// row is one fact about S3 that the product relies on.
type row struct {
	name  string
	page  string
	check func(t checker, g *ground)
}

type ground struct {
	bucket   string
	client   *s3.Client
	http     *http.Client
	received func(ctx context.Context) ([]string, error)
}

// S3 runs every row on the target. A row that the target lists as divergent
// must fail there, so that a divergence that is gone is noticed.
func S3(t *testing.T, target conformance.Target, given *Ground) {
	config := target.Config()
	g := &ground{client: s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }), http: &http.Client{Timeout: 30 * time.Second}}
	if given != nil {
		g.bucket, g.received = given.Bucket, given.Messages
	} else {
		g.create(t, config)
	}
	var rows []row
	for _, part := range [][]row{postRows, multipartRows, objectRows, surroundingRows} {
		rows = append(rows, part...)
	}
	for _, r := range rows {
		if target.Ran != nil {
			target.Ran(r.name)
		}
		t.Run(r.name, func(t *testing.T) {
			reason, divergent := target.Divergence[r.name]
			if !divergent {
				r.check(t, g)
				return
			}
			if holds(t.Context(), g, r) {
				t.Errorf("%s is listed as diverging (%s) but does what %s says: strike it from the list", target.Name, reason, r.page)
				return
			}
			t.Logf("%s differs, as listed: %s", target.Name, reason)
		})
	}
}

// checker is what a row asserts through: a test, or a probe of a row that is
// said to diverge.
type checker interface {
	Helper()
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Context() context.Context
}

// probe notes only whether a row failed.
type probe struct {
	context context.Context
	failed  bool
}

func (p *probe) Helper()                  {}
func (p *probe) Error(...any)             { p.failed = true }
func (p *probe) Errorf(string, ...any)    { p.failed = true }
func (p *probe) Fatal(...any)             { p.failed = true; runtime.Goexit() }
func (p *probe) Fatalf(string, ...any)    { p.failed = true; runtime.Goexit() }
func (p *probe) Context() context.Context { return p.context }

// holds runs a row aside, since a fatal failure ends its goroutine, and says
// whether it passed.
func holds(ctx context.Context, g *ground, r row) bool {
	p := &probe{context: ctx}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.check(p, g)
	}()
	<-ended
	return !p.failed
}

// create makes bucket, queue, notification and CORS rule through the API.
func (g *ground) create(t *testing.T, config aws.Config) {
	ctx := t.Context()
	name := fmt.Sprintf("conformance-%d", time.Now().UnixNano())
	queues := sqs.NewFromConfig(config)
	queue, err := queues.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name})
	must(t, err)
	attributes, err := queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: queue.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{"QueueArn"}})
	must(t, err)
	arn := attributes.Attributes["QueueArn"]
	// S3 tries the queue when it is named, so the bucket must be allowed to send (grant-destinations-permissions-to-s3.html).
	_, err = queues.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: queue.QueueUrl, Attributes: map[string]string{"Policy": fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sqs:SendMessage","Resource":%q,"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::%s"}}}]}`, arn, name)}})
	must(t, err)
	in := &s3.CreateBucketInput{Bucket: &name}
	if config.Region != "us-east-1" {
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(config.Region)}
	}
	_, err = g.client.CreateBucket(ctx, in)
	must(t, err)
	_, err = g.client.PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{Bucket: &name, NotificationConfiguration: &types.NotificationConfiguration{
		QueueConfigurations: []types.QueueConfiguration{{
			QueueArn: &arn, Events: []types.Event{"s3:ObjectCreated:*"},
			Filter: &types.NotificationConfigurationFilter{Key: &types.S3KeyFilter{FilterRules: []types.FilterRule{{Name: "prefix", Value: aws.String(notified)}}}},
		}},
	}})
	must(t, err)
	_, err = g.client.PutBucketCors(ctx, &s3.PutBucketCorsInput{Bucket: &name, CORSConfiguration: &types.CORSConfiguration{CORSRules: []types.CORSRule{{
		AllowedOrigins: []string{origin}, AllowedMethods: []string{"GET", "PUT", "POST"}, AllowedHeaders: []string{"*"}, ExposeHeaders: []string{"ETag"},
	}}}})
	must(t, err)
	g.bucket = name
	g.received = func(ctx context.Context) ([]string, error) { return drain(ctx, queues, *queue.QueueUrl) }
	t.Cleanup(func() { g.remove(queues, *queue.QueueUrl) })
}

func (g *ground) remove(queues *sqs.Client, queue string) {
	ctx := context.Background()
	for {
		list, err := g.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &g.bucket})
		if err != nil || len(list.Contents) == 0 {
			break
		}
		for _, o := range list.Contents {
			g.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &g.bucket, Key: o.Key})
		}
	}
	g.client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &g.bucket})
	queues.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: &queue})
}

// drain takes what is in the queue until nothing more comes for a second.
func drain(ctx context.Context, queues *sqs.Client, queue string) ([]string, error) {
	var bodies []string
	for {
		got, err := queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &queue, MaxNumberOfMessages: 10, WaitTimeSeconds: 1})
		if err != nil || len(got.Messages) == 0 {
			return bodies, err
		}
		for _, m := range got.Messages {
			bodies = append(bodies, *m.Body)
			if _, err := queues.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: m.ReceiptHandle}); err != nil {
				return bodies, err
			}
		}
	}
}

func (g *ground) messages(t checker) []string {
	t.Helper()
	bodies, err := g.received(t.Context())
	must(t, err)
	return bodies
}

func must(t checker, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused asserts that a call failed with one of the codes.
func refused(t checker, err error, codes ...string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatalf("got error %v, want one of the codes %v", err, codes)
	}
	for _, c := range codes {
		if api.ErrorCode() == c {
			return
		}
	}
	t.Fatalf("got code %s, want one of %v", api.ErrorCode(), codes)
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func (g *ground) put(t checker, key string, content []byte) {
	t.Helper()
	_, err := g.client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &g.bucket, Key: &key, Body: bytes.NewReader(content)})
	must(t, err)
}

func (g *ground) content(t checker, key string) []byte {
	t.Helper()
	got, err := g.client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &g.bucket, Key: &key})
	must(t, err)
	defer got.Body.Close()
	content, err := io.ReadAll(got.Body)
	must(t, err)
	return content
}

func (g *ground) absent(t checker, key string) {
	t.Helper()
	_, err := g.client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &g.bucket, Key: &key})
	refused(t, err, "NotFound", "NoSuchKey")
}

// form is a presigned POST as the product signs it: exact key, type, length
// and checksum.
func (g *ground) form(t checker, key, contentType string, content []byte, valid time.Duration) *s3.PresignedPostRequest {
	t.Helper()
	post, err := s3.NewPresignClient(g.client).PresignPostObject(t.Context(), &s3.PutObjectInput{Bucket: &g.bucket, Key: &key}, func(o *s3.PresignPostOptions) {
		o.Expires = valid
		o.Conditions = []any{
			[]any{"eq", "$Content-Type", contentType},
			[]any{"content-length-range", len(content), len(content)},
			[]any{"eq", "$x-amz-checksum-sha256", digest(content)},
		}
	})
	must(t, err)
	post.Values["Content-Type"] = contentType
	post.Values["x-amz-checksum-sha256"] = digest(content)
	return post
}

// send posts a form and gives status and error code.
func (g *ground) send(t checker, post *s3.PresignedPostRequest, content []byte) (status int, code string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range post.Values {
		must(t, form.WriteField(name, value))
	}
	file, err := form.CreateFormFile("file", "photo.jpg")
	must(t, err)
	_, err = file.Write(content)
	must(t, err)
	must(t, form.Close())
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, post.URL, &body)
	must(t, err)
	request.Header.Set("Content-Type", form.FormDataContentType())
	response, err := g.http.Do(request)
	must(t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	must(t, err)
	return response.StatusCode, errorCode(string(answer))
}

func errorCode(answer string) string {
	_, after, _ := strings.Cut(answer, "<Code>")
	code, _, _ := strings.Cut(after, "</Code>")
	return code
}

// notification is what the rows read of an object notification.
type notification struct {
	Records []struct {
		EventVersion, EventSource, AWSRegion, EventTime, EventName string
		S3                                                         struct {
			Bucket struct{ Name, ARN string }
			Object struct {
				Key, ETag, Sequencer string
				Size                 int64
			}
		}
	}
}

// created gives the records of the notifications among the bodies.
func created(t checker, bodies []string) (all notification) {
	t.Helper()
	for _, body := range bodies {
		var n notification
		must(t, json.Unmarshal([]byte(body), &n))
		all.Records = append(all.Records, n.Records...)
	}
	return all
}
