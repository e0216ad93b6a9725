package s3

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/auth"
)

const arnPrefix = "arn:aws:s3:::"

// Bucket is one bucket as the template declares it.
type Bucket struct {
	Name          string
	CORS          []CORSRule
	Notifications []Notification
	ObjectLock    bool     // single objects can be retained
	Ignored       []string // settings of the template that this store does not have
}

// CORSRule is one rule of AWS::S3::Bucket CorsConfiguration.
type CORSRule struct {
	Origins, Methods, Headers, Exposed []string
	MaxAge                             int
}

// Notification names the queue that learns of created objects.
type Notification struct {
	QueueARN       string
	Events         []string // s3:ObjectCreated:* and its kinds
	Prefix, Suffix string
}

// Grant is one statement: what an identity may do on which resources.
// Conditions are not evaluated here: a statement that has one is left out and
// named, since to drop the condition would grant what the cloud refuses.
type Grant struct {
	Who               string // for messages
	AccessKey         string
	Deny              bool
	Actions           []string
	Resources         []string
	ConditionOperator string // empty when the statement has no condition
}

// setUp creates missing buckets and brings CORS and policy to what is declared.
func (s *Server) setUp(ctx context.Context) error {
	s.listers = map[string]map[string]bool{}
	for _, g := range s.options.Grants {
		if g.ConditionOperator != "" {
			s.options.Notice(fmt.Sprintf("s3: a statement of %s is ignored, since it has a condition (%s)", g.Who, g.ConditionOperator))
		}
	}
	for _, b := range s.options.Buckets {
		if len(b.Ignored) > 0 {
			s.options.Notice(fmt.Sprintf("s3: of bucket %s is ignored: %s", b.Name, strings.Join(b.Ignored, ", ")))
		}
		if err := s.setUpBucket(ctx, b); err != nil {
			return fmt.Errorf("setting up bucket %s: %w", b.Name, err)
		}
	}
	return nil
}

func (s *Server) setUpBucket(ctx context.Context, b Bucket) error {
	_, err := s.client.CreateBucket(ctx, &awss3.CreateBucketInput{
		Bucket:                    &b.Name,
		CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(s.options.Region)},
	})
	var mine *types.BucketAlreadyOwnedByYou
	if err != nil && !errors.As(err, &mine) {
		return fmt.Errorf("creating it: %w", err)
	}
	for _, n := range b.Notifications {
		for _, event := range n.Events {
			if !strings.HasPrefix(event, "s3:ObjectCreated:") {
				return fmt.Errorf("its notification asks for %s; only s3:ObjectCreated is sent here", event)
			}
		}
	}
	if err := s.setCORS(ctx, b); err != nil {
		return err
	}
	if err := s.setLock(ctx, b); err != nil {
		return err
	}
	if mine == nil {
		s.sendTestEvent(ctx, b)
	}
	return s.setPolicy(ctx, b.Name, b.ObjectLock)
}

// setLock lets objects be retained. versitygw takes that for a bucket that was made
// without it too. The bucket has no versions here, so that a retained object cannot
// be replaced or deleted at all, where S3 would lay a version or a marker over it.
func (s *Server) setLock(ctx context.Context, b Bucket) error {
	if !b.ObjectLock {
		return nil
	}
	_, err := s.client.PutObjectLockConfiguration(ctx, &awss3.PutObjectLockConfigurationInput{Bucket: &b.Name,
		ObjectLockConfiguration: &types.ObjectLockConfiguration{ObjectLockEnabled: types.ObjectLockEnabledEnabled}})
	if err != nil {
		return fmt.Errorf("letting objects be retained: %w", err)
	}
	return nil
}

func (s *Server) setCORS(ctx context.Context, b Bucket) error {
	if len(b.CORS) == 0 {
		if _, err := s.client.DeleteBucketCors(ctx, &awss3.DeleteBucketCorsInput{Bucket: &b.Name}); err != nil {
			return fmt.Errorf("removing its CORS rules: %w", err)
		}
		return nil
	}
	var rules []types.CORSRule
	for _, r := range b.CORS {
		rule := types.CORSRule{AllowedOrigins: r.Origins, AllowedMethods: r.Methods, AllowedHeaders: r.Headers, ExposeHeaders: r.Exposed}
		if r.MaxAge > 0 {
			rule.MaxAgeSeconds = aws.Int32(int32(r.MaxAge))
		}
		rules = append(rules, rule)
	}
	_, err := s.client.PutBucketCors(ctx, &awss3.PutBucketCorsInput{Bucket: &b.Name, CORSConfiguration: &types.CORSConfiguration{CORSRules: rules}})
	if err != nil {
		return fmt.Errorf("setting its CORS rules: %w", err)
	}
	return nil
}

type policyStatement struct {
	Effect    string
	Principal map[string][]string
	Action    []string
	Resource  []string
}

// setPolicy writes the identities' statements as one policy of the bucket,
// which is the only form versitygw knows.
func (s *Server) setPolicy(ctx context.Context, bucket string, locked bool) error {
	statements, err := statementsFor(bucket, s.options.Grants)
	if err != nil {
		return err
	}
	if locked { // the owner's right in the cloud; versitygw wants it said
		statements = append(statements, policyStatement{"Allow", map[string][]string{"AWS": {s.options.Root.AccessKey}},
			[]string{"s3:BypassGovernanceRetention"}, []string{arnPrefix + bucket + "/*"}})
	}
	s.listers[bucket] = map[string]bool{}
	for _, st := range statements {
		if st.Effect == "Allow" && slices.ContainsFunc(st.Action, func(a string) bool { return auth.ListBucketAction.Match(auth.Action(a)) }) {
			s.listers[bucket][st.Principal["AWS"][0]] = true
		}
	}
	if len(statements) == 0 {
		if _, err := s.client.DeleteBucketPolicy(ctx, &awss3.DeleteBucketPolicyInput{Bucket: &bucket}); err != nil {
			return fmt.Errorf("removing its policy: %w", err)
		}
		return nil
	}
	document, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		return fmt.Errorf("encoding its policy: %w", err)
	}
	if _, err := s.client.PutBucketPolicy(ctx, &awss3.PutBucketPolicyInput{Bucket: &bucket, Policy: aws.String(string(document))}); err != nil {
		return fmt.Errorf("setting its policy: %w", err)
	}
	return nil
}

// statementsFor gives the statements that concern one bucket. An IAM statement
// may mix bucket and object actions freely, where the ones that fit no resource
// mean nothing; a bucket policy that does so is refused. So each is split.
func statementsFor(bucket string, grants []Grant) ([]policyStatement, error) {
	var statements []policyStatement
	for _, g := range grants {
		if g.ConditionOperator != "" {
			continue
		}
		var objectActions, bucketActions, objects, buckets []string
		for _, a := range g.Actions {
			switch kind := auth.Action(a).IsObjectAction(); {
			case !strings.HasPrefix(a, "s3:"):
				continue
			case kind == nil:
				return nil, fmt.Errorf("a statement of %s allows all of S3 (%s): name the actions", g.Who, a)
			case *kind:
				objectActions = append(objectActions, a)
			default:
				bucketActions = append(bucketActions, a)
			}
		}
		for _, r := range g.Resources {
			name, isARN := strings.CutPrefix(r, arnPrefix)
			switch {
			case r == "*" || isARN && name == "*":
				buckets, objects = append(buckets, arnPrefix+bucket), append(objects, arnPrefix+bucket+"/*")
			case name == bucket && isARN:
				buckets = append(buckets, r)
			case strings.HasPrefix(name, bucket+"/") && isARN:
				objects = append(objects, r)
			}
		}
		effect := "Allow"
		if g.Deny {
			effect = "Deny"
		}
		principal := map[string][]string{"AWS": {g.AccessKey}}
		if len(objectActions) > 0 && len(objects) > 0 {
			if !g.Deny && slices.ContainsFunc(objectActions, func(a string) bool { return auth.PutObjectAction.Match(auth.Action(a)) }) {
				// versitygw asks for a form's right on the bucket, not on the
				// key; the proxy asks for the key's.
				objects = append(objects, arnPrefix+bucket)
			}
			statements = append(statements, policyStatement{effect, principal, objectActions, objects})
		}
		if len(bucketActions) > 0 && len(buckets) > 0 {
			statements = append(statements, policyStatement{effect, principal, bucketActions, buckets})
		}
	}
	return statements, nil
}
