package system

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"paht/infra/emulator/policy"
	"paht/infra/local/gateway"
	"paht/infra/local/mapping"
	"paht/infra/local/runtimeapi"
	"paht/infra/local/s3"
	"paht/infra/template"
)

// functions turns the template's functions into what the runtime takes.
func (s *System) functions() ([]runtimeapi.Function, error) {
	var all []runtimeapi.Function
	for _, f := range s.template.Functions {
		if f.Role != "" {
			return nil, fmt.Errorf("function %s: not supported here: a Role; give it Policies", f.LogicalID)
		}
		for _, name := range f.ManagedPolicies {
			s.notice(fmt.Sprintf("the managed policy %s of %s is ignored", name, f.LogicalID))
		}
		who := s.kept.account(f.Name)
		all = append(all, runtimeapi.Function{
			Name: f.Name, Dir: s.options.folder(s.template.Dir, f.CodeURI), Handler: f.Handler, MemoryMB: f.MemorySize,
			Timeout: time.Duration(f.Timeout) * time.Second, Reserved: f.ReservedConcurrency, Environment: f.Environment,
			AccessKey: who.AccessKey, Secret: who.Secret, LogFormat: f.LogFormat, LogLevel: f.LogLevel,
		})
	}
	return all, nil
}

// mappings turns SQS events into what the pollers take. A function with
// reserved concurrency is not polled for more than it may run.
func (s *System) mappings() []mapping.Mapping {
	var all []mapping.Mapping
	for _, f := range s.template.Functions {
		for _, e := range f.QueueEvents {
			if !e.Enabled {
				s.notice(fmt.Sprintf("the event %s of %s is disabled", e.Event, f.LogicalID))
				continue
			}
			m := mapping.Mapping{
				Queue: e.QueueARN, Function: f.Name, BatchSize: e.BatchSize, Window: time.Duration(e.MaximumBatchingWindow) * time.Second,
				PartialFailures: e.ReportBatchItemErrors, Concurrency: e.MaximumConcurrency,
			}
			if r := f.ReservedConcurrency; r != nil && *r > 0 && (m.Concurrency == 0 || m.Concurrency > *r) {
				m.Concurrency = *r
			}
			all = append(all, m)
		}
	}
	return all
}

func (s *System) routes() ([]gateway.Route, error) {
	var all []gateway.Route
	api := ""
	for _, f := range s.template.Functions {
		for _, r := range f.Routes {
			if len(all) > 0 && r.API != api {
				return nil, fmt.Errorf("function %s: not supported here: a second HTTP API (%s beside %s)", f.LogicalID, r.API, api)
			}
			api = r.API
			all = append(all, gateway.Route{Method: r.Method, Path: r.Path, Function: f.Name})
		}
	}
	return all, nil
}

// OriginHeader is how the API knows that a request came through the content
// delivery network, which adds it in the cloud.
const OriginHeader = "X-Origin-Verify"

// OriginHeaders is that header with the value that the functions know from the
// document of secrets.
func (s *System) OriginHeaders() map[string]string {
	if len(s.secrets.Origin) == 0 {
		return nil
	}
	return map[string]string{OriginHeader: s.secrets.Origin[0]}
}

// localBuckets turns the template's buckets into what the store takes.
func (s *System) localBuckets() []s3.Bucket {
	var all []s3.Bucket
	for _, b := range s.template.Buckets {
		local := s3.Bucket{Name: b.Name, ObjectLock: b.ObjectLock}
		for _, r := range b.CORS {
			local.CORS = append(local.CORS, s3.CORSRule{Origins: r.AllowedOrigins, Methods: r.AllowedMethods, Headers: r.AllowedHeaders, Exposed: r.ExposedHeaders, MaxAge: r.MaxAge})
		}
		for _, n := range b.Notifications {
			local.Notifications = append(local.Notifications, s3.Notification{QueueARN: n.QueueARN, Events: []string{n.Event}, Prefix: n.Prefix, Suffix: n.Suffix})
		}
		for name := range b.Properties {
			if !slices.Contains([]string{"BucketName", "CorsConfiguration", "NotificationConfiguration", "ObjectLockEnabled", "Tags"}, name) {
				local.Ignored = append(local.Ignored, name)
			}
		}
		slices.Sort(local.Ignored)
		all = append(all, local)
	}
	return all
}

// isS3 says whether a statement speaks of S3 at all.
func isS3(action string) bool { return action == "*" || strings.HasPrefix(action, "s3:") }

// grants are the functions' statements on S3, and the bucket policies, which
// speak of others than functions and so are only named.
func (s *System) grants() []s3.Grant {
	var all []s3.Grant
	for _, f := range s.template.Functions {
		for _, st := range f.Statements {
			if !slices.ContainsFunc(st.Actions, isS3) {
				continue
			}
			g := s3.Grant{Who: "function " + f.LogicalID, AccessKey: s.kept.account(f.Name).AccessKey, Deny: st.Effect == "Deny", Actions: st.Actions, Resources: st.Resources}
			if len(st.Conditions) > 0 {
				g.ConditionOperator = st.Conditions[0].Operator + " " + st.Conditions[0].Key
			}
			all = append(all, g)
		}
	}
	for _, p := range s.template.BucketPolicies {
		s.notice(fmt.Sprintf("the bucket policy %s is ignored: it is for others than functions", p.LogicalID))
	}
	return all
}

// permissions are the functions' statements on all services but S3, by access
// key.
func permissions(t *template.Template, k *kept) (map[string]*policy.Set, error) {
	all := map[string]*policy.Set{}
	for _, f := range t.Functions {
		var statements []policy.Statement
		for _, st := range f.Statements {
			st.Actions = slices.DeleteFunc(slices.Clone(st.Actions), func(a string) bool { return strings.HasPrefix(a, "s3:") })
			if len(st.Actions) > 0 {
				statements = append(statements, st)
			}
		}
		set, err := policy.New(statements)
		if err != nil {
			return nil, fmt.Errorf("reading the policies of %s: %w", f.LogicalID, err)
		}
		all[k.account(f.Name).AccessKey] = set
	}
	return all, nil
}

// publicBucket is the one that the content delivery network reads: it has a
// policy on public/*, or it is the only one.
func publicBucket(t *template.Template) string {
	for _, p := range t.BucketPolicies {
		for _, st := range p.Statements {
			for _, r := range st.Resources {
				if bucket, ok := strings.CutSuffix(strings.TrimPrefix(r, "arn:aws:s3:::"), "/public/*"); ok {
					return bucket
				}
			}
		}
	}
	if len(t.Buckets) == 1 {
		return t.Buckets[0].Name
	}
	return ""
}
