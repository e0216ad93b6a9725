package media_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"paht/functions/media"
	"paht/shared/message"
)

// The bucket's notifications are AWS's own form, of which old ones may stand in
// the queue; how a release's golden messages are kept stands in
// shared/cloud/golden_test.go.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
func TestGoldenNotificationsAreRead(t *testing.T) {
	want := map[string][]message.Envelope{
		"s3-created.json": {message.OfUpload("ihh5rxjsu3bgzcmklrkcqnbjmq")},
		"s3-test.json":    nil,
	}
	found := 0
	for name, envelopes := range want {
		files, err := filepath.Glob(filepath.Join("..", "..", "shared", "message", "testdata", "golden-v*", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			found++
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := media.Decode(body); err != nil || !reflect.DeepEqual(got, envelopes) {
				t.Errorf("%s reads %+v, %v", file, got, err)
			}
		}
	}
	if found < len(want) {
		t.Errorf("%d golden notifications were read", found)
	}
}
