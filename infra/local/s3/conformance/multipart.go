package conformance

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const (
	pageMultipart = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html"
	pageComplete  = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html"
	pagePart      = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html"
)

const partSize = 5 << 20 // the least that a part other than the last may have

var (
	firstPart = bytes.Repeat([]byte("a part of a video. "), partSize/19+1)[:partSize]
	lastPart  = []byte("the last part")
)

var multipartRows = []row{
	{"a multipart upload through presigned parts gives the whole object", pageMultipart, func(t checker, g *ground) {
		key := "multipart/whole"
		id := g.begin(t, key)
		parts := []types.CompletedPart{g.presignedPart(t, key, id, 1, firstPart), g.presignedPart(t, key, id, 2, lastPart)}
		g.absent(t, key)
		must(t, g.complete(t, key, id, parts))
		if got := g.content(t, key); !bytes.Equal(got, append(bytes.Clone(firstPart), lastPart...)) {
			t.Errorf("got %d bytes, not the two parts", len(got))
		}
	}},
	{"a presigned part refuses bytes of another checksum", pagePart, func(t checker, g *ground) {
		key := "multipart/part-bytes"
		id := g.begin(t, key)
		defer g.abort(t, key, id)
		status, code, _ := g.sendPart(t, key, id, 1, photo, other)
		if status < 400 || status >= 500 {
			t.Errorf("got %d %s, want a refusal", status, code)
		}
		listed, err := g.client.ListParts(t.Context(), &s3.ListPartsInput{Bucket: &g.bucket, Key: &key, UploadId: &id})
		must(t, err)
		if len(listed.Parts) != 0 {
			t.Errorf("%d parts are stored, want none", len(listed.Parts))
		}
	}},
	{"parts that came already are listed, so that an upload can resume", "https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html", func(t checker, g *ground) {
		key := "multipart/resume"
		id := g.begin(t, key)
		defer g.abort(t, key, id)
		g.presignedPart(t, key, id, 2, lastPart)
		listed, err := g.client.ListParts(t.Context(), &s3.ListPartsInput{Bucket: &g.bucket, Key: &key, UploadId: &id})
		must(t, err)
		if len(listed.Parts) != 1 || aws.ToInt32(listed.Parts[0].PartNumber) != 2 || aws.ToInt64(listed.Parts[0].Size) != int64(len(lastPart)) {
			t.Errorf("got parts %+v, want part 2 alone", listed.Parts)
		}
	}},
	{"a part sent twice counts once, the later one", pagePart, func(t checker, g *ground) {
		key := "multipart/twice"
		id := g.begin(t, key)
		g.presignedPart(t, key, id, 1, photo)
		must(t, g.complete(t, key, id, []types.CompletedPart{g.presignedPart(t, key, id, 1, other)}))
		if !bytes.Equal(g.content(t, key), other) {
			t.Error("the earlier part was kept")
		}
	}},
	{"a small part that is not the last is refused at the end", pageComplete, func(t checker, g *ground) {
		key := "multipart/small"
		id := g.begin(t, key)
		defer g.abort(t, key, id)
		parts := []types.CompletedPart{g.presignedPart(t, key, id, 1, photo), g.presignedPart(t, key, id, 2, lastPart)}
		refused(t, g.complete(t, key, id, parts), "EntityTooSmall")
		g.absent(t, key)
	}},
	{"an unknown part is refused at the end", pageComplete, func(t checker, g *ground) {
		key := "multipart/unknown"
		id := g.begin(t, key)
		defer g.abort(t, key, id)
		part := g.presignedPart(t, key, id, 1, photo)
		part.PartNumber = aws.Int32(3)
		refused(t, g.complete(t, key, id, []types.CompletedPart{part}), "InvalidPart")
	}},
	{"an aborted upload is gone", "https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html", func(t checker, g *ground) {
		key := "multipart/aborted"
		id := g.begin(t, key)
		part := g.presignedPart(t, key, id, 1, photo)
		g.abort(t, key, id)
		refused(t, g.complete(t, key, id, []types.CompletedPart{part}), "NoSuchUpload")
		g.absent(t, key)
	}},
}

func (g *ground) begin(t checker, key string) string {
	t.Helper()
	begun, err := g.client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{
		Bucket: &g.bucket, Key: &key, ContentType: aws.String("video/mp4"), ChecksumAlgorithm: types.ChecksumAlgorithmSha256, ChecksumType: types.ChecksumTypeComposite,
	})
	must(t, err)
	return *begun.UploadId
}

func (g *ground) complete(t checker, key, id string, parts []types.CompletedPart) error {
	_, err := g.client.CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{
		Bucket: &g.bucket, Key: &key, UploadId: &id, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	return err
}

func (g *ground) abort(t checker, key, id string) {
	t.Helper()
	_, err := g.client.AbortMultipartUpload(t.Context(), &s3.AbortMultipartUploadInput{Bucket: &g.bucket, Key: &key, UploadId: &id})
	must(t, err)
}

func (g *ground) presignedPart(t checker, key, id string, number int32, content []byte) types.CompletedPart {
	t.Helper()
	status, code, etag := g.sendPart(t, key, id, number, content, content)
	if status != 200 {
		t.Fatalf("sending part %d: got %d %s", number, status, code)
	}
	return types.CompletedPart{PartNumber: &number, ETag: &etag, ChecksumSHA256: aws.String(digest(content))}
}

// sendPart signs an address for the part "promised" and sends "sent" to it,
// as a browser does: nothing but the address and its signed headers.
func (g *ground) sendPart(t checker, key, id string, number int32, promised, sent []byte) (status int, code, etag string) {
	t.Helper()
	address, err := s3.NewPresignClient(g.client).PresignUploadPart(t.Context(), &s3.UploadPartInput{
		Bucket: &g.bucket, Key: &key, UploadId: &id, PartNumber: &number, ContentLength: aws.Int64(int64(len(promised))), ChecksumSHA256: aws.String(digest(promised)),
	})
	must(t, err)
	request, err := http.NewRequestWithContext(t.Context(), address.Method, address.URL, bytes.NewReader(sent))
	must(t, err)
	for header, values := range address.SignedHeader {
		if !strings.EqualFold(header, "host") && !strings.EqualFold(header, "content-length") {
			request.Header[header] = values
		}
	}
	response, err := g.http.Do(request)
	must(t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	must(t, err)
	return response.StatusCode, errorCode(string(answer)), response.Header.Get("ETag")
}
