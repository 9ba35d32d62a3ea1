package rls_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// The tables hold a second tenant, a row of nobody's and a table that no model knows.
const doorTables = `
CREATE TABLE t_orders(id int, organization_id varchar(40), customer_id int, amount decimal(10,2), status varchar(20), note varchar(200), created_at timestamp NULL);
CREATE TABLE t_customers(id int, organization_id varchar(40), name varchar(40), email varchar(80), region varchar(10), ssn varchar(20));
CREATE TABLE secrets(id int, payload varchar(100));
INSERT INTO t_orders VALUES (1,'acme',1,100,'open','a-note','2024-01-01 00:00:00'),(2,'acme',1,200,'closed',NULL,'2024-02-01 00:00:00'),(3,'evil',2,300,'open','VICTIM-NOTE','2024-03-01 00:00:00'),(4,NULL,3,400,'open','NULLORG','2024-03-02 00:00:00');
INSERT INTO t_customers VALUES (1,'acme','Ann','ann@acme','EU','111-11'),(2,'evil','Bob','bob@evil','US','222-22'),(3,'acme','Cid','cid@acme','US','333-33');
INSERT INTO secrets VALUES (1,'TOPSECRET');
`

const doorModel = `
version: "0.2.0.dev0"
semantic_model:
  - name: door
    datasets:
      - name: orders
        source: main.t_orders
        primary_key: [id]
        fields:
          - {name: id, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}, datatype: Integer}
          - {name: organization_id, expression: {dialects: [{dialect: ANSI_SQL, expression: organization_id}]}, datatype: String}
          - {name: customer_id, expression: {dialects: [{dialect: ANSI_SQL, expression: customer_id}]}, datatype: Integer}
          - {name: amount, expression: {dialects: [{dialect: ANSI_SQL, expression: amount}]}, datatype: Decimal}
          - {name: status, expression: {dialects: [{dialect: ANSI_SQL, expression: status}]}, datatype: String}
          - {name: note, expression: {dialects: [{dialect: ANSI_SQL, expression: note}]}, datatype: String}
      - name: customers
        source: main.t_customers
        primary_key: [id]
        fields:
          - {name: id, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}, datatype: Integer}
          - {name: organization_id, expression: {dialects: [{dialect: ANSI_SQL, expression: organization_id}]}, datatype: String}
          - {name: name, expression: {dialects: [{dialect: ANSI_SQL, expression: name}]}, datatype: String}
          - {name: email, expression: {dialects: [{dialect: ANSI_SQL, expression: email}]}, datatype: String}
          - {name: ssn, expression: {dialects: [{dialect: ANSI_SQL, expression: ssn}]}, datatype: String}
`

const doorPolicies = `
session:
  - {name: organization_id, type: string, required: true}
  - {name: role, type: string, default: member, values: [member, admin]}
tenant: {field: organization_id, property: organization_id}
policies:
  - name: own-organization
    datasets: "*"
    rows: row.organization_id == session.organization_id
  - name: hide-email
    datasets: [customers]
    when: session.role != 'admin'
    hide: [email]
  - name: mask-ssn
    datasets: [customers]
    when: session.role != 'admin'
    mask: {ssn: "'***'"}
`

// door is a database behind rls.Open, and the sessions that use it.
type door struct {
	*sql.DB
	schema *session.Schema
}

func openDoor(t testing.TB, onDecision ...func(context.Context, rls.Outcome)) door {
	t.Helper()
	dsn := filepath.Join(t.TempDir(), "door.db")
	raw, err := sql.Open("sqlite", dsn)
	require.NoError(t, err)
	_, err = raw.ExecContext(t.Context(), doorTables)
	require.NoError(t, err)
	require.NoError(t, raw.Close())

	model, err := semantic.Parse("model.yaml", []byte(doorModel))
	require.NoError(t, err)
	set, err := policy.Parse("policy.yaml", []byte(doorPolicies), model)
	require.NoError(t, err)
	cfg := rls.Config{Policies: set, Dialect: rls.SQLite}
	for _, hook := range onDecision {
		cfg.OnDecision = hook
	}
	enforcer, err := rls.New(cfg)
	require.NoError(t, err)
	db, err := rls.Open("sqlite", dsn, enforcer)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	return door{db, set.Schema()}
}

// as gives a context with a session of an organization.
func (d door) as(t testing.TB, organization, role string) context.Context {
	t.Helper()
	s, err := d.schema.New(map[string]any{"organization_id": organization, "role": role})
	require.NoError(t, err)
	return session.NewContext(t.Context(), s)
}

// ids reads a result of one integer column.
func ids(t testing.TB, rows *sql.Rows, err error) []int {
	t.Helper()
	require.NoError(t, err)
	defer rows.Close()
	all := []int{}
	for rows.Next() {
		var id int
		require.NoError(t, rows.Scan(&id))
		all = append(all, id)
	}
	require.NoError(t, rows.Err())
	return all
}

func TestDoorFilters(t *testing.T) {
	d := openDoor(t)
	const query = "SELECT id FROM orders ORDER BY id"
	for organization, want := range map[string][]int{"acme": {1, 2}, "evil": {3}, "": {}} {
		rows, err := d.QueryContext(d.as(t, organization, "member"), query)
		assert.Equal(t, want, ids(t, rows, err), organization)
	}
	_, err := d.QueryContext(t.Context(), query)
	require.ErrorIs(t, err, rls.ErrNoSession)
	_, err = d.Query(query)
	require.ErrorIs(t, err, rls.ErrNoSession)
	_, err = d.QueryContext(session.NewContext(d.as(t, "acme", "member"), session.Session{}), query)
	require.ErrorIs(t, err, rls.ErrNoSession)
}

func TestDoorScans(t *testing.T) {
	d := openDoor(t)
	ctx := d.as(t, "acme", "member")
	var id int
	var note sql.NullString
	var amount float64
	row := d.QueryRowContext(ctx, "SELECT id, note, amount FROM orders WHERE status = ?", "closed")
	require.NoError(t, row.Scan(&id, &note, &amount))
	assert.Equal(t, []any{2, sql.NullString{}, 200.0}, []any{id, note, amount})

	err := d.QueryRowContext(ctx, "SELECT id FROM orders WHERE id = ?", 3).Scan(&id)
	require.ErrorIs(t, err, sql.ErrNoRows)

	rows, err := d.QueryContext(ctx, "SELECT ssn, name AS who, COUNT(*) FROM customers GROUP BY ssn, name ORDER BY who")
	require.NoError(t, err)
	defer rows.Close()
	names, err := rows.Columns()
	require.NoError(t, err)
	assert.Equal(t, []string{"ssn", "who", "COUNT(*)"}, names)
	types, err := rows.ColumnTypes()
	require.NoError(t, err)
	assert.Len(t, types, 3)
	require.True(t, rows.Next())
	var ssn, who string
	require.NoError(t, rows.Scan(&ssn, &who, &id))
	assert.Equal(t, []any{"***", "Ann", 1}, []any{ssn, who, id})
}

func TestDoorRefuses(t *testing.T) {
	d := openDoor(t)
	ctx := d.as(t, "acme", "member")
	for query, want := range map[string]error{
		"DELETE FROM orders":                                      rls.ErrUnsupported,
		"INSERT INTO orders (id) VALUES (9)":                      rls.ErrUnsupported,
		"UPDATE orders SET note = 'x'":                            rls.ErrUnsupported,
		"DROP TABLE t_orders":                                     rls.ErrUnsupported,
		"SELECT payload FROM secrets":                             rls.ErrUnknownName,
		"SELECT id FROM t_orders":                                 rls.ErrUnknownName,
		"SELECT email FROM customers":                             rls.ErrUnknownName,
		"SELECT FROM":                                             rls.ErrSyntax,
		"SELECT id FROM orders WHERE id = ?":                      nil, // a value is missing
		"SELECT id FROM orders WHERE organization_id = 'x' OR ?1": nil,
	} {
		_, err := d.QueryContext(ctx, query)
		assertRefused(t, err, want, "query "+query)
		_, err = d.ExecContext(ctx, query)
		assertRefused(t, err, want, "exec "+query)
		if want != nil {
			_, err = d.PrepareContext(ctx, query)
			assertRefused(t, err, want, "prepare "+query)
		}
	}
	rows, err := d.QueryContext(ctx, "SELECT id FROM orders ORDER BY id")
	assert.Equal(t, []int{1, 2}, ids(t, rows, err), "and nothing has changed")
}

// assertRefused wants a typed error, of one kind unless kind is nil.
func assertRefused(t *testing.T, err, kind error, message string) {
	t.Helper()
	var typed *rls.Error
	assert.ErrorAs(t, err, &typed, message)
	if kind != nil {
		assert.ErrorIs(t, err, kind, message)
	}
}

func TestDoorExecOfARead(t *testing.T) {
	d := openDoor(t)
	result, err := d.ExecContext(d.as(t, "acme", "member"), "SELECT id FROM orders")
	require.NoError(t, err)
	n, err := result.RowsAffected()
	require.NoError(t, err)
	assert.Zero(t, n)
}

func TestDoorPreparedStatement(t *testing.T) {
	d := openDoor(t)
	stmt, err := d.PrepareContext(d.as(t, "acme", "member"), "SELECT id FROM orders WHERE amount > ? ORDER BY id LIMIT ?")
	require.NoError(t, err)
	defer stmt.Close()
	for range 3 {
		rows, err := stmt.QueryContext(d.as(t, "acme", "member"), 50, 10)
		assert.Equal(t, []int{1, 2}, ids(t, rows, err))
		rows, err = stmt.QueryContext(d.as(t, "evil", "member"), 50, 10)
		assert.Equal(t, []int{3}, ids(t, rows, err))
		rows, err = stmt.QueryContext(d.as(t, "acme", "admin"), 150, 10)
		assert.Equal(t, []int{2}, ids(t, rows, err))
	}
	_, err = stmt.QueryContext(t.Context(), 50, 10)
	require.ErrorIs(t, err, rls.ErrNoSession)
	_, err = stmt.QueryContext(d.as(t, "acme", "member"), 50)
	require.ErrorContains(t, err, "expected 2 arguments, got 1")
}

// What one session may prepare, another may be refused at execution.
func TestDoorPreparedStatementOfMoreRights(t *testing.T) {
	d := openDoor(t)
	const query = "SELECT email FROM customers ORDER BY id"
	stmt, err := d.PrepareContext(d.as(t, "acme", "admin"), query)
	require.NoError(t, err)
	defer stmt.Close()
	var email string
	require.NoError(t, stmt.QueryRowContext(d.as(t, "acme", "admin")).Scan(&email))
	assert.Equal(t, "ann@acme", email)
	err = stmt.QueryRowContext(d.as(t, "acme", "member")).Scan(&email)
	require.ErrorIs(t, err, rls.ErrUnknownName)
	_, err = d.PrepareContext(d.as(t, "acme", "member"), query)
	require.ErrorIs(t, err, rls.ErrUnknownName)
}

// The audit hook hears of each execution once, and of a refused preparation.
func TestDoorDecisionHook(t *testing.T) {
	var outcomes []rls.Outcome
	d := openDoor(t, func(_ context.Context, o rls.Outcome) { outcomes = append(outcomes, o) })
	ctx := d.as(t, "acme", "member")
	stmt, err := d.PrepareContext(ctx, "SELECT id FROM orders WHERE amount > ?")
	require.NoError(t, err)
	defer stmt.Close()
	assert.Empty(t, outcomes)
	rows, err := stmt.QueryContext(ctx, 150)
	assert.Equal(t, []int{2}, ids(t, rows, err))
	require.Len(t, outcomes, 1)
	assert.Contains(t, outcomes[0].Statement.Args, int64(150))

	_, err = d.PrepareContext(ctx, "SELECT payload FROM secrets")
	require.ErrorIs(t, err, rls.ErrUnknownName)
	require.Len(t, outcomes, 2)
	assert.Equal(t, err, outcomes[1].Err)
	assert.Nil(t, outcomes[1].Statement)
	assert.NotEmpty(t, outcomes[1].Reason)
	assert.NotContains(t, err.Error(), outcomes[1].Reason)
}

func TestDoorTransactions(t *testing.T) {
	d := openDoor(t)
	tx, err := d.BeginTx(d.as(t, "acme", "member"), nil)
	require.NoError(t, err)
	stmt, err := tx.PrepareContext(d.as(t, "acme", "member"), "SELECT id FROM orders ORDER BY id")
	require.NoError(t, err)

	open, err := stmt.QueryContext(d.as(t, "acme", "member"))
	require.NoError(t, err)
	require.True(t, open.Next())
	rows, err := stmt.QueryContext(d.as(t, "evil", "member"))
	assert.Equal(t, []int{3}, ids(t, rows, err))
	assert.Equal(t, []int{2}, ids(t, open, nil), "open rows stay with their session")

	rows, err = tx.QueryContext(d.as(t, "evil", "member"), "SELECT id FROM orders")
	assert.Equal(t, []int{3}, ids(t, rows, err))
	_, err = tx.QueryContext(t.Context(), "SELECT id FROM orders")
	require.ErrorIs(t, err, rls.ErrNoSession)
	_, err = tx.ExecContext(d.as(t, "acme", "member"), "DELETE FROM orders")
	require.ErrorIs(t, err, rls.ErrUnsupported)
	require.NoError(t, tx.Commit())
}

func TestDoorGivesNoRawConnection(t *testing.T) {
	d := openDoor(t)
	_, err := d.Driver().Open("")
	require.Error(t, err)
	c, err := d.Conn(t.Context())
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.Raw(func(raw any) error {
		assert.NotContains(t, fmt.Sprintf("%T", raw), "sqlite")
		_, isExecer := raw.(driver.Execer)
		assert.False(t, isExecer)
		_, isQueryer := raw.(driver.Queryer)
		assert.False(t, isQueryer)
		_, err := raw.(driver.QueryerContext).QueryContext(t.Context(), "SELECT payload FROM secrets", nil)
		assert.ErrorIs(t, err, rls.ErrNoSession)
		_, err = raw.(driver.QueryerContext).QueryContext(d.as(t, "acme", "member"), "SELECT payload FROM secrets", nil)
		assert.ErrorIs(t, err, rls.ErrUnknownName)
		_, err = raw.(driver.ExecerContext).ExecContext(d.as(t, "acme", "member"), "PRAGMA writable_schema = 1", nil)
		assert.Error(t, err)
		_, err = raw.(driver.Conn).Prepare("SELECT payload FROM secrets")
		assert.ErrorIs(t, err, rls.ErrNoSession)
		return nil
	}))
}

func TestDoorConcurrentSessions(t *testing.T) {
	d := openDoor(t)
	stmt, err := d.PrepareContext(d.as(t, "acme", "member"), "SELECT id FROM orders WHERE amount > ? ORDER BY id")
	require.NoError(t, err)
	defer stmt.Close()
	want := map[string][]int{"acme": {1, 2}, "evil": {3}}
	var group sync.WaitGroup
	for i := range 6 {
		organization := []string{"acme", "evil"}[i%2]
		ctx := d.as(t, organization, "member")
		group.Go(func() {
			for range 25 {
				rows, err := stmt.QueryContext(ctx, 0)
				assert.Equal(t, want[organization], ids(t, rows, err))
				rows, err = d.QueryContext(ctx, "SELECT id FROM orders ORDER BY id")
				assert.Equal(t, want[organization], ids(t, rows, err))
			}
		})
	}
	group.Wait()
}

func TestDoorCancellation(t *testing.T) {
	d := openDoor(t)
	ctx, cancel := context.WithCancel(d.as(t, "acme", "member"))
	rows, err := d.QueryContext(ctx, "SELECT id FROM orders")
	require.NoError(t, err)
	cancel()
	require.Eventually(t, func() bool { return rows.Err() != nil }, 5*time.Second, time.Millisecond)
	require.ErrorIs(t, rows.Err(), context.Canceled)
	_, err = d.QueryContext(ctx, "SELECT id FROM orders")
	require.ErrorIs(t, err, context.Canceled)
	again, err := d.QueryContext(d.as(t, "acme", "member"), "SELECT id FROM orders ORDER BY id")
	assert.Equal(t, []int{1, 2}, ids(t, again, err), "the pool still works")
}
