package transfer

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

// plan is what a run does, known before anything is read or written.
type plan struct {
	id       string
	batch    int
	create   bool
	from, to *kind
	datasets []*dataset // parents before the datasets that refer to them
}

// dataset is one dataset to copy.
type dataset struct {
	name    string
	model   *semantic.Dataset
	table   string // quoted, with its qualifiers
	columns []column
	masked  []string
	// indexes are columns of relationships, keys the model's unique keys.
	indexes, keys [][]string
	parents       []*semantic.Dataset
	// read gives the rows with columns in order, count their number.
	read, count *rls.Statement
}

// column is a field that is a plain column of the target.
type column struct {
	field    string
	physical string
	quoted   string
	datatype semantic.Datatype
	key      bool // part of the primary key
}

// planner collects the problems of a plan.
type planner struct {
	ctx      context.Context
	src      Source
	model    *semantic.Model
	to       *kind
	tables   map[string]string // datasets by folded table
	problems []Problem
}

func newPlan(ctx context.Context, src Source, dst Target, opts Options) (*plan, error) {
	if err := errors.Join(opts.check(), src.check(), dst.check()); err != nil {
		return nil, err
	}
	if src.DB == dst.DB {
		return nil, errors.New("transfer: the target must be a database of its own")
	}
	from, err := kindOf(src.Enforcer.Dialect().String())
	if err != nil {
		return nil, err
	}
	to, err := kindOf(dst.Dialect.String())
	if err != nil {
		return nil, err
	}
	pl := &planner{ctx: ctx, src: src, model: dst.Model, to: to, tables: map[string]string{}}
	p := &plan{id: opts.ID, batch: cmp.Or(opts.Batch, defaultBatch), create: opts.Create, from: from, to: to}
	for d := range dst.Model.Datasets() {
		p.datasets = append(p.datasets, pl.dataset(d))
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(pl.problems) > 0 {
		return nil, &PlanError{pl.problems}
	}
	p.datasets = parentsFirst(p.datasets)
	return p, nil
}

func (pl *planner) problem(dataset, field string, err error) {
	pl.problems = append(pl.problems, Problem{dataset, field, err})
}

func (pl *planner) dataset(d *semantic.Dataset) *dataset {
	out := &dataset{name: d.Name, model: d, keys: d.UniqueKeys}
	var err error
	if out.table, err = pl.to.Table(d.Source...); err != nil {
		pl.problem(d.Name, "", reason(ErrModel, "its source: %v", err))
	}
	table := semantic.Fold(strings.Join(d.Source, "."))
	switch first, taken := pl.tables[table]; {
	case taken:
		pl.problem(d.Name, "", reason(ErrModel, "its source is that of dataset %q too; give each a table of its own", first))
	case semantic.Fold(d.Source[len(d.Source)-1]) == marks:
		pl.problem(d.Name, "", reason(ErrModel, "the table %s is kept for promotions", marks))
	}
	pl.tables[table] = d.Name
	pl.fields(out)
	pl.needs(out)
	if len(out.columns) == 0 {
		pl.problem(d.Name, "", reason(ErrModel, "none of its fields is a plain column"))
		return out
	}
	pl.enforce(out)
	return out
}

// fields finds the fields that are plain columns.
func (pl *planner) fields(d *dataset) {
	taken := map[string]string{}
	for _, f := range d.model.Fields {
		name, plain := f.Column(pl.to.Name)
		if !plain {
			continue
		}
		quoted, err := pl.to.Table(name)
		if err != nil {
			pl.problem(d.name, f.Name, reason(ErrModel, "its column: %v", err))
			continue
		}
		if first, ok := taken[semantic.Fold(name)]; ok {
			pl.problem(d.name, f.Name, reason(ErrModel, "field %q is the same column; keep one of them", first))
			continue
		}
		taken[semantic.Fold(name)] = f.Name
		d.columns = append(d.columns, column{f.Name, name, quoted, f.Datatype, contains(d.model.PrimaryKey, name)})
	}
}

// needs holds what the model says of physical columns against those that are
// copied: any other would be empty in the target, or not there.
func (pl *planner) needs(d *dataset) {
	for _, f := range d.model.Fields {
		if _, plain := f.Column(pl.to.Name); plain {
			continue
		}
		e, err := f.Expr(pl.to.Name)
		if err != nil {
			pl.problem(d.name, f.Name, reason(ErrModel, "%v", err))
			continue
		}
		ast.Walk(e, func(e ast.Expr) bool {
			if c, ok := e.(*ast.Column); ok {
				pl.need(d, f.Name, "its expression", []string{c.Name})
			}
			return true
		})
	}
	pl.need(d, "", "its primary key", d.model.PrimaryKey)
	for _, key := range d.model.UniqueKeys {
		pl.need(d, "", "a unique key", key)
	}
	for r := range pl.model.Relationships() {
		if r.From == d.model {
			pl.need(d, "", "relationship "+r.Name, r.FromColumns)
			d.indexes = append(d.indexes, r.FromColumns)
			d.parents = append(d.parents, r.To)
		}
		if r.To == d.model {
			pl.need(d, "", "relationship "+r.Name, r.ToColumns)
			d.indexes = append(d.indexes, r.ToColumns)
		}
	}
}

func (pl *planner) need(d *dataset, field, what string, columns []string) {
	for _, name := range columns {
		if _, ok := d.column(name); !ok {
			pl.problem(d.name, field, reason(ErrModel, "%s needs column %q, which isn't copied; make it a field of the target's model", what, name))
		}
	}
}

// column finds a column that is copied by its physical name.
func (d *dataset) column(physical string) (column, bool) {
	i := slices.IndexFunc(d.columns, func(c column) bool { return sameName(c.physical, physical) })
	if i < 0 {
		return column{}, false
	}
	return d.columns[i], true
}

func sameName(a, b string) bool { return semantic.Fold(a) == semantic.Fold(b) }

func contains(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return sameName(n, name) })
}

// enforce makes the statements that read a dataset. The enforcer alone decides
// what there is to see.
func (pl *planner) enforce(d *dataset) {
	var err error
	if d.count, err = pl.statement("SELECT COUNT(*) FROM " + logical(d.name)); err != nil {
		pl.problem(d.name, "", err)
		return
	}
	if d.read, err = pl.statement(d.query("")); err != nil {
		pl.explain(d, err)
		return
	}
	for i, c := range d.columns {
		if got := d.read.Columns[i].Datatype; got != c.datatype {
			pl.problem(d.name, c.field, reason(ErrDatatype, "%s in the source, %s in the target", datatype(got), datatype(c.datatype)))
		}
	}
	for _, o := range d.read.Decision.Occurrences {
		for _, c := range d.columns {
			if contains(o.Masked, c.field) {
				d.masked = append(d.masked, c.field)
			}
		}
	}
}

// explain finds the fields for which a dataset can't be read.
func (pl *planner) explain(d *dataset, err error) {
	before := len(pl.problems)
	for _, c := range d.columns {
		if _, err := pl.statement("SELECT " + logical(c.field) + " FROM " + logical(d.name)); err != nil {
			pl.problem(d.name, c.field, err)
		}
	}
	if len(pl.problems) == before {
		pl.problem(d.name, "", err)
	}
}

func (pl *planner) statement(query string) (*rls.Statement, error) {
	return pl.src.Enforcer.Enforce(pl.ctx, pl.src.Session, query)
}

// query is the logical query of the rows, with a clause at its end.
func (d *dataset) query(clause string) string {
	names := make([]string, len(d.columns))
	for i, c := range d.columns {
		names[i] = logical(c.field)
	}
	return "SELECT " + strings.Join(names, ", ") + " FROM " + logical(d.name) + clause
}

// logical quotes a name for a logical query.
func logical(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func datatype(t semantic.Datatype) string { return cmp.Or(string(t), "none") }

// parentsFirst orders datasets so that each comes after those it refers to, as
// foreign keys need it. Where relationships go in a circle, the order of the
// model breaks it.
func parentsFirst(in []*dataset) []*dataset {
	out := make([]*dataset, 0, len(in))
	seen := map[*semantic.Dataset]bool{}
	var visit func(d *dataset)
	visit = func(d *dataset) {
		if seen[d.model] {
			return
		}
		seen[d.model] = true
		for _, p := range in {
			if slices.Contains(d.parents, p.model) {
				visit(p)
			}
		}
		out = append(out, d)
	}
	for _, d := range in {
		visit(d)
	}
	return out
}
