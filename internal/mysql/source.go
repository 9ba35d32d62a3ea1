package mysql

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// source is a text for Vitess with the way back to the original.
type source struct {
	text  string
	orig  string
	marks []mark // ascending in out; nil when text is the original
}

// mark says that the byte at out of the text stands for the byte at in of the
// original. An inserted piece stands for the single place at which it was put.
type mark struct {
	out, in  int
	inserted bool
}

// edit replaces the bytes from start to end by text.
type edit struct {
	start, end int
	text       string
}

// offset maps an offset in the text to one in the original.
func (s *source) offset(off int) int {
	if s.marks == nil {
		return off
	}
	i := sort.Search(len(s.marks), func(i int) bool { return s.marks[i].out > off }) - 1
	in := s.marks[max(i, 0)].in
	if !s.marks[max(i, 0)].inserted {
		in += off - s.marks[max(i, 0)].out
	}
	return min(in, len(s.orig))
}

// pos maps an offset in the text to a position in the original.
func (s *source) pos(off int) ast.Pos { return min(s.offset(off)+1, max(len(s.orig), 1)) }

// rewrite applies edits, which must not overlap, to the text.
func (s *source) rewrite(edits []edit) *source {
	if len(edits) == 0 {
		return s
	}
	slices.SortStableFunc(edits, func(a, b edit) int { // an insertion comes before what is replaced there
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
	})
	var b strings.Builder
	out := &source{orig: s.orig, marks: []mark{{}}}
	at := 0
	for _, e := range edits {
		out.copy(&b, s, at, e.start)
		out.marks = append(out.marks, mark{out: b.Len(), in: s.offset(e.start), inserted: true})
		b.WriteString(e.text)
		at = e.end
	}
	out.copy(&b, s, at, len(s.text))
	out.text = b.String()
	return out
}

// copy appends the bytes from start to end of the text of from.
func (s *source) copy(b *strings.Builder, from *source, start, end int) {
	s.marks = append(s.marks, mark{out: b.Len(), in: from.offset(start)})
	for _, m := range from.marks {
		if m.out > start && m.out < end {
			s.marks = append(s.marks, mark{out: b.Len() + m.out - start, in: m.in, inserted: m.inserted})
		}
	}
	b.WriteString(from.text[start:end])
}
