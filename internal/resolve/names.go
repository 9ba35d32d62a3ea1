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
	used nameSet
	next map[string]int // the number to try next, by folded name
}

func newNamer() namer {
	n := namer{}
	n.used.add(TableAlias)
	return n
}

// unique gives want itself if it is plain and free, else a variation of it.
func (n *namer) unique(want, fallback string, reserved func(string) bool) string {
	if !plain(want) {
		want = fallback
	}
	folded := semantic.Fold(want)
	name, key := want, folded
	for i := n.next[folded]; n.used.has(key) || reserved != nil && reserved(key); i++ {
		suffix := "_" + strconv.Itoa(i+2)
		name, key = want+suffix, folded+suffix
		if n.next == nil {
			n.next = map[string]int{}
		}
		n.next[folded] = i + 1
	}
	n.used.add(key)
	return name
}

// nameSet is a set of folded names: a list as long as it is short, for most
// queries have few names. The zero nameSet is empty.
type nameSet struct {
	few  [16]string
	n    int
	many map[string]bool
}

func (s *nameSet) has(name string) bool {
	if s.many != nil {
		return s.many[name]
	}
	for i := range s.n {
		if s.few[i] == name {
			return true
		}
	}
	return false
}

// add adds a name that the set lacks.
func (s *nameSet) add(name string) {
	switch {
	case s.many != nil:
		s.many[name] = true
	case s.n < len(s.few):
		s.few[s.n] = name
		s.n++
	default:
		s.many = make(map[string]bool, 4*len(s.few))
		for _, x := range s.few {
			s.many[x] = true
		}
		s.many[name] = true
	}
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
	var used nameSet
	var next map[string]int // the number to try next, by folded name
	for i := range cols {
		name := cols[i].name
		if !plain(name) {
			name = "c" + strconv.Itoa(i+1)
		}
		base, folded := name, semantic.Fold(name)
		key := folded
		for n := next[folded]; used.has(key); n++ {
			name = base + "_" + strconv.Itoa(n+2)
			key = semantic.Fold(name)
			if next == nil {
				next = map[string]int{}
			}
			next[folded] = n + 1
		}
		used.add(key)
		cols[i].printed = name
	}
}
