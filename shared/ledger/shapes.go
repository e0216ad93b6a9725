package ledger

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"time"
)

// The stored shapes, as far as they are checked. The names are those of the
// stored JSON.

type state struct {
	ID          string          `json:"id"`
	Version     int             `json:"v"`
	State       string          `json:"state"`
	Owner       string          `json:"owner"`
	Publicity   string          `json:"publicity"`
	Category    string          `json:"category"`
	Commune     string          `json:"commune"`
	Point       *point          `json:"point"`
	Submitted   time.Time       `json:"submitted"`
	Touched     int             `json:"touched"`
	Media       []string        `json:"media"`
	Flags       []string        `json:"flags"`
	Supplement  *supplement     `json:"supplement"`
	Proposal    *proposal       `json:"proposal"`
	Transfers   int             `json:"transfers"`
	Clocks      []clock         `json:"clocks"`
	Assignments []assignment    `json:"assignments"`
	Owed        []effect        `json:"owed"`
	Newest      json.RawMessage `json:"newest"`
}

// point is a place in degrees.
type point struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

type supplement struct {
	Asked    int        `json:"asked"`
	AskedAt  time.Time  `json:"at"`
	Answered *time.Time `json:"answered"`
}

type proposal struct {
	Agency string `json:"agency"`
	Days   int    `json:"days"`
}

type assignment struct {
	ID            string       `json:"id"`
	Agency        string       `json:"agency"`
	State         string       `json:"state"`
	Event         int          `json:"event"`
	TransferredAt time.Time    `json:"transferred"`
	Clocks        []clock      `json:"clocks"`
	Result        *result      `json:"result"`
	Publication   *publication `json:"publication"`
	Rating        int          `json:"rating"`
}

type result struct {
	Slot        string    `json:"slot"`
	SHA256      string    `json:"sha256"` // hexadecimal
	Event       int       `json:"event"`
	ResultAt    time.Time `json:"result_at"`
	ConcludedAt time.Time `json:"concluded_at"`
}

type publication struct {
	Revision int       `json:"rev"`
	Event    int       `json:"event"`
	At       time.Time `json:"at"`
	First    time.Time `json:"first"`
	Draft    int       `json:"draft"`
}

type clock struct {
	Name     string     `json:"name"`
	Event    int        `json:"event"`
	Start    time.Time  `json:"start"`
	Due      time.Time  `json:"due"`
	Unit     string     `json:"unit"`
	Amount   int        `json:"amount"`
	Done     *time.Time `json:"done"`
	Elapsed  int        `json:"elapsed"`
	Breached int        `json:"breached"`
	Window   bool       `json:"window"`
	Void     bool       `json:"void"`
	Part     string     `json:"part"`
	Moved    int        `json:"moved"`
	Extended bool       `json:"extended"`
	Calendar string     `json:"cal"`
	Policy   string     `json:"pol"`
}

func (c *clock) running() bool { return c.Done == nil && !c.Void && c.Moved == 0 }

type effect struct {
	Name  string    `json:"name"`
	N     int       `json:"n"`
	Retry time.Time `json:"retry"`
	Tries int       `json:"tries"`
}

type event struct {
	N    int       `json:"n"`
	Type string    `json:"type"`
	At   time.Time `json:"at"`
	By   struct {
		Kind string `json:"kind"`
		ID   string `json:"id"`
	} `json:"by"`
	State      string  `json:"state"`
	Assignment string  `json:"asg"`
	Facts      facts   `json:"facts"`
	Clocks     []clock `json:"clocks"`
	Body       string  `json:"body"`
	Prev       string  `json:"prev"`
	Hash       string  `json:"hash"`

	raw []byte // as stored
}

type facts struct {
	Code     string   `json:"code"`
	Agencies []string `json:"agencies"`
	Returns  []string `json:"returns"`
	Slot     string   `json:"slot"`
	SHA256   string   `json:"sha256"`
	Clock    string   `json:"clock"`
	Revision int      `json:"rev"`
	Rating   int      `json:"rating"`
	Days     int      `json:"days"`
	Media    []string `json:"media"`

	RetainedUntil *time.Time `json:"retained_until"`
}

// slot is one announced file.
type slot struct {
	ID         string     `json:"id"`
	Version    int64      `json:"v"`
	Owner      string     `json:"owner"`
	Purpose    string     `json:"purpose"`
	Size       int64      `json:"size"`
	SHA256     string     `json:"sha256"` // base64
	State      string     `json:"state"`
	Reason     string     `json:"reason"`
	Report     string     `json:"report"`
	Assignment string     `json:"asg"`
	Created    time.Time  `json:"created"`
	Attention  *time.Time `json:"attention"`
}

// The forms of the keys.

func reportKey(id string) string     { return "R#" + id }
func bodiesKey(id string) string     { return "B#" + id }
func publicKey(id string) string     { return "P#" + id }
func ownerKey(account string) string { return "U#" + account }
func dayKey(day string) string       { return "D#" + day }

// nearKey is the partition of a category in a cell of a grid of 1/200 degree.
func nearKey(category string, p *point) string {
	return fmt.Sprintf("G#%s#%.0f,%.0f", category, math.Floor(p.Lat*200), math.Floor(p.Lon*200))
}
func slotKey(id string) string        { return "S#" + id }
func eventSort(n int) string          { return fmt.Sprintf("e#%06d", n) }
func ownRowSort(s *state) string      { return ownRowPrefix + instant(s.Submitted) + "#" + s.ID }
func place(id string, n int) string   { return fmt.Sprintf("%s#%d", id, n) }
func itemName(pk, sk string) string   { return pk + "/" + sk }
func rowSort(part string) string      { return rowPrefix + part }
func uploaded(kind, id string) string { return "upload/" + kind + "/" + id }

const (
	stateSort    = "s"
	rowPrefix    = "w#"
	ownRowPrefix = "r#"
)

// instant is the form of an instant in a sort key.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// province is the zone of the days of submission: UTC+7 without summer time.
var province = time.FixedZone("", 7*3600)

func dayOf(t time.Time) string { return t.In(province).Format(time.DateOnly) }

// shard is the partition of the index of what is owed and due.
func shard(id string) string {
	h := fnv.New32a()
	h.Write([]byte(id))
	return fmt.Sprintf("due#%d", h.Sum32()%8)
}
