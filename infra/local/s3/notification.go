package s3

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
)

// The shape of an object notification, version 2.1:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
type (
	event struct {
		Records []record
	}
	record struct {
		EventVersion      string            `json:"eventVersion"`
		EventSource       string            `json:"eventSource"`
		AWSRegion         string            `json:"awsRegion"`
		EventTime         string            `json:"eventTime"`
		EventName         string            `json:"eventName"`
		UserIdentity      principal         `json:"userIdentity"`
		RequestParameters map[string]string `json:"requestParameters"`
		ResponseElements  map[string]string `json:"responseElements"`
		S3                entity            `json:"s3"`
	}
	principal struct {
		PrincipalID string `json:"principalId"`
	}
	entity struct {
		SchemaVersion   string       `json:"s3SchemaVersion"`
		ConfigurationID string       `json:"configurationId"`
		Bucket          bucketEntity `json:"bucket"`
		Object          objectEntity `json:"object"`
	}
	bucketEntity struct {
		Name          string    `json:"name"`
		OwnerIdentity principal `json:"ownerIdentity"`
		ARN           string    `json:"arn"`
	}
	objectEntity struct {
		Key       string `json:"key"`
		Size      int64  `json:"size"`
		ETag      string `json:"eTag"`
		Sequencer string `json:"sequencer"`
	}
)

// created is one object that the proxy saw come into being.
type created struct {
	bucket, key string
	how         string // Put, Post, Copy or CompleteMultipartUpload
	who         string // access key, empty when nobody signed
	from        string // the client's address
	requestID   string
}

// announce sends the notifications that one new object causes. An upload never
// fails for it: notifications may be late or lost, also in the cloud.
func (s *Server) announce(ctx context.Context, c created) {
	for i, n := range s.notificationsOf(c) {
		body, err := s.encode(ctx, c, fmt.Sprintf("notification-%d", i+1))
		if err != nil {
			s.options.Notice(fmt.Sprintf("s3: the notification of %s/%s is lost: %v", c.bucket, c.key, err))
			continue
		}
		for range s.options.Copies(c.bucket, c.key) {
			if err := s.options.Notify(ctx, n.QueueARN, body); err != nil {
				s.options.Notice(fmt.Sprintf("s3: the notification of %s/%s is lost: %v", c.bucket, c.key, err))
			}
		}
	}
}

func (s *Server) notificationsOf(c created) []Notification {
	var wanted []Notification
	for _, b := range s.options.Buckets {
		if b.Name != c.bucket {
			continue
		}
		for _, n := range b.Notifications {
			if strings.HasPrefix(c.key, n.Prefix) && strings.HasSuffix(c.key, n.Suffix) && n.covers(c.how) {
				wanted = append(wanted, n)
			}
		}
	}
	return wanted
}

func (n Notification) covers(how string) bool {
	for _, e := range n.Events {
		if e == "s3:ObjectCreated:*" || e == "s3:ObjectCreated:"+how {
			return true
		}
	}
	return false
}

func (s *Server) encode(ctx context.Context, c created, configuration string) ([]byte, error) {
	head, err := s.client.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: &c.bucket, Key: &c.key})
	if err != nil {
		return nil, fmt.Errorf("reading its size: %w", err)
	}
	now := s.options.Now().UTC()
	return json.Marshal(event{Records: []record{{
		EventVersion: "2.1", EventSource: "aws:s3", AWSRegion: s.options.Region,
		EventTime: now.Format("2006-01-02T15:04:05.000Z"), EventName: "ObjectCreated:" + c.how,
		UserIdentity:      principal{PrincipalID: "AWS:" + c.who},
		RequestParameters: map[string]string{"sourceIPAddress": c.from},
		ResponseElements:  map[string]string{"x-amz-request-id": c.requestID, "x-amz-id-2": c.requestID},
		S3: entity{
			SchemaVersion: "1.0", ConfigurationID: configuration,
			Bucket: bucketEntity{Name: c.bucket, OwnerIdentity: principal{PrincipalID: s.options.AccountID}, ARN: arnPrefix + c.bucket},
			Object: objectEntity{
				Key: encodeKey(c.key), Size: aws.ToInt64(head.ContentLength), ETag: strings.Trim(aws.ToString(head.ETag), `"`),
				Sequencer: fmt.Sprintf("%016X%04X", now.UnixNano(), s.serial.Add(1)&0xffff),
			},
		},
	}}})
}

// encodeKey writes a key as notifications do: as in a form, with its slashes
// left alone ("red flower.jpg" becomes "red+flower.jpg").
func encodeKey(key string) string {
	return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/")
}

// sendTestEvent does what S3 does when a notification is configured: it sends
// a message that is no object notification, which a consumer must survive.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
func (s *Server) sendTestEvent(ctx context.Context, b Bucket) {
	for _, n := range b.Notifications {
		body, err := json.Marshal(struct{ Service, Event, Time, Bucket, RequestId, HostId string }{
			"Amazon S3", "s3:TestEvent", s.options.Now().UTC().Format("2006-01-02T15:04:05.000Z"), b.Name, "0000000000000000", "local",
		})
		if err == nil {
			err = s.options.Notify(ctx, n.QueueARN, body)
		}
		if err != nil {
			s.options.Notice(fmt.Sprintf("s3: the test event of bucket %s is lost: %v", b.Name, err))
		}
	}
}
