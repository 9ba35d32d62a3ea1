// Package secure puts the policies on every occurrence of a dataset in a
// resolved query. The occurrence's derived table gets the physical table, the
// fields that the query uses, masked where a policy says so, and the predicate
// of the visible rows. Nothing is added to the caller's own clauses.
package secure

import (
	"errors"
	"fmt"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/cache"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/resolve"
	"github.com/hedgerow/hedgerow/internal/rules"
	"github.com/hedgerow/hedgerow/semantic"
)

// Config is what a Model is made of.
type Config struct {
	Rules *rules.Set
	// Dialect is the name of the database's SQL flavour, and Total tells whether a
	// node by itself never raises an error there.
	Dialect string
	Total   func(ast.Expr) bool
	// Merging is how the database merges derived tables.
	Merging Merging
	// Clashes: numbers of two types may not be compared.
	Clashes bool
	// EagerFields: a database may compute a dataset's fields before its policy.
	EagerFields bool
	// OuterColumns: a derived table may read columns of the queries around the
	// one in whose FROM clause it stands.
	OuterColumns bool
	// Carries: whole numbers that are equal are equal to the same values.
	Carries bool
	// Note makes what the caller wants to keep with each decision on a dataset.
	Note func(*rules.Access) any
	// CacheBytes bounds what decisions are kept; none are for 0.
	CacheBytes int
}

// Model is a semantic model prepared for one dialect. It is immutable but for
// its cache, and safe for concurrent use.
type Model struct {
	cfg      Config
	datasets map[*semantic.Dataset]*dataset
	reserved map[string]bool
	secured  *cache.Cache[securedKey, *Secured]
}

// dataset is a dataset with its fields' physical expressions.
type dataset struct {
	d     *semantic.Dataset
	exprs []ast.Expr
	risky []bool // which of them can raise an error
	// open is the dataset with every field visible.
	open *resolve.Dataset
}

// New prepares a model. It reports every field that has no expression for the
// dialect.
func New(cfg Config) (*Model, error) {
	m := &Model{
		cfg: cfg, datasets: map[*semantic.Dataset]*dataset{}, reserved: map[string]bool{},
		secured: cache.New(cfg.CacheBytes, func(_ securedKey, s *Secured) int { return s.weight() }),
	}
	var problems []error
	for d := range cfg.Rules.Model.Datasets() {
		ds := &dataset{d: d}
		for _, f := range d.Fields {
			e, err := f.Expr(cfg.Dialect)
			if err != nil {
				problems = append(problems, fmt.Errorf("dataset %q, field %q: %w", d.Name, f.Name, err))
			}
			ds.exprs = append(ds.exprs, e)
			ds.risky = append(ds.risky, canFail(e, cfg.Total))
		}
		ds.open, _ = ds.visible(nil)
		m.datasets[d] = ds
		if len(d.Source) == 1 {
			m.reserved[semantic.Fold(d.Source[0])] = true
		}
	}
	return m, errors.Join(problems...)
}

// visible is the dataset without its hidden fields, as resolution sees it, and
// the indices of the fields that are left.
func (ds *dataset) visible(hidden []bool) (*resolve.Dataset, []int) {
	var fields []resolve.Field
	var left []int
	var gone []string
	for i, f := range ds.d.Fields {
		if hidden == nil || !hidden[i] {
			fields = append(fields, resolve.Field{Name: f.Name, Type: ast.Type(f.Datatype)})
			left = append(left, i)
		} else {
			gone = append(gone, f.Name)
		}
	}
	d := resolve.NewDataset(ds.d.Name, fields)
	d.Hidden = gone
	return d, left
}

// View is the model as one session sees it.
type View struct {
	model  *Model
	ruling *rules.Ruling
}

// View makes the view of a ruling.
func (m *Model) View(r *rules.Ruling) *View { return &View{model: m, ruling: r} }

var _ resolve.Catalog = (*View)(nil)

// Reserved implements resolve.Catalog.
func (v *View) Reserved(folded string) bool { return v.model.reserved[folded] }

// Dataset implements resolve.Catalog. A dataset that the session may not see
// gives the error of one that doesn't exist.
func (v *View) Dataset(name string, pos ast.Pos) (*resolve.Dataset, error) {
	d, ok := v.model.cfg.Rules.Model.Dataset(name)
	if !ok {
		return nil, resolve.UnknownDataset(name, pos).WithReason("the model has no such dataset")
	}
	s, err := v.model.dataset(v.ruling, d)
	if err != nil {
		denied := fault.New(fault.Denied, pos, "%v", err)
		if missing, ok := err.(*rules.MissingError); ok && missing.Why == "" {
			denied = denied.WithHint("give the session that property")
		}
		return nil, denied
	}
	if s.Access.Denied {
		return nil, resolve.UnknownDataset(name, pos).WithReason("no permissive policy of dataset %q applies to this session", d.Name)
	}
	return s.shown, nil
}

// Of gives what was decided for an occurrence's dataset, nil for a dataset that
// no View gave.
func Of(o *resolve.Occurrence) *Secured {
	s, _ := o.Dataset.Decided.(*Secured)
	return s
}

// Secure fills the hole of every occurrence with rows and fields, and fences
// them where the statement asks for it.
func (v *View) Secure(b *resolve.Bound) error {
	for _, o := range b.Occurrences {
		if s := Of(o); s == nil || s.Access.Denied {
			return fault.New(fault.Internal, o.Pos, "dataset %q has no decision", o.Dataset.Name)
		}
	}
	apart := v.model.fence(b)
	fields := 0
	for _, o := range b.Occurrences {
		fields += o.Uses()
	}
	tables, items := make([]ast.Select, len(b.Occurrences)), make([]ast.SelectItem, 0, fields)
	for i, o := range b.Occurrences {
		items = fill(o, &tables[i], items)
	}
	if apart {
		v.model.narrow(b)
	}
	return nil
}

// fill writes an occurrence's derived table into sel, with its items behind
// those of others.
func fill(o *resolve.Occurrence, sel *ast.Select, items []ast.SelectItem) []ast.SelectItem {
	s := Of(o)
	first := len(items)
	for i := range o.Dataset.Fields {
		if o.Used(i) {
			items = append(items, ast.SelectItem{Expr: s.fields[i], Alias: o.Dataset.Fields[i].Printed})
		}
	}
	*sel = ast.Select{From: s.from, Where: s.where, Items: items[first:len(items):len(items)]}
	if len(sel.Items) == 0 { // only the rows count, as in COUNT(*)
		sel.Items = oneColumn
	}
	o.Hole.Body = sel
	return items
}

// oneColumn is the select list of a derived table of which no field is used.
var oneColumn = []ast.SelectItem{{Expr: &ast.Literal{Kind: ast.IntLiteral, Text: "1"}, Alias: "one"}}
