package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/internal/transfer"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/session"
)

// TestProblems: everything that is wrong is told at once, before anything is
// written.
func TestProblems(t *testing.T) {
	w, dst := newWorld(t, testdb.SQLite), target(t, testdb.SQLite)
	dst.Model = parse(t, `
version: 0.2.0
semantic_model:
  - name: m
    datasets:
      - name: events
        source: own_events
        primary_key: [key]
        fields:
          - {name: id, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: txt, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: txt}]}}
          - {name: again, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: TXT}]}}
          - {name: loud, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: upper(other)}]}}
      - name: accounts
        source: OWN_events
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: password, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: password}]}}
      - name: payments
        source: payments
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
      - name: constants
        source: constants
        fields:
          - {name: one, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: "1"}]}}
      - name: taken
        source: hedgerow_promotion
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
    relationships:
      - {name: up, from: accounts, to: events, from_columns: [parent], to_columns: [id]}
`)
	_, err := run(w, dst)
	var plan *transfer.PlanError
	require.ErrorAs(t, err, &plan)
	assert.ElementsMatch(t, []string{
		"events.id datatype", "events.again model", "events.loud model", "events. model",
		"accounts. model", "accounts.password unknown", "accounts. model",
		"payments. unknown", "constants. model", "taken. model", "taken. unknown",
	}, problems(plan), "%v", err)
	assert.ErrorIs(t, err, rls.ErrUnknownName)
	assert.Empty(t, dump(t, dst.DB, "SELECT name FROM sqlite_master"))
}

// problems are the places of problems, with their classes.
func problems(e *transfer.PlanError) []string {
	var out []string
	for _, p := range e.Problems {
		out = append(out, fmt.Sprintf("%s.%s %s", p.Dataset, p.Field, class(p.Err)))
	}
	return out
}

func class(err error) string {
	for _, c := range []struct {
		sentinel error
		name     string
	}{
		{transfer.ErrDatatype, "datatype"}, {transfer.ErrModel, "model"}, {transfer.ErrTable, "table"},
		{rls.ErrUnknownName, "unknown"}, {rls.ErrDenied, "denied"}, {rls.ErrNoSession, "session"},
	} {
		if errors.Is(err, c.sentinel) {
			return c.name
		}
	}
	return err.Error()
}

// TestSessions: what a session can't see is a problem, unless the target
// doesn't want it.
func TestSessions(t *testing.T) {
	w, dst := newWorld(t, testdb.SQLite), target(t, testdb.SQLite)
	for _, c := range []struct {
		session session.Session
		want    []string
	}{
		{w.session(t, "acme", "stranger"), []string{"events. unknown", "accounts. unknown"}},
		{w.session(t, "acme", "clerk"), []string{"events.num unknown"}},
		{session.Session{}, []string{"events. session", "accounts. session"}},
	} {
		src := w.source()
		src.Session = c.session
		_, err := transfer.Run(context.Background(), src, dst, options())
		var plan *transfer.PlanError
		require.ErrorAs(t, err, &plan)
		assert.Equal(t, c.want, problems(plan))
	}
	assert.Empty(t, dump(t, dst.DB, "SELECT name FROM sqlite_master"))
}

// TestMasked: of a masked field the mask is copied, and reported.
func TestMasked(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		w, dst := newWorld(t, k), target(t, testdb.SQLite)
		var lines []string
		for line := range strings.Lines(ownModel()) {
			if !strings.Contains(line, "name: num") {
				lines = append(lines, line)
			}
		}
		dst.Model = parse(t, strings.Join(lines, ""))
		src := w.source()
		src.Session = w.session(t, "acme", "clerk")
		report, err := transfer.Run(context.Background(), src, dst, options())
		require.NoError(t, err, "%v", causes(err))
		assert.Equal(t, []string{"txt"}, report.Datasets[1].Masked)
		assert.Empty(t, report.Datasets[0].Masked)
		assert.Equal(t, []string{`[]interface {}{"***", 24}`}, dump(t, dst.DB, `SELECT "The txt", COUNT(*) FROM events GROUP BY 1`))
	})
}

// TestCreate: new tables have the keys and indexes of the model, and decimals
// the size that they have in the source.
func TestCreate(t *testing.T) {
	indexes := map[testdb.Kind]string{
		testdb.SQLite:     `SELECT l.name LIKE 'hedgerow_%', i.name FROM pragma_index_list('events') AS l, pragma_index_info(l.name) AS i`,
		testdb.PostgreSQL: `SELECT i.relname LIKE 'hedgerow_%', a.attname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_attribute a ON a.attrelid = i.oid WHERE x.indrelid = 'events'::regclass AND NOT x.indisprimary`,
		testdb.MariaDB:    `SELECT 1, column_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'events' AND index_name <> 'PRIMARY'`,
	}
	keys := map[testdb.Kind]string{
		testdb.SQLite:     `SELECT name FROM pragma_table_info('events') WHERE pk = 1 AND "notnull" = 1`,
		testdb.PostgreSQL: `SELECT a.attname FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indexrelid WHERE x.indrelid = 'events'::regclass AND x.indisprimary`,
		testdb.MariaDB:    `SELECT column_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'events' AND index_name = 'PRIMARY'`,
	}
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		w, dst := newWorld(t, testdb.PostgreSQL), target(t, k)
		_, err := run(w, dst, func(o *transfer.Options) { o.Create = false })
		require.ErrorIs(t, err, transfer.ErrTable)
		var plan *transfer.PlanError
		require.ErrorAs(t, err, &plan)
		assert.Len(t, plan.Problems, 2)

		complete(t, w, dst, k, rowsOfAcme)
		assert.Equal(t, 1, len(dump(t, dst.DB, indexes[k])))
		assert.Contains(t, dump(t, dst.DB, indexes[k])[0], `"account"`)
		assert.Equal(t, []string{`[]interface {}{"id"}`}, dump(t, dst.DB, keys[k]))
		if k != testdb.SQLite {
			var precision, scale int
			require.NoError(t, dst.DB.QueryRow("SELECT numeric_precision, numeric_scale FROM information_schema.columns "+
				"WHERE table_name = 'events' AND column_name = 'The amount' ORDER BY table_schema = "+
				map[testdb.Kind]string{testdb.PostgreSQL: "'public'", testdb.MariaDB: "DATABASE()"}[k]+" DESC").Scan(&precision, &scale))
			assert.Equal(t, []int{20, 6}, []int{precision, scale})
		}
	})
}

// TestTableLacksColumn: a table that is there is left as it is, also where it
// can't take a field.
func TestTableLacksColumn(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		w, dst := newWorld(t, testdb.SQLite), target(t, k)
		execute(t, dst.DB, "CREATE TABLE accounts (id BIGINT, tenant VARCHAR(40))")
		_, err := run(w, dst)
		require.ErrorIs(t, err, transfer.ErrTable)
		assert.Zero(t, count(t, dst.DB, "accounts"))
	})
}

// TestKeyTwice: what the target's database refuses is an error whose text tells
// nothing of the rows.
func TestKeyTwice(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		w, dst := newWorld(t, testdb.SQLite), target(t, k)
		w.exec(t, "UPDATE shared_events SET c_id = 77777 WHERE c_tenant = 'acme'")
		_, err := run(w, dst)
		require.ErrorIs(t, err, transfer.ErrDatabase)
		assert.NotContains(t, err.Error(), "77777")
		w.exec(t, "UPDATE shared_events SET c_id = NULL WHERE c_tenant = 'acme'")
		_, err = run(w, dst)
		require.ErrorIs(t, err, transfer.ErrValue, "no number is made up for a key that is NULL")
	})
}

// TestOptions: what can't be meant is refused.
func TestOptions(t *testing.T) {
	w, dst := newWorld(t, testdb.SQLite), target(t, testdb.SQLite)
	for name, change := range map[string]func(*transfer.Source, *transfer.Target, *transfer.Options){
		"no id":          func(_ *transfer.Source, _ *transfer.Target, o *transfer.Options) { o.ID = "" },
		"long id":        func(_ *transfer.Source, _ *transfer.Target, o *transfer.Options) { o.ID = strings.Repeat("x", 201) },
		"negative batch": func(_ *transfer.Source, _ *transfer.Target, o *transfer.Options) { o.Batch = -1 },
		"no source":      func(s *transfer.Source, _ *transfer.Target, _ *transfer.Options) { s.DB = nil },
		"no enforcer":    func(s *transfer.Source, _ *transfer.Target, _ *transfer.Options) { s.Enforcer = nil },
		"zero enforcer":  func(s *transfer.Source, _ *transfer.Target, _ *transfer.Options) { s.Enforcer = &rls.Enforcer{} },
		"no target":      func(_ *transfer.Source, d *transfer.Target, _ *transfer.Options) { d.DB = nil },
		"no model":       func(_ *transfer.Source, d *transfer.Target, _ *transfer.Options) { d.Model = nil },
		"no dialect":     func(_ *transfer.Source, d *transfer.Target, _ *transfer.Options) { d.Dialect = rls.Dialect{} },
		"other dialect":  func(_ *transfer.Source, d *transfer.Target, _ *transfer.Options) { d.Dialect = rls.Trino },
		"one database":   func(s *transfer.Source, d *transfer.Target, _ *transfer.Options) { d.DB = s.DB },
	} {
		s, d, o := w.source(), dst, options()
		change(&s, &d, &o)
		_, err := transfer.Run(context.Background(), s, d, o)
		assert.Error(t, err, name)
	}
	assert.Empty(t, dump(t, dst.DB, "SELECT name FROM sqlite_master"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := transfer.Run(ctx, w.source(), dst, options())
	assert.ErrorIs(t, err, context.Canceled)
}
