package cloud

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"paht/shared/message"
)

// Queues sends messages. Addresses are the queues' URLs by the name of their
// consumer.
type Queues struct {
	Client    *sqs.Client
	Addresses map[string]string
}

// Send implements effect.Sender. Delays are in whole seconds, up.
func (q Queues) Send(ctx context.Context, queue string, e message.Envelope, delay time.Duration) error {
	address, ok := q.Addresses[queue]
	if !ok {
		return fmt.Errorf("the queue %s has no address here", queue)
	}
	_, err := q.Client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &address, MessageBody: aws.String(e.Encode()),
		DelaySeconds: int32((delay + time.Second - 1) / time.Second),
	})
	return err
}
