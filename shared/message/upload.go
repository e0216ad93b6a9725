package message

// OfUpload makes the message that a slot's object is there and has no verdict.
func OfUpload(slot string) Envelope {
	return Envelope{ID: "upload#" + slot, Type: UploadUnchecked, Upload: slot}
}

// Traced is the envelope with the trace of the request that it goes back to.
func (e Envelope) Traced(trace string) Envelope {
	e.Trace = trace
	return e
}
