package contract

import "net/http"

// The reporter's acts, served by submit.
var (
	OpenUploads = define[OpenUploadsInput, OpenUploadsOutput](Meta{
		ID: "open-uploads", Function: "submit", Method: http.MethodPost, Path: "/v1/uploads",
		Access: Reporter, Key: true, Status: http.StatusCreated,
	}, "Ask for upload slots, each a presigned form for one exact file")
	ReadUpload = define[UploadInput, UploadOutput](Meta{
		ID: "read-upload", Function: "submit", Method: http.MethodGet, Path: "/v1/uploads/{upload}",
		Access: Signed,
	}, "How an upload stands", http.StatusNotFound)
	SubmitReport = define[SubmitInput, SubmitOutput](Meta{
		ID: "submit-report", Function: "submit", Method: http.MethodPost, Path: "/v1/reports",
		Access: Reporter, Key: true, Status: http.StatusCreated,
	}, "Submit a report")
	AddSupplement = define[SupplementInput, ActedOutput](Meta{
		ID: "add-supplement", Function: "submit", Method: http.MethodPost, Path: "/v1/reports/{report}/supplement",
		Access: Reporter, Key: true,
	}, "Add what the screener asked for", http.StatusNotFound, http.StatusConflict)
	WithdrawReport = define[WithdrawInput, ActedOutput](Meta{
		ID: "withdraw-report", Function: "submit", Method: http.MethodPost, Path: "/v1/reports/{report}/withdrawal",
		Access: Reporter, Key: true,
	}, "Take a report back before acceptance", http.StatusNotFound, http.StatusConflict)
	RatePart = define[RateInput, ActedOutput](Meta{
		ID: "rate-part", Function: "submit", Method: http.MethodPost, Path: "/v1/reports/{report}/assignments/{assignment}/rating",
		Access: Reporter, Key: true,
	}, "Rate a published part", http.StatusNotFound, http.StatusConflict)
)

// File announces one file that is to be uploaded.
type File struct {
	Type   string `json:"type" enum:"image/jpeg,image/png"`
	Size   int64  `json:"size" minimum:"1" maximum:"10485760" doc:"Bytes; a photo has 10 MiB at most."`
	SHA256 string `json:"sha256" pattern:"^[A-Za-z0-9+/]{43}=$" doc:"Base64 of the file's SHA-256."`
}

// OpenUploadsInput asks for slots.
type OpenUploadsInput struct {
	Keyed
	Body struct {
		Files []File `json:"files" minItems:"1" maxItems:"10"`
	}
}

// Upload is a slot with the form that fills it: POST multipart/form-data with
// these fields, and the file last, to URL.
type Upload struct {
	ID      string            `json:"id"`
	State   string            `json:"state" doc:"open, pending, accepted, rejected or closed"`
	Reason  string            `json:"reason,omitempty"`
	URL     string            `json:"url,omitempty"`
	Fields  map[string]string `json:"fields,omitempty"`
	Expires *Time             `json:"expires,omitempty"`
}

// OpenUploadsOutput gives the slots in the order of the files.
type OpenUploadsOutput struct {
	Body struct {
		Uploads []Upload `json:"uploads"`
	}
}

// UploadInput names a slot.
type UploadInput struct {
	Upload string `path:"upload" maxLength:"40"`
}

// UploadOutput is one slot.
type UploadOutput struct{ Body Upload }

// Submission is what a reporter sends (R47–R56).
type Submission struct {
	Text       string   `json:"text" minLength:"5" maxLength:"2000" doc:"Vietnamese with diacritics (9.2)."`
	Point      *Point   `json:"point,omitempty" doc:"The place; else commune and address."`
	Commune    string   `json:"commune,omitempty" maxLength:"20" doc:"Code of the commune; needed with an address."`
	Address    string   `json:"address,omitempty" maxLength:"300" doc:"Address line or landmark."`
	Category   string   `json:"category" minLength:"1" maxLength:"40" doc:"A category's code; khac for another."`
	Publicity  string   `json:"publicity,omitempty" enum:"hidden,name_shown" doc:"Hidden when not chosen (9.4)."`
	Notice     string   `json:"notice" enum:"email,app" doc:"The channel for results (10.2)."`
	OccurredAt *Time    `json:"occurredAt,omitempty"`
	Uploads    []string `json:"uploads,omitempty" maxItems:"10" uniqueItems:"true" doc:"Slots, in the order in which to show them."`
}

// SubmitInput submits a report.
type SubmitInput struct {
	Keyed
	Body Submission
}

// SubmitOutput answers with the tracking code, the due time and the report.
type SubmitOutput struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     Acted
}

// ReportPath names a report by its tracking code.
type ReportPath struct {
	Report string `path:"report" maxLength:"40"`
}

// PartPath names one part of a report.
type PartPath struct {
	ReportPath
	Assignment string `path:"assignment" pattern:"^a[1-9][0-9]{0,3}$"`
}

// SupplementInput answers the screener's question.
type SupplementInput struct {
	Keyed
	ReportPath
	Body struct {
		Text    string   `json:"text" minLength:"5" maxLength:"2000"`
		Uploads []string `json:"uploads,omitempty" maxItems:"10" uniqueItems:"true"`
	}
}

// WithdrawInput takes a report back.
type WithdrawInput struct {
	Keyed
	ReportPath
	Body struct {
		Reason string `json:"reason,omitempty" maxLength:"500"`
	}
}

// RateInput rates a published part.
type RateInput struct {
	Keyed
	PartPath
	Body struct {
		Rating int `json:"rating" minimum:"1" maximum:"3" doc:"1 hài lòng, 2 chấp nhận, 3 không hài lòng."`
	}
}
