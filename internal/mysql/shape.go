package mysql

import (
	"strings"

	"vitess.io/vitess/go/vt/sqlparser"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
)

// shaped is what the tokens say about a query: its set operators and select
// blocks in the order of the text, and the edits that make it palatable to
// Vitess without loss.
type shaped struct {
	room  *scratch // its blocks and items are set
	toks  []token
	ops   []setOp
	edits []edit
	bare  int // the parenthesis of a WITH … (SELECT …), or -1
}

// setOp is a set operator as written. With wrap set it is one that shape put
// there, with an empty right side, to keep Vitess from losing parentheses.
type setOp struct {
	tok  int
	op   ast.SetOperator
	all  bool
	wrap bool
}

// block is a SELECT with the number of its items. The items of all blocks stand
// in one list, in the order in which they start; first is the index of the
// first of the block.
type block struct {
	tok, first, items int
}

// span is the tokens from first up to and without end.
type span struct{ first, end int }

// shape finds the query expressions in the tokens. Text that isn't a query is
// left as it is: Vitess then refuses it.
func shape(src *source, toks []token, room *scratch) (shaped, *fault.Error) {
	s := shaped{room: room, toks: toks, bare: -1}
	s.query(0, len(toks))
	s.castTypes()
	if s.bare >= 0 {
		return s, fault.New(fault.Unsupported, src.pos(toks[s.bare].start), "the body of a WITH cannot be in parentheses alone").
			WithHint("leave out the parentheses")
	}
	next := 0
	for i := range toks {
		if next < len(s.ops) && s.ops[next].tok == i {
			next++
		} else if isSetWord(toks, i) {
			return s, fault.New(fault.Syntax, src.pos(toks[i].start), "a set operator cannot stand here").
				WithHint("put the whole query in parentheses")
		}
	}
	return s, nil
}

// walk looks for query expressions inside the tokens from i to j.
func (s *shaped) walk(i, j int) {
	for ; i < j; i++ {
		if s.toks[i].typ == '(' {
			i = s.group(i)
		}
	}
}

// group goes through the parentheses opened at i and returns their end.
func (s *shaped) group(i int) int {
	m := s.toks[i].match
	if s.toks[i].query {
		s.query(i+1, m)
	} else {
		s.walk(i+1, m)
	}
	return m
}

// query goes through the query expression that is all tokens from i to j.
func (s *shaped) query(i, j int) {
	k := s.with(i, j)
	withs := k > i
	var termRoom [4]span
	var opRoom [4]setOp
	terms, ops := termRoom[:0], opRoom[:0]
	for {
		start := k
		k = s.term(k, j)
		terms = append(terms, span{start, k})
		if k >= j || !s.isSetOp(k) {
			break
		}
		op := s.setOp(k)
		ops = append(ops, op)
		s.ops = append(s.ops, op)
		k++
		if k < j && (s.toks[k].typ == sqlparser.ALL || s.toks[k].typ == sqlparser.DISTINCT) {
			k++
		}
	}
	if len(ops) == 0 && terms[0].end > terms[0].first && s.toks[terms[0].first].typ == '(' {
		switch {
		case s.hasTail(k, j):
			s.wrap(terms[0].end - 1)
		case withs:
			s.bare = terms[0].first
		}
	}
	s.replaceOps(ops)
	s.bracketIntersects(terms, ops)
	s.walk(k, j)
}

func (s *shaped) hasTail(k, j int) bool {
	return k < j && (s.toks[k].typ == sqlparser.ORDER || s.toks[k].typ == sqlparser.LIMIT)
}

// with goes through a WITH clause, if there is one, and returns where the body
// starts.
func (s *shaped) with(i, j int) int {
	if i >= j || s.toks[i].typ != sqlparser.WITH {
		return i
	}
	k := i + 1
	if k < j && s.toks[k].typ == sqlparser.RECURSIVE {
		k++
	}
	for {
		k++ // the name
		if k < j && s.toks[k].typ == '(' {
			k = s.group(k) + 1
		}
		k++ // AS
		if k >= j || s.toks[k].typ != '(' {
			return min(k, j)
		}
		k = s.group(k) + 1
		if k >= j || s.toks[k].typ != ',' {
			return k
		}
		k++
	}
}

// term goes through one operand of set operators and returns its end.
func (s *shaped) term(k, j int) int {
	if k < j && s.toks[k].typ == '(' {
		return s.group(k) + 1
	}
	if k < j && s.toks[k].typ == sqlparser.SELECT {
		k = s.items(k, j)
	}
	windows := false
	for ; k < j; k++ {
		switch s.toks[k].typ {
		case '(':
			k = s.group(k)
		case sqlparser.ORDER, sqlparser.LIMIT:
			return k
		case sqlparser.WINDOW:
			windows = true
		case ',':
			if windows { // Vitess wants the word before every window
				s.insert(s.toks[k].end, " window ")
			}
		default:
			if s.isSetOp(k) {
				return k
			}
		}
	}
	return k
}

// items goes through the select list of the SELECT at k and returns its end.
func (s *shaped) items(k, j int) int {
	at := len(s.room.blocks)
	s.room.blocks = append(s.room.blocks, block{tok: k, first: len(s.room.items)})
	for k++; k < j && isSelectOption(s.toks[k].typ); k++ {
	}
	item := s.item(at, k)
	for ; k < j && !s.endsItems(k); k++ {
		switch s.toks[k].typ {
		case '(':
			k = s.group(k)
		case ',':
			s.room.items[item].end = k
			item = s.item(at, k+1)
		}
	}
	s.room.items[item].end = k
	return k
}

// item notes an item of a block, which starts at token k, and gives its index.
func (s *shaped) item(block, k int) int {
	s.room.blocks[block].items++
	s.room.items = append(s.room.items, span{first: k})
	return len(s.room.items) - 1
}

func isSelectOption(typ int) bool {
	switch typ {
	case sqlparser.DISTINCT, sqlparser.DISTINCTROW, sqlparser.ALL, sqlparser.HIGH_PRIORITY, sqlparser.SQL_CACHE, sqlparser.SQL_NO_CACHE,
		sqlparser.SQL_BUFFER_RESULT, sqlparser.SQL_SMALL_RESULT, sqlparser.SQL_BIG_RESULT, sqlparser.SQL_CALC_FOUND_ROWS:
		return true
	}
	return false
}

func (s *shaped) endsItems(k int) bool {
	switch s.toks[k].typ {
	case sqlparser.FROM, sqlparser.WHERE, sqlparser.GROUP, sqlparser.HAVING, sqlparser.WINDOW, sqlparser.ORDER, sqlparser.LIMIT:
		return true
	}
	return s.isSetOp(k)
}

func (s *shaped) isSetOp(k int) bool {
	return s.toks[k].typ == sqlparser.UNION || isSetWord(s.toks, k)
}

func (s *shaped) setOp(k int) setOp {
	op := setOp{tok: k, op: ast.Union, all: k+1 < len(s.toks) && s.toks[k+1].typ == sqlparser.ALL}
	switch {
	case s.toks[k].is("except"):
		op.op = ast.Except
	case s.toks[k].is("intersect"):
		op.op = ast.Intersect
	}
	return op
}

// wrap keeps the parentheses that end at token k. Vitess merges the clauses of
// a parenthesised query with those that stand outside and loses the inner
// ones; the left side of a set operator it keeps. (On WITH … (SELECT …) without
// ORDER BY or LIMIT it panics, so shape refuses that.)
func (s *shaped) wrap(k int) {
	s.ops = append(s.ops, setOp{tok: k, op: ast.Union, wrap: true})
	s.insert(s.toks[k].end, " union (select 0)")
}

// replaceOps writes UNION for the operators that Vitess doesn't know.
func (s *shaped) replaceOps(ops []setOp) {
	for _, op := range ops {
		if t := &s.toks[op.tok]; op.op != ast.Union {
			s.edits = append(s.edits, edit{start: t.start, end: t.end, text: " union "})
		}
	}
}

// bracketIntersects puts parentheses around runs of INTERSECT, which binds
// tighter than its neighbours (SQL:2016 7.17, MySQL 8.0.31); without
// neighbours none are needed.
func (s *shaped) bracketIntersects(terms []span, ops []setOp) {
	mixed := false
	for _, op := range ops {
		mixed = mixed || (op.op == ast.Intersect) != (ops[0].op == ast.Intersect)
	}
	if !mixed {
		return
	}
	for i := 0; i < len(ops); i++ {
		if ops[i].op != ast.Intersect {
			continue
		}
		first := i
		for i < len(ops) && ops[i].op == ast.Intersect {
			i++
		}
		if terms[i].end == terms[i].first {
			return // an operand is missing: a syntax error
		}
		s.insert(s.toks[terms[first].first].start, "(")
		s.insert(s.toks[terms[i].end-1].end, ")")
	}
}

func (s *shaped) insert(at int, text string) {
	s.edits = append(s.edits, edit{start: at, end: at, text: text})
}

// standardTypes gives MySQL's name of the cast types that only other databases
// know.
var standardTypes = map[string]string{
	"bigint": "signed", "int": "signed", "integer": "signed", "smallint": "signed", "tinyint": "signed",
	"number": "decimal", "numeric": "decimal", "timestamp": "datetime",
	"nvarchar": "char", "string": "char", "text": "char", "varchar": "char",
}

// castTypes writes MySQL's type names in CAST(x AS type).
func (s *shaped) castTypes() {
	for i := 1; i < len(s.toks); i++ {
		if s.toks[i].typ != '(' || s.toks[i-1].typ != sqlparser.CAST {
			continue
		}
		k := s.toks[i].match - 1
		if s.toks[k].typ == ')' && s.toks[k].match > i {
			k = s.toks[k].match - 1
		}
		if s.toks[k-1].typ != sqlparser.AS || !s.toks[k].word() {
			continue
		}
		if name, found := standardTypes[strings.ToLower(s.toks[k].text)]; found {
			s.edits = append(s.edits, edit{start: s.toks[k].start, end: s.toks[k].end, text: name})
		}
	}
}
