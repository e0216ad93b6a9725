package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"paht/shared/fault"
)

// Problem is a problem document (RFC 9457). It never holds a submitted value.
type Problem struct {
	Type   string       `json:"type" doc:"about:blank; code tells the problem."`
	Title  string       `json:"title"`
	Status int          `json:"status"`
	Detail string       `json:"detail"`
	Code   string       `json:"code" doc:"Stable."`
	Facts  []string     `json:"facts,omitempty" doc:"What the detail speaks of, such as the current ETag."`
	Errors []WrongField `json:"errors,omitempty"`
}

// WrongField names one wrong value and the rule that it breaks.
type WrongField struct {
	Path   string   `json:"path"`
	Code   string   `json:"code" doc:"Stable."`
	Detail string   `json:"detail"`
	Facts  []string `json:"facts,omitempty"`
}

// Error implements error; it is for logs.
func (p *Problem) Error() string { return p.Code }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// statuses is the one table from a fault's kind to its HTTP status.
var statuses = map[fault.Kind]int{
	fault.Malformed:       http.StatusBadRequest,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Stale:           http.StatusPreconditionFailed,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.NoCondition:     http.StatusPreconditionRequired,
	fault.TooMany:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

func faultProblem(language string, f *fault.Fault) *Problem {
	return problem(language, statuses[f.Kind], f.Code, f.Args, f.Fields)
}

// problem writes the document in the language asked for; status 0 is 500.
func problem(language string, status int, code string, args []string, fields []fault.Field) *Problem {
	if status == 0 {
		status = http.StatusInternalServerError
	}
	p := &Problem{Type: "about:blank", Title: title(language, status), Status: status, Code: code,
		Detail: say(language, code, args), Facts: args}
	for _, f := range fields {
		p.Errors = append(p.Errors, WrongField{Path: f.Path, Code: f.Code, Detail: say(language, f.Code, f.Args), Facts: f.Args})
	}
	return p
}

func writeProblem(w http.ResponseWriter, language string, f *fault.Fault) {
	p := faultProblem(language, f)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client has gone if this fails
}

func writeHuma(ctx huma.Context, p *Problem) {
	ctx.SetHeader("Content-Type", "application/problem+json")
	ctx.SetStatus(p.Status)
	_ = json.NewEncoder(ctx.BodyWriter()).Encode(p)
}

// The library's own errors pass through the same form. What it says of a value
// is a rule in words; rules holds them as codes.
func init() {
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		language := "vi"
		if ctx != nil {
			language = Language(ctx.Context())
		}
		return libraryProblem(language, status, message, errs)
	}
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return libraryProblem("vi", status, message, errs)
	}
}

func libraryProblem(language string, status int, message string, errs []error) huma.StatusError {
	for _, err := range errs {
		var p *Problem
		if errors.As(err, &p) {
			return p
		}
	}
	var fields []fault.Field
	for _, err := range errs {
		if detailer, ok := err.(huma.ErrorDetailer); ok {
			fields = append(fields, ruleOf(detailer.ErrorDetail())...)
		}
	}
	if len(fields) == 0 && message == noBody {
		fields = append(fields, fault.Field{Path: "body", Code: "required"})
	}
	return problem(language, status, codeOf(status, message), nil, fields)
}

// noBody is what the library says when there is none, without a detail.
const noBody = "request body is required"

// codeOf names what the library refuses as a whole.
func codeOf(status int, message string) string {
	switch status {
	case http.StatusBadRequest:
		return "malformed"
	case http.StatusUnprocessableEntity:
		return "invalid"
	case http.StatusRequestEntityTooLarge:
		return "body_too_large"
	case http.StatusUnsupportedMediaType:
		return "unsupported_media_type"
	case http.StatusNotAcceptable:
		return "not_acceptable"
	case http.StatusRequestTimeout:
		return "timeout"
	}
	return "internal"
}
