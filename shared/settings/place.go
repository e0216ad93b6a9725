package settings

import (
	"context"
	"fmt"

	"paht/shared/directory"
)

// strict makes of a directory parser one for reading: the forms of the directory
// are read whole or not at all, since half a directory would route wrongly.
func strict[T any](parse func([]byte) (T, []directory.Problem)) func(Document) (T, error) {
	return func(d Document) (T, error) {
		parsed, found := parse(d.Data)
		return parsed, firstOf(found)
	}
}

func firstOf(found []directory.Problem) error {
	if len(found) == 0 {
		return nil
	}
	return fmt.Errorf("%d problems, first %s", len(found), found[0])
}

func (s *Snapshot) agencies(ctx context.Context) ([]directory.Agency, error) {
	return value(ctx, s, Agencies, strict(directory.ParseAgencies))
}

func (s *Snapshot) units(ctx context.Context) ([]directory.Unit, error) {
	return value(ctx, s, Units, strict(directory.ParseUnits))
}

func (s *Snapshot) categories(ctx context.Context) ([]directory.Category, error) {
	return value(ctx, s, Categories, strict(directory.ParseCategories))
}

// Directory gives agencies, units and categories joined; not_set_up while one of
// them is missing.
func (s *Snapshot) Directory(ctx context.Context) (*directory.Directory, error) {
	s.dir.mu.Lock()
	defer s.dir.mu.Unlock()
	if s.dir.parsed != nil {
		return s.dir.parsed.(*directory.Directory), nil
	}
	units, err := s.units(ctx)
	if err != nil {
		return nil, err
	}
	agencies, err := s.agencies(ctx)
	if err != nil {
		return nil, err
	}
	categories, err := s.categories(ctx)
	if err != nil {
		return nil, err
	}
	joined, found := directory.New(agencies, units, categories)
	if err := firstOf(found); err != nil {
		return nil, fmt.Errorf("joining the directory: %w", err)
	}
	s.dir.parsed = joined
	return joined, nil
}
