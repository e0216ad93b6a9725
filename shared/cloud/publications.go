package cloud

import (
	"context"
	"encoding/json"
	"fmt"

	"paht/shared/report"
	"paht/shared/upload"
)

// Copier copies objects within the bucket.
type Copier interface {
	// Copy copies an object under a content type; a repeat is harmless.
	Copy(ctx context.Context, from, to, kind string) error
}

// Publications writes and reads what is public: an item per part and revision,
// and its rows in the lists. Rows stand under the instant of their first
// publication, which never changes.
type Publications struct {
	Table   Table
	Reports Reports
	Objects Copier
}

// Lists of published parts.
const publishedAll = "pub"

func publishedCommune(code string) string  { return "pub#commune#" + code }
func publishedCategory(code string) string { return "pub#category#" + code }

func publicPK(id string) string { return "P#" + id }

func publicSK(assignment string, revision int) string {
	return fmt.Sprintf("%s#%06d", assignment, revision)
}

// Publish implements effect.Publisher: the files first, then the item under
// assignment and revision, created once, then the rows.
func (p Publications) Publish(ctx context.Context, r report.Report, assignment string) error {
	a := r.Assignment(assignment)
	if a == nil || a.Publication == nil || a.Publication.Revision == 0 {
		return fmt.Errorf("publishing %s of report %s: it is not released", assignment, r.ID)
	}
	body, err := p.Reports.Body(ctx, r, a.Publication.Event)
	if err != nil {
		return err
	}
	if body == nil {
		return fmt.Errorf("publishing %s of report %s: its text is missing", assignment, r.ID)
	}
	part := r.PublicOf(a, *body)
	if err := p.files(ctx, a, part, *body); err != nil {
		return err
	}
	doc, err := json.Marshal(part)
	if err != nil {
		return fmt.Errorf("encoding a published part: %w", err)
	}
	it := key(publicPK(r.ID), publicSK(a.ID, part.Revision))
	it[attrDoc] = str(string(doc))
	err = p.Table.put(ctx, it, isNew)
	if _, there := standing(err); err != nil && !there {
		return fmt.Errorf("writing a published part: %w", err)
	}
	return p.rows(ctx, part)
}

func (p Publications) files(ctx context.Context, a *report.Assignment, part report.PublicPart, body report.Body) error {
	for i, m := range body.Media {
		if err := p.Objects.Copy(ctx, report.SmallKey(m.Slot), part.Pictures[i], "image/jpeg"); err != nil {
			return fmt.Errorf("publishing a picture: %w", err)
		}
	}
	if part.Document == "" {
		return nil
	}
	if err := p.Objects.Copy(ctx, report.UploadKey(string(upload.Result), a.Result.Slot), part.Document, "application/pdf"); err != nil {
		return fmt.Errorf("publishing the signed file: %w", err)
	}
	return nil
}

// rows writes the part's row in each list, without its long texts; a newer
// revision replaces an older one.
func (p Publications) rows(ctx context.Context, part report.PublicPart) error {
	revision := part.Revision
	sort := instant(part.First) + "#" + part.Report + "#" + part.Assignment
	part.Content, part.Answer, part.Name = "", "", ""
	doc, err := json.Marshal(part)
	if err != nil {
		return fmt.Errorf("encoding a row of published parts: %w", err)
	}
	for _, list := range []string{publishedAll, publishedCommune(part.Commune), publishedCategory(part.Category)} {
		it := key(list, sort)
		it[attrDoc] = str(string(doc))
		if err := p.Table.putNewer(ctx, it, revision); err != nil {
			return fmt.Errorf("writing a row of published parts: %w", err)
		}
	}
	return nil
}

// PublishedPage is a page of published parts.
type PublishedPage struct {
	Parts []report.PublicPart
	Next  map[string]string
}

// List reads a page of published parts, newest first; by commune or category when
// one is named (the commune wins).
func (p Publications) List(ctx context.Context, commune, category string, limit int, after map[string]string) (PublishedPage, error) {
	list := publishedAll
	switch {
	case commune != "":
		list = publishedCommune(commune)
	case category != "":
		list = publishedCategory(category)
	}
	got, err := p.Table.query(ctx, span{pk: list, descending: true, limit: int32(limit), after: startKey(after), eventual: true})
	if err != nil {
		return PublishedPage{}, fmt.Errorf("reading published parts: %w", err)
	}
	out := PublishedPage{Next: position(got.next)}
	out.Parts, err = parts(got.items)
	return out, err
}

// Parts reads every revision of every published part of a report, oldest first.
func (p Publications) Parts(ctx context.Context, id string) ([]report.PublicPart, error) {
	items, err := p.Table.all(ctx, span{pk: publicPK(id)})
	if err != nil {
		return nil, fmt.Errorf("reading what is public of report %s: %w", id, err)
	}
	return parts(items)
}

func parts(items []item) ([]report.PublicPart, error) {
	var out []report.PublicPart
	for _, it := range items {
		var part report.PublicPart
		if err := json.Unmarshal([]byte(text(it, attrDoc)), &part); err != nil {
			return nil, fmt.Errorf("reading a published part: %w", err)
		}
		out = append(out, part)
	}
	return out, nil
}
