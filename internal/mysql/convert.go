package mysql

import (
	"strings"
	"unicode"

	"vitess.io/vitess/go/vt/sqlparser"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
)

// conv converts Vitess's tree into ours. It walks in the order of the text and
// claims the tokens of what it converts, which gives positions. The first
// error stays; what is converted after it is thrown away.
type conv struct {
	src    *source
	toks   []token
	cur    int // the first token that isn't claimed
	lim    Limits
	depth  int
	ops    []setOp // still to come
	blocks []block // still to come
	items  []span  // of all blocks
	item   int     // the first of items that is still to come
	params int
	model  bool // a model expression: no subqueries
	ansi   bool // << is what ansi.go made of ||
	err    *fault.Error
	slabs  slabs
}

// slabs are where the commonest nodes are made.
type slabs struct {
	names    ast.Slab[name]
	literals ast.Slab[ast.Literal]
	compares ast.Slab[ast.Compare]
	calls    ast.Slab[ast.Call]
	binaries ast.Slab[ast.Binary]
	tables   ast.Slab[table]
	exprs    ast.Slab[ast.Expr]
}

// name and table are nodes with the room for their parts.
type name struct {
	ast.Name
	parts [2]string
}

type table struct {
	ast.TableName
	parts [1]string
}

// window bounds the search for a token, so that a query costs linear time even
// where Vitess spells a word in its own way.
const window = 1 << 10

// extraDepth is how much deeper than the nesting of the text a tree may be,
// for chains such as a + b + c.
const extraDepth = 1000

func (c *conv) fail(kind fault.Kind, pos ast.Pos, msg, hint string) {
	if c.err != nil {
		return
	}
	c.err = fault.New(kind, pos, "%s", msg)
	if hint != "" {
		c.err = c.err.WithHint("%s", hint)
	}
}

// refuse fails for a construct that is not supported, at the place reached.
func (c *conv) refuse(msg, hint string) { c.fail(fault.Unsupported, c.here(), msg, hint) }

// enter guards every recursion; c.leave undoes it.
func (c *conv) enter() bool {
	c.depth++
	if c.depth > 4*c.lim.Depth+extraDepth {
		c.fail(fault.Limit, c.here(), "the query is nested too deep", "split it with WITH, or shorten the chain of operators")
	}
	return c.err == nil
}

func (c *conv) leave() { c.depth-- }

// here is the position of the first unclaimed token.
func (c *conv) here() ast.Pos { return c.tokenPos(c.cur) }

func (c *conv) tokenPos(i int) ast.Pos {
	if len(c.toks) == 0 {
		return 0
	}
	return c.src.pos(c.toks[min(i, len(c.toks)-1)].start)
}

// find gives the index of the next token of one of the types, or -1.
func (c *conv) find(types ...int) int {
	for i := c.cur; i < min(len(c.toks), c.cur+window); i++ {
		for _, typ := range types {
			if c.toks[i].typ == typ {
				return i
			}
		}
	}
	return -1
}

// claim claims the next token of one of the types and gives its position. If
// there is none it claims nothing.
func (c *conv) claim(types ...int) ast.Pos { return c.take(c.find(types...)) }

// claimName claims the next name or keyword with this text.
func (c *conv) claimName(text string) ast.Pos { return c.take(c.findName(text)) }

func (c *conv) findName(text string) int {
	for i := c.cur; i < min(len(c.toks), c.cur+window); i++ {
		t := &c.toks[i]
		if len(t.text) == len(text) && (t.text == text || strings.EqualFold(t.text, text)) && (t.quoted || t.word()) {
			return i
		}
	}
	return -1
}

// take claims token i.
func (c *conv) take(i int) ast.Pos {
	if i < 0 {
		return c.here()
	}
	c.cur = i + 1
	return c.tokenPos(i)
}

// ident claims a name. The gate has checked its characters.
func (c *conv) ident(name string) (string, ast.Pos) { return name, c.claimName(name) }

// statement converts a whole query and checks that both readings of the text,
// ours on tokens and Vitess's, saw the same queries.
func (c *conv) statement(stmt sqlparser.Statement) *ast.Query {
	table, ok := stmt.(sqlparser.TableStatement)
	if !ok {
		c.refuse("only queries are allowed", "write SELECT, WITH … SELECT or VALUES")
		return nil
	}
	q := c.query(table)
	if c.err == nil && (len(c.ops)+len(c.blocks) > 0 || c.item < len(c.items)) {
		c.disagree()
	}
	for i := range c.toks {
		if c.toks[i].typ == sqlparser.VALUE_ARG {
			c.params++
		}
	}
	return q
}

func (c *conv) disagree() {
	c.fail(fault.Unsupported, c.here(), "the query could not be understood with certainty", "write it in a simpler form")
}

// own are the clauses of a query expression around its body.
type own struct {
	with    *sqlparser.With
	orderBy sqlparser.OrderBy
	limit   *sqlparser.Limit
}

func ownClauses(stmt sqlparser.TableStatement) own {
	switch s := stmt.(type) {
	case *sqlparser.Select:
		return own{s.With, s.OrderBy, s.Limit}
	case *sqlparser.Union:
		return own{s.With, s.OrderBy, s.Limit}
	case *sqlparser.ValuesStatement:
		return own{s.With, s.Order, s.Limit}
	}
	return own{}
}

func (o own) none() bool { return o.with == nil && len(o.orderBy) == 0 && o.limit == nil }

// query converts a query expression with its clauses.
func (c *conv) query(stmt sqlparser.TableStatement) *ast.Query {
	if !c.enter() {
		return nil
	}
	defer c.leave()
	if i := c.find(sqlparser.WITH, sqlparser.SELECT, sqlparser.VALUES); i >= 0 {
		c.cur = i
	}
	o := ownClauses(stmt)
	q := &ast.Query{Pos: c.here()}
	q.With = c.with(o.with)
	q.Body = c.body(stmt)
	q.OrderBy = c.orderBy(o.orderBy)
	q.Limit = c.limit(o.limit)
	return q
}

// operand converts one side of a set operator: with clauses of its own it
// stood in parentheses and stays a query.
func (c *conv) operand(stmt sqlparser.TableStatement) ast.Body {
	if !ownClauses(stmt).none() {
		return c.query(stmt)
	}
	if !c.enter() {
		return nil
	}
	defer c.leave()
	return c.body(stmt)
}

// body converts a query expression without its own clauses.
func (c *conv) body(stmt sqlparser.TableStatement) ast.Body {
	switch s := stmt.(type) {
	case *sqlparser.Select:
		return c.selectBlock(s)
	case *sqlparser.Union:
		return c.setOps(s)
	case *sqlparser.ValuesStatement:
		return c.values(s)
	}
	c.refuse("this kind of query is not supported", "write SELECT")
	return nil
}

// setOps converts set operators without recursion on their left spine.
func (c *conv) setOps(u *sqlparser.Union) ast.Body {
	spine := []*sqlparser.Union{u}
	for {
		left, ok := u.Left.(*sqlparser.Union)
		if !ok || !ownClauses(left).none() {
			break
		}
		u = left
		spine = append(spine, u)
	}
	if len(spine) > extraDepth {
		c.fail(fault.Limit, c.here(), "too many set operators in one query", "split the query")
		return nil
	}
	body := c.operand(u.Left)
	for i := len(spine) - 1; i >= 0 && c.err == nil; i-- {
		body = c.setOp(spine[i], body)
	}
	return body
}

// setOp puts the next set operator of the text between left and the right side
// of u.
func (c *conv) setOp(u *sqlparser.Union, left ast.Body) ast.Body {
	if u.Lock != sqlparser.NoLock || u.Into != nil {
		c.refuse("locking reads and INTO are not allowed", "leave them out")
		return nil
	}
	if len(c.ops) == 0 || !c.ops[0].wrap && c.ops[0].all == u.Distinct {
		c.disagree()
		return nil
	}
	op := c.ops[0]
	c.ops = c.ops[1:]
	c.cur = op.tok + 1
	if op.wrap {
		return left
	}
	return &ast.SetOp{Pos: c.tokenPos(op.tok), Op: op.op, All: op.all, Left: left, Right: c.operand(u.Right)}
}

func (c *conv) with(w *sqlparser.With) *ast.With {
	if w == nil {
		return nil
	}
	c.claim(sqlparser.WITH)
	if w.Recursive {
		c.claim(sqlparser.RECURSIVE)
	}
	out := &ast.With{Recursive: w.Recursive, CTEs: make([]*ast.CTE, 0, len(w.CTEs))}
	for _, e := range w.CTEs {
		cte := &ast.CTE{}
		cte.Name, cte.Pos = c.relationName(e.ID.String())
		cte.Columns = c.columns(e.Columns)
		cte.Query = c.query(e.Subquery)
		out.CTEs = append(out.CTEs, cte)
	}
	return out
}

// relationName claims the name that a query gives to a relation.
func (c *conv) relationName(name string) (string, ast.Pos) {
	if foldEqual(name, "dual") {
		c.refuse("dual cannot be used as a name", "choose another name")
	}
	return c.ident(name)
}

func (c *conv) columns(cols sqlparser.Columns) []string {
	if len(cols) == 0 {
		return nil
	}
	out := make([]string, len(cols))
	for i := range cols {
		out[i], _ = c.ident(cols[i].String())
	}
	return out
}

func (c *conv) values(v *sqlparser.ValuesStatement) ast.Body {
	out := &ast.Values{Pos: c.claim(sqlparser.VALUES)}
	if v.ListArg != "" || len(v.Rows) == 0 {
		c.refuse("VALUES needs rows", "write VALUES ROW(1, 2), ROW(3, 4)")
		return nil
	}
	for _, row := range v.Rows {
		c.claim(sqlparser.ROW)
		if len(row) == 0 {
			c.refuse("an empty ROW() is not supported", "give every row the same number of values")
		}
		out.Rows = append(out.Rows, c.exprs(row))
	}
	return out
}

func (c *conv) selectBlock(s *sqlparser.Select) ast.Body {
	if len(c.blocks) == 0 || s.SelectExprs == nil || c.blocks[0].items != len(s.SelectExprs.Exprs) || c.blocks[0].first != c.item {
		c.disagree()
		return nil
	}
	b := c.blocks[0]
	c.blocks = c.blocks[1:]
	c.cur = b.tok + 1
	c.selectOptions(s)
	out := &ast.Select{Pos: c.tokenPos(b.tok), Distinct: s.Distinct, Items: make([]ast.SelectItem, 0, b.items)}
	for _, item := range s.SelectExprs.Exprs {
		if c.err != nil {
			return nil
		}
		out.Items = append(out.Items, c.selectItem(item))
	}
	out.From = c.from(s.From)
	if s.Where != nil {
		out.Where = c.expr(s.Where.Expr)
	}
	if s.GroupBy != nil {
		out.GroupBy = c.exprs(s.GroupBy.Exprs)
		if out.Rollup = s.GroupBy.WithRollup; out.Rollup {
			c.claim(sqlparser.ROLLUP)
		}
	}
	if s.Having != nil {
		out.Having = c.expr(s.Having.Expr)
	}
	out.Windows = c.namedWindows(s.Windows)
	return out
}

func (c *conv) selectOptions(s *sqlparser.Select) {
	switch {
	case s.Lock != sqlparser.NoLock:
		c.refuse("locking reads are not allowed", "leave out FOR UPDATE, FOR SHARE and LOCK IN SHARE MODE")
	case s.Into != nil:
		c.refuse("INTO is not allowed", "a query only returns rows")
	case s.Cache != nil, s.HighPriority, s.StraightJoinHint, s.SQLSmallResult, s.SQLBigResult, s.SQLBufferResult, s.SQLCalcFoundRows:
		c.refuse("SELECT options other than DISTINCT and ALL are not supported", "leave them out")
	}
}

// selectItem converts the next item of the text.
func (c *conv) selectItem(item sqlparser.SelectExpr) ast.SelectItem {
	if c.item >= len(c.items) || c.items[c.item].end <= c.items[c.item].first {
		c.disagree()
		return ast.SelectItem{}
	}
	at := c.items[c.item]
	c.item++
	c.cur = at.first
	out := ast.SelectItem{Pos: c.tokenPos(at.first), Text: c.textOf(at)}
	switch e := item.(type) {
	case *sqlparser.AliasedExpr:
		out.Expr = c.expr(e.Expr)
		if c.err == nil && e.As.NotEmpty() {
			out.Alias = e.As.String()
			c.cur = at.end
			if err := refuseControl(c.tokenPos(at.end-1), out.Alias); err != nil {
				c.err = err
			}
		}
	case *sqlparser.StarExpr:
		star := &ast.Star{Pos: out.Pos}
		star.Qualifier, _ = c.tableParts(nil, e.TableName)
		out.Expr = star
		c.cur = at.end
	default:
		c.refuse("this select item is not supported", "write an expression, * or t.*")
	}
	return out
}

// textOf gives the text of tokens as written, with one space for a comment or
// other white space between them and for each control character inside them.
func (c *conv) textOf(at span) string {
	text := c.src.text
	whole := text[c.toks[at.first].start:c.toks[at.end-1].end]
	if stays(whole) {
		return whole
	}
	var b strings.Builder
	for i := at.first; i < at.end; i++ {
		if i > at.first {
			gap := text[c.toks[i-1].end:c.toks[i].start]
			if strings.Trim(gap, " ") != "" {
				gap = " "
			}
			b.WriteString(gap)
		}
		b.WriteString(text[c.toks[i].start:c.toks[i].end])
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, b.String())
}

// stays tells a text of printable ASCII in which no comment can start.
func stays(text string) bool {
	for i := range len(text) {
		c := text[i]
		comment := c == '#' || (c == '/' || c == '-') && i+1 < len(text) && (text[i+1] == '*' || text[i+1] == '/' || text[i+1] == '-')
		if c < ' ' || c >= 0x7f || comment {
			return false
		}
	}
	return true
}

func (c *conv) orderBy(list sqlparser.OrderBy) []ast.OrderItem {
	if len(list) == 0 {
		return nil
	}
	out := make([]ast.OrderItem, 0, len(list))
	for _, o := range list {
		if c.err != nil {
			return nil
		}
		out = append(out, ast.OrderItem{Expr: c.expr(o.Expr), Desc: o.Direction == sqlparser.DescOrder})
	}
	return out
}

func (c *conv) limit(l *sqlparser.Limit) *ast.Limit {
	if l == nil {
		return nil
	}
	c.claim(sqlparser.LIMIT)
	out := &ast.Limit{}
	if i := c.cur + 1; l.Offset != nil && i < len(c.toks) && c.toks[i].typ == ',' {
		out.Offset = c.limitValue(l.Offset)
		out.Count = c.limitValue(l.Rowcount)
		return out
	}
	out.Count = c.limitValue(l.Rowcount)
	if l.Offset != nil {
		out.Offset = c.limitValue(l.Offset)
	}
	return out
}
