package mysql

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"vitess.io/vitess/go/vt/sqlparser"

	"github.com/hedgerow/hedgerow/internal/fault"
)

// token is one of Vitess's tokens with its place, which Vitess doesn't keep.
type token struct {
	typ        int    // a token type of Vitess, or the character itself
	text       string // decoded, as Vitess gives it; empty for punctuation
	start, end int    // byte offsets
	match      int    // index of the other parenthesis
	quoted     bool   // an identifier in backticks
	query      bool   // an opening parenthesis around a query expression
}

// word tells an unquoted identifier or keyword.
func (t *token) word() bool {
	if t.quoted || t.text == "" {
		return false
	}
	switch t.typ {
	case sqlparser.STRING, sqlparser.NCHAR_STRING, sqlparser.INTEGRAL, sqlparser.DECIMAL, sqlparser.FLOAT,
		sqlparser.HEX, sqlparser.HEXNUM, sqlparser.BITNUM, sqlparser.BIT_LITERAL,
		sqlparser.VALUE_ARG, sqlparser.LIST_ARG, sqlparser.OFFSET_ARG, sqlparser.AT_ID, sqlparser.AT_AT_ID:
		return false
	}
	return true
}

// is tells whether the token is this unquoted word, given in lower case.
func (t *token) is(word string) bool { return foldEqual(t.text, word) && t.word() }

// gate bounds the text and gives its tokens without comments and without a
// final semicolon. Nothing in it recurses.
func (p *Parser) gate(src *source, lim Limits, s *scratch) ([]token, *fault.Error) {
	if lim.Bytes <= 0 || lim.Depth <= 0 || lim.Nodes <= 0 || lim.ListItems <= 0 {
		return nil, fault.New(fault.Internal, 0, "every parser limit must be positive")
	}
	if len(src.orig) > lim.Bytes {
		return nil, fault.New(fault.Limit, 0, "the text has %d bytes; at most %d are allowed", len(src.orig), lim.Bytes)
	}
	if i := strings.IndexByte(src.text, 0); i >= 0 {
		return nil, fault.New(fault.Syntax, src.pos(i), "the text has a NUL character")
	}
	if !utf8.ValidString(src.text) {
		return nil, fault.New(fault.Syntax, src.pos(invalidAt(src.text)), "the text is not valid UTF-8")
	}
	toks, err := p.scan(src, lim, s)
	if err != nil {
		return nil, err
	}
	if toks, err = dropSemicolon(src, toks); err != nil {
		return nil, err
	}
	if err := boundJoined(src, toks); err != nil {
		return nil, err
	}
	return toks, nest(src, toks, lim.Depth)
}

func invalidAt(s string) int {
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)) {
			return i
		}
	}
	return 0
}

// scan runs Vitess's tokenizer over the text.
func (p *Parser) scan(src *source, lim Limits, s *scratch) ([]token, *fault.Error) {
	tz := p.vitess.NewStringTokenizer(src.text)
	tz.SkipSpecialComments = true // give executable comments as comments, so that they are seen and refused
	if n := min(len(src.text)/4+8, lim.Nodes); n > cap(s.toks) {
		s.toks = make([]token, 0, n)
	}
	for end := 0; ; {
		start := skipBlank(src.text, end)
		typ, val := tz.Scan()
		end = min(tz.Pos, len(src.text))
		switch typ {
		case 0:
			return s.toks, nil
		case sqlparser.LEX_ERROR:
			return nil, lexError(src, start)
		case sqlparser.COMMENT:
			if err := refuseComment(src, start, val); err != nil {
				return nil, err
			}
			continue
		}
		if len(s.toks) == lim.Nodes {
			return nil, fault.New(fault.Limit, src.pos(start), "the text has more than %d words and symbols", lim.Nodes)
		}
		s.toks = append(s.toks, token{typ: typ, text: val, start: start, end: end, match: -1, quoted: src.text[start] == '`'})
		nameAroundDot(s.toks)
	}
}

// skipBlank skips what Vitess's tokenizer skips.
func skipBlank(text string, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t') {
		i++
	}
	return i
}

// nameAroundDot makes a keyword beside a dot what it is: a name.
func nameAroundDot(toks []token) {
	n := len(toks) - 1
	if n == 0 {
		return
	}
	prev, last := &toks[n-1], &toks[n]
	switch {
	case prev.typ == '.' && last.word():
		last.typ = sqlparser.ID
	case last.typ == '.' && prev.word():
		prev.typ = sqlparser.ID
	}
}

func lexError(src *source, start int) *fault.Error {
	pos, rest := src.pos(start), src.text[start:]
	switch {
	case rest == "":
		return fault.New(fault.Syntax, pos, "syntax error at the end of the text")
	case rest[0] == '\'' || rest[0] == '"':
		return fault.New(fault.Syntax, pos, "the string is not closed")
	case rest[0] == '`':
		return fault.New(fault.Syntax, pos, "the quoted name is empty or not closed")
	case strings.HasPrefix(rest, "/*"):
		if err := refuseComment(src, start, rest[:min(len(rest), 16)]); err != nil {
			return err
		}
		return fault.New(fault.Syntax, pos, "the comment is not closed")
	case rest[0] == '@':
		return fault.New(fault.Unsupported, pos, noVariables).WithHint("write a value or ?")
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return fault.New(fault.Syntax, pos, "unexpected %q", string(r)).
		WithHint("names with other characters than letters, digits, _ and $ need backticks")
}

// refuseComment lets ordinary comments vanish and refuses those that some
// database acts on or ends elsewhere.
func refuseComment(src *source, start int, text string) *fault.Error {
	pos, low := src.pos(start), strings.ToLower(text[:min(len(text), 8)])
	switch {
	case strings.HasPrefix(low, "/*!"), strings.HasPrefix(low, "/*m!"):
		return fault.New(fault.Unsupported, pos, "executable comments are not allowed").WithHint("write the SQL without the comment")
	case strings.HasPrefix(low, "/*+"), strings.HasPrefix(low, "/*vt+"):
		return fault.New(fault.Unsupported, pos, "optimizer hints and directives are not allowed").WithHint("leave the hint out")
	case strings.HasPrefix(low, "//"):
		return fault.New(fault.Unsupported, pos, "// does not start a comment in SQL").WithHint("write -- or /* … */")
	case strings.HasPrefix(low, "/*"):
		return nil
	}
	if i := strings.IndexByte(text, '\r'); i >= 0 && !strings.HasPrefix(text[i:], "\r\n") {
		return fault.New(fault.Unsupported, src.pos(start+i), "a line comment has a carriage return without a line feed").
			WithHint("end lines with \\n or \\r\\n")
	}
	return nil
}

// dropSemicolon drops one final semicolon and refuses any other.
func dropSemicolon(src *source, toks []token) ([]token, *fault.Error) {
	if n := len(toks); n > 0 && toks[n-1].typ == ';' {
		toks = toks[:n-1]
	}
	for i := range toks {
		if toks[i].typ == ';' {
			return nil, fault.New(fault.Unsupported, src.pos(toks[i].start), "more than one statement").WithHint("send one query at a time")
		}
	}
	return toks, nil
}

// mostJoined bounds what boundJoined counts.
const mostJoined = 8 << 20

// boundJoined refuses strings beside each other, which are one string, where
// Vitess would copy too much: it copies what it has with each further one.
func boundJoined(src *source, toks []token) *fault.Error {
	long, copied := 0, 0
	for i := range toks {
		if toks[i].typ != sqlparser.STRING {
			long = 0
			continue
		}
		if i > 0 && toks[i-1].typ == sqlparser.STRING {
			copied += long
		}
		if long += len(toks[i].text); copied > mostJoined {
			return fault.New(fault.Limit, src.pos(toks[i].start), "too many strings stand beside each other").
				WithHint("write them as one string")
		}
	}
	return nil
}

// nest matches parentheses, marks those around query expressions and bounds
// how deep parentheses, CASE and prefix operators go.
func nest(src *source, toks []token, most int) *fault.Error {
	var room [16]int
	open := room[:0] // indices of open ( and CASE
	prefixes := 0
	for i := range toks {
		switch toks[i].typ {
		case '(', sqlparser.CASE:
			open = append(open, i)
		case ')':
			for len(open) > 0 && toks[open[len(open)-1]].typ == sqlparser.CASE {
				open = open[:len(open)-1]
			}
			if len(open) == 0 {
				return fault.New(fault.Syntax, src.pos(toks[i].start), "this ) closes nothing")
			}
			j := open[len(open)-1]
			open = open[:len(open)-1]
			toks[i].match, toks[j].match = j, i
		case sqlparser.END:
			if len(open) > 0 && toks[open[len(open)-1]].typ == sqlparser.CASE {
				open = open[:len(open)-1]
			}
		}
		if isPrefix(toks[i].typ) {
			prefixes++
		} else {
			prefixes = 0
		}
		if len(open) > most || prefixes > most {
			return fault.New(fault.Limit, src.pos(toks[i].start), "the text is nested more than %d deep", most)
		}
	}
	for i := len(open) - 1; i >= 0; i-- {
		if toks[open[i]].typ == '(' {
			return fault.New(fault.Syntax, src.pos(toks[open[i]].start), "this ( is not closed")
		}
	}
	markQueries(toks)
	return nil
}

func isPrefix(typ int) bool {
	switch typ {
	case '-', '+', '~', '!', sqlparser.NOT, sqlparser.BINARY:
		return true
	}
	return false
}

// markQueries marks the parentheses that hold a query expression: they start
// with a query's keyword, or with such a parenthesis that is an operand of a
// set operator or followed only by the query's ORDER BY or LIMIT.
func markQueries(toks []token) {
	for i := len(toks) - 2; i >= 0; i-- {
		if toks[i].typ != '(' {
			continue
		}
		next := &toks[i+1]
		switch next.typ {
		case sqlparser.SELECT, sqlparser.WITH, sqlparser.VALUES:
			toks[i].query = true
		case '(':
			after := next.match + 1
			toks[i].query = next.query && (after == toks[i].match || continuesQuery(toks, after))
		}
	}
}

func continuesQuery(toks []token, i int) bool {
	switch toks[i].typ {
	case sqlparser.UNION, sqlparser.ORDER, sqlparser.LIMIT:
		return true
	}
	return isSetWord(toks, i)
}

// isSetWord tells whether token i is EXCEPT or INTERSECT as a set operator;
// Vitess knows both only as plain names.
func isSetWord(toks []token, i int) bool {
	if !(toks[i].is("except") || toks[i].is("intersect")) || !afterOperand(toks, i) || i+1 == len(toks) {
		return false
	}
	switch toks[i+1].typ {
	case sqlparser.ALL, sqlparser.DISTINCT, sqlparser.SELECT, sqlparser.VALUES, sqlparser.WITH, '(':
		return true
	}
	return false
}

// refuseControl refuses names that a terminal or another database would read
// differently.
func refuseControl(pos int, name string) *fault.Error {
	if strings.IndexFunc(name, unicode.IsControl) >= 0 {
		return fault.New(fault.Unsupported, pos, "a name has a control character").WithHint("rename it")
	}
	if name == "" {
		return fault.New(fault.Unsupported, pos, "a name is empty")
	}
	return nil
}

func foldEqual(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }
