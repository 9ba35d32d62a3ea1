package resolve

import (
	"strconv"

	"github.com/hedgerow/hedgerow/semantic"
)

// TableAlias is the alias of a dataset's physical table inside its derived
// table. No relation of the caller bears it.
const TableAlias = "t"

// namer gives out names for relations, CTEs and windows that are unique in the
// statement after case folding. They are plain ASCII, so that no database's
// own folding can make two of them equal.
type namer struct {
	used map[string]bool
	next map[string]int
}

func newNamer() *namer {
	return &namer{used: map[string]bool{TableAlias: true}, next: map[string]int{}}
}

// unique gives want itself if it is plain and free, else a variation of it.
func (n *namer) unique(want, fallback string, reserved func(string) bool) string {
	if !plain(want) {
		want = fallback
	}
	folded := semantic.Fold(want)
	name, key := want, folded
	for i := n.next[folded]; n.used[key] || reserved != nil && reserved(key); i++ {
		suffix := "_" + strconv.Itoa(i+2)
		name, key = want+suffix, folded+suffix
		n.next[folded] = i + 1
	}
	n.used[key] = true
	return name
}

// maxPlain keeps names, with a suffix, under the 63 bytes of PostgreSQL.
const maxPlain = 48

// plain reports whether a name is letters, digits and underscores of ASCII only.
func plain(name string) bool {
	if name == "" || len(name) > maxPlain {
		return false
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// printedNames gives every column of a nested query a printed name that is
// unique among its siblings: the logical name where that is plain.
func printedNames(cols []column) {
	used := make(map[string]bool, len(cols))
	next := map[string]int{} // the number to try next, by folded name
	for i := range cols {
		name := cols[i].name
		if !plain(name) {
			name = "c" + strconv.Itoa(i+1)
		}
		base, folded := name, semantic.Fold(name)
		for n := next[folded]; used[semantic.Fold(name)]; n++ {
			name = base + "_" + strconv.Itoa(n+2)
			next[folded] = n + 1
		}
		used[semantic.Fold(name)] = true
		cols[i].printed = name
	}
}
