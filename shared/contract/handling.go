package contract

import "net/http"

// Rights that the roles give (REQUIREMENTS, roles of officers).
const (
	RightScreen   = "report.screen"
	RightRoute    = "report.route"
	RightHandle   = "part.handle"
	RightPublish  = "part.publish"
	RightRead     = "report.read"
	RightReadAll  = "report.read_all"
	RightMonitor  = "report.monitor"
	RightContact  = "contact.show"
	RightSettings = "settings.write"
	RightOfficers = "officers.write"
	RightUnlock   = "accounts.unlock"
	RightAudit    = "audit.read"
)

// The officers' acts, served by screen, route, processcallback and publish.
var (
	AcceptReport = define[NoteInput, ActedOutput](Meta{
		ID: "accept-report", Function: "screen", Method: http.MethodPost, Path: "/v1/reports/{report}/acceptance",
		Access: With(RightScreen), Key: true, Match: true,
	}, "Accept a report after the check (11.1)", http.StatusNotFound, http.StatusConflict)
	RefuseReport = define[RefuseInput, ActedOutput](Meta{
		ID: "refuse-report", Function: "screen", Method: http.MethodPost, Path: "/v1/reports/{report}/refusal",
		Access: With(RightScreen), Key: true, Match: true,
	}, "Refuse a report with a reason (11.1.a)", http.StatusNotFound, http.StatusConflict)
	AskSupplement = define[TextInput, ActedOutput](Meta{
		ID: "ask-supplement", Function: "screen", Method: http.MethodPost, Path: "/v1/reports/{report}/supplement-request",
		Access: With(RightScreen), Key: true, Match: true,
	}, "Ask the reporter for more before deciding; no clock pauses", http.StatusNotFound, http.StatusConflict)
	TransferReport = define[TransferInput, ActedOutput](Meta{
		ID: "transfer-report", Function: "route", Method: http.MethodPost, Path: "/v1/reports/{report}/transfer",
		Access: With(RightRoute), Key: true, Match: true,
	}, "Transfer a report to its agencies, or send on what was returned (11.2, 11.3.a)", http.StatusNotFound, http.StatusConflict)
	AnswerReport = define[AnswerInput, ActedOutput](Meta{
		ID: "answer-report", Function: "route", Method: http.MethodPost, Path: "/v1/reports/{report}/answer",
		Access: With(RightRoute), Key: true, Match: true,
	}, "Answer the reporter after a return (11.3.a)", http.StatusNotFound, http.StatusConflict)
	ReceivePart = define[PartInput, ActedOutput](Meta{
		ID: "receive-part", Function: "processcallback", Method: http.MethodPost, Path: "/v1/reports/{report}/assignments/{assignment}/receipt",
		Access: With(RightHandle), Key: true, Match: true,
	}, "Confirm receipt", http.StatusNotFound, http.StatusConflict)
	ReportProgress = define[PartTextInput, ActedOutput](Meta{
		ID: "report-progress", Function: "processcallback", Method: http.MethodPost, Path: "/v1/reports/{report}/assignments/{assignment}/progress",
		Access: With(RightHandle), Key: true, Match: true,
	}, "Tell the reporter how the handling stands", http.StatusNotFound, http.StatusConflict)
	ExtendPart = define[ExtendInput, ActedOutput](Meta{
		ID: "extend-part", Function: "processcallback", Method: http.MethodPost, Path: "/v1/reports/{report}/assignments/{assignment}/extension",
		Access: With(RightHandle), Key: true, Match: true,
	}, "Take the one later due time, before the due time, with a reason (reading A6)", http.StatusNotFound, http.StatusConflict)
	ReturnPart = define[ReturnInput, ActedOutput](Meta{
		ID: "return-part", Function: "processcallback", Method: http.MethodPost, Path: "/v1/reports/{report}/assignments/{assignment}/return",
		Access: With(RightHandle), Key: true, Match: true,
	}, "Return the assignment, or what of it is not within the competence, with an opinion (11.3.a)", http.StatusNotFound, http.StatusConflict)
	OpenResultUpload = define[ResultUploadInput, UploadOutput](Meta{
		ID: "open-result-upload", Function: "processcallback", Method: http.MethodPost, Path: "/v1/reports/{report}/assignments/{assignment}/result-upload",
		Access: With(RightHandle), Key: true, Status: http.StatusCreated,
	}, "Ask for the slot of a signed result", http.StatusNotFound, http.StatusConflict)
	ConcludePart = define[ConcludeInput, ActedOutput](Meta{
		ID: "conclude-part", Function: "processcallback", Method: http.MethodPost, Path: "/v1/reports/{report}/assignments/{assignment}/result",
		Access: With(RightHandle), Key: true, Match: true,
	}, "Send the signed result (11.3.b)", http.StatusNotFound, http.StatusConflict)
	EditDraft = define[EditInput, ActedOutput](Meta{
		ID: "edit-draft", Function: "publish", Method: http.MethodPut, Path: "/v1/reports/{report}/assignments/{assignment}/draft",
		Access: With(RightPublish), Key: true, Match: true,
	}, "Edit the public text", http.StatusNotFound, http.StatusConflict)
	ReleasePart = define[EditInput, ActedOutput](Meta{
		ID: "release-part", Function: "publish", Method: http.MethodPost, Path: "/v1/reports/{report}/assignments/{assignment}/publication",
		Access: With(RightPublish), Key: true, Match: true,
	}, "Publish a part: the public entry and the reporter's notice in one act (11.3.c)", http.StatusNotFound, http.StatusConflict)
)

// NoteInput is an act with an optional note.
type NoteInput struct {
	Matched
	ReportPath
	Body struct {
		Note string `json:"note,omitempty" maxLength:"1000"`
	}
}

// TextInput is an act with a text for the reporter.
type TextInput struct {
	Matched
	ReportPath
	Body struct {
		Text string `json:"text" minLength:"5" maxLength:"2000"`
	}
}

// RefuseInput refuses a report.
type RefuseInput struct {
	Matched
	ReportPath
	Body struct {
		Code    string `json:"code" minLength:"1" maxLength:"20" doc:"A refusal code in force: 9.1, 9.1.a, 9.1.b, 9.1.c, 9.2, 9.3, outside_province, duplicate."`
		Reason  string `json:"reason" minLength:"5" maxLength:"2000"`
		Related string `json:"related,omitempty" maxLength:"40" doc:"With duplicate: the tracking code of the open report."`
	}
}

// TransferInput sends a report to its agencies.
type TransferInput struct {
	Matched
	ReportPath
	Body struct {
		Targets []Target `json:"targets" minItems:"1" maxItems:"10"`
		Note    string   `json:"note,omitempty" maxLength:"2000"`
		Returns []string `json:"returns,omitempty" maxItems:"10" uniqueItems:"true" doc:"The returned assignments that this sends on; all that wait when missing."`
	}
}

// Target is one agency of a transfer.
type Target struct {
	Agency     string `json:"agency" minLength:"1" maxLength:"40"`
	Days       int    `json:"days,omitempty" minimum:"1" maximum:"120" doc:"Working days for the handling; the category's default when missing."`
	LegalBasis string `json:"legalBasis,omitempty" maxLength:"500" doc:"The category's when missing."`
}

// AnswerInput answers the reporter after a return.
type AnswerInput struct {
	Matched
	ReportPath
	Body struct {
		Text    string   `json:"text" minLength:"5" maxLength:"4000"`
		Related string   `json:"related,omitempty" maxLength:"200" doc:"The earlier document, or the tracking code of an earlier report with a published part, when it was already handled (reading A4)."`
		Returns []string `json:"returns,omitempty" maxItems:"10" uniqueItems:"true" doc:"The returned assignments that this answers; all that wait when missing."`
	}
}

// PartInput is an act on a part without further words.
type PartInput struct {
	Matched
	PartPath
}

// PartTextInput is an act on a part with a text for the reporter.
type PartTextInput struct {
	Matched
	PartPath
	Body struct {
		Text string `json:"text" minLength:"5" maxLength:"2000"`
	}
}

// ExtendInput asks for the later due time.
type ExtendInput struct {
	Matched
	PartPath
	Body struct {
		Days   int    `json:"days" minimum:"1" maximum:"120" doc:"Working days more."`
		Reason string `json:"reason" minLength:"5" maxLength:"2000" doc:"The reporter reads it."`
	}
}

// ReturnInput gives an assignment back.
type ReturnInput struct {
	Matched
	PartPath
	Body struct {
		Code    string `json:"code" enum:"not_competent,partly_not_competent,already_handled" doc:"With partly_not_competent the agency keeps its part, and the reason names the rest (reading A3)."`
		Reason  string `json:"reason" minLength:"5" maxLength:"2000"`
		Related string `json:"related,omitempty" maxLength:"200" doc:"With already_handled: the tracking code of the earlier report, or the earlier document."`
	}
}

// ResultUploadInput asks for the slot of a signed result.
type ResultUploadInput struct {
	Keyed
	PartPath
	Body struct {
		Size   int64  `json:"size" minimum:"1" maximum:"20971520" doc:"Bytes; 20 MiB at most."`
		SHA256 string `json:"sha256" pattern:"^[A-Za-z0-9+/]{43}=$" doc:"Base64 of the file's SHA-256."`
	}
}

// ConcludeInput names the uploaded signed result.
type ConcludeInput struct {
	Matched
	PartPath
	Body struct {
		Upload   string `json:"upload" minLength:"1" maxLength:"40"`
		ResultAt Time   `json:"resultAt" doc:"When the result came to be: not before the transfer, at the latest the signing time (reading A2)."`
		Summary  string `json:"summary" minLength:"5" maxLength:"4000" doc:"The agency's words for the public; the editor starts from them."`
	}
}

// EditInput is the editor's text of a part.
type EditInput struct {
	Matched
	PartPath
	Body Draft
}
