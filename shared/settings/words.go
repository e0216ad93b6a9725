package settings

import (
	"context"
	"errors"
	"fmt"
	"slices"

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

func parseWords(data []byte) ([]screening.Phrase, *problems) {
	p := &problems{}
	var phrases []screening.Phrase
	seen := map[string]bool{}
	for i, row := range rows[wordRow](p, data, maxSetRows) {
		before := len(p.list)
		phrase := screening.Phrase{Class: row.Class, Text: vietnamese.NFC(row.Phrase), Weight: row.Weight}
		checkWord(p, rowPath(i), row, phrase)
		name := row.Class + " " + screening.NameOf(phrase.Text)
		if row.Phrase != "" && seen[name] {
			p.add(rowPath(i), RuleDuplicate)
		}
		seen[name] = true
		if len(p.list) == before {
			phrases = append(phrases, phrase)
		}
	}
	return phrases, p
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
		phrases, p := parseWords(d.Data)
		return screening.New(d.Version, slices.Clip(phrases)), unreadable(p)
	})
}
