package media

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"paht/shared/message"
	"paht/shared/upload"
)

// QueueName is the queue that this step consumes.
const QueueName = message.QueueMedia

// notice is what tells the three kinds of body apart: an object notification has
// records of S3, S3's test event has its name, an envelope has a type.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
type notice struct {
	Records []struct {
		Source string `json:"eventSource"`
		Name   string `json:"eventName"`
		S3     struct {
			Object struct {
				Key string `json:"key"`
			} `json:"object"`
		} `json:"s3"`
	} `json:"Records"`
	Event string `json:"Event"`
	Type  string `json:"type"`
}

// Decode reads what the queue received: the sweep's own envelope, or the bucket's
// notification, which may speak of several objects or of none that is checked.
func Decode(body []byte) ([]message.Envelope, error) {
	var n notice
	if err := json.Unmarshal(body, &n); err != nil {
		return nil, fmt.Errorf("reading the notification: %w", err)
	}
	switch {
	case n.Type != "":
		e, err := message.Decode(QueueName, body)
		if err == nil && e.Upload == "" {
			err = errors.New("the envelope names no upload")
		}
		return []message.Envelope{e}, err
	case n.Event == "s3:TestEvent":
		return nil, nil
	case len(n.Records) == 0:
		return nil, errors.New("the body has none of the marks that media knows")
	}
	var found []message.Envelope
	for _, r := range n.Records {
		if r.Source != "aws:s3" {
			return nil, fmt.Errorf("the record's source %.40q is not S3", r.Source)
		}
		// Keys arrive encoded as in a form.
		key, err := url.QueryUnescape(r.S3.Object.Key)
		if err != nil {
			return nil, errors.New("the object's key is not encoded as in a form")
		}
		id, ok := upload.SlotOf(key)
		if ok && strings.HasPrefix(r.Name, "ObjectCreated:") {
			found = append(found, message.OfUpload(id))
		}
	}
	return found, nil
}
