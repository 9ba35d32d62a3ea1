package diag

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// InScalar gives the place in the file of a byte offset inside a scalar's
// decoded value. It follows quotes, escapes, folded lines and block
// indentation; where the source doesn't read as the value it gives the
// scalar's start.
func (f *File) InScalar(n *yaml.Node, offset int) (line, col int) {
	if f.full() { // nobody is told
		return n.Line, n.Column
	}
	start := f.offset(n.Line, n.Column)
	if n.Kind != yaml.ScalarNode || start < 0 || offset < 0 || offset > len(n.Value) {
		return n.Line, n.Column
	}
	at := -1
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		at = f.inBlock(n, offset)
	case n.Style&yaml.DoubleQuotedStyle != 0:
		at = inFlow(f.Src, start+1, n.Value, offset, doubleQuoted)
	case n.Style&yaml.SingleQuotedStyle != 0:
		at = inFlow(f.Src, start+1, n.Value, offset, singleQuoted)
	default:
		at = inFlow(f.Src, start, n.Value, offset, plain)
	}
	if at < 0 {
		return n.Line, n.Column
	}
	return f.place(at)
}

// unit reads one unit of a scalar's source: what it decodes to and its size; a
// size of 0 means that it can't be read.
type unit func(src []byte) (decoded string, size int)

// inFlow walks source and value side by side until it has passed offset bytes
// of the value, and gives the source offset, or -1 when they differ.
func inFlow(src []byte, at int, value string, offset int, next unit) int {
	solid := at // up to here there is no line break among blanks
	for done := 0; done < offset; {
		var decoded string
		var size int
		folded := false
		if at >= solid {
			if decoded, size, folded = foldedBreaks(src[at:]); !folded {
				solid = at + size
			}
		}
		if !folded {
			decoded, size = next(src[at:])
		}
		if size == 0 || !strings.HasPrefix(value[done:], decoded) {
			return -1
		}
		if done+len(decoded) > offset {
			return at
		}
		done += len(decoded)
		at += size
	}
	return at
}

// foldedBreaks reads a run of blanks, which is folded if there is a line break in
// it: one break is a space, more are one newline fewer.
func foldedBreaks(src []byte) (decoded string, size int, folded bool) {
	rest := bytes.TrimLeft(src, " \t\r\n")
	size = len(src) - len(rest)
	switch breaks := countBreaks(src[:size]); breaks {
	case 0:
		return "", size, false
	case 1:
		return " ", size, true
	default:
		return strings.Repeat("\n", breaks-1), size, true
	}
}

func countBreaks(src []byte) int {
	return bytes.Count(src, []byte("\n")) + bytes.Count(src, []byte("\r")) - bytes.Count(src, []byte("\r\n"))
}

func plain(src []byte) (string, int) {
	if len(src) == 0 {
		return "", 0
	}
	_, size := utf8.DecodeRune(src)
	return string(src[:size]), size
}

func singleQuoted(src []byte) (string, int) {
	if bytes.HasPrefix(src, []byte("''")) {
		return "'", 2
	}
	return plain(src)
}

func doubleQuoted(src []byte) (string, int) {
	if len(src) < 2 || src[0] != '\\' {
		return plain(src)
	}
	switch src[1] {
	case 'x':
		return hexEscape(src, 2)
	case 'u':
		return unicodeEscape(src)
	case 'U':
		return hexEscape(src, 8)
	case '\n', '\r': // an escaped line break joins the lines
		rest := bytes.TrimLeft(src[1:], "\r\n")
		return "", len(src) - len(bytes.TrimLeft(rest, " \t"))
	}
	const names, meanings = "0abtnvfre \"/\\\tN_LP", "\x00\a\b\t\n\v\f\r\x1b \"/\\\t\u0085\u00a0\u2028\u2029"
	if i := strings.IndexByte(names, src[1]); i >= 0 {
		return string([]rune(meanings)[i]), 2
	}
	return "", 0
}

// unicodeEscape reads \uXXXX, or two of them that are a surrogate pair.
func unicodeEscape(src []byte) (string, int) {
	high, ok := hexDigits(src, 4)
	if !ok {
		return "", 0
	}
	if utf16.IsSurrogate(high) && len(src) > 8 && src[6] == '\\' && src[7] == 'u' {
		low, ok := hexDigits(src[6:], 4)
		if r := utf16.DecodeRune(high, low); ok && r != utf8.RuneError {
			return string(r), 12
		}
	}
	return string(high), 6
}

func hexEscape(src []byte, digits int) (string, int) {
	r, ok := hexDigits(src, digits)
	if !ok {
		return "", 0
	}
	return string(r), 2 + digits
}

func hexDigits(src []byte, digits int) (rune, bool) {
	if len(src) < 2+digits {
		return 0, false
	}
	n, err := strconv.ParseUint(string(src[2:2+digits]), 16, 31)
	return rune(n), err == nil
}

// inBlock finds an offset in a literal or folded block scalar, or gives -1. The
// value's lines are the source's lines without the common indentation; a
// folded scalar joins some of them with a space.
func (f *File) inBlock(n *yaml.Node, offset int) int {
	folded := n.Style&yaml.FoldedStyle != 0
	indent := -1
	done := 0
	for line := n.Line + 1; line <= len(f.lines) && done <= len(n.Value); line++ {
		source := f.line(line)
		if strings.TrimLeft(source, " ") == "" && !strings.HasPrefix(n.Value[done:], " ") {
			// An empty line: only its break counts, below.
			source = ""
		} else if indent < 0 {
			value := n.Value[done:]
			indent = blanks(source) - blanks(value)
		}
		text := ""
		if source != "" && indent >= 0 && indent <= len(source) {
			text = source[indent:]
		}
		if !strings.HasPrefix(n.Value[done:], text) {
			return -1
		}
		if offset <= done+len(text) {
			return f.lines[line-1] + len(source) - len(text) + offset - done
		}
		done += len(text)
		done += blockBreak(n.Value[done:], folded, source == "")
	}
	return -1
}

func blanks(s string) int { return len(s) - len(strings.TrimLeft(s, " ")) }

// blockBreak is how much of the value a line break takes: a newline, or in a
// folded scalar a space, or nothing where empty lines already stand for it.
func blockBreak(value string, folded, empty bool) int {
	switch {
	case strings.HasPrefix(value, "\n"):
		return 1
	case folded && !empty && strings.HasPrefix(value, " "):
		return 1
	default:
		return 0
	}
}
