package bucket_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"paht/shared/cloud/bucket"
	"paht/shared/upload"
)

func objects(token, endpoint, public string) bucket.Objects {
	cfg := aws.Config{Region: "ap-southeast-1", Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret", SessionToken: token}, nil
	})}
	if endpoint != "" {
		cfg.BaseEndpoint = &endpoint
	}
	return bucket.New(bucket.Client(cfg), "files", public)
}

var slotsBegin = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

func newSlot(id, owner, request string) upload.Slot {
	return upload.New(upload.Slot{ID: id, Owner: owner, Request: request, Purpose: upload.Photo, Type: upload.TypeJPEG, Size: 3}, slotsBegin)
}

func TestAFormIsForOneFileAndAFunctionOfItsSlot(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_S3", "")
	slot := newSlot("s1", "u1", "r1")
	slot.SHA256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
	o := objects("token", "", "")
	form, err := o.Form(t.Context(), slot)
	if err != nil {
		t.Fatal(err)
	}
	again, err := o.Form(t.Context(), slot)
	if err != nil || !maps.Equal(form.Fields, again.Fields) {
		t.Errorf("the same slot has another form: %v", err)
	}
	if form.URL != "https://files.s3.ap-southeast-1.amazonaws.com/" || !form.Expires.Equal(slotsBegin.Add(upload.FormLife)) {
		t.Errorf("the form goes to %s until %s", form.URL, form.Expires)
	}
	document, err := base64.StdEncoding.DecodeString(form.Fields["policy"])
	if err != nil {
		t.Fatal(err)
	}
	var policy struct {
		Expiration time.Time
		Conditions []json.RawMessage
	}
	if err := json.Unmarshal(document, &policy); err != nil {
		t.Fatal(err)
	}
	named := make(map[string]string)
	for _, raw := range policy.Conditions {
		var eq [3]string
		switch {
		case json.Unmarshal(raw, &eq) == nil && eq[0] == "eq":
			named[strings.TrimPrefix(eq[1], "$")] = eq[2]
		case string(raw) != `{"bucket":"files"}` && string(raw) != `["content-length-range",3,3]`:
			t.Errorf("the policy holds %s", raw)
		}
	}
	if len(policy.Conditions) != len(named)+2 || !policy.Expiration.Equal(form.Expires) {
		t.Errorf("the policy is %s", document)
	}
	for name, value := range form.Fields {
		if name != "policy" && name != "x-amz-signature" && named[name] != value {
			t.Errorf("the policy lets %s be %q, the form says %q", name, named[name], value)
		}
	}
	if form.Fields["key"] != "upload/photo/s1" || form.Fields["x-amz-security-token"] != "token" || form.Fields["Content-Type"] != upload.TypeJPEG {
		t.Errorf("the fields are %v", form.Fields)
	}
}

func TestBrowsersGetTheAddressThatTheyReach(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_S3", "")
	for name, row := range map[string]struct{ endpoint, public, form, link string }{
		"in the cloud":              {"", "", "https://files.s3.ap-southeast-1.amazonaws.com/", "files.s3.ap-southeast-1.amazonaws.com"},
		"on one machine":            {"http://127.0.0.1:9000", "", "http://127.0.0.1:9000/files", "127.0.0.1:9000"},
		"behind another address":    {"http://10.0.0.1:9000", "http://localhost:8080/", "http://localhost:8080/files", "localhost:8080"},
		"in the cloud, with a name": {"", "https://files.example.vn", "https://files.example.vn/files", "files.example.vn"},
	} {
		o := objects("", row.endpoint, row.public)
		form, err := o.Form(t.Context(), newSlot("s1", "u1", "r1"))
		if err != nil || form.URL != row.form {
			t.Errorf("%s: the form goes to %s, %v", name, form.URL, err)
		}
		link, err := o.Link(t.Context(), "clean/s1.jpg", "image/jpeg", "Ảnh 1.jpg")
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(link)
		if err != nil || u.Host != row.link || u.Query().Get("X-Amz-Expires") != "600" ||
			u.Query().Get("response-content-disposition") != "attachment; filename*=UTF-8''%E1%BA%A2nh%201.jpg" {
			t.Errorf("%s: the link is %s, %v", name, link, err)
		}
	}
}
