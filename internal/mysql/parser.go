package mysql

import (
	"errors"
	"strings"
	"sync"
	"unicode/utf8"

	"vitess.io/vitess/go/vt/sqlparser"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
)

// serverVersion decides nothing that passes the gate (it selects executable
// comments, which are refused); Vitess wants one.
const serverVersion = "8.4.0"

// Limits bound what Parse accepts. Every field must be positive.
type Limits struct {
	Bytes     int // length of the text
	Depth     int // nesting of parentheses, CASE and prefix operators
	Nodes     int // tokens
	ListItems int // elements of one IN list
}

// DefaultLimits are the documented limits: 1 MiB of text, depth 256, 100,000
// tokens and 10,000 list elements.
func DefaultLimits() Limits {
	return Limits{Bytes: 1 << 20, Depth: 256, Nodes: 100_000, ListItems: 10_000}
}

// Parser parses logical queries and model expressions. It is immutable but for
// memory that it uses again, and safe for concurrent use.
type Parser struct {
	vitess    *sqlparser.Parser
	scratches sync.Pool // of *scratch
}

// scratch is memory that one Parse needs and the next can use again. Nothing
// of it is in the tree.
type scratch struct {
	toks   []token
	blocks []block
	items  []span
}

// mostScratch is the number of tokens over which a scratch isn't kept.
const mostScratch = 1 << 12

func (p *Parser) borrow() *scratch {
	if s, ok := p.scratches.Get().(*scratch); ok {
		return s
	}
	return &scratch{}
}

// giveBack forgets the caller's text before the memory is used again.
func (p *Parser) giveBack(s *scratch) {
	if cap(s.toks) > mostScratch {
		return
	}
	clear(s.toks)
	s.toks, s.blocks, s.items = s.toks[:0], s.blocks[:0], s.items[:0]
	p.scratches.Put(s)
}

// New makes a Parser.
func New() (*Parser, error) {
	p, err := sqlparser.New(sqlparser.Options{MySQLServerVersion: serverVersion})
	if err != nil {
		return nil, fault.New(fault.Internal, 0, "the SQL parser could not be set up")
	}
	return &Parser{vitess: p}, nil
}

// Parse turns one logical query into a tree with unresolved names, and counts
// its placeholders. Every error is a *fault.Error of kind Syntax, Unsupported
// or Limit (Internal for limits that are not positive) with a position in text.
func (p *Parser) Parse(text string, lim Limits) (q *ast.Query, params int, err error) {
	src := &source{text: text, orig: text}
	s := p.borrow()
	defer p.giveBack(s)
	toks, ferr := p.gate(src, lim, s)
	if ferr != nil {
		return nil, 0, ferr
	}
	if ferr := onlyRead(src, toks); ferr != nil {
		return nil, 0, ferr
	}
	if ferr := refuseTokens(src, toks); ferr != nil {
		return nil, 0, ferr
	}
	c, stmt, ferr := p.prepare(src, toks, lim, s)
	if ferr != nil {
		return nil, 0, ferr
	}
	q = c.statement(stmt)
	if c.err != nil {
		return nil, 0, c.err
	}
	return q, c.params, nil
}

// prepare shapes the tokens, has Vitess parse the result and makes the
// converter for its tree.
func (p *Parser) prepare(src *source, toks []token, lim Limits, s *scratch) (conv, sqlparser.Statement, *fault.Error) {
	sh, ferr := shape(src, toks, s)
	if ferr != nil {
		return conv{}, nil, ferr
	}
	rewritten := src.rewrite(sh.edits)
	stmt, err := p.parse(rewritten.text)
	if err != nil {
		return conv{}, nil, syntaxError(err, src, rewritten, toks)
	}
	return conv{src: src, toks: toks, lim: lim, ops: sh.ops, blocks: s.blocks, items: s.items}, stmt, nil
}

var errPanic = errors.New("the parser gave up")

// parse calls Vitess. ParseStrictDDL is its only entry that never logs the
// text; a panic inside is reported as an error.
func (p *Parser) parse(text string) (stmt sqlparser.Statement, err error) {
	defer func() {
		if recover() != nil {
			stmt, err = nil, errPanic
		}
	}()
	return p.vitess.ParseStrictDDL(text)
}

// syntaxError locates Vitess's complaint in the original text. Vitess reports
// the end of the token that it could not use.
func syntaxError(err error, src, rewritten *source, toks []token) *fault.Error {
	var at sqlparser.PositionedErr
	if !errors.As(err, &at) {
		return fault.New(fault.Syntax, 0, "the query could not be parsed")
	}
	end := rewritten.offset(at.Pos - 1)
	for i := range toks {
		if src.offset(toks[i].end) < end {
			continue
		}
		near := src.orig[src.offset(toks[i].start):src.offset(toks[i].end)]
		return fault.New(fault.Syntax, src.pos(toks[i].start), "syntax error near %q", excerpt(near))
	}
	return fault.New(fault.Syntax, len(src.orig), "syntax error at the end of the text").
		WithHint("something is missing there")
}

// excerpt shortens a token for a message.
func excerpt(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	s = s[:most]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}

// onlyRead refuses statements other than queries by their first word, before
// Vitess sees them.
func onlyRead(src *source, toks []token) *fault.Error {
	if len(toks) == 0 {
		return fault.New(fault.Syntax, 0, "the query is empty")
	}
	for i := range toks {
		switch toks[i].typ {
		case '(':
			continue
		case sqlparser.SELECT, sqlparser.WITH, sqlparser.VALUES:
			return nil
		}
		word := excerpt(src.text[toks[i].start:toks[i].end])
		if !toks[i].word() {
			return fault.New(fault.Syntax, src.pos(toks[i].start), "syntax error near %q", word).
				WithHint("a query starts with SELECT, WITH or VALUES")
		}
		return fault.New(fault.Unsupported, src.pos(toks[i].start), "%s is not a query", strings.ToUpper(word)).
			WithHint("only SELECT, WITH … SELECT, VALUES and set operations on them are allowed")
	}
	return fault.New(fault.Syntax, src.pos(toks[0].start), "the query is empty")
}
