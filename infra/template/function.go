package template

import (
	"maps"
	"slices"
	"strings"

	"paht/infra/emulator/policy"
)

// Function is an AWS::Serverless::Function with the Globals applied.
type Function struct {
	LogicalID           string
	Name                string
	CodeURI             string // as written, relative to Template.Dir
	Handler             string
	Runtime             string
	Architectures       []string
	MemorySize          int    // MB
	Timeout             int    // seconds
	EphemeralStorage    int    // MB
	LogFormat           string // of LoggingConfig: JSON or Text; empty where it says nothing
	LogLevel            string // ApplicationLogLevel
	ReservedConcurrency *int
	Environment         map[string]string
	Statements          []policy.Statement
	ManagedPolicies     []string
	Role                string // ARN, where the template names one instead of Policies
	Routes              []Route
	QueueEvents         []QueueEvent
	Schedules           []FunctionSchedule
	Line                int
}

// Route is an HttpApi event.
type Route struct {
	Event  string // the event's name
	Method string // upper case; ANY for any
	Path   string
	API    string // Ref of the API; empty for the implicit one
}

// QueueEvent is an SQS event source mapping.
type QueueEvent struct {
	Event                 string
	QueueARN              string
	BatchSize             int
	MaximumBatchingWindow int // seconds
	ReportBatchItemErrors bool
	MaximumConcurrency    int // 0 when not set
	Enabled               bool
}

// FunctionSchedule is a Schedule or ScheduleV2 event.
type FunctionSchedule struct {
	Event      string
	Name       string
	Expression string
	Timezone   string
	Input      string
	Enabled    bool
}

var functionProperties = []string{"FunctionName", "CodeUri", "Handler", "Runtime", "Architectures", "MemorySize", "Timeout",
	"ReservedConcurrentExecutions", "Environment", "Policies", "Role", "Events", "EphemeralStorage",
	// Kept by the deployment, without meaning on one machine.
	"Description", "Tracing", "LoggingConfig", "Tags", "PermissionsBoundary", "AutoPublishAlias", "DeploymentPreference",
	"RuntimeManagementConfig", "PackageType", "SnapStart", "RecursiveLoop"}

func (r *reader) function(v value) Function {
	v = merge(r.t.globals, v)
	r.only(v, typeFunction, functionProperties...)
	f := Function{
		LogicalID: r.id, CodeURI: r.need(v, "CodeUri"), Handler: r.text(v, "Handler"), Runtime: r.need(v, "Runtime"),
		Architectures: r.texts(v, "Architectures"), MemorySize: r.number(v, "MemorySize", 128), Timeout: r.number(v, "Timeout", 3),
		EphemeralStorage:    r.number(v.get("EphemeralStorage"), "Size", 512),
		LogFormat:           r.text(v.get("LoggingConfig"), "LogFormat"),
		LogLevel:            r.text(v.get("LoggingConfig"), "ApplicationLogLevel"),
		ReservedConcurrency: r.optional(v, "ReservedConcurrentExecutions"),
		Environment:         r.texted(v.get("Environment"), "Variables"), Role: r.text(v, "Role"), Line: v.line,
	}
	if len(f.Architectures) == 0 {
		f.Architectures = []string{"x86_64"}
	}
	r.policies(v.get("Policies"), &f)
	events := v.get("Events")
	if events.kind != object && events.kind != nothing {
		r.failf(events, "Events must be an object")
	}
	for _, name := range events.keys {
		r.event(name, events.fields[name], &f)
	}
	return f
}

// policies takes a managed policy's name or inline documents. SAM's policy
// templates grant more than the function's ports need, and are refused.
func (r *reader) policies(v value, f *Function) {
	items := v.items
	if v.kind == scalar || v.kind == object {
		items = []value{v}
	}
	for _, item := range items {
		switch {
		case item.kind == scalar:
			f.ManagedPolicies = append(f.ManagedPolicies, item.text)
		case item.get("Statement").kind != nothing:
			r.only(item, "a policy document", "Version", "Statement")
			for _, s := range r.statements(item) {
				if len(s.Principals) > 0 {
					r.failf(item, "a function's statement must not name a Principal")
				}
				f.Statements = append(f.Statements, s.Statement)
			}
		default:
			r.failf(item, "not supported here: the SAM policy template %s; write its statements out", strings.Join(item.keys, ", "))
		}
	}
}

// statements reads a policy document.
func (r *reader) statements(document value) []ResourceStatement {
	list := document.get("Statement")
	items := list.items
	if list.kind == object {
		items = []value{list}
	}
	var out []ResourceStatement
	for _, v := range items {
		r.only(v, "a statement", "Sid", "Effect", "Action", "Resource", "Condition", "Principal")
		s := ResourceStatement{Statement: policy.Statement{Sid: r.text(v, "Sid"), Effect: r.need(v, "Effect"),
			Actions: r.texts(v, "Action"), Resources: r.texts(v, "Resource"), Conditions: r.conditions(v.get("Condition")),
			Origin: r.id + " "}, Principals: r.principals(v)}
		if len(s.Actions) == 0 || len(s.Resources) == 0 {
			r.failf(v, "a statement must have Action and Resource")
		}
		out = append(out, s)
	}
	return out
}

func (r *reader) conditions(v value) []policy.Condition {
	var out []policy.Condition
	for _, operator := range v.keys {
		block := v.fields[operator]
		for _, key := range block.keys {
			out = append(out, policy.Condition{Operator: operator, Key: key, Values: r.texts(block, key)})
		}
	}
	return out
}

func (r *reader) principals(v value) []string {
	p := v.get("Principal")
	if p.kind == scalar {
		return []string{p.text}
	}
	var out []string
	for _, kind := range p.keys {
		for _, name := range r.texts(p, kind) {
			out = append(out, kind+":"+name)
		}
	}
	return out
}

func (r *reader) event(name string, v value, f *Function) {
	r.only(v, "an event", "Type", "Properties")
	p := v.get("Properties")
	switch kind := r.need(v, "Type"); kind {
	case "HttpApi":
		r.only(p, "an HttpApi event", "Path", "Method", "ApiId", "PayloadFormatVersion", "TimeoutInMillis", "RouteSettings")
		f.Routes = append(f.Routes, Route{Event: name, Method: strings.ToUpper(r.need(p, "Method")), Path: r.need(p, "Path"), API: r.text(p, "ApiId")})
		if version := r.text(p, "PayloadFormatVersion"); version != "" && version != "2.0" {
			r.failf(p, "not supported here: PayloadFormatVersion %s", version)
		}
	case "SQS":
		f.QueueEvents = append(f.QueueEvents, r.queueEvent(name, p))
	case "Schedule", "ScheduleV2":
		f.Schedules = append(f.Schedules, r.functionSchedule(kind, name, p))
	default:
		r.failf(v, "not supported here: an event of type %s", kind)
	}
}

func (r *reader) queueEvent(name string, p value) QueueEvent {
	r.only(p, "an SQS event", "Queue", "BatchSize", "MaximumBatchingWindowInSeconds", "FunctionResponseTypes", "ScalingConfig", "Enabled")
	responses := r.texts(p, "FunctionResponseTypes")
	for _, kind := range responses {
		if kind != "ReportBatchItemFailures" {
			r.failf(p, "FunctionResponseTypes knows ReportBatchItemFailures alone, not %q", kind)
		}
	}
	e := QueueEvent{Event: name, QueueARN: r.need(p, "Queue"), BatchSize: r.number(p, "BatchSize", 10),
		MaximumBatchingWindow: r.number(p, "MaximumBatchingWindowInSeconds", 0),
		ReportBatchItemErrors: slices.Contains(responses, "ReportBatchItemFailures"),
		MaximumConcurrency:    r.number(p.get("ScalingConfig"), "MaximumConcurrency", 0), Enabled: r.flag(p, "Enabled", true)}
	// The bounds of "Creating and configuring an Amazon SQS event source mapping".
	if e.BatchSize < 1 || e.BatchSize > 10000 || e.BatchSize > 10 && e.MaximumBatchingWindow == 0 {
		r.failf(p, "BatchSize must be from 1 to 10, or up to 10000 with a MaximumBatchingWindowInSeconds of at least 1")
	}
	if e.MaximumConcurrency != 0 && (e.MaximumConcurrency < 2 || e.MaximumConcurrency > 1000) {
		r.failf(p, "MaximumConcurrency must be from 2 to 1000")
	}
	return e
}

func (r *reader) functionSchedule(kind, name string, p value) FunctionSchedule {
	expression := "ScheduleExpression"
	if kind == "Schedule" {
		expression = "Schedule"
	}
	r.only(p, "a "+kind+" event", expression, "ScheduleExpressionTimezone", "Name", "Input", "State", "Enabled", "Description",
		"RetryPolicy", "FlexibleTimeWindow")
	s := FunctionSchedule{Event: name, Name: r.text(p, "Name"), Expression: r.need(p, expression),
		Timezone: r.text(p, "ScheduleExpressionTimezone"), Input: r.text(p, "Input"),
		Enabled: r.flag(p, "Enabled", true) && r.text(p, "State") != "DISABLED"}
	if s.Name == "" {
		s.Name = r.t.resolve.StackName + "-" + r.id + name
	}
	return s
}

// EnvironmentNames lists the variables in order.
func (f Function) EnvironmentNames() []string { return slices.Sorted(maps.Keys(f.Environment)) }
