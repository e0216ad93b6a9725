// Package mail hands letters to Amazon SES. It imports no step.
package mail

import (
	"context"
	"fmt"
	netmail "net/mail"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"paht/shared/cloud"
	"paht/shared/notice"
)

// Service hands letters to Amazon SES.
type Service struct {
	Client *sesv2.Client
	From   netmail.Address
}

// New makes the adapter of a sender, "Name <address>" or the address alone.
func New(client *sesv2.Client, from string) (Service, error) {
	a, err := netmail.ParseAddress(from)
	if err != nil {
		return Service{}, fmt.Errorf("reading the sender (MAIL_FROM) %q: %w", from, err)
	}
	return Service{Client: client, From: *a}, nil
}

// Hand gives a letter to the service. notice.Undeliverable means that it will
// never take it, notice.Closed that it takes none of ours until people have
// mended that; any other error is transient. A repeat is sent again.
func (m Service) Hand(ctx context.Context, l notice.Letter) error {
	raw, err := l.MIME(m.From)
	if err != nil {
		return err
	}
	_, err = m.Client.SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(m.From.String()),
		Destination:      &types.Destination{ToAddresses: []string{l.To}},
		Content:          &types.EmailContent{Raw: &types.RawMessage{Data: raw}},
	})
	return refusal(err)
}

// Client makes the client of the mail service.
func Client(cfg aws.Config) *sesv2.Client {
	return sesv2.NewFromConfig(cfg, func(o *sesv2.Options) {
		if e := cloud.Endpoint("SESV2"); e != nil {
			o.BaseEndpoint = e
		}
	})
}
