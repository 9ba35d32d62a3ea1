package policytest

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

// runner runs one test file.
type runner struct {
	t        testing.TB
	set      *policy.Set
	enforcer *rls.Enforcer
	coverage *coverage
	suite    *suite
	world    *world
}

// file runs all cases of a file; false when it holds mistakes.
func (r *runner) file(fsys fs.FS, name string) bool {
	r.t.Helper()
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		r.t.Errorf("policytest: %v", err)
		return false
	}
	tables, err := tablesOf(r.set.Model())
	if err != nil {
		r.t.Errorf("policytest: %v", err)
		return false
	}
	if r.suite, err = load(name, src, r.set, tables); err != nil {
		r.t.Errorf("policytest: the test file can't be read:\n%v", err)
		return false
	}
	if r.world, err = newWorld(r.suite, r.set, tables, r.coverage); err != nil {
		r.t.Errorf("policytest: the fixtures of %s can't be used:\n%v", name, err)
		return false
	}
	defer r.world.db.Close()
	for i := range r.suite.cases {
		r.run(&r.suite.cases[i])
	}
	return true
}

// result is what enforcement made of a case.
type result struct {
	answer
	statement *rls.Statement
	datatypes []semantic.Datatype
}

func (r *runner) run(c *testCase) {
	r.t.Helper()
	text := c.query
	if c.dataset != nil {
		text = "SELECT * FROM `" + strings.ReplaceAll(c.dataset.Name, "`", "``") + "`"
	}
	got, err := r.enforce(c, text)
	if got.statement == nil && err != nil {
		if r.refused(c, err) && c.dataset != nil {
			r.agreeOnRefusal(c)
		}
		return
	}
	if err != nil {
		r.fail(c, c.node, "SQLite fails: %v\n%s", err, got.statement.SQL)
		return
	}
	r.cover(c, got.statement)
	if c.err != "" {
		r.fail(c, c.errNode, "the error %s is expected, but there is none\n%s", c.err, decided(got.statement))
		return
	}
	if c.dataset != nil && !r.agree(c, got) {
		return
	}
	r.columns(c, got)
	r.sql(c, got)
	switch {
	case c.rows == nil:
	case c.key != nil || c.dataset != nil && len(c.rows.rows) == 0:
		r.keys(c, got)
	default:
		r.rows(c, got)
	}
}

func (r *runner) enforce(c *testCase, text string) (result, error) {
	st, err := r.enforcer.Enforce(context.Background(), c.session, text, c.args...)
	if err != nil {
		return result{}, err
	}
	out := result{statement: st}
	for _, column := range st.Columns {
		out.datatypes = append(out.datatypes, column.Datatype)
	}
	out.answer, err = query(r.world.db, st.SQL, st.Args...)
	return out, err
}

// cover notes what the cases make of the policies of the datasets that were read.
func (r *runner) cover(c *testCase, st *rls.Statement) {
	var seen []string
	for _, o := range st.Decision.Occurrences {
		if d, ok := r.set.Model().Dataset(o.Dataset); ok && !slices.Contains(seen, d.Name) {
			seen = append(seen, d.Name)
			r.coverage.observe(c.session, d, r.world)
		}
	}
}

// fail reports a failure with its place in the test file.
func (r *runner) fail(c *testCase, at *yaml.Node, format string, args ...any) {
	r.t.Helper()
	message, details, _ := strings.Cut(fmt.Sprintf(format, args...), "\n")
	problem := r.suite.file.At(at.Line, at.Column, "%s: %s", c.name, message).Error()
	if details != "" {
		problem += "\n" + indent(details)
	}
	r.t.Errorf("%s\n  %s", problem, c)
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ")
}

// decided tells which policies applied.
func decided(st *rls.Statement) string { return "policies:\n" + indent(st.Decision.String()) }

// refused handles an error of Enforce; false when the case fails.
func (r *runner) refused(c *testCase, err error) bool {
	r.t.Helper()
	got := errorWord(err)
	switch {
	case c.err == "":
		r.fail(c, c.node, "the error %s is not expected\n%v", got, err)
	case !matches(err, c.err):
		r.fail(c, c.errNode, "the error is %s\n%v", got, err)
	case !strings.Contains(err.Error(), c.message):
		r.fail(c, c.errNode, "the error's text lacks %q\n%v", c.message, err)
	default:
		return true
	}
	return false
}

// agreeOnRefusal holds a refusal against memory: there, no row may be visible.
func (r *runner) agreeOnRefusal(c *testCase) {
	r.t.Helper()
	if c.session.Valid() {
		r.coverage.observe(c.session, c.dataset, r.world)
	}
	for _, row := range r.world.rows[c.dataset] {
		v, err := r.set.Visible(c.session, c.dataset.Name, r.world.nested(c.dataset, row))
		if err == nil && v.Visible {
			r.fail(c, c.errNode, "enforcement refuses, but in memory a row is visible")
			return
		}
	}
}

func (r *runner) columns(c *testCase, got result) {
	r.t.Helper()
	if c.columnsNode == nil {
		return
	}
	var names []string
	for _, column := range got.statement.Columns {
		names = append(names, column.Name)
	}
	if !slices.Equal(names, c.columns) {
		r.fail(c, c.columnsNode, "the columns differ\n- %s\n+ %s\n%s",
			strings.Join(c.columns, ", "), strings.Join(names, ", "), decided(got.statement))
	}
}

func (r *runner) sql(c *testCase, got result) {
	r.t.Helper()
	if c.sqlNode == nil {
		return
	}
	want, is := strings.Join(strings.Fields(c.sql), " "), strings.Join(strings.Fields(got.statement.SQL), " ")
	if want != is {
		r.fail(c, c.sqlNode, "the SQL differs\n- %s\n+ %s", want, is)
	}
}
