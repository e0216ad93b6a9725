package message

// OfUpload makes the message that a slot's object is there and has no verdict.
func OfUpload(slot string) Envelope {
	return Envelope{ID: "upload#" + slot, Type: UploadUnchecked, Upload: slot}
}
