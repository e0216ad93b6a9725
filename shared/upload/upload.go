// Package upload holds the slots of uploads: what a client announced, what the
// check found, and to which report a file belongs. Its transitions are pure. It
// imports the standard library, fault and report only.
package upload

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"paht/shared/fault"
)

// Purpose says what a file is for.
type Purpose string

// The purposes.
const (
	Photo  Purpose = "photo"
	Result Purpose = "result" // a signed result; media leaves it alone
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
	Assignment string     `json:"asg,omitempty"`
	Created    time.Time  `json:"created"`
	Attention  *time.Time `json:"attention,omitempty"` // when the sweep must look
	Width      int        `json:"w,omitempty"`
	Height     int        `json:"h,omitempty"`
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

// Attached gives the slot to a report. The first that names it has it.
func (s Slot) Attached(report, owner string) (Slot, error) {
	if s.Owner != owner {
		return s, fault.New(fault.NotFound, "unknown_upload")
	}
	if s.Report == report {
		return s, ErrNothing
	}
	if s.Report != "" {
		return s, fault.New(fault.Conflict, "upload_taken")
	}
	s.Report = report
	s.Version++
	return s, nil
}

// Judged records media's verdict: accepted with the picture's size, or rejected
// with a reason's code.
func (s Slot) Judged(reason string, width, height int) (Slot, error) {
	if s.State != Open {
		return s, ErrNothing
	}
	s.State, s.Reason, s.Width, s.Height, s.Attention = Accepted, reason, width, height, nil
	if reason != "" {
		s.State = Rejected
	}
	s.Version++
	return s, nil
}

// Looked records what the sweep found at the slot's attention instant: an object
// that is there is to be checked and looked at again; one that is not there
// closes the slot in the end.
func (s Slot) Looked(present bool, at time.Time) (next Slot, check bool, err error) {
	if s.State != Open || s.Attention == nil || s.Attention.After(at) {
		return s, false, ErrNothing
	}
	s.Version++
	closes := s.Created.Add(CloseAfter)
	switch {
	case present && s.Purpose == Result:
		s.Attention = nil
	case present:
		again := at.Add(CheckAfter).UTC()
		s.Attention = &again
		return s, true, nil
	case at.Before(closes):
		s.Attention = &closes
	default:
		s.State, s.Reason, s.Attention = Closed, "never_uploaded", nil
	}
	return s, false, nil
}

// MustTell tells whether the slot's report is to be told that the file was not
// taken: whichever of verdict and attachment comes second raises it.
func (s Slot) MustTell() bool {
	return s.Report != "" && (s.State == Rejected || s.State == Closed) && s.Purpose == Photo
}
