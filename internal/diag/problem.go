// Package diag reads the files that people write, models and policies, and
// says what is wrong with them: every problem at once, each with file, line,
// column, the source line and a caret.
package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Problem is one mistake in a file. Line and Column count from 1, Column in
// characters; a Line of 0 means that the problem has no place.
type Problem struct {
	File         string
	Line, Column int
	Message      string
	// Hint says what to write instead; it may be empty.
	Hint string
	// Source is the line of the file that Line names; of a long line, what is
	// around the column. Characters that a terminal would act on are blanks.
	Source string
	caret  int // the column's place in Source, in characters from 0
}

// WithHint sets what to write instead.
func (p *Problem) WithHint(format string, args ...any) *Problem {
	p.Hint = fmt.Sprintf(format, args...)
	return p
}

// Error gives place, message and hint on one line, then the source line and a
// caret under the column.
func (p *Problem) Error() string {
	var b strings.Builder
	if p.File != "" {
		fmt.Fprintf(&b, "%s:", printable(p.File))
	}
	if p.Line > 0 {
		fmt.Fprintf(&b, "%d:%d:", p.Line, p.Column)
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	b.WriteString(printable(p.Message))
	if p.Hint != "" {
		b.WriteString("; " + printable(p.Hint))
	}
	if p.Line > 0 && strings.TrimSpace(p.Source) != "" {
		b.WriteString("\n  " + p.Source + "\n  " + strings.Repeat(" ", p.caret) + "^")
	}
	return b.String()
}

// excerptWidth is how many characters of a source line are shown.
const excerptWidth = 100

// excerpt cuts a window around a byte offset of a line and gives the offset's
// place in it, in characters from 0.
func excerpt(line []byte, offset int) (text string, caret int) {
	offset = min(offset, len(line))
	const bytes = (excerptWidth + 1) * utf8.UTFMax // enough on either side
	before := []rune(string(line[max(0, offset-bytes):offset]))
	after := []rune(string(line[offset:min(len(line), offset+bytes)]))
	from := max(0, min(len(before)-excerptWidth/2, len(before)+len(after)-excerptWidth))
	before = before[from:]
	after = after[:min(len(after), excerptWidth-len(before))]
	return printable(string(before) + string(after)), len(before)
}

// printable replaces one by one the characters that a terminal would act on,
// bidirectional controls among them, so that the caret stays under its place.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

// Problems is every mistake of a load. As an error it lists them by place.
type Problems []*Problem

// Err is nil when there are no problems, else a sorted copy of them.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps.sorted()
}

// Error gives all problems, sorted by file, line and column.
func (ps Problems) Error() string {
	parts := make([]string, len(ps))
	for i, p := range ps.sorted() {
		parts[i] = p.Error()
	}
	return strings.Join(parts, "\n")
}

// Unwrap makes errors.As find the first *Problem.
func (ps Problems) Unwrap() []error {
	errs := make([]error, len(ps))
	for i, p := range ps.sorted() {
		errs[i] = p
	}
	return errs
}

func (ps Problems) sorted() Problems {
	return slices.SortedStableFunc(slices.Values(ps), func(a, b *Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}
