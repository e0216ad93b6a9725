package dynamodb

import (
	"fmt"
	"strings"
)

// The error codes of the service that can occur here; each stands behind the namespace in __type.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
const (
	codeValidation    = "ValidationException"
	codeCondition     = "ConditionalCheckFailedException"
	codeNotFound      = "ResourceNotFoundException"
	codeInUse         = "ResourceInUseException"
	codeLimit         = "LimitExceededException"
	codeSerialization = "SerializationException"
	codeUnknown       = "UnknownOperationException"
)

// A fault is an answer of the service that refuses a request.
type fault struct {
	code    string
	message string
	// item is the old item of a failed condition, encoded; nil when it was not asked for or there was none.
	item []byte
}

func (f *fault) Error() string { return f.code + ": " + f.message }

// invalid is a ValidationException.
func invalid(format string, args ...any) *fault {
	return &fault{code: codeValidation, message: fmt.Sprintf(format, args...)}
}

// unsupportedMark begins each answer to something that the service knows and the emulator does not.
const unsupportedMark = "not supported here: "

// unsupported refuses what AWS would take and this emulator does not. It is a ValidationException, so that a client
// neither retries it nor takes it for an answer, and the handler logs it.
func unsupported(format string, args ...any) *fault {
	return invalid(unsupportedMark+format, args...)
}

func (f *fault) isUnsupported() bool { return strings.HasPrefix(f.message, unsupportedMark) }
