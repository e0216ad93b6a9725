package settings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"paht/shared/screening"
	"paht/shared/vietnamese"
)

// wordRow is one phrase of the lists that help the screeners.
type wordRow struct {
	Class  string `json:"class"`
	Phrase string `json:"phrase"`
	Weight int    `json:"weight"`
	Note   string `json:"note"`
}

// maxPhrase is the length of a phrase with all its alternatives, in characters.
const maxPhrase = 1500

// readWords reads phrases that were checked when they were stored; screening.New
// leaves out those that it does not know.
func readWords(data []byte) ([]screening.Phrase, error) {
	var list []wordRow
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, err
	}
	phrases := make([]screening.Phrase, 0, len(list))
	for _, row := range list {
		phrases = append(phrases, screening.Phrase{Class: row.Class, Text: vietnamese.NFC(row.Phrase), Weight: row.Weight})
	}
	return phrases, nil
}

func checkWords(data []byte) *problems {
	p := &problems{}
	seen := map[string]bool{}
	for i, row := range rows[wordRow](p, data, maxSetRows) {
		phrase := screening.Phrase{Class: row.Class, Text: vietnamese.NFC(row.Phrase), Weight: row.Weight}
		checkWord(p, rowPath(i), row, phrase)
		name := row.Class + " " + screening.NameOf(phrase.Text)
		if row.Phrase != "" && seen[name] {
			p.add(rowPath(i), RuleDuplicate)
		}
		seen[name] = true
	}
	return p
}

func checkWord(p *problems, path string, row wordRow, phrase screening.Phrase) {
	p.text(path+".phrase", row.Phrase, maxPhrase, true, false)
	p.text(path+".note", row.Note, 1000, false, true)
	switch err := screening.Wrong(phrase); {
	case errors.Is(err, screening.ErrClass):
		p.add(path+".class", RuleBadValue)
	case errors.Is(err, screening.ErrWeight):
		p.add(path+".weight", RuleOutOfRange, fmt.Sprint(screening.MinWeight), fmt.Sprint(screening.MaxWeight))
	case row.Phrase == "":
	case errors.Is(err, screening.ErrForm):
		p.add(path+".phrase", RulePhrase)
	case errors.Is(err, screening.ErrSingle):
		p.add(path+".phrase", RuleSingleWord)
	}
}

// Words gives the lists that help the screeners, compiled.
func (s *Snapshot) Words(ctx context.Context) (*screening.List, error) {
	return value(ctx, s, Words, func(d Document) (*screening.List, error) {
		phrases, err := readWords(d.Data)
		if err != nil {
			return nil, err
		}
		return screening.New(d.Version, phrases), nil
	})
}
