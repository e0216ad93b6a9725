package contract

import "net/http"

// Reads, served by query.
var (
	ListOwnReports = define[PageInput, OwnReportsOutput](Meta{
		ID: "list-own-reports", Function: "query", Method: http.MethodGet, Path: "/v1/reports", Access: Reporter,
	}, "The reporter's reports, newest first")
	ReadReport = define[ReportPath, DetailOutput](Meta{
		ID: "read-report", Function: "query", Method: http.MethodGet, Path: "/v1/reports/{report}", Access: Signed,
	}, "One report with its history, for its reporter or an officer who may see it", http.StatusNotFound)
	ShowContact = define[ContactInput, ContactOutput](Meta{
		ID: "show-contact", Function: "query", Method: http.MethodPost, Path: "/v1/reports/{report}/contact",
		Access: With(RightContact), Key: true,
	}, "The reporter's contact data; the audit entry is written first (R13)", http.StatusNotFound)
	ListQueue = define[QueueInput, QueueOutput](Meta{
		ID: "list-queue", Function: "query", Method: http.MethodGet, Path: "/v1/queues/{stage}", Access: Officer,
	}, "An officer's queue by due time: screen, route, edit, or agency for the own unit's open parts")
	ListInbox = define[InboxInput, InboxOutput](Meta{
		ID: "list-inbox", Function: "query", Method: http.MethodGet, Path: "/v1/inbox", Access: Signed,
	}, "Notices to the account, or to an officer's unit or office, newest first")
	ListNear = define[NearInput, NearOutput](Meta{
		ID: "list-near", Function: "query", Method: http.MethodGet, Path: "/v1/near", Access: Reporter,
	}, "Reports that are likely about the same thing, to be shown before one is sent: open ones without text and code, published ones with theirs")
	TrackReport = define[TrackInput, TrackOutput](Meta{
		ID: "track-report", Function: "query", Method: http.MethodGet, Path: "/v1/tracking/{code}", Access: Anyone,
	}, "Category, commune, status and clocks by tracking code; no text, photo or name", http.StatusNotFound)
	ListPublished = define[PublishedInput, PublishedOutput](Meta{
		ID: "list-published", Function: "query", Method: http.MethodGet, Path: "/v1/published", Access: Anyone,
	}, "Published parts, newest first; by commune or category")
	ReadPublished = define[ReportPath, PublishedItemOutput](Meta{
		ID: "read-published", Function: "query", Method: http.MethodGet, Path: "/v1/published/{report}", Access: Anyone,
	}, "The published parts of a report, current revisions", http.StatusNotFound)
	ComputeDue = define[DueInput, DueOutput](Meta{
		ID: "compute-due", Function: "query", Method: http.MethodGet, Path: "/v1/worktime/due", Access: Anyone,
	}, "A due time and its computation, step by step")
	ListCategories = define[struct{}, CategoriesOutput](Meta{
		ID: "list-categories", Function: "query", Method: http.MethodGet, Path: "/v1/categories", Access: Anyone,
	}, "Categories in force today")
	ListCommunes = define[struct{}, CommunesOutput](Meta{
		ID: "list-communes", Function: "query", Method: http.MethodGet, Path: "/v1/communes", Access: Anyone,
	}, "Communes in force today")
)

// PageInput asks for a page.
type PageInput struct {
	Cursor string `query:"cursor" maxLength:"2000" doc:"Opaque; from the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

// OwnReport is a row of the reporter's list.
type OwnReport struct {
	ID           string `json:"id"`
	State        string `json:"state"`
	Category     string `json:"category"`
	CategoryName string `json:"categoryName,omitempty"`
	Commune      string `json:"commune"`
	CommuneName  string `json:"communeName,omitempty"`
	SubmittedAt  Time   `json:"submittedAt"`
	Asked        bool   `json:"asked" doc:"A supplement is asked for."`
}

// OwnReportsOutput is a page of the reporter's reports.
type OwnReportsOutput struct {
	Body struct {
		Reports []OwnReport `json:"reports"`
		Next    string      `json:"next,omitempty"`
	}
}

// DetailOutput is one report.
type DetailOutput struct {
	ETag string `header:"ETag"`
	Body Detail
}

// ContactInput says why the contact data is needed.
type ContactInput struct {
	Keyed
	ReportPath
	Body struct {
		Reason string `json:"reason" minLength:"5" maxLength:"500"`
	}
}

// ContactOutput is the reporter's contact data.
type ContactOutput struct {
	Body struct {
		Name  string `json:"name"`
		Email string `json:"email,omitempty"`
		Phone string `json:"phone,omitempty"`
		Audit string `json:"audit" doc:"The audit entry that was written."`
	}
}

// QueueInput asks for a page of a queue.
type QueueInput struct {
	Stage string `path:"stage" enum:"screen,route,edit,agency"`
	PageInput
}

// QueueItem is a row of an officer's queue.
type QueueItem struct {
	Report       string   `json:"report"`
	Assignment   string   `json:"assignment,omitempty"`
	ETag         string   `json:"etag"`
	State        string   `json:"state"`
	Category     string   `json:"category"`
	CategoryName string   `json:"categoryName,omitempty"`
	Commune      string   `json:"commune"`
	CommuneName  string   `json:"communeName,omitempty"`
	Agency       string   `json:"agency,omitempty"`
	SubmittedAt  Time     `json:"submittedAt"`
	Due          Time     `json:"due"`
	Late         bool     `json:"late"`
	Flags        []string `json:"flags,omitempty"`
}

// QueueOutput is a page of a queue, by due time.
type QueueOutput struct {
	Body struct {
		Items []QueueItem `json:"items"`
		Next  string      `json:"next,omitempty"`
	}
}

// InboxInput asks for a page of an inbox.
type InboxInput struct {
	PageInput
	Box string `query:"box" enum:"agency,route,accounts,office" doc:"An officer's: of the own unit (when missing), of the routers, of those who unlock accounts, of the province office."`
}

// Notice is one message to an account.
type Notice struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Report  string `json:"report,omitempty"`
	At      Time   `json:"at"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	Channel string `json:"channel"`
	Outcome string `json:"outcome" doc:"pending, sent or failed"`
}

// InboxOutput is a page of the inbox.
type InboxOutput struct {
	Body struct {
		Notices []Notice `json:"notices"`
		Next    string   `json:"next,omitempty"`
	}
}

// NearInput is what and where a report is about to be sent.
type NearInput struct {
	Lat      float64 `query:"lat" required:"true" minimum:"-90" maximum:"90"`
	Lon      float64 `query:"lon" required:"true" minimum:"-180" maximum:"180"`
	Category string  `query:"category" required:"true" minLength:"1" maxLength:"40"`
}

// Near is a report that is likely about the same thing as another.
type Near struct {
	Report       string `json:"report,omitempty" doc:"For the operator; for others of published reports only."`
	State        string `json:"state"`
	Category     string `json:"category"`
	CategoryName string `json:"categoryName,omitempty"`
	Day          string `json:"day" format:"date" doc:"Of submission, in Vietnam."`
	Metres       int    `json:"metres" doc:"The distance, to ten metres."`
	Published    bool   `json:"published" doc:"A part of it is public."`
}

// NearOutput is what lies near; open counts the open ones, also where the policy
// shows no more of them (reading A17).
type NearOutput struct {
	Body struct {
		Reports []Near `json:"reports"`
		Open    int    `json:"open"`
	}
}

// TrackInput is a tracking code as people type it.
type TrackInput struct {
	Code string `path:"code" maxLength:"40"`
}

// TrackOutput is what the tracking code alone shows.
type TrackOutput struct {
	Body struct {
		Report       string        `json:"report"`
		State        string        `json:"state"`
		Category     string        `json:"category"`
		CategoryName string        `json:"categoryName,omitempty"`
		Commune      string        `json:"commune"`
		CommuneName  string        `json:"communeName,omitempty"`
		SubmittedAt  Time          `json:"submittedAt"`
		Clocks       []Clock       `json:"clocks"`
		Parts        []TrackedPart `json:"parts"`
		Published    bool          `json:"published"`
	}
}

// TrackedPart is a part as the tracking code shows it.
type TrackedPart struct {
	Assignment string  `json:"assignment"`
	AgencyName string  `json:"agencyName"`
	State      string  `json:"state"`
	Clocks     []Clock `json:"clocks"`
}

// PublishedInput asks for a page of published parts.
type PublishedInput struct {
	PageInput
	Commune  string `query:"commune" maxLength:"20"`
	Category string `query:"category" maxLength:"40"`
}

// PublishedPart is one published part.
type PublishedPart struct {
	Report       string   `json:"report"`
	Assignment   string   `json:"assignment"`
	Revision     int      `json:"revision"`
	PublishedAt  Time     `json:"publishedAt"`
	SubmittedAt  Time     `json:"submittedAt"`
	Category     string   `json:"category"`
	CategoryName string   `json:"categoryName,omitempty"`
	Commune      string   `json:"commune"`
	CommuneName  string   `json:"communeName,omitempty"`
	AgencyName   string   `json:"agencyName"`
	Title        string   `json:"title"`
	Content      string   `json:"content,omitempty"`
	Answer       string   `json:"answer,omitempty"`
	Name         string   `json:"name,omitempty" doc:"The reporter's, with consent only."`
	Pictures     []string `json:"pictures,omitempty"`
	Document     string   `json:"document,omitempty" doc:"Address of the signed file."`
	OnTime       bool     `json:"onTime" doc:"Published within the hour of 11.3.c."`
	Rating       int      `json:"rating,omitempty"`
}

// PublishedOutput is a page of published parts, without their long texts.
type PublishedOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Parts []PublishedPart `json:"parts"`
		Next  string          `json:"next,omitempty"`
	}
}

// PublishedItemOutput is all that is public of a report.
type PublishedItemOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Report string          `json:"report"`
		State  string          `json:"state"`
		Parts  []PublishedPart `json:"parts"`
	}
}

// DueInput asks for a due time: hours with kind, or days.
type DueInput struct {
	From   string `query:"from" required:"true" format:"date-time" doc:"RFC 3339."`
	Hours  int    `query:"hours" minimum:"1" maximum:"2000"`
	Kind   string `query:"kind" enum:"working,clock"`
	Days   int    `query:"days" minimum:"1" maximum:"400"`
	Agency string `query:"agency" maxLength:"40" doc:"Whose office hours; the operator's when missing."`
}

// DueStep is one span of the computation.
type DueStep struct {
	From    Time   `json:"from"`
	To      Time   `json:"to"`
	Minutes int    `json:"minutes"`
	Note    string `json:"note"`
}

// DueOutput is a due time with its computation.
type DueOutput struct {
	Body struct {
		Due      Time      `json:"due"`
		Calendar string    `json:"calendar"`
		Steps    []DueStep `json:"steps"`
	}
}

// Category is one category in force.
type Category struct {
	Code string `json:"code"`
	Name string `json:"name"`
	Help string `json:"help,omitempty"`
	Days int    `json:"days,omitempty"`
}

// CategoriesOutput lists categories.
type CategoriesOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Categories []Category `json:"categories"`
	}
}

// Commune is one commune in force.
type Commune struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// CommunesOutput lists communes.
type CommunesOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Communes []Commune `json:"communes"`
	}
}
