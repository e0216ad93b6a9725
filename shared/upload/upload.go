// Package upload holds the slots of uploads: what a client announced, what the
// check found, and to which report a file belongs. Its transitions are pure. It
// imports the standard library, fault and report only.
package upload

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"paht/shared/fault"
	"paht/shared/report"
)

// Purpose says what a file is for.
type Purpose string

// The purposes.
const (
	Photo  Purpose = "photo"
	Result Purpose = "result" // a signed result; media leaves it alone
)

// Types of files.
const (
	TypeJPEG = "image/jpeg"
	TypePNG  = "image/png"
	TypePDF  = "application/pdf"
)

// State is where a slot stands.
type State string

// The states of a slot.
const (
	Open     State = "open"     // nothing checked yet
	Accepted State = "accepted" // clean copies are there
	Rejected State = "rejected" // with its reason
	Closed   State = "closed"   // the file never came
)

// Limits of a slot's life.
const (
	FormLife   = 10 * time.Minute // a presigned form
	CheckAfter = 5 * time.Minute  // an object that is there and unchecked is sent to media
	CloseAfter = 15 * time.Minute // without an object the slot is closed

	// KeepFor is how long a slot that no report has taken is kept with its files.
	// A report may take it until TakeUntil, a day earlier, so that attaching, which
	// is repeated until it succeeds, never meets the removal.
	KeepFor   = 7 * 24 * time.Hour
	TakeUntil = 6 * 24 * time.Hour
)

// Slot is one announced file. The first report that names it has it.
type Slot struct {
	ID         string     `json:"id"`
	Version    int        `json:"v"`
	Owner      string     `json:"owner"` // account
	Purpose    Purpose    `json:"purpose"`
	Type       string     `json:"type"`
	Size       int64      `json:"size"`
	SHA256     string     `json:"sha256"` // base64
	Request    string     `json:"req"`    // keyed digest of the request that opened it
	State      State      `json:"state"`
	Reason     string     `json:"reason,omitempty"`
	Report     string     `json:"report,omitempty"`
	For        string     `json:"for,omitempty"` // the only report that may have it: of a signed result
	Assignment string     `json:"asg,omitempty"`
	Created    time.Time  `json:"created"`
	Attention  *time.Time `json:"attention,omitempty"` // when the sweep must look
	Width      int        `json:"w,omitempty"`
	Height     int        `json:"h,omitempty"`
	Trace      string     `json:"trace,omitempty"` // of the request that opened it
}

// ErrNothing means that a transition changes nothing: it was done before.
var ErrNothing = errors.New("nothing changes")

// ID names the i-th slot of an act, so that a repeat finds it.
func ID(key string, i int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d", key, i))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

// New opens a slot.
func New(s Slot, at time.Time) Slot {
	look := at.Add(CheckAfter).UTC()
	s.Version, s.State, s.Created, s.Attention = 1, Open, at.UTC(), &look
	return s
}

// NewResult opens the slot of a signed result, for one assignment of one report.
func NewResult(s Slot, id, assignment string, at time.Time) Slot {
	s.Purpose, s.Type, s.For, s.Assignment = Result, TypePDF, id, assignment
	return New(s, at)
}

// Attached gives the slot to a report. The first that names it has it.
func (s Slot) Attached(id, owner string) (Slot, error) {
	if s.Owner != owner || s.For != "" && s.For != id {
		return s, fault.New(fault.NotFound, "unknown_upload")
	}
	if s.Report == id {
		return s, ErrNothing
	}
	if s.Report != "" {
		return s, fault.New(fault.Conflict, "upload_taken")
	}
	s.Report = id
	if s.State != Open || s.Purpose == Result {
		s.Attention = nil
	}
	s.Version++
	return s, nil
}

// Judged records media's verdict: accepted with the picture's size, or rejected
// with a reason's code. The sweep goes on looking at a slot that no report has.
func (s Slot) Judged(reason string, width, height int) (Slot, error) {
	if s.State != Open {
		return s, ErrNothing
	}
	s.State, s.Reason, s.Width, s.Height = Accepted, reason, width, height
	if reason != "" {
		s.State = Rejected
	}
	if s.Report != "" {
		s.Attention = nil
	}
	s.Version++
	return s, nil
}

// Looked records what the sweep found at the slot's attention instant: an object
// that is there is to be checked and looked at again; one that is not there
// closes the slot in the end. What no report has taken is looked at once more
// when it may be removed.
func (s Slot) Looked(present bool, at time.Time) (next Slot, check bool, err error) {
	if s.Attention == nil || s.Attention.After(at) || s.Abandoned(at) {
		return s, false, ErrNothing
	}
	s.Version++
	closes := s.Created.Add(CloseAfter)
	switch {
	case s.State != Open, present && s.Purpose == Result:
		s.Attention = s.removal()
	case present:
		// A check that never succeeds is repeated at growing distances.
		again := at.Add(min(max(at.Sub(s.Created), CheckAfter), 6*time.Hour)).UTC()
		s.Attention = &again
		return s, true, nil
	case at.Before(closes):
		s.Attention = &closes
	default:
		s.State, s.Reason, s.Attention = Closed, "never_uploaded", s.removal()
	}
	return s, false, nil
}

// Reopened forgets a verdict, after a restore that lost a file: the sweep sends
// what is still there to the check, and closes what is not, which the report is
// told. What no report has is left to its removal.
func (s Slot) Reopened(at time.Time) (Slot, error) {
	if s.Report == "" || s.Purpose != Photo || s.State == Open || s.State == Closed {
		return s, ErrNothing
	}
	now := at.UTC()
	s.State, s.Reason, s.Width, s.Height, s.Attention = Open, "", 0, 0, &now
	s.Version++
	return s, nil
}

// removal is when the sweep may remove a slot that no report has; nil for others.
func (s Slot) removal() *time.Time {
	if s.Report != "" {
		return nil
	}
	at := s.Created.Add(KeepFor)
	return &at
}

// Abandoned tells whether the slot and its files are to be removed: no report has
// taken it in time.
func (s Slot) Abandoned(at time.Time) bool {
	return s.Report == "" && !at.Before(s.Created.Add(KeepFor))
}

// Takeable tells whether a report may still name the slot.
func (s Slot) Takeable(at time.Time) bool {
	return s.Report != "" || at.Before(s.Created.Add(TakeUntil))
}

// Objects lists the keys of all that can lie in the bucket for the slot.
func (s Slot) Objects() []string {
	put := report.UploadKey(string(s.Purpose), s.ID)
	if s.Purpose == Result {
		return []string{put}
	}
	return []string{put, report.CleanKey(s.ID), report.SmallKey(s.ID)}
}

// Key is where the client puts the file.
func (s Slot) Key() string { return report.UploadKey(string(s.Purpose), s.ID) }

// SlotOf reads the slot's id from the key of an uploaded photo; false for every
// other key.
func SlotOf(key string) (id string, ok bool) {
	id, ok = strings.CutPrefix(key, report.UploadKey(string(Photo), ""))
	return id, ok && idPattern().MatchString(id)
}

var idPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z2-7]{26}$`) })

// MustTell tells whether the slot's report is to be told that the file was not
// taken: whichever of verdict and attachment comes second raises it.
func (s Slot) MustTell() bool {
	return s.Report != "" && (s.State == Rejected || s.State == Closed) && s.Purpose == Photo
}

// Form is what a client posts to fill a slot: multipart/form-data with these
// fields and the file last.
type Form struct {
	URL     string
	Fields  map[string]string
	Expires time.Time
}
