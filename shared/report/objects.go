package report

import "fmt"

// Keys of objects in the bucket. Only what lies under public/ is ever readable
// by anybody.

// UploadKey is where a file of that purpose (photo, result) is put; it ends in
// the slot's id.
func UploadKey(purpose, slot string) string { return "upload/" + purpose + "/" + slot }

// CleanKey is the copy without metadata that officers see.
func CleanKey(slot string) string { return "clean/" + slot + ".jpg" }

// SmallKey is the small private copy that a release copies to the public prefix.
func SmallKey(slot string) string { return "small/" + slot + ".jpg" }

// PublicPicture is the n-th picture of a published part.
func PublicPicture(report, assignment string, revision, n int) string {
	return fmt.Sprintf("public/%s/%s/%d/%d.jpg", report, assignment, revision, n)
}

// PublicDocument is the signed file of a published part.
func PublicDocument(report, assignment string, revision int) string {
	return fmt.Sprintf("public/%s/%s/%d/ket-qua.pdf", report, assignment, revision)
}
