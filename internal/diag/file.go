package diag

import (
	"bytes"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxBytes bounds a file: models and policies are written by hand or by a
// generator, and are far smaller.
const maxBytes = 16 << 20

// File is a source file and the problems found in it so far. Make it with
// NewFile. It is for one goroutine.
type File struct {
	Name string
	// Src is the text without a byte order mark.
	Src      []byte
	lines    []int // the offset at which each line starts
	problems Problems
	last     struct{ offset, line, col int } // the last place asked for
}

// NewFile takes a file's name, for messages, and its text.
func NewFile(name string, src []byte) *File {
	f := &File{Name: name, Src: bytes.TrimPrefix(src, []byte("\ufeff")), lines: []int{0}}
	for i, c := range f.Src {
		// A lone carriage return ends a line too, as in YAML.
		if c == '\n' || c == '\r' && (i+1 == len(f.Src) || f.Src[i+1] != '\n') {
			f.lines = append(f.lines, i+1)
		}
	}
	return f
}

// At makes a problem at a place, without recording it.
func (f *File) At(line, col int, format string, args ...any) *Problem {
	p := &Problem{File: f.Name, Line: line, Column: col, Message: fmt.Sprintf(format, args...)}
	if f.full() {
		return p
	}
	if at := f.offset(line, col); at >= 0 {
		start, end := f.bounds(line)
		p.Source, p.caret = excerpt(f.Src[start:end], at-start)
	}
	return p
}

// Report records a problem at a place and gives it back for a hint.
func (f *File) Report(line, col int, format string, args ...any) *Problem {
	p := f.At(line, col, format, args...)
	f.Add(p)
	return p
}

// ReportNode records a problem at the start of a node.
func (f *File) ReportNode(n *yaml.Node, format string, args ...any) *Problem {
	return f.Report(n.Line, n.Column, format, args...)
}

// maxProblems bounds how many problems are told: nobody reads more, and a file
// can be nothing but problems.
const maxProblems = 1000

func (f *File) full() bool { return len(f.problems) > maxProblems }

// Add records a problem, as long as there are no more than anyone reads.
func (f *File) Add(p *Problem) {
	switch n := len(f.problems); {
	case n < maxProblems:
		f.problems = append(f.problems, p)
	case n == maxProblems:
		f.problems = append(f.problems, &Problem{File: f.Name, Message: fmt.Sprintf("there are more than %d problems; these are the first of them", maxProblems)})
	}
}

// Problems is the number of problems recorded so far.
func (f *File) Problems() int { return len(f.problems) }

// Err gives everything recorded as Problems, sorted by place, or nil.
func (f *File) Err() error { return f.problems.Err() }

// line gives the text of a line, counted from 1, without its line break.
func (f *File) line(line int) string {
	start, end := f.bounds(line)
	return string(f.Src[start:end])
}

// bounds gives the offsets of a line without its line break.
func (f *File) bounds(line int) (start, end int) {
	if line < 1 || line > len(f.lines) {
		return 0, 0
	}
	start, end = f.lines[line-1], len(f.Src)
	if line < len(f.lines) {
		end = f.lines[line]
	}
	return start, start + len(bytes.TrimRight(f.Src[start:end], "\r\n"))
}

// offset is the byte offset of a place, or -1 when the file has no such place.
func (f *File) offset(line, col int) int {
	if line < 1 || line > len(f.lines) || col < 1 {
		return -1
	}
	at, c := f.lines[line-1], 1
	if f.last.line == line && f.last.col/2 < col {
		at, c = f.last.offset, f.last.col
	}
	for ; c > col; c-- {
		_, size := utf8.DecodeLastRune(f.Src[:at])
		at -= size
	}
	for ; c < col; c++ {
		if at >= len(f.Src) {
			return -1
		}
		_, size := utf8.DecodeRune(f.Src[at:])
		at += size
	}
	f.last.offset, f.last.line, f.last.col = at, line, col
	return at
}

// place is the line and column of a byte offset. Like offset it counts from the
// last place where it can: a JSON file may be one long line.
func (f *File) place(offset int) (line, col int) {
	offset = min(max(offset, 0), len(f.Src))
	for offset > 0 && offset < len(f.Src) && !utf8.RuneStart(f.Src[offset]) {
		offset-- // inside a character
	}
	line, found := slices.BinarySearch(f.lines, offset)
	if found {
		line++
	}
	from, col := f.lines[line-1], 1
	if f.last.line == line && f.last.offset <= offset {
		from, col = f.last.offset, f.last.col
	}
	col += utf8.RuneCount(f.Src[from:offset])
	f.last.offset, f.last.line, f.last.col = offset, line, col
	return line, col
}

// checkText reports the first thing that makes the bytes no readable text.
// Unicode's line separators are refused because YAML ends a line there and
// editors don't: line numbers would mean two things.
func (f *File) checkText() {
	if len(f.Src) > maxBytes {
		f.Report(1, 1, "the file has more than %d bytes", maxBytes)
		return
	}
	for at := 0; at < len(f.Src); {
		r, size := utf8.DecodeRune(f.Src[at:])
		line, col := 0, 0
		if r == utf8.RuneError && size == 1 || !textRune(r) {
			line, col = f.place(at)
		}
		switch {
		case r == utf8.RuneError && size == 1:
			f.Report(line, col, "the file is not valid UTF-8 here")
			return
		case !textRune(r):
			f.Report(line, col, "the character %U is not allowed", r).WithHint("in a double-quoted string write it as an escape")
			return
		}
		at += size
	}
}

func textRune(r rune) bool {
	switch r {
	case '\t', '\n', '\r':
		return true
	case '\u2028', '\u2029', '\ufeff', '\ufffe', '\uffff':
		return false
	default:
		return !unicode.IsControl(r)
	}
}
