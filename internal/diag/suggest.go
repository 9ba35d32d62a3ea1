package diag

import (
	"fmt"
	"math"
	"strings"
)

// DidYouMean gives a hint that quotes the candidate nearest to a misspelt name,
// or "" when none is near. Don't offer names that the reader may not see.
func DidYouMean(name string, candidates []string) string {
	best, bestDistance := "", 1+len([]rune(name))/3
	for _, candidate := range candidates {
		from, to := strings.ToLower(name), strings.ToLower(candidate)
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

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that turn one name into the other (optimal string alignment).
func distance(from, to string) int {
	const long = 100 // nobody misspells such a name, and the work is quadratic
	a, b := []rune(from), []rune(to)
	if len(a) > long || len(b) > long {
		return math.MaxInt
	}
	var before, last []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		before, last, row = last, row, make([]int, len(b)+1)
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
