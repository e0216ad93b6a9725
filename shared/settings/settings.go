// Package settings holds what the department sets without a programmer (R77):
// the directory, the calendar, the policies in which the readings A1 to A28 of
// Decision 1433/QĐ-UBND stand as dated values, the texts of notices, the roles
// and their rights, the refusal codes with the law that they cite, and the
// certificates that are trusted, and the phrases that help the screeners. Each kind is one versioned document; a Snapshot
// is all of them at one moment, loaded and parsed when first asked for.
//
// It imports the standard library, worktime, directory, vietnamese, screening,
// report and fault, and must never import AWS, HTTP or a step: cloud stores the documents.
package settings

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"slices"
	"time"

	"paht/shared/worktime"
)

// Kind names one document.
type Kind string

// The kinds.
const (
	Agencies     Kind = "agencies"     // R04, R05
	Units        Kind = "units"        // territorial units
	Categories   Kind = "categories"   // with the agencies that lead and their handling days
	Boundary     Kind = "boundary"     // GeoJSON of the communes
	Calendar     Kind = "calendar"     // days off, worked Saturdays, office hours
	Policies     Kind = "policies"     // the readings A1 to A28
	Texts        Kind = "texts"        // notices, by language
	Roots        Kind = "roots"        // authorities that signatures may rest on (R68)
	Certificates Kind = "certificates" // which certificates sign for which agency (R68)
	Roles        Kind = "roles"        // role → rights (R08, R40)
	Refusals     Kind = "refusals"     // codes of a refusal with the law they cite (R59)
	Words        Kind = "words"        // phrases that help the screeners (R02, R03, R48)
)

// Kinds lists the kinds in the order in which an empty system is filled: each
// refers only to those before it.
var Kinds = []Kind{
	Units, Agencies, Categories, Boundary, Calendar, Policies, Texts, Roots, Certificates, Roles, Refusals, Words,
}

// sizes bounds each document. An upload of several megabytes is the most that an
// HTTP door takes at all.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (6 MB a request)
var sizes = map[Kind]int{
	Units: 4 << 20, Agencies: 4 << 20, Categories: 1 << 20, Boundary: 5 << 20, Calendar: 1 << 20,
	Policies: 256 << 10, Texts: 512 << 10, Roots: 1 << 20, Certificates: 1 << 20, Roles: 256 << 10, Refusals: 256 << 10,
	Words: 512 << 10,
}

// Known tells whether there is such a kind.
func (k Kind) Known() bool { return slices.Contains(Kinds, k) }

// MaxBytes is the size that a document of the kind may have.
func (k Kind) MaxBytes() int { return sizes[k] }

// Document is one version of one kind. The product's own has version 0.
type Document struct {
	Kind    Kind      `json:"kind"`
	Version int       `json:"version"`
	SHA256  string    `json:"sha256"`
	At      time.Time `json:"at"`
	By      string    `json:"by"` // the officer's account
	Data    []byte    `json:"-"`  // nil until loaded
}

// Sum is the form in which a document's digest is written.
func Sum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

//go:embed defaults/*.json
var defaults embed.FS

// Default is what holds until the department stores a document of the kind. The
// directory, the boundary and the trusted certificates have none.
func Default(kind Kind) ([]byte, bool) {
	if kind == Calendar {
		return worktime.StateCalendar(), true
	}
	data, err := defaults.ReadFile("defaults/" + string(kind) + ".json")
	return data, err == nil
}
