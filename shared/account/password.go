package account

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"

	"paht/shared/vietnamese"
)

//go:embed common_passwords.txt
var commonWords string

// common are the words that passwords are commonly made of, folded.
var common = sync.OnceValue(func() map[string]bool {
	words := make(map[string]bool)
	for line := range strings.Lines(commonWords) {
		if word := strings.TrimSpace(line); word != "" && !strings.HasPrefix(word, "#") {
			words[word] = true
		}
	}
	return words
})

// minDistinct is how many different characters a password has at least.
const minDistinct = 5

// CheckPassword gives the code of the rule that a new password breaks; "" when it
// is good. Length is the contract's.
func CheckPassword(password, logIn string) string {
	folded := strings.ReplaceAll(vietnamese.Fold(password), " ", "")
	name := strings.ToLower(strings.TrimSpace(logIn))
	local, _, _ := strings.Cut(name, "@")
	switch {
	case holds(folded, name), holds(folded, local):
		return "password_with_log_in"
	case common()[folded], common()[core(folded)], distinct(folded) < minDistinct, running(folded):
		return "weak_password"
	}
	return ""
}

// holds tells whether a password is built around a name; a name of three letters
// stands in too many words to be looked for.
func holds(folded, name string) bool {
	return len(name) >= 4 && strings.Contains(folded, name)
}

// swapped are the signs that people put for letters.
var swapped = strings.NewReplacer("@", "a", "0", "o", "1", "i", "!", "i", "3", "e", "$", "s", "5", "s", "7", "t")

// core is what remains of a password without the digits and signs around it, and
// with letters for the signs put in their place.
func core(folded string) string {
	inner := strings.TrimFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) })
	return swapped.Replace(inner)
}

func distinct(s string) int {
	seen := make(map[rune]bool)
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// running tells whether nearly every character follows from the one before, as in
// 0123456789 or abcdefghij.
func running(s string) bool {
	steps, runes := 0, []rune(s)
	for i := 1; i < len(runes); i++ {
		if d := runes[i] - runes[i-1]; d == 1 || d == -1 || d == 0 || d == -9 {
			steps++
		}
	}
	return len(runes) > 1 && steps*5 >= (len(runes)-1)*4
}
