package account_test

import (
	"errors"
	"net/http"
	"testing"

	"paht/shared/message"
)

// The answer of the first request is lost, by each kind of break at each of its
// calls: whoever repeats it is answered as the first time.
func TestACodeWhoseAnswerWasLostIsAnsweredAgain(t *testing.T) {
	broke := errors.New("the connection broke")
	for call := 1; call <= 8; call++ {
		for _, carriedOut := range []bool{false, true} {
			d := open(t, wide)
			d.lan()
			body := fields{"logIn": "lan", "code": d.mailed(message.AccountVerify)}
			calls := 0
			d.world.Break(func(*http.Request) (before, after error) {
				if calls++; calls < call {
					return nil, nil
				}
				if carriedOut {
					return nil, broke
				}
				return broke, nil
			})
			d.call("POST", "/v1/accounts/verification", body)
			d.world.Break(nil)
			want(t, "the repeat", d.call("POST", "/v1/accounts/verification", body), 204, "")
			want(t, "another repeat", d.call("POST", "/v1/accounts/verification", body), 204, "")
			other := fields{"logIn": "LAN", "code": body["code"]}
			want(t, "another request with the used code", d.call("POST", "/v1/accounts/verification", other), 422, "invalid body.code=code_refused")
		}
	}
}
