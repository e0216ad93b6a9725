package s3

import (
	"bytes"
	"context"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"paht/infra/emulator/policy"
)

// formLimit bounds what is read of a form to find its fields. S3 takes 20 KB of
// them, and they stand before the file:
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
const formLimit = 64 << 10

// form is what the proxy needs to know of a posted one. The signature over it
// is versitygw's to verify.
type form struct{ key, accessKey string }

type formContext struct{}

// checkForms reads the fields of a posted form while it passes, and refuses
// one whose signer may not put an object under its key, which versitygw does
// not ask.
func (s *Server) checkForms(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bucket, key := split(r.URL)
		if !isForm(r) || key != "" {
			next.ServeHTTP(w, r)
			return
		}
		prefix, err := io.ReadAll(io.LimitReader(r.Body, formLimit))
		if err != nil {
			http.Error(w, "the form did not arrive", http.StatusBadRequest)
			return
		}
		posted := parseForm(r.Header.Get("Content-Type"), prefix)
		if posted.key != "" {
			s.report([]Access{{Who: posted.accessKey, Action: "s3:PutObject", Resource: arnPrefix + bucket + "/" + posted.key, Bucket: bucket}})
		}
		if posted.accessKey != "" && !s.mayPut(posted.accessKey, bucket, posted.key) {
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, accessDenied)
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), formContext{}, posted))
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(prefix), r.Body), r.Body}
		next.ServeHTTP(w, r)
	})
}

// mayPut says whether an identity's statements allow an object under a key.
func (s *Server) mayPut(who, bucket, key string) bool {
	if who == s.options.Root.AccessKey {
		return true
	}
	var statements []policy.Statement
	for _, g := range s.options.Grants {
		if g.AccessKey != who || g.ConditionOperator != "" {
			continue
		}
		effect := "Allow"
		if g.Deny {
			effect = "Deny"
		}
		statements = append(statements, policy.Statement{Effect: effect, Actions: g.Actions, Resources: g.Resources})
	}
	return policy.Evaluate(statements, "s3:PutObject", arnPrefix+bucket+"/"+key, nil)
}

func isForm(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data")
}

// parseForm finds the fields; what cannot be found stays empty and is
// versitygw's to refuse.
func parseForm(contentType string, prefix []byte) (f form) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return f
	}
	parts := multipart.NewReader(bytes.NewReader(prefix), params["boundary"])
	for {
		part, err := parts.NextPart()
		if err != nil || part.FormName() == "file" {
			return f
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return f
		}
		switch strings.ToLower(part.FormName()) {
		case "key":
			f.key = string(value)
		case "x-amz-credential":
			f.accessKey, _, _ = strings.Cut(string(value), "/")
		}
	}
}
