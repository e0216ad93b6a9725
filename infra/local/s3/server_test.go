package s3_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	emulated "paht/infra/emulator/conformance"
	"paht/infra/local/s3"
	"paht/infra/local/s3/conformance"
)

var root = s3.Account{Name: "the owner", AccessKey: "AKROOT", Secret: "root-secret"}

// mailbox is the queue that the tests' notifications go to.
type mailbox struct {
	mu     sync.Mutex
	bodies []string
}

func (m *mailbox) put(_ context.Context, _ string, body []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.bodies = append(m.bodies, string(body))
	return nil
}

func (m *mailbox) take(context.Context) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	taken := m.bodies
	m.bodies = nil
	return taken, nil
}

// start runs a store for one test; its folder is left before it is removed,
// since the store works in it.
func start(t *testing.T, o s3.Options) *s3.Server {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	o.Region, o.AccountID, o.Root = "ap-southeast-1", "000000000000", root
	server, err := s3.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		os.Chdir(os.TempDir())
	})
	return server
}

func configuration(server *s3.Server, who s3.Account) aws.Config {
	return aws.Config{Region: "ap-southeast-1", BaseEndpoint: aws.String(server.URL()), Credentials: credentials.NewStaticCredentialsProvider(who.AccessKey, who.Secret, "")}
}

func client(server *s3.Server, who s3.Account) *awss3.Client {
	return awss3.NewFromConfig(configuration(server, who), func(o *awss3.Options) { o.UsePathStyle = true; o.RetryMaxAttempts = 1 })
}

var bucket = s3.Bucket{
	Name:          "conformance",
	CORS:          []s3.CORSRule{{Origins: []string{"http://localhost:8080"}, Methods: []string{"GET", "PUT", "POST"}, Headers: []string{"*"}, Exposed: []string{"ETag"}}},
	Notifications: []s3.Notification{{QueueARN: "arn:aws:sqs:ap-southeast-1:000000000000:media", Events: []string{"s3:ObjectCreated:*"}, Prefix: "notified/"}},
}

func TestConformance(t *testing.T) {
	var queue mailbox
	server := start(t, s3.Options{Buckets: []s3.Bucket{bucket}, Notify: queue.put})
	test, _ := queue.take(t.Context())
	if len(test) != 1 || !strings.Contains(test[0], `"Event":"s3:TestEvent"`) {
		t.Errorf("a new bucket with a notification sent %q, want the test event", test)
	}
	target := emulated.Target{Name: "the embedded S3", Config: func() aws.Config { return configuration(server, root) }}
	conformance.S3(t, target, &conformance.Ground{Bucket: "conformance", Messages: queue.take})
}

func TestAnAccountDoesWhatItsStatementsSayAndNoMore(t *testing.T) {
	media := s3.Account{Name: "media", AccessKey: "AKMEDIA", Secret: "media-secret"}
	query := s3.Account{Name: "query", AccessKey: "AKQUERY", Secret: "query-secret"}
	idle := s3.Account{Name: "idle", AccessKey: "AKIDLE", Secret: "idle-secret"}
	var notices []string
	server := start(t, s3.Options{
		Buckets: []s3.Bucket{{Name: "files", Ignored: []string{"LifecycleConfiguration"}}}, Accounts: []s3.Account{media, query, idle}, Notice: func(n string) { notices = append(notices, n) },
		Grants: []s3.Grant{
			{Who: "media", AccessKey: media.AccessKey, Actions: []string{"s3:GetObject", "s3:PutObject", "dynamodb:GetItem"}, Resources: []string{"arn:aws:s3:::files/originals/*", "arn:aws:dynamodb:ap-southeast-1:000000000000:table/t"}},
			{Who: "query", AccessKey: query.AccessKey, Actions: []string{"s3:GetObject", "s3:ListBucket"}, Resources: []string{"arn:aws:s3:::files", "arn:aws:s3:::files/*"}},
			{Who: "idle", AccessKey: idle.AccessKey, Actions: []string{"s3:GetObject"}, Resources: []string{"arn:aws:s3:::files/*"}, ConditionOperator: "StringEquals"},
		},
	})
	if want := []string{"a statement of idle is ignored", "of bucket files is ignored: LifecycleConfiguration"}; len(notices) != 2 || !strings.Contains(notices[0], want[0]) || !strings.Contains(notices[1], want[1]) {
		t.Errorf("got notices %q, want %q", notices, want)
	}
	put := func(c *awss3.Client, key string) error {
		_, err := c.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: aws.String("files"), Key: &key, Body: strings.NewReader("x")})
		return err
	}
	get := func(c *awss3.Client, key string) error {
		_, err := c.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: aws.String("files"), Key: &key})
		return err
	}
	asMedia, asQuery, asIdle := client(server, media), client(server, query), client(server, idle)
	forged := client(server, s3.Account{AccessKey: media.AccessKey, Secret: "wrong"})
	rows := []struct {
		name, code string
		err        error
	}{
		{"media puts where it may", "", put(asMedia, "originals/a")},
		{"media reads where it may", "", get(asMedia, "originals/a")},
		{"media does not put elsewhere", "AccessDenied", put(asMedia, "public/a")},
		{"query reads", "", get(asQuery, "originals/a")},
		{"query does not put", "AccessDenied", put(asQuery, "originals/b")},
		{"a statement with a condition grants nothing", "AccessDenied", get(asIdle, "originals/a")},
		{"what is missing is NoSuchKey to one who may list", "NoSuchKey", get(asQuery, "originals/missing")},
		{"what is missing is AccessDenied to one who may not", "AccessDenied", get(asMedia, "originals/missing")},
		{"a wrong secret is refused", "SignatureDoesNotMatch", get(forged, "originals/a")},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			if r.code == "" && r.err != nil || r.code != "" && (r.err == nil || !strings.Contains(r.err.Error(), r.code)) {
				t.Errorf("got %v, want code %q", r.err, r.code)
			}
		})
	}
}

func TestARetainedObjectStaysAsItIs(t *testing.T) {
	keeper := s3.Account{Name: "keeper", AccessKey: "AKKEEPER", Secret: "keeper-secret"}
	writer := s3.Account{Name: "writer", AccessKey: "AKWRITER", Secret: "writer-secret"}
	server := start(t, s3.Options{
		Buckets: []s3.Bucket{{Name: "files", ObjectLock: true}, {Name: "plain"}}, Accounts: []s3.Account{keeper, writer},
		Grants: []s3.Grant{
			{Who: "keeper", AccessKey: keeper.AccessKey, Actions: []string{"s3:PutObjectRetention"}, Resources: []string{"arn:aws:s3:::files/results/*", "arn:aws:s3:::plain/*"}},
			{Who: "writer", AccessKey: writer.AccessKey, Actions: []string{"s3:PutObject", "s3:DeleteObject", "s3:GetObject"}, Resources: []string{"arn:aws:s3:::files/*", "arn:aws:s3:::plain/*"}},
		},
	})
	asKeeper, asWriter, owner := client(server, keeper), client(server, writer), server.Client()
	put := func(bucket, key string) error {
		_, err := asWriter.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader("x")})
		return err
	}
	retain := func(c *awss3.Client, bucket, key string, until time.Time) error {
		_, err := c.PutObjectRetention(t.Context(), &awss3.PutObjectRetentionInput{Bucket: &bucket, Key: &key,
			Retention: &types.ObjectLockRetention{Mode: types.ObjectLockRetentionModeGovernance, RetainUntilDate: &until}})
		return err
	}
	remove := func(c *awss3.Client, key string, bypass bool) error {
		_, err := c.DeleteObject(t.Context(), &awss3.DeleteObjectInput{Bucket: aws.String("files"), Key: &key, BypassGovernanceRetention: &bypass})
		return err
	}
	until := time.Now().AddDate(10, 0, 0)
	for _, r := range []struct {
		name, code string
		do         func() error
	}{
		{"what shall be retained is put", "", func() error { return put("files", "results/a") }},
		{"and what is not", "", func() error { return put("files", "results/b") }},
		{"who may not retain does not", "AccessDenied", func() error { return retain(asWriter, "files", "results/a", until) }},
		{"nor elsewhere who may", "AccessDenied", func() error { return retain(asKeeper, "files", "other/a", until) }},
		{"who may does", "", func() error { return retain(asKeeper, "files", "results/a", until) }},
		{"a repeat is harmless", "", func() error { return retain(asKeeper, "files", "results/a", until) }},
		{"what is missing is not retained", "NoSuchKey", func() error { return retain(asKeeper, "files", "results/none", until) }},
		{"it is not replaced", "protected by object lock", func() error { return put("files", "results/a") }},
		{"it is not deleted", "protected by object lock", func() error { return remove(asWriter, "results/a", false) }},
		{"nor past the lock by a function", "protected by object lock", func() error { return remove(asWriter, "results/a", true) }},
		{"what is not retained is", "", func() error { return remove(asWriter, "results/b", false) }},
		{"the owner needs to say so", "protected by object lock", func() error { return remove(owner, "results/a", false) }},
		{"and then can", "", func() error { return remove(owner, "results/a", true) }},
		{"a bucket without the lock takes an object", "", func() error { return put("plain", "a") }},
		{"and no retention", "InvalidRequest", func() error { return retain(asKeeper, "plain", "a", until) }},
	} {
		if err := r.do(); r.code == "" && err != nil || r.code != "" && (err == nil || !strings.Contains(err.Error(), r.code)) {
			t.Errorf("%s: got %v, want code %q", r.name, err, r.code)
		}
	}
}

func TestAFormIsHeldToItsSignersStatements(t *testing.T) {
	media, query := s3.Account{Name: "media", AccessKey: "AKMEDIA", Secret: "media-secret"}, s3.Account{Name: "query", AccessKey: "AKQUERY", Secret: "query-secret"}
	server := start(t, s3.Options{
		Buckets: []s3.Bucket{{Name: "files"}}, Accounts: []s3.Account{media, query},
		Grants: []s3.Grant{
			{Who: "media", AccessKey: media.AccessKey, Actions: []string{"s3:PutObject"}, Resources: []string{"arn:aws:s3:::files/originals/*"}},
			{Who: "query", AccessKey: query.AccessKey, Actions: []string{"s3:GetObject"}, Resources: []string{"arn:aws:s3:::files/*"}},
		},
	})
	rows := []struct {
		name   string
		who    s3.Account
		key    string
		status int
	}{
		{"one who may put posts", media, "originals/posted", 204},
		{"but not under another key", media, "public/posted", 403},
		{"one who may only read does not", query, "originals/posted", 403},
		{"a stranger does not", s3.Account{AccessKey: "AKSTRANGER", Secret: "x"}, "originals/posted", 403},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			if got := postAs(t, server, r.who, "files", r.key); got != r.status {
				t.Errorf("got %d, want %d", got, r.status)
			}
		})
	}
}

func TestNotificationsCanBeLostAndDoubled(t *testing.T) {
	var queue mailbox
	copies := 1
	server := start(t, s3.Options{Buckets: []s3.Bucket{bucket}, Notify: queue.put, Copies: func(string, string) int { return copies }})
	for _, n := range []int{0, 1, 2} {
		copies = n
		queue.take(t.Context())
		if _, err := client(server, root).PutObject(t.Context(), &awss3.PutObjectInput{Bucket: aws.String("conformance"), Key: aws.String("notified/x"), Body: strings.NewReader("x")}); err != nil {
			t.Fatal(err)
		}
		if got, _ := queue.take(t.Context()); len(got) != n {
			t.Errorf("%d notifications came, want %d", len(got), n)
		}
	}
}

func TestObjectsOutliveTheStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s3")
	o := s3.Options{Dir: dir, Region: "ap-southeast-1", AccountID: "000000000000", Root: root, Buckets: []s3.Bucket{bucket}}
	first, err := s3.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s3.Start(t.Context(), o); err == nil {
		t.Error("a second store started in one process")
	}
	if _, err := client(first, root).PutObject(t.Context(), &awss3.PutObjectInput{Bucket: aws.String("conformance"), Key: aws.String("kept"), ContentType: aws.String("text/plain"), Body: strings.NewReader("kept")}); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := start(t, s3.Options{Dir: dir, Buckets: []s3.Bucket{bucket}})
	head, err := client(second, root).HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: aws.String("conformance"), Key: aws.String("kept")})
	if err != nil || aws.ToString(head.ContentType) != "text/plain" {
		t.Errorf("got %+v, %v; want the object with its type", head, err)
	}
}

func TestThePublishedPrefixIsReadByAnybodyAndNothingElseIs(t *testing.T) {
	server := start(t, s3.Options{Buckets: []s3.Bucket{bucket}})
	for _, key := range []string{"public/a.jpg", "private/a.jpg"} {
		if _, err := server.Client().PutObject(t.Context(), &awss3.PutObjectInput{Bucket: aws.String("conformance"), Key: &key, ContentType: aws.String("image/jpeg"), Body: strings.NewReader("0123456789")}); err != nil {
			t.Fatal(err)
		}
	}
	public := server.Public("conformance", "public/")
	rows := []struct {
		name, method, path, byteRange string
		status                        int
		body                          string
	}{
		{"a published file is read", "GET", "/public/a.jpg", "", 200, "0123456789"},
		{"a part of it is read", "GET", "/public/a.jpg", "bytes=2-3", 206, "23"},
		{"its head has no body", "HEAD", "/public/a.jpg", "", 200, ""},
		{"what is missing is not found", "GET", "/public/b.jpg", "", 404, "Not Found\n"},
		{"a private file is not found", "GET", "/private/a.jpg", "", 404, "404 page not found\n"},
		{"the prefix itself is not found", "GET", "/public/", "", 404, "404 page not found\n"},
		{"nothing is stored", "PUT", "/public/a.jpg", "", 405, "method not allowed\n"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			request := httptest.NewRequest(r.method, r.path, nil)
			if r.byteRange != "" {
				request.Header.Set("Range", r.byteRange)
			}
			recorder := httptest.NewRecorder()
			public.ServeHTTP(recorder, request)
			if recorder.Code != r.status || recorder.Body.String() != r.body {
				t.Errorf("got %d %q, want %d %q", recorder.Code, recorder.Body.String(), r.status, r.body)
			}
			if r.status == http.StatusOK && recorder.Header().Get("Content-Type") != "image/jpeg" {
				t.Errorf("got type %q", recorder.Header().Get("Content-Type"))
			}
		})
	}
}

func TestWhatAKilledStoreLeftIsRemoved(t *testing.T) {
	dir, left := t.TempDir(), filepath.Join(t.TempDir(), "paht-s3-1")
	if err := os.Mkdir(left, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{filepath.Join(left, "s"): "", filepath.Join(dir, "socket"): left} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	start(t, s3.Options{Dir: dir})
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("the old socket's folder is still there: %v", err)
	}
}

// postAs posts a form that one account signed.
func postAs(t *testing.T, server *s3.Server, who s3.Account, bucket, key string) int {
	t.Helper()
	post, err := awss3.NewPresignClient(client(server, who)).PresignPostObject(t.Context(), &awss3.PutObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range post.Values {
		form.WriteField(name, value)
	}
	file, err := form.CreateFormFile("file", "x")
	if err != nil {
		t.Fatal(err)
	}
	file.Write([]byte("x"))
	form.Close()
	response, err := http.Post(post.URL, form.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}
