package policytest

import (
	"slices"
	"strings"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/semantic"
)

// judged is what evaluation in memory said of one row.
type judged struct {
	row        *row
	visibility policy.Visibility
}

// judge evaluates every row of a case's dataset in memory.
func (r *runner) judge(c *testCase) ([]judged, error) {
	var out []judged
	for _, row := range r.world.rows[c.dataset] {
		v, err := r.set.Visible(c.session, c.dataset.Name, r.world.nested(c.dataset, row))
		if err != nil {
			return nil, err
		}
		out = append(out, judged{row, v})
	}
	return out, nil
}

// agree holds enforcement against evaluation in memory: the visible rows must
// be the same in all fields that are neither hidden nor masked.
func (r *runner) agree(c *testCase, got result) bool {
	r.t.Helper()
	rows, err := r.judge(c)
	if err != nil {
		r.fail(c, c.node, "enforcement accepts, but in memory: %v", err)
		return false
	}
	var columns []int
	var header []string
	for i, column := range got.statement.Columns {
		if !slices.Contains(got.statement.Decision.Occurrences[0].Masked, column.Name) {
			columns, header = append(columns, i), append(header, column.Name)
		}
	}
	var memory, database [][]string
	for _, j := range rows {
		if j.visibility.Visible {
			memory = append(memory, fieldTexts(j.row, c.dataset, header))
		}
	}
	for _, values := range got.rows {
		database = append(database, texts(values, got.datatypes, columns))
	}
	d := compare(memory, database, false)
	if d.same {
		return true
	}
	r.fail(c, c.node, "evaluation in memory (-) and SQLite (+) disagree; please report this\n%s%s\n%s",
		d.table(header), decided(got.statement), got.statement.SQL)
	return false
}

// keys compares the visible rows of a dataset by key.
func (r *runner) keys(c *testCase, got result) {
	r.t.Helper()
	rows, err := r.judge(c)
	if err != nil {
		r.fail(c, c.rows.node, "in memory: %v", err)
		return
	}
	key := c.key
	if key == nil { // no rows are expected: any field tells which they are
		key = c.dataset.Fields[0]
	}
	var want, visible [][]string
	reasons := map[string]string{}
	for _, values := range c.rows.rows {
		want = append(want, texts(values, []semantic.Datatype{key.Datatype}, []int{0}))
	}
	for _, j := range rows {
		text := show(j.row.fields[key.Name], key.Datatype)
		if _, twice := reasons[text]; !twice || j.visibility.Visible {
			reasons[text] = reason(j.visibility)
		}
		if j.visibility.Visible {
			visible = append(visible, []string{text})
		}
	}
	d := compare(want, visible, false)
	if d.same {
		return
	}
	for i := range d.lines {
		why, ok := reasons[d.lines[i].cells[0]]
		if !ok {
			why = "no such row in the fixtures"
		}
		d.lines[i].cells = append(d.lines[i].cells, why)
	}
	r.fail(c, c.rows.node, "the rows differ: - is expected and not visible, + is visible and not expected\n%s%s",
		d.table([]string{key.Name, "row policies"}), decided(got.statement))
}

// reason tells what the row policies said of a row.
func reason(v policy.Visibility) string {
	var parts []string
	for _, o := range v.Rules {
		parts = append(parts, o.Policy+" "+o.Outcome)
	}
	if len(parts) == 0 {
		return "none applies"
	}
	return strings.Join(parts, ", ")
}

// rows compares the rows that enforcement gives with those expected.
func (r *runner) rows(c *testCase, got result) {
	r.t.Helper()
	columns, header, ok := r.named(c, got)
	if !ok {
		return
	}
	var want, is [][]string
	datatypes := make([]semantic.Datatype, len(columns))
	for i, column := range columns {
		datatypes[i] = got.datatypes[column]
	}
	for _, values := range c.rows.rows {
		if len(values) != len(columns) {
			r.fail(c, c.rows.node, "an expected row has %d values, but the result has %d columns: %s",
				len(values), len(columns), strings.Join(header, ", "))
			return
		}
		want = append(want, texts(values, datatypes, nil))
	}
	for _, values := range got.rows {
		is = append(is, texts(values, got.datatypes, columns))
	}
	if d := compare(want, is, c.ordered); !d.same {
		r.fail(c, c.rows.node, "the rows differ: - is expected, + is there\n%s%s", d.table(header), decided(got.statement))
	}
}

// named finds the result's columns that a case's rows are about.
func (r *runner) named(c *testCase, got result) (columns []int, header []string, ok bool) {
	r.t.Helper()
	for i, column := range got.statement.Columns {
		if c.rows.names == nil {
			columns, header = append(columns, i), append(header, column.Name)
		}
	}
	for _, name := range c.rows.names {
		i := -1
		for k, column := range got.statement.Columns {
			if semantic.Fold(column.Name) == semantic.Fold(name) {
				i = k
				break
			}
		}
		if i < 0 {
			r.fail(c, c.rows.node, "there is no column %q for this session\n%s", name, decided(got.statement))
			return nil, nil, false
		}
		columns, header = append(columns, i), append(header, got.statement.Columns[i].Name)
	}
	return columns, header, true
}

// texts shows some columns of a row, or all.
func texts(values []any, datatypes []semantic.Datatype, columns []int) []string {
	if columns == nil {
		for i := range values {
			columns = append(columns, i)
		}
	}
	out := []string{}
	for _, i := range columns {
		out = append(out, show(values[i], datatypes[i]))
	}
	return out
}

func fieldTexts(r *row, d *semantic.Dataset, names []string) []string {
	out := []string{}
	for _, name := range names {
		if f, ok := d.Field(name); ok {
			out = append(out, show(r.fields[f.Name], f.Datatype))
		}
	}
	return out
}
