package settings

import (
	"encoding/json"
	"fmt"

	"paht/shared/directory"
	"paht/shared/screening"
)

// PerCategory is a whole number by category, with one for those that have none.
// The zero value is 0 for all. It is kept as JSON with sorted members, so that two
// policies can be compared.
type PerCategory struct{ numbers string }

// defaultCategory is the member of the value that holds for all other categories.
const defaultCategory = "default"

// For is the number of a category, by its code.
func (c PerCategory) For(category string) int {
	if key, ok := directory.ParseKey(category); ok {
		category = key.Code
	}
	var numbers map[string]int
	if json.Unmarshal([]byte(c.numbers), &numbers) != nil {
		return 0 // the zero value
	}
	if n, ok := numbers[category]; ok {
		return n
	}
	return numbers[defaultCategory]
}

// perCategory is an object of whole numbers by the categories' codes; "default" is
// required: {"default": 100, "giao_thong": 60}.
func perCategory(low, high int, at func(*Policy) *PerCategory) policyRule {
	return func(raw json.RawMessage) (func(*Policy), string, []string) {
		numbers := map[string]int{}
		broken, args := "", []string(nil)
		ok := members(raw, func(name string, value json.RawMessage) {
			var n int
			_, known := directory.ParseKey(name)
			_, twice := numbers[name]
			switch {
			case twice:
				broken = RuleRepeated
			case !known:
				broken = RuleBadCode
			case string(value) == "null" || json.Unmarshal(value, &n) != nil:
				broken = RuleNotWhole
			case n < low || n > high:
				broken, args = RuleOutOfRange, []string{fmt.Sprint(low), fmt.Sprint(high)}
			}
			numbers[name] = n
		})
		_, there := numbers[defaultCategory]
		switch {
		case !ok:
			return nil, RuleNotObject, nil
		case broken != "":
			return nil, broken, args
		case !there:
			return nil, RuleRequired, nil
		}
		sorted, err := json.Marshal(numbers)
		if err != nil {
			return nil, RuleNotObject, nil
		}
		return func(p *Policy) { *at(p) = PerCategory{string(sorted)} }, "", nil
	}
}

// Reach is how near two reports of a category must lie to be about one thing.
func (p Policy) Reach(category string) screening.Reach {
	return screening.Reach{Metres: p.NearMetres.For(category), Days: p.NearDays.For(category)}
}
