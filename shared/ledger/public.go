package ledger

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// publicPart is a published part as the public reads it.
type publicPart struct {
	Report     string    `json:"report"`
	Assignment string    `json:"asg"`
	Revision   int       `json:"rev"`
	At         time.Time `json:"at"`
	First      time.Time `json:"first"`
	Submitted  time.Time `json:"submitted"`
	Category   string    `json:"category"`
	Commune    string    `json:"commune"`
	Agency     string    `json:"agency"`
	OnTime     bool      `json:"on_time"`
	Title      string    `json:"title"`
	Content    string    `json:"content,omitempty"`
	Answer     string    `json:"answer,omitempty"`
	Name       string    `json:"name,omitempty"`
	Pictures   []string  `json:"pictures,omitempty"`
	Document   string    `json:"document,omitempty"`
}

// publicText is the body of a publication.
type publicText struct {
	Title    string   `json:"title"`
	Content  string   `json:"content"`
	Answer   string   `json:"answer"`
	Name     string   `json:"name"`
	Media    []medium `json:"media"`
	Document bool     `json:"document"`
}

type medium struct {
	Slot    string `json:"slot"`
	Checked bool   `json:"checked"`
}

// publications compares what is public of the report with what was released.
func (q *inquiry) publications() error {
	items, err := q.Items.Partition(q.ctx, publicKey(q.id), "")
	if err != nil {
		return fmt.Errorf("reading what is public: %w", err)
	}
	stored := make(map[string]Item)
	for _, it := range items {
		stored[it.text("sk")] = it
	}
	for i := range q.state.Assignments {
		a := &q.state.Assignments[i]
		if a.Publication == nil || a.Publication.Revision == 0 {
			continue
		}
		if err := q.published(a, stored); err != nil {
			return err
		}
	}
	for sk := range stored {
		q.deviates(InProjection, itemName(publicKey(q.id), sk), "it is public, and was never released")
	}
	return nil
}

// published checks the current revision of a part; earlier ones stay as they were
// released.
func (q *inquiry) published(a *assignment, stored map[string]Item) error {
	for revision := 1; revision < a.Publication.Revision; revision++ {
		delete(stored, publicSort(a.ID, revision))
	}
	sk := publicSort(a.ID, a.Publication.Revision)
	it := stored[sk]
	delete(stored, sk)
	if q.owes(owedPublic + a.ID) {
		q.checked.Pending++
		return nil
	}
	body, ok := q.bodies[a.Publication.Event]
	if !ok {
		return nil // what is wrong with the body was named
	}
	var text publicText
	if err := json.Unmarshal(body, &text); err != nil {
		q.deviates(InBody, itemName(bodiesKey(q.id), eventSort(a.Publication.Event)), "the public text cannot be read: %s", reason(err))
		return nil
	}
	part := q.rebuilt(a, &text)
	where := itemName(publicKey(q.id), sk)
	if text.Name != "" && q.state.Publicity != "name_shown" {
		q.deviates(InProjection, where, "a name is public without consent")
	}
	q.checked.Projections++
	if it == nil {
		q.deviates(InProjection, where, "it is missing, and nothing owes it")
	} else {
		q.same(InProjection, it, Item{"pk": publicKey(q.id), "sk": sk, "d": document(part)}, "d")
	}
	if err := q.lists(part); err != nil {
		return err
	}
	return q.files(a, &part, &text)
}

func publicSort(part string, revision int) string { return fmt.Sprintf("%s#%06d", part, revision) }

func (q *inquiry) rebuilt(a *assignment, text *publicText) publicPart {
	p := a.Publication
	part := publicPart{
		Report: q.id, Assignment: a.ID, Revision: p.Revision, At: p.At, First: p.First, Submitted: q.state.Submitted,
		Category: q.state.Category, Commune: q.state.Commune, Agency: a.Agency,
		Title: text.Title, Content: text.Content, Answer: text.Answer, Name: text.Name,
	}
	if c := newest(a.Clocks, "publication"); c != nil && c.Done != nil {
		part.OnTime = !c.Done.After(c.Due)
	}
	base := fmt.Sprintf("public/%s/%s/%d/", q.id, a.ID, p.Revision)
	for i := range text.Media {
		part.Pictures = append(part.Pictures, fmt.Sprintf("%s%d.jpg", base, i+1))
	}
	if text.Document {
		part.Document = base + "ket-qua.pdf"
	}
	return part
}

// lists compares the part's rows in the lists of all, of its commune and of its
// category; they stand without the long texts.
func (q *inquiry) lists(part publicPart) error {
	sk := instant(part.First) + "#" + part.Report + "#" + part.Assignment
	row := part
	row.Content, row.Answer, row.Name = "", "", ""
	for _, list := range []string{"pub", "pub#commune#" + part.Commune, "pub#category#" + part.Category} {
		rebuilt := Item{"pk": list, "sk": sk}
		stored, err := q.read(rebuilt)
		if err != nil {
			return err
		}
		rebuilt["d"] = document(row)
		q.projection(InProjection, stored, rebuilt, owedPublic+part.Assignment, part.Revision, "d")
	}
	return nil
}

// files compares the public copies with what they were copied from: the small
// copy of each picture that was checked, and the signed file, untouched.
func (q *inquiry) files(a *assignment, part *publicPart, text *publicText) error {
	for i, m := range text.Media {
		if !m.Checked {
			q.deviates(InMedia, part.Pictures[i], "the picture of upload %s is public, and nobody checked it", m.Slot)
		}
		if err := q.copied("small/"+m.Slot+".jpg", part.Pictures[i]); err != nil {
			return err
		}
	}
	if part.Document == "" || a.Result == nil {
		return nil
	}
	d, there, err := q.digest(part.Document)
	switch {
	case err != nil:
		return err
	case !there:
		q.deviates(InMedia, part.Document, "the public copy of the signed file is missing")
	case hex.EncodeToString(d.SHA256[:]) != a.Result.SHA256:
		q.deviates(InMedia, part.Document, "the public copy is not the signed file of event %d", a.Result.Event)
	}
	return nil
}

func (q *inquiry) copied(from, to string) error {
	source, hasSource, err := q.digest(from)
	if err != nil {
		return err
	}
	public, hasPublic, err := q.digest(to)
	switch {
	case err != nil:
		return err
	case !hasPublic:
		q.deviates(InMedia, to, "the public copy of a picture is missing")
	case !hasSource:
		q.deviates(InMedia, from, "the small copy of a public picture is missing")
	case source.SHA256 != public.SHA256:
		q.deviates(InMedia, to, "the public copy is another picture than %s", from)
	}
	return nil
}
