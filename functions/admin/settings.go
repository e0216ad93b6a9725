package admin

import (
	"context"
	"encoding/json"
	"fmt"

	"paht/shared/contract"
	"paht/shared/fault"
	"paht/shared/httpapi"
	"paht/shared/settings"
)

// readSettings gives a document as it stands.
func (s *Step) readSettings(ctx context.Context, in *contract.SettingsInput) (*contract.SettingsOutput, error) {
	set, err := s.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	d, err := set.Document(ctx, settings.Kind(in.Kind))
	if fault.Is(err, "not_set_up") {
		return nil, fault.New(fault.NotFound, "not_found") // the first one is stored over version 0
	}
	if err != nil {
		return nil, err
	}
	out := &contract.SettingsOutput{ETag: httpapi.ETag(d.Version)}
	out.Body.Kind, out.Body.Version, out.Body.SHA256, out.Body.Document = in.Kind, d.Version, d.SHA256, d.Data
	return out, nil
}

// storeSettings stores a document over the version that the officer saw, or shows
// what that would change.
func (s *Step) storeSettings(ctx context.Context, in *contract.StoreSettingsInput) (*contract.StoredSettingsOutput, error) {
	act := s.act(ctx)
	if !in.DryRun {
		answer, err := s.Acts.Find(ctx, act.Key, act.Request, "settings "+in.Kind)
		if err != nil {
			return nil, err
		}
		if answer != "" {
			return answered(answer)
		}
	}
	out, err := s.proposed(ctx, in)
	if err != nil || in.DryRun {
		return out, err
	}
	if err := s.Acts.Begin(ctx, act.Key, act.Request, "settings "+in.Kind); err != nil {
		return nil, err
	}
	if err := s.record(ctx, act, "settings.stored", in.Kind, out.Body.SHA256); err != nil {
		return nil, err
	}
	d, err := s.Settings.Store(ctx, settings.Kind(in.Kind), in.Body.Document, httpapi.Match(ctx), httpapi.Caller(ctx).Account, act.At)
	if err != nil {
		return nil, err
	}
	out.Body.Version, out.Body.Stored, out.ETag = d.Version, true, httpapi.ETag(d.Version)
	encoded, err := json.Marshal(out.Body)
	if err != nil {
		return nil, fmt.Errorf("encoding an answer: %w", err)
	}
	if err := s.Acts.Answered(ctx, act.Key, string(encoded)); err != nil {
		return nil, err
	}
	return out, nil
}

// answered is the answer of an earlier try.
func answered(encoded string) (*contract.StoredSettingsOutput, error) {
	out := &contract.StoredSettingsOutput{}
	if err := json.Unmarshal([]byte(encoded), &out.Body); err != nil {
		return nil, fmt.Errorf("reading an answer: %w", err)
	}
	out.ETag = httpapi.ETag(out.Body.Version)
	return out, nil
}

// maxDifferences bounds the list of an answer, which is kept for its repeat.
const maxDifferences = 1000

// proposed checks a document and says what it would change; another version than
// the one that the officer saw is a fault stale.
func (s *Step) proposed(ctx context.Context, in *contract.StoreSettingsInput) (*contract.StoredSettingsOutput, error) {
	set, err := s.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	kind, data, match := settings.Kind(in.Kind), []byte(in.Body.Document), httpapi.Match(ctx)
	current, stands := set.Current(kind)
	sum := settings.Sum(data)
	// A try that broke off after its write finds its own bytes one version later.
	if own := current.Version == match+1 && current.SHA256 == sum; current.Version != match && !own {
		return nil, fault.New(fault.Stale, "stale", fmt.Sprint(current.Version))
	}
	problems, err := settings.Check(ctx, kind, data, set, s.Now())
	if err != nil {
		return nil, err
	}
	if err := settings.Refused("body.document", problems); err != nil {
		return nil, err
	}
	if stands {
		if current, err = set.Document(ctx, kind); err != nil {
			return nil, err
		}
	}
	out := &contract.StoredSettingsOutput{ETag: httpapi.ETag(current.Version)}
	out.Body.Kind, out.Body.Version, out.Body.SHA256 = in.Kind, current.Version, sum
	out.Body.Differences = []contract.Difference{}
	for i, d := range settings.Diff(kind, current.Data, data) {
		if i >= maxDifferences {
			out.Body.More++
			continue
		}
		out.Body.Differences = append(out.Body.Differences, contract.Difference{Key: d.Key, Kind: d.Kind})
	}
	return out, nil
}
