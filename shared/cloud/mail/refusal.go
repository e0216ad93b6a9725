package mail

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/smithy-go"

	"paht/shared/notice"
)

// refused is one refusal of the service: by its code and, where the code alone
// does not tell, by what its text begins with or holds.
type refused struct {
	code, text string
	means      error
}

// refusals tell what is refused for good, this letter or the form of its address,
// from what the service refuses us until people have mended it: it is paused or
// suspended, the sender is not verified, or nobody outside the sandbox may be
// written to. The first that fits counts. What stands in none is transient.
//
// An address on the account's suppression list is not refused: the service takes
// the letter and reports a bounce.
//
// https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
// https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html
// https://docs.aws.amazon.com/ses/latest/dg/sending-email-suppression-list.html
var refusals = []refused{
	{"MessageRejected", "Email address is not verified", notice.Closed{Reason: "not_verified"}},
	{"MessageRejected", "Sending suspended", notice.Closed{Reason: "suspended"}},
	{"MessageRejected", "", notice.Undeliverable{Reason: notice.Refused}},
	{"BadRequestException", "", notice.Undeliverable{Reason: notice.BadAddress}},
	{"AccountSuspendedException", "", notice.Closed{Reason: "suspended"}},
	{"SendingPausedException", "", notice.Closed{Reason: "paused"}},
	{"MailFromDomainNotVerifiedException", "", notice.Closed{Reason: "not_verified"}},
	{"LimitExceededException", "", notice.Closed{Reason: "quota"}},
	{"TooManyRequestsException", "Daily message quota exceeded", notice.Closed{Reason: "quota"}},
	{"NotFoundException", "", notice.Closed{Reason: "not_set_up"}},
	{"AccessDeniedException", "", notice.Closed{Reason: "not_allowed"}},
}

// refusal tells what an error of the service means. Its text names addresses, so
// it goes no further than this: errors are logged.
func refusal(err error) error {
	if err == nil {
		return nil
	}
	var said smithy.APIError
	if !errors.As(err, &said) {
		return fmt.Errorf("handing a letter to the mail service: %w", err)
	}
	for _, r := range refusals {
		if r.code == said.ErrorCode() && strings.Contains(said.ErrorMessage(), r.text) {
			return r.means
		}
	}
	return fmt.Errorf("handing a letter to the mail service: it answered %s", said.ErrorCode())
}
