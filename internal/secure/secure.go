// Package secure puts the policies on every occurrence of a dataset in a
// resolved query. The occurrence's derived table gets the physical table, the
// fields that the query uses, masked where a policy says so, and the predicate
// of the visible rows. Nothing is added to the caller's own clauses.
package secure

import (
	"errors"
	"fmt"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/resolve"
	"github.com/hedgerow/hedgerow/internal/rules"
	"github.com/hedgerow/hedgerow/semantic"
)

// Model is a semantic model prepared for one dialect. It is immutable.
type Model struct {
	set      *rules.Set
	datasets map[*semantic.Dataset]*dataset
	reserved map[string]bool
	total    func(ast.Expr) bool
}

// dataset is a dataset with its fields' physical expressions.
type dataset struct {
	d     *semantic.Dataset
	exprs []ast.Expr
	// open is the dataset with every field visible, shared by all sessions
	// from which nothing is hidden.
	open *resolve.Dataset
}

// New prepares the model of a policy set for a dialect. total tells whether a
// node by itself never raises an error there. New reports every field that has
// no expression for the dialect.
func New(set *rules.Set, dialect string, total func(ast.Expr) bool) (*Model, error) {
	m := &Model{set: set, datasets: map[*semantic.Dataset]*dataset{}, reserved: map[string]bool{}, total: total}
	var problems []error
	for d := range set.Model.Datasets() {
		ds := &dataset{d: d}
		for _, f := range d.Fields {
			e, err := f.Expr(dialect)
			if err != nil {
				problems = append(problems, fmt.Errorf("dataset %q, field %q: %w", d.Name, f.Name, err))
			}
			ds.exprs = append(ds.exprs, e)
		}
		ds.open = ds.visible(nil)
		m.datasets[d] = ds
		if len(d.Source) == 1 {
			m.reserved[semantic.Fold(d.Source[0])] = true
		}
	}
	return m, errors.Join(problems...)
}

// visible is the dataset without its hidden fields, as resolution sees it.
func (ds *dataset) visible(hidden []bool) *resolve.Dataset {
	var fields []resolve.Field
	var gone []string
	for i, f := range ds.d.Fields {
		if hidden == nil || !hidden[i] {
			fields = append(fields, resolve.Field{Name: f.Name, Type: ast.Type(f.Datatype)})
		} else {
			gone = append(gone, f.Name)
		}
	}
	d := resolve.NewDataset(ds.d.Name, fields)
	d.Hidden = gone
	return d
}

// View is the model as one session sees it, for one query.
type View struct {
	model  *Model
	ruling *rules.Ruling
	// seen holds the datasets that the query names, and access what is known of each.
	seen   map[*semantic.Dataset]*resolve.Dataset
	access map[*resolve.Dataset]*rules.Access
}

// View makes the view of a ruling.
func (m *Model) View(r *rules.Ruling) *View {
	return &View{model: m, ruling: r, seen: map[*semantic.Dataset]*resolve.Dataset{}, access: map[*resolve.Dataset]*rules.Access{}}
}

var _ resolve.Catalog = (*View)(nil)

// Reserved implements resolve.Catalog.
func (v *View) Reserved(folded string) bool { return v.model.reserved[folded] }

// Dataset implements resolve.Catalog. A dataset that the session may not see
// gives the error of one that doesn't exist.
func (v *View) Dataset(name string, pos ast.Pos) (*resolve.Dataset, error) {
	d, ok := v.model.set.Model.Dataset(name)
	if !ok {
		return nil, resolve.UnknownDataset(name, pos).WithReason("the model has no such dataset")
	}
	if seen, ok := v.seen[d]; ok {
		return seen, nil
	}
	access, err := v.ruling.Dataset(d)
	if err != nil {
		return nil, fault.New(fault.Denied, pos, "%v", err).WithHint("give the session that property")
	}
	if access.Denied {
		return nil, resolve.UnknownDataset(name, pos).WithReason("no permissive policy of dataset %q applies to this session", d.Name)
	}
	shown := v.model.datasets[d].open
	if access.Hidden != nil {
		shown = v.model.datasets[d].visible(access.Hidden)
	}
	v.seen[d] = shown
	v.access[shown] = access
	return shown, nil
}

// Access tells what the session may see of an occurrence's dataset.
func (v *View) Access(o *resolve.Occurrence) *rules.Access { return v.access[o.Dataset] }

// Secure fills the hole of every occurrence: rows and fields first, then the fences.
func (v *View) Secure(b *resolve.Bound) error {
	for _, o := range b.Occurrences {
		if err := v.fill(o); err != nil {
			return err
		}
	}
	v.fence(b)
	return nil
}

// fill writes an occurrence's derived table.
func (v *View) fill(o *resolve.Occurrence) error {
	access := v.access[o.Dataset]
	if access == nil || access.Denied {
		return fault.New(fault.Internal, o.Pos, "dataset %q has no decision", o.Dataset.Name)
	}
	ds := v.model.datasets[access.Dataset]
	sel := &ast.Select{From: []ast.TableExpr{&ast.Physical{Parts: ds.d.Source, Alias: resolve.TableAlias}}}
	for _, i := range o.Used() {
		f := o.Dataset.Fields[i]
		e, err := v.model.field(ds, access, f.Name)
		if err != nil {
			return err
		}
		sel.Items = append(sel.Items, ast.SelectItem{Expr: e, Alias: f.Printed})
	}
	if len(sel.Items) == 0 { // only the rows count, as in COUNT(*)
		sel.Items = []ast.SelectItem{{Expr: &ast.Literal{Kind: ast.IntLiteral, Text: "1"}, Alias: "one"}}
	}
	if access.Rows != nil {
		where, err := v.model.physical(ds, access.Rows)
		if err != nil {
			return err
		}
		sel.Where = where
	}
	o.Hole.Body = sel
	return nil
}

// field is what the session sees in a field: its expression, or its mask.
func (m *Model) field(ds *dataset, access *rules.Access, name string) (ast.Expr, error) {
	for i, f := range ds.d.Fields {
		if f.Name != name {
			continue
		}
		if access.Hidden != nil && access.Hidden[i] {
			break
		}
		if access.Masks != nil && access.Masks[i] != nil {
			return m.mask(ds, access.Masks[i], i)
		}
		return ds.exprs[i], nil
	}
	return nil, fault.New(fault.Internal, 0, "a field that is not visible was used")
}

// mask is the value that stands for a field. NULL gets the field's type, which
// PostgreSQL would take for text: a CASE that is never entered has it.
func (m *Model) mask(ds *dataset, mask ast.Expr, field int) (ast.Expr, error) {
	if lit, ok := mask.(*ast.Literal); ok && lit.Kind == ast.NullLiteral {
		return &ast.Case{Whens: []ast.When{{Cond: ast.False(), Then: ds.exprs[field]}}}, nil
	}
	return m.physical(ds, mask)
}
