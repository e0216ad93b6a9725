// Command echo is the function that the tests of the local runtime build and
// run: it does what the event asks for, good or bad.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type order struct {
	Do   string
	MB   int
	MS   int
	Path string `json:"rawPath"`
}

var held [][]byte

func main() {
	if os.Getenv("REFUSE_TO_START") != "" {
		fmt.Fprintln(os.Stderr, "refusing to start")
		os.Exit(3)
	}
	if text := os.Getenv("INIT_ERROR"); text != "" {
		// A runtime of another language says so itself; Go's only exits.
		http.Post("http://"+os.Getenv("AWS_LAMBDA_RUNTIME_API")+"/2018-06-01/runtime/init/error", "application/json", strings.NewReader(text))
		time.Sleep(time.Minute)
	}
	fmt.Println("started")
	lambda.Start(handle)
}

func handle(ctx context.Context, raw json.RawMessage) (any, error) {
	var o order
	if err := json.Unmarshal(raw, &o); err != nil {
		return nil, err
	}
	if o.Path != "" {
		return web(ctx, o.Path, raw)
	}
	return act(ctx, o)
}

func act(ctx context.Context, o order) (any, error) {
	switch o.Do {
	case "echo":
		return o, nil
	case "error":
		return nil, errors.New("as asked")
	case "panic":
		panic("as asked")
	case "exit":
		os.Exit(7)
	case "sleep":
		time.Sleep(time.Duration(o.MS) * time.Millisecond)
		return os.Getpid(), nil
	case "pid":
		return os.Getpid(), nil
	case "allocate":
		block := make([]byte, o.MB<<20)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1
		}
		held = append(held, block)
		time.Sleep(500 * time.Millisecond)
		return len(held), nil
	case "big":
		return strings.Repeat("x", o.MB<<20), nil
	case "child":
		child := exec.Command("sleep", "60")
		if err := child.Start(); err != nil {
			return nil, err
		}
		return child.Process.Pid, nil
	case "environment":
		return os.Environ(), nil
	case "context":
		deadline, _ := ctx.Deadline()
		about, _ := lambdacontext.FromContext(ctx)
		return map[string]any{"id": about.AwsRequestID, "arn": about.InvokedFunctionArn, "left": time.Until(deadline).Milliseconds()}, nil
	}
	return nil, fmt.Errorf("nothing to do for %q", o.Do)
}

// web answers as an HTTP function, in each form that the HTTP API takes.
func web(ctx context.Context, path string, event json.RawMessage) (any, error) {
	answer := events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{"Content-Type": "application/json"}}
	switch {
	case strings.HasSuffix(path, "/implicit"):
		return map[string]string{"seen": "implicit"}, nil
	case strings.HasSuffix(path, "/binary"):
		answer.Headers["Content-Type"] = "image/png"
		answer.Body, answer.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte("\x89PNG\x00\xff")), true
	case strings.HasSuffix(path, "/cookies"):
		answer.StatusCode, answer.Cookies = 201, []string{"a=1; Path=/", "b=2; HttpOnly"}
	case strings.HasSuffix(path, "/panic"):
		panic("as asked")
	case strings.HasSuffix(path, "/malformed"):
		return map[string]any{"statusCode": "not a number", "body": 7}, nil
	case strings.HasSuffix(path, "/big"):
		answer.Body = strings.Repeat("x", 7<<20)
	case strings.HasSuffix(path, "/sleep"):
		return act(ctx, order{Do: "sleep", MS: 60_000})
	default:
		answer.Body = string(event)
	}
	return answer, nil
}
