package contract

import "encoding/json"

// Point is a place in WGS 84 degrees.
type Point struct {
	Lat float64 `json:"lat" minimum:"-90" maximum:"90"`
	Lon float64 `json:"lon" minimum:"-180" maximum:"180"`
}

// Clock is one time limit of Art. 11 (R72).
type Clock struct {
	Name           string `json:"name" doc:"screening, transfer, return, redistribute, handling, result, publication"`
	Unit           string `json:"unit" doc:"working, clock or days"`
	Amount         int    `json:"amount" doc:"Minutes, or working days."`
	Start          Time   `json:"start"`
	Due            Time   `json:"due"`
	Done           *Time  `json:"done,omitempty"`
	OnTime         *bool  `json:"onTime,omitempty" doc:"Once done, or once the due instant has passed."`
	Extended       bool   `json:"extended,omitempty" doc:"A later due time, which the agency took once: never counted as on time (reading A6)."`
	Moved          bool   `json:"moved,omitempty" doc:"A later due time stands in its place."`
	Breached       bool   `json:"breached" doc:"The passed due time has been recorded."`
	WorkingMinutes int    `json:"workingMinutes,omitempty"`
	ClockMinutes   int    `json:"clockMinutes,omitempty"`
	Calendar       string `json:"calendar"`
	Policy         string `json:"policy"`
	Assignment     string `json:"assignment,omitempty" doc:"Of redistribute: the assignment whose return it measures."`
}

// Assignment is one agency's part of a report.
type Assignment struct {
	ID            string       `json:"id"`
	ETag          string       `json:"etag"`
	Agency        string       `json:"agency"`
	AgencyName    string       `json:"agencyName,omitempty"`
	State         string       `json:"state"`
	TransferredAt Time         `json:"transferredAt"`
	LegalBasis    string       `json:"legalBasis" doc:"What the department entered; chưa nhập căn cứ while it is empty (R63)."`
	Clocks        []Clock      `json:"clocks"`
	Result        *Result      `json:"result,omitempty"`
	Publication   *Publication `json:"publication,omitempty"`
	Rating        int          `json:"rating,omitempty" doc:"1 hài lòng, 2 chấp nhận, 3 không hài lòng."`
}

// Result is the signed document that ended an assignment.
type Result struct {
	Upload      string          `json:"upload"`
	SHA256      string          `json:"sha256"`
	ResultAt    Time            `json:"resultAt"`
	ConcludedAt Time            `json:"concludedAt"`
	Verdict     json.RawMessage `json:"verdict,omitempty" doc:"What the signature check found."`
	Summary     string          `json:"summary,omitempty"`
}

// Publication says which revision of a part is public.
type Publication struct {
	Revision int   `json:"revision"`
	At       *Time `json:"at,omitempty"`
}

// Report is a report as it stands, without its texts.
type Report struct {
	ID           string       `json:"id"`
	ETag         string       `json:"etag"`
	State        string       `json:"state"`
	Category     string       `json:"category"`
	CategoryName string       `json:"categoryName,omitempty"`
	Commune      string       `json:"commune"`
	CommuneName  string       `json:"communeName,omitempty"`
	Point        *Point       `json:"point,omitempty"`
	SubmittedAt  Time         `json:"submittedAt"`
	Channel      string       `json:"channel"`
	Notice       string       `json:"notice"`
	Publicity    string       `json:"publicity"`
	Flags        []string     `json:"flags"`
	Clocks       []Clock      `json:"clocks"`
	Assignments  []Assignment `json:"assignments"`
	Proposal     *Proposal    `json:"proposal,omitempty"`
}

// Proposal is what the machine proposes to the router.
type Proposal struct {
	Agency string `json:"agency"`
	Days   int    `json:"days"`
}

// Act is what one act did. It is a function of the act's event alone, so that a
// repeat with the same key gives the same.
type Act struct {
	Report     string  `json:"report"`
	Event      int     `json:"event"`
	Type       string  `json:"type"`
	At         Time    `json:"at"`
	State      string  `json:"state" doc:"The report's state right after the act."`
	Assignment string  `json:"assignment,omitempty"`
	Clocks     []Clock `json:"clocks" doc:"The clocks that the act started."`
	Late       bool    `json:"late,omitempty"`
}

// Acted is the answer to an act: what it did, and the report as it stands now.
type Acted struct {
	Act    Act    `json:"act"`
	Report Report `json:"report"`
}

// ActedOutput answers an act; its ETag is that of the resource acted on.
type ActedOutput struct {
	ETag string `header:"ETag"`
	Body Acted
}

// Medium is one attached file as its reader may know it.
type Medium struct {
	Upload string `json:"upload"`
	State  string `json:"state" doc:"open, pending, accepted, rejected or closed"`
	Reason string `json:"reason,omitempty"`
	URL    string `json:"url,omitempty" doc:"The clean copy, for ten minutes."`
	Small  string `json:"small,omitempty"`
}

// Entry is one event of a report's history.
type Entry struct {
	N          int             `json:"n"`
	Type       string          `json:"type"`
	At         Time            `json:"at"`
	By         string          `json:"by" doc:"reporter, officer or machine"`
	Agency     string          `json:"agency,omitempty"`
	Officer    string          `json:"officer,omitempty" doc:"Account; shown to officers."`
	State      string          `json:"state"`
	Assignment string          `json:"assignment,omitempty"`
	Code       string          `json:"code,omitempty"`
	Related    string          `json:"related,omitempty"`
	Clock      string          `json:"clock,omitempty"`
	Upload     string          `json:"upload,omitempty"`
	Late       bool            `json:"late,omitempty"`
	Text       string          `json:"text,omitempty" doc:"The event's text, where the reader may see it."`
	Hints      json.RawMessage `json:"hints,omitempty"`
}

// Detail is one report with its texts and history.
type Detail struct {
	Report
	Text       string   `json:"text"`
	Address    string   `json:"address"`
	OccurredAt *Time    `json:"occurredAt,omitempty"`
	Media      []Medium `json:"media"`
	History    []Entry  `json:"history"`
	Drafts     []Draft  `json:"drafts,omitempty" doc:"For editors: the draft of each part in editing."`
	Near       []Near   `json:"near,omitempty" doc:"For the operator, until the transfer: reports that are likely about the same thing, nearest first."`
}

// Draft is the editor's text of one part's publication.
type Draft struct {
	Assignment string         `json:"assignment" readOnly:"true"`
	Title      string         `json:"title" minLength:"3" maxLength:"200"`
	Content    string         `json:"content" minLength:"1" maxLength:"4000" doc:"The public text of the report."`
	Answer     string         `json:"answer" minLength:"1" maxLength:"8000" doc:"The public text of the result."`
	Media      []PublicMedium `json:"media" maxItems:"10"`
	Document   bool           `json:"document" doc:"The signed file is published as it is."`
}

// PublicMedium is the editor's word on one picture.
type PublicMedium struct {
	Upload  string `json:"upload" maxLength:"40"`
	Checked bool   `json:"checked" doc:"Faces and plates were looked for (reading A13)."`
}
