package rules

import (
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	sql "github.com/hedgerow/hedgerow/internal/ast"
)

// macro is a use of exists, all or exists_one: a list, a variable and a body.
type macro struct {
	name string
	list ast.Expr
	v    string
	body ast.Expr
}

// asMacro recognises what cel-go expands the macros to.
func asMacro(e ast.Expr) (macro, bool) {
	if e.Kind() != ast.ComprehensionKind {
		return macro{}, false
	}
	c := e.AsComprehension()
	if c.HasIterVar2() || c.LoopStep().Kind() != ast.CallKind || c.AccuInit().Kind() != ast.LiteralKind {
		return macro{}, false
	}
	m := macro{list: c.IterRange(), v: c.IterVar()}
	step := c.LoopStep().AsCall()
	switch init := c.AccuInit().AsLiteral(); {
	case init == types.False && step.FunctionName() == operators.LogicalOr:
		m.name, m.body = operators.Exists, step.Args()[1]
	case init == types.True && step.FunctionName() == operators.LogicalAnd:
		m.name, m.body = operators.All, step.Args()[1]
	case init == types.IntZero && step.FunctionName() == operators.Conditional:
		m.name, m.body = operators.ExistsOne, step.Args()[0]
	default:
		return macro{}, false
	}
	return m, true
}

// comprehension translates a macro whose list or body depends on the row.
func (t *translator) comprehension(e ast.Expr) sql.Expr {
	m, ok := asMacro(e)
	if !ok {
		return t.unsupported(e)
	}
	switch {
	case t.dependent(m.list) && isRows(t.tree.GetType(m.list.ID())):
		return t.overRows(e, m)
	case !t.dependent(m.list):
		return t.overSession(e, m)
	case m.list.Kind() == ast.ListKind:
		return t.overList(m)
	default:
		return t.unsupported(e)
	}
}

// isRows tells a list of rows.
func isRows(typ *types.Type) bool {
	return typ.Kind() == types.ListKind && len(typ.Parameters()) == 1 && typ.Parameters()[0].Kind() == types.StructKind
}

// overRows translates a macro over the rows of a to-many relationship.
func (t *translator) overRows(e ast.Expr, m macro) sql.Expr {
	outer := t.parents
	t.parents = t.noParents()
	far, on, ok := t.rows(m.list)
	if !ok {
		t.parents = outer
		return t.unsupported(m.list)
	}
	path := t.parents
	t.parents = t.noParents()
	body := t.within(m.v, variable{row: &far}, func() sql.Expr { return t.cond(m.body) })
	t.parents = outer
	children := t.noParents()
	children.order = []parent{{far, on}}
	return path.onParents(t.quantify(m.name, children, body))
}

// rows resolves the list of a macro, a to-many step at the end of a path: the
// row that the macro's variable is, and the condition that joins it.
func (t *translator) rows(list ast.Expr) (far rowScope, on sql.Expr, ok bool) {
	if list.Kind() != ast.SelectKind {
		return far, nil, false
	}
	sel := list.AsSelect()
	near, ok := t.row(sel.Operand())
	if !ok {
		return far, nil, false
	}
	h, ok := findHop(t.c.model, near.dataset, sel.FieldName())
	if !ok || !h.toMany {
		return far, nil, false
	}
	far = t.newScope(h.to)
	return far, t.join(h, near, far), true
}

// quantify writes exists, all and exists_one over children with CEL's
// three-valued logic: an unknown body matters unless another one decides.
func (t *translator) quantify(name string, children parents, body sql.Expr) sql.Expr {
	unknown := children.exists(&sql.Is{X: body, Kind: sql.IsUnknown})
	switch name {
	case operators.Exists:
		return &sql.Case{Whens: []sql.When{
			{Cond: children.exists(definitely(body)), Then: sql.True()},
			{Cond: unknown, Then: sql.Null()},
		}, Else: sql.False()}
	case operators.All:
		return &sql.Case{Whens: []sql.When{
			{Cond: children.exists(&sql.Not{X: body}), Then: sql.False()},
			{Cond: unknown, Then: sql.Null()},
		}, Else: sql.True()}
	default: // exists_one doesn't stop at the first: any unknown makes it unknown
		count := children.over(&sql.Call{Func: "count", Star: true}, body)
		return &sql.Case{Whens: []sql.When{{Cond: unknown, Then: sql.Null()}},
			Else: &sql.Compare{Op: sql.Eq, Left: &sql.Subquery{Query: count}, Right: one()}}
	}
}

// variable is what an identifier that a macro introduced stands for.
type variable struct {
	row  *rowScope // a row
	slot *sql.Slot // an element of a session's list
	expr ast.Expr  // an element of a list that is written out
}

// within translates a body in which a variable is in scope.
func (t *translator) within(name string, v variable, body func() sql.Expr) sql.Expr {
	shadowed, had := t.vars[name]
	if t.vars == nil {
		t.vars = map[string]variable{}
	}
	t.vars[name] = v
	out := body()
	delete(t.vars, name)
	if had {
		t.vars[name] = shadowed
	}
	return out
}

// overSession translates a macro over a list of the session whose body reads
// the row. The session's elements are put in when a session decides.
func (t *translator) overSession(e ast.Expr, m macro) sql.Expr {
	elem := t.tree.GetType(m.list.ID())
	if elem.Kind() != types.ListKind || typed(elem.Parameters()[0]) == sql.Unknown {
		return t.unsupported(e)
	}
	return t.each(loops[m.name], m.list, typed(elem.Parameters()[0]), func(each *sql.Slot) sql.Expr {
		return t.within(m.v, variable{slot: each}, func() sql.Expr { return t.cond(m.body) })
	})
}

// each makes the call that stands for a macro over a session's list.
func (t *translator) each(fn string, list ast.Expr, typ sql.Type, body func(each *sql.Slot) sql.Expr) sql.Expr {
	all, ok := t.slot(list, typ).(*sql.Slot)
	if !ok {
		return sql.Null()
	}
	t.loops++
	each := &sql.Slot{ID: all.ID, Elem: -1 - t.loops, Name: all.Name, Type: sqlType(typ)}
	return call(fn, all, each, body(each))
}

// The calls that stand for a macro over a session's list, until a session
// decides: the list, the slot that stands for its element, and the body.
const (
	eachAny = "rules.any"
	eachAll = "rules.all"
	eachOne = "rules.one"
	lookup  = "rules.lookup"
)

var loops = map[string]string{operators.Exists: eachAny, operators.All: eachAll, operators.ExistsOne: eachOne}

// combined joins the bodies of a macro, one for each element, with CEL's
// three-valued logic.
func combined(loop string, bodies []sql.Expr) sql.Expr {
	switch loop {
	case eachAny:
		return simplify(&sql.Or{X: bodies})
	case eachAll:
		return simplify(&sql.And{X: bodies})
	default: // the sum is NULL where any body is unknown; it is too small to overflow
		sum := number(0)
		for _, b := range bodies {
			sum = &sql.Binary{Op: sql.Add, Left: sum, Right: oneOrZero(b)}
		}
		return &sql.Compare{Op: sql.Eq, Left: sum, Right: one()}
	}
}

// overList translates a macro over a list that is written out. Like in, it is
// unknown where any element is.
func (t *translator) overList(m macro) sql.Expr {
	var terms, known []sql.Expr
	for _, item := range m.list.AsList().Elements() {
		if item.Kind() != ast.LiteralKind { // a session's value may be an error
			known = append(known, &sql.Is{X: t.value(item), Kind: sql.IsNull, Not: true})
		}
		terms = append(terms, t.within(m.v, variable{expr: item}, func() sql.Expr { return t.cond(m.body) }))
	}
	return &sql.Case{Whens: []sql.When{{Cond: conjunction(known), Then: combined(loops[m.name], terms)}}}
}
