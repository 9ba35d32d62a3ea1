package policytest

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// diff is a comparison of two lists of rows.
type diff struct {
	same  bool
	lines []line
}

// line is one row of a diff. Its mark is "-" for a row of the first list only,
// "+" for one of the second only, and a blank for one of both.
type line struct {
	mark  string
	cells []string
}

// compare compares two lists of rows; where the order matters, row by row.
func compare(want, got [][]string, ordered bool) diff {
	d := diff{same: true}
	add := func(mark string, cells []string) {
		d.same = d.same && mark == " "
		d.lines = append(d.lines, line{mark, slices.Clone(cells)})
	}
	if ordered {
		for i := range max(len(want), len(got)) {
			if i < len(want) && i < len(got) && slices.Equal(want[i], got[i]) {
				add(" ", want[i])
				continue
			}
			if i < len(want) {
				add("-", want[i])
			}
			if i < len(got) {
				add("+", got[i])
			}
		}
		return d
	}
	left := slices.Clone(got)
	for _, row := range want {
		i := slices.IndexFunc(left, func(other []string) bool { return slices.Equal(row, other) })
		if i < 0 {
			add("-", row)
			continue
		}
		add(" ", row)
		left = slices.Delete(left, i, i+1)
	}
	for _, row := range left {
		add("+", row)
	}
	return d
}

// table writes the rows in aligned columns under their names.
func (d diff) table(header []string) string {
	widths := make([]int, len(header))
	all := append([]line{{" ", header}}, d.lines...)
	for _, l := range all {
		for i, cell := range l.cells {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, l := range all {
		text := l.mark
		for i, cell := range l.cells {
			text += " " + cell + strings.Repeat(" ", 1+widths[i]-utf8.RuneCountInString(cell))
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	return b.String()
}
