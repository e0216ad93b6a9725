package submit

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"paht/shared/contract"
	"paht/shared/directory"
	"paht/shared/fault"
	"paht/shared/httpapi"
	"paht/shared/report"
	"paht/shared/settings"
	"paht/shared/upload"
	"paht/shared/vietnamese"
)

// check makes a submission of what came in, and names every field that is
// missing or malformed at once (R50).
func (s *Step) check(ctx context.Context, in contract.Submission, id string, c report.Context) (report.Submission, error) {
	set, err := s.Maker.Settings.Load(ctx)
	if err != nil {
		return report.Submission{}, err
	}
	policy, err := set.Policy(ctx, c.At)
	if err != nil {
		return report.Submission{}, err
	}
	out := report.Submission{
		ID: id, Owner: c.By.ID, Channel: httpapi.Caller(ctx).Channel, Notice: report.Notice(in.Notice),
		Publicity: report.Publicity(in.Publicity), Category: in.Category,
		Text: strings.TrimSpace(vietnamese.NFC(in.Text)), Address: strings.TrimSpace(vietnamese.NFC(in.Address)), Media: in.Uploads,
	}
	var wrong fault.Fields
	checkLength(&wrong, out.Text, policy)
	checkText(&wrong, out.Text)
	if in.OccurredAt != nil {
		at := in.OccurredAt.UTC()
		out.Occurred = &at
		if at.After(c.At) {
			wrong.Add("body.occurredAt", "in_the_future")
		}
	}
	if err := s.checkPlace(ctx, &wrong, set, in, &out, c); err != nil {
		return out, err
	}
	if len(in.Uploads) > policy.MaxFiles {
		wrong.Add("body.uploads", "too_many", fmt.Sprint(policy.MaxFiles))
	}
	if err := s.checkUploads(ctx, &wrong, in.Uploads, c, id, 0); err != nil {
		return out, err
	}
	if err := s.checkChannel(ctx, &wrong, out); err != nil {
		return out, err
	}
	return out, wrong.Err()
}

func checkLength(wrong *fault.Fields, text string, p settings.Policy) {
	n := utf8.RuneCountInString(text)
	if n < p.TextMin {
		wrong.Add("body.text", "too_short", fmt.Sprint(p.TextMin))
	}
	if n > p.TextMax {
		wrong.Add("body.text", "too_long", fmt.Sprint(p.TextMax))
	}
}

// checkText refuses what is not Vietnamese with diacritics (R49); a text in Khmer
// is answered in both languages.
func checkText(wrong *fault.Fields, text string) {
	v := vietnamese.Judge(text)
	if !v.Refused() {
		return
	}
	switch {
	case v.Khmer:
		wrong.Add("body.text", "khmer")
	case v.Kind == vietnamese.Without:
		wrong.Add("body.text", "without_diacritics")
	default:
		wrong.Add("body.text", "not_vietnamese")
	}
}

// checkPlace wants a point within the province, or a commune and an address line:
// nobody is shut out for want of GPS. It completes the commune from the point.
func (s *Step) checkPlace(ctx context.Context, wrong *fault.Fields, set *settings.Snapshot, in contract.Submission, out *report.Submission, c report.Context) error {
	d, err := set.Directory(ctx)
	if err != nil {
		return err
	}
	on := directory.DateOf(c.At)
	if _, ok := d.Category(in.Category, on); !ok {
		wrong.Add("body.category", "unknown_category")
	}
	if in.Commune != "" {
		unit, ok := d.Unit(in.Commune, on)
		if !ok || unit.Level != directory.LevelCommune {
			wrong.Add("body.commune", "unknown_commune")
			return nil
		}
		out.Commune = in.Commune
	}
	if in.Point == nil {
		if in.Commune == "" || out.Address == "" {
			wrong.Add("body.point", "place_missing")
		}
		return nil
	}
	boundary, err := set.Boundary(ctx)
	if err != nil {
		return err
	}
	commune, ok := boundary.Commune(directory.Point{Longitude: in.Point.Lon, Latitude: in.Point.Lat})
	if !ok {
		wrong.Add("body.point", "outside_province")
		return nil
	}
	if in.Commune != "" && in.Commune != commune {
		wrong.Add("body.commune", "other_commune")
	}
	out.Commune = commune
	out.Point = &report.Point{Lat: in.Point.Lat, Lon: in.Point.Lon}
	return nil
}

// checkUploads wants slots of the reporter's own that no other report has, each
// with its file there. One that is still unchecked is taken; one that was
// rejected is named.
func (s *Step) checkUploads(ctx context.Context, wrong *fault.Fields, slots []string, c report.Context, id string, before int) error {
	set, err := s.Maker.Settings.Load(ctx)
	if err != nil {
		return err
	}
	policy, err := set.Policy(ctx, c.At)
	if err != nil {
		return err
	}
	if before > 0 && before+len(slots) > policy.MaxFiles {
		wrong.Add("body.uploads", "too_many", fmt.Sprint(policy.MaxFiles))
	}
	for i, slot := range slots {
		path := fmt.Sprintf("body.uploads[%d]", i)
		u, err := s.Slots.Load(ctx, slot)
		if err != nil && !fault.Is(err, "unknown_upload") {
			return err
		}
		if err != nil || u.Owner != c.By.ID || u.Purpose != upload.Photo || !u.Takeable(c.At) {
			wrong.Add(path, "unknown_upload")
			continue
		}
		code, args, err := s.usable(ctx, u, id)
		if err != nil {
			return err
		}
		if code != "" {
			wrong.Add(path, code, args...)
		}
	}
	return nil
}

func (s *Step) usable(ctx context.Context, u upload.Slot, id string) (code string, args []string, err error) {
	switch {
	case u.Report != "" && u.Report != id:
		return "upload_taken", nil, nil
	case u.State == upload.Rejected:
		return "upload_rejected", []string{u.Reason}, nil
	case u.State == upload.Closed:
		return "upload_unfinished", nil, nil
	case u.State == upload.Accepted:
		return "", nil, nil
	}
	present, err := s.Objects.Present(ctx, report.UploadKey(string(u.Purpose), u.ID))
	if err != nil || present {
		return "", nil, err
	}
	return "upload_unfinished", nil, nil
}

// checkChannel wants a channel that can be used (R56).
func (s *Step) checkChannel(ctx context.Context, wrong *fault.Fields, out report.Submission) error {
	usable := false
	if out.Notice == report.ByEmail {
		var err error
		if usable, err = s.Accounts.EmailUsable(ctx, out.Owner); err != nil {
			return err
		}
	}
	if !usable {
		wrong.Add("body.notice", "channel_unusable")
	}
	return nil
}
