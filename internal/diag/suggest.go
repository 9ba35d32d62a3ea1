package diag

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// DidYouMean gives a hint that quotes the candidate nearest to a misspelt name,
// or "" when none is near. Don't offer names that the reader may not see.
func DidYouMean(name string, candidates []string) string {
	best, bestDistance := "", 1+utf8.RuneCountInString(name)/3
	from := strings.ToLower(name)
	for _, candidate := range candidates {
		to := strings.ToLower(candidate)
		d := distance(from, to)
		if len(from) >= 3 && strings.HasPrefix(to, from) {
			d = min(d, 1) // shortened, as int for integer
		}
		if d < bestDistance || d == bestDistance && best == "" {
			best, bestDistance = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// long is the length of a name that nobody misspells; the work is quadratic.
const long = 100

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that turn one name into the other (optimal string alignment).
func distance(from, to string) int {
	var aRoom, bRoom [long]rune
	a, okA := runesOf(from, aRoom[:0])
	b, okB := runesOf(to, bRoom[:0])
	if !okA || !okB {
		return math.MaxInt
	}
	var rooms [3][long + 1]int
	before, last, row := rooms[0][:len(b)+1], rooms[1][:len(b)+1], rooms[2][:len(b)+1]
	for j := range row {
		row[j] = j
	}
	for i := range a {
		before, last, row = last, row, before
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}

// runesOf appends the characters of a name to room; ok is false when it is long.
func runesOf(name string, room []rune) (runes []rune, ok bool) {
	if len(name) > long*utf8.UTFMax {
		return nil, false
	}
	for _, r := range name {
		if len(room) == long {
			return nil, false
		}
		room = append(room, r)
	}
	return room, true
}
