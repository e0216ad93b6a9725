package template

import (
	"fmt"
	"strings"
)

// The types that this package reads.
const (
	typeFunction       = "AWS::Serverless::Function"
	typeTable          = "AWS::DynamoDB::Table"
	typeQueue          = "AWS::SQS::Queue"
	typeBucket         = "AWS::S3::Bucket"
	typeSchedule       = "AWS::Scheduler::Schedule"
	typeParameter      = "AWS::SSM::Parameter"
	typeQueuePolicy    = "AWS::SQS::QueuePolicy"
	typeBucketPolicy   = "AWS::S3::BucketPolicy"
	typeHTTPAPI        = "AWS::Serverless::HttpApi"
	typeRole           = "AWS::IAM::Role"
	typeLogGroup       = "AWS::Logs::LogGroup"
	typeTopic          = "AWS::SNS::Topic"
	typePlatform       = "AWS::SNS::PlatformApplication"
	typeIdentity       = "AWS::SES::EmailIdentity"
	implicitHTTPAPI    = "ServerlessHttpApi"
	attributeName      = ""
	attributeARN       = "Arn"
	attributeQueueName = "QueueName"
)

// nameProperty is where a type keeps its physical name.
var nameProperty = map[string]string{
	typeFunction: "FunctionName", typeTable: "TableName", typeQueue: "QueueName", typeBucket: "BucketName",
	typeSchedule: "Name", typeParameter: "Name", typeRole: "RoleName", typeLogGroup: "LogGroupName",
	typeTopic: "TopicName", typePlatform: "Name", typeIdentity: "EmailIdentity",
}

// arnForms give the ARN of a type by region, account and name.
var arnForms = map[string]string{
	typeFunction:  "arn:aws:lambda:{region}:{account}:function:{name}",
	typeTable:     "arn:aws:dynamodb:{region}:{account}:table/{name}",
	typeQueue:     "arn:aws:sqs:{region}:{account}:{name}",
	typeBucket:    "arn:aws:s3:::{name}",
	typeSchedule:  "arn:aws:scheduler:{region}:{account}:schedule/default/{name}",
	typeParameter: "arn:aws:ssm:{region}:{account}:parameter/{name}",
	typeRole:      "arn:aws:iam::{account}:role/{name}",
	typeLogGroup:  "arn:aws:logs:{region}:{account}:log-group:{name}:*",
	typeTopic:     "arn:aws:sns:{region}:{account}:{name}",
	typePlatform:  "arn:aws:sns:{region}:{account}:app/GCM/{name}",
	typeIdentity:  "arn:aws:ses:{region}:{account}:identity/{name}",
}

// physicalName is the declared name, or one made from stack and logical id:
// always the same, so that a second start finds what the first one made.
func (t *Template) physicalName(r *resource) (string, error) {
	if r.name != "" {
		return r.name, nil
	}
	if r.naming {
		return "", fmt.Errorf("the name of %s depends on itself", r.id)
	}
	r.naming = true
	defer func() { r.naming = false }()
	if property, ok := nameProperty[r.kind]; ok {
		if n := field(r.properties(), property); n != nil {
			v, err := evaluator{t, r.id}.node(n)
			if err != nil {
				return "", err
			}
			r.name = v.text
		}
	}
	if r.name == "" {
		r.name = t.resolve.StackName + "-" + r.id
		if r.kind == typeBucket { // bucket names have no capitals
			r.name = strings.ToLower(r.name)
		}
	}
	return r.name, nil
}

func (t *Template) pseudo(name string) (string, bool) {
	switch name {
	case "AWS::Region":
		return t.resolve.Region, true
	case "AWS::AccountId":
		return t.resolve.Account, true
	case "AWS::Partition":
		return "aws", true
	case "AWS::URLSuffix":
		return "amazonaws.com", true
	case "AWS::StackName":
		return t.resolve.StackName, true
	case "AWS::StackId":
		return "arn:aws:cloudformation:" + t.resolve.Region + ":" + t.resolve.Account + ":stack/" + t.resolve.StackName + "/local", true
	}
	return "", false
}

// lookup gives what Ref (attribute "") or GetAtt gives.
func (t *Template) lookup(id, attribute string) (value, error) {
	if attribute == attributeName {
		if v, ok := t.pseudo(id); ok {
			return text(v, 0), nil
		}
		if v, ok := t.Inputs[id]; ok {
			return t.input(id, v), nil
		}
	}
	r := t.find(id)
	if r == nil {
		return value{}, fmt.Errorf("there is no parameter or resource %s", id)
	}
	name, err := t.physicalName(r)
	if err != nil {
		return value{}, err
	}
	if t.resolve.Value != nil {
		if v, ok := t.resolve.Value(r.kind, id, name, attribute); ok {
			return text(v, 0), nil
		}
	}
	v, err := t.builtin(r, name, attribute)
	return text(v, 0), err
}

func (t *Template) input(id, v string) value {
	kind := field(field(t.section("Parameters"), id), "Type")
	if kind == nil || kind.Value != "CommaDelimitedList" {
		return text(v, 0)
	}
	out := value{kind: list}
	for part := range strings.SplitSeq(v, ",") {
		out.items = append(out.items, text(strings.TrimSpace(part), 0))
	}
	return out
}

// find knows the resources that SAM makes by itself, too: a function's role
// and the API of functions that name none.
func (t *Template) find(id string) *resource {
	if r, ok := t.resources[id]; ok {
		return r
	}
	if function, ok := strings.CutSuffix(id, "Role"); ok {
		if r, ok := t.resources[function]; ok && r.kind == typeFunction {
			return &resource{id: id, kind: typeRole}
		}
	}
	if id == implicitHTTPAPI {
		return &resource{id: id, kind: typeHTTPAPI}
	}
	return nil
}

func (t *Template) arn(kind, name string) string {
	if kind == typeParameter {
		name = strings.TrimPrefix(name, "/")
	}
	return strings.NewReplacer("{region}", t.resolve.Region, "{account}", t.resolve.Account, "{name}", name).Replace(arnForms[kind])
}

// builtin is what CloudFormation's pages say of each type.
func (t *Template) builtin(r *resource, name, attribute string) (string, error) {
	switch {
	case attribute == attributeName && r.kind == typeQueue:
		return "https://sqs." + t.resolve.Region + ".amazonaws.com/" + t.resolve.Account + "/" + name, nil
	case attribute == attributeName && (r.kind == typeTopic || r.kind == typePlatform):
		return t.arn(r.kind, name), nil
	case attribute == attributeName:
		return name, nil
	case attribute == attributeARN && arnForms[r.kind] != "":
		return t.arn(r.kind, name), nil
	case attribute == attributeQueueName && r.kind == typeQueue:
		return name, nil
	case attribute == "QueueUrl" && r.kind == typeQueue:
		v, err := t.lookup(r.id, attributeName)
		return v.text, err
	case attribute == "TopicName" && r.kind == typeTopic:
		return name, nil
	case attribute == "RegionalDomainName" && r.kind == typeBucket:
		return name + ".s3." + t.resolve.Region + ".amazonaws.com", nil
	case attribute == "DomainName" && r.kind == typeBucket:
		return name + ".s3.amazonaws.com", nil
	}
	return "", fmt.Errorf("not supported here: the attribute %s of %s (%s)", attribute, r.id, r.kind)
}
