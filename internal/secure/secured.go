package secure

import (
	"slices"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
	"github.com/hedgerow/hedgerow/internal/resolve"
	"github.com/hedgerow/hedgerow/internal/rules"
	"github.com/hedgerow/hedgerow/semantic"
)

// Secured is what sessions of one shape see of a dataset, in physical names. It
// is immutable: statements share its expressions.
type Secured struct {
	Access *rules.Access
	// Note is what Config.Note made of Access.
	Note  any
	shown *resolve.Dataset
	from  []ast.TableExpr
	where ast.Expr // nil when every row is visible
	// asks says that where holds a query, and asksFields that a mask does.
	asks, asksFields bool
	// fields are the columns' expressions, by index in shown, and risky says
	// which of them can raise an error.
	fields []ast.Expr
	risky  []bool
	safe   bool // none can
	size   int
}

type securedKey struct {
	shape   rules.Shape
	dataset *semantic.Dataset
}

// dataset decides what a session sees of a dataset, or finds what was decided
// for a session of the same shape.
func (m *Model) dataset(r *rules.Ruling, d *semantic.Dataset) (*Secured, error) {
	key := securedKey{r.Shape(), d}
	if s, ok := m.secured.Get(key); ok {
		return s, nil
	}
	access, err := r.Dataset(d)
	if err != nil {
		return nil, err
	}
	s, err := m.secure(access)
	if err == nil {
		m.secured.Put(key, s)
	}
	return s, err
}

// secure puts a decision into physical names.
func (m *Model) secure(access *rules.Access) (*Secured, error) {
	ds := m.datasets[access.Dataset]
	s := &Secured{Access: access, Note: m.cfg.Note(access)}
	if access.Denied {
		return s, nil
	}
	s.from = []ast.TableExpr{&ast.Physical{Parts: ds.d.Source, Alias: resolve.TableAlias}}
	if access.Rows != nil {
		where, err := m.physical(ds, access.Rows)
		if err != nil {
			return nil, err
		}
		s.where, s.asks = where, holdsQuery(where) || holdsMany(where)
	}
	return s, m.show(s, ds)
}

// show sets the fields that are seen, as they are seen.
func (m *Model) show(s *Secured, ds *dataset) error {
	s.shown, s.fields, s.risky = ds.open, ds.exprs, ds.risky
	if s.Access.Hidden != nil || s.Access.Masks != nil {
		shown, left := ds.visible(s.Access.Hidden)
		s.shown, s.fields, s.risky = shown, make([]ast.Expr, len(left)), make([]bool, len(left))
		for at, i := range left {
			e, err := m.field(ds, s.Access, i)
			if err != nil {
				return err
			}
			s.fields[at], s.risky[at] = e, canFail(e, m.cfg.Total) || m.cfg.Clashes && s.Access.Masks != nil && s.Access.Masks[i] != nil && otherNumber(e, ds.d.Fields[i])
			s.asksFields = s.asksFields || holdsQuery(e)
		}
		s.size += len(left) * fieldBytes
	}
	s.shown, s.safe = s.shown.With(s), !slices.Contains(s.risky, true)
	s.shown.Key = ds.key(s)
	s.size += nodeBytes * (count(s.where) + len(s.Access.Masks))
	return nil
}

// field is what the session sees in a field: its expression, or its mask.
func (m *Model) field(ds *dataset, access *rules.Access, i int) (ast.Expr, error) {
	if access.Masks != nil && access.Masks[i] != nil {
		return m.mask(ds, access.Masks[i], i)
	}
	return ds.exprs[i], nil
}

// mask is the value that stands for a field. NULL gets the field's type, which
// PostgreSQL would take for text: a CASE that is never entered has it.
func (m *Model) mask(ds *dataset, mask ast.Expr, field int) (ast.Expr, error) {
	if lit, ok := mask.(*ast.Literal); ok && lit.Kind == ast.NullLiteral {
		return &ast.Case{Whens: []ast.When{{Cond: ast.False(), Then: ds.exprs[field]}}}, nil
	}
	return m.physical(ds, mask)
}

// otherNumber reports whether a mask is a number of another type than its field,
// which is what comparisons with the field are judged by.
func otherNumber(mask ast.Expr, f *semantic.Field) bool {
	_, constant := mask.(*ast.Literal)
	number := f.Datatype == semantic.Integer || f.Datatype == semantic.Decimal || f.Datatype == semantic.Float || f.Datatype == semantic.Unknown
	return number && !constant && function.TypeOf(mask) != ast.Type(f.Datatype)
}

// Roughly what the parts of a Secured take in memory.
const (
	securedBytes = 1024
	fieldBytes   = 256
	nodeBytes    = 96
)

func (s *Secured) weight() int { return securedBytes + s.size }

func count(e ast.Expr) int {
	n := 0
	ast.Walk(e, func(ast.Expr) bool {
		n++
		return true
	})
	return n
}

// holdsMany reports whether an expression holds a list that dialects write as a
// query, or that MariaDB makes one of.
func holdsMany(e ast.Expr) bool {
	found := false
	ast.Walk(e, func(x ast.Expr) bool {
		s, ok := x.(*ast.Slot)
		in, list := x.(*ast.InList)
		found = found || ok && s.Count == ast.ManyElements || list && len(in.List) >= queryOfList
		return !found
	})
	return found
}
