package runtimeapi

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// Handler is Lambda's own door for operators: POST
// /2015-03-31/functions/{name}/invocations, synchronous only.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
func (r *Runtime) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2015-03-31/functions/{name}/invocations", r.invoke)
	return mux
}

func (r *Runtime) invoke(w http.ResponseWriter, q *http.Request) {
	if kind := q.Header.Get("X-Amz-Invocation-Type"); kind != "" && kind != "RequestResponse" {
		invokeError(w, http.StatusBadRequest, "InvalidParameterValueException", "not supported here: invocation type "+kind)
		return
	}
	payload, err := io.ReadAll(io.LimitReader(q.Body, MaxPayload+1))
	if err != nil {
		invokeError(w, http.StatusBadRequest, "InvalidRequestContentException", "the payload did not arrive")
		return
	}
	if len(payload) == 0 {
		payload = []byte("{}")
	}
	if len(payload) <= MaxPayload && !json.Valid(payload) {
		invokeError(w, http.StatusBadRequest, "InvalidRequestContentException", "Could not parse request body into json")
		return
	}
	result, err := r.Invoke(q.Context(), q.PathValue("name"), payload)
	switch {
	case errors.Is(err, ErrUnknown):
		invokeError(w, http.StatusNotFound, "ResourceNotFoundException", err.Error())
		return
	case errors.Is(err, ErrThrottled):
		invokeError(w, http.StatusTooManyRequests, "TooManyRequestsException", "Rate Exceeded.")
		return
	case errors.Is(err, ErrTooLarge):
		invokeError(w, http.StatusRequestEntityTooLarge, "RequestTooLargeException", err.Error())
		return
	case err != nil:
		invokeError(w, http.StatusInternalServerError, "ServiceException", err.Error())
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Amz-Executed-Version", "$LATEST")
	h.Set("X-Amzn-Requestid", result.RequestID)
	if result.FunctionError != "" {
		h.Set("X-Amz-Function-Error", result.FunctionError)
	}
	w.Write(result.Payload)
}

func invokeError(w http.ResponseWriter, status int, kind, text string) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Amzn-Errortype", kind)
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"Type": "User", "message": text})
}
