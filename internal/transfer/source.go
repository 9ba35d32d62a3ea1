package transfer

import (
	"context"
	"database/sql"
	"slices"

	"github.com/hedgerow/hedgerow/semantic"
)

// snapshot is the source in one read-only transaction.
type snapshot struct {
	tx   *sql.Tx
	kind *kind
	src  Source
}

func openSnapshot(ctx context.Context, src Source, p *plan) (*snapshot, error) {
	tx, err := src.DB.BeginTx(ctx, &p.from.snapshot)
	if err != nil {
		return nil, databaseError("", "beginning to read the source", err)
	}
	if err := checkZone(ctx, tx, p.from, p); err != nil {
		tx.Rollback()
		return nil, err
	}
	return &snapshot{tx, p.from, src}, nil
}

func (s *snapshot) close() { s.tx.Rollback() } // it has written nothing

// querier is a *sql.Tx or a *sql.Conn.
type querier interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// checkZone refuses a connection whose time zone would change instants.
func checkZone(ctx context.Context, q querier, k *kind, p *plan) error {
	instants := slices.ContainsFunc(p.datasets, func(d *dataset) bool {
		return slices.ContainsFunc(d.columns, func(c column) bool { return c.datatype == semantic.DateTimeTz })
	})
	if k.zone == "" || !instants {
		return nil
	}
	var zone string
	if err := q.QueryRowContext(ctx, k.zone).Scan(&zone); err != nil {
		return databaseError("", "asking for the time zone", err)
	}
	if !inUTC(zone) {
		return fail("", ErrUnsupported, "there are fields of datatype DateTimeTz, and the connection to %s isn't in UTC; open it with time_zone='+00:00'", k.Name)
	}
	return nil
}

// rows streams the rows of a dataset.
func (s *snapshot) rows(ctx context.Context, d *dataset, row func(raw []any) error) error {
	return databaseError(d.name, "reading the source", stream(ctx, s.tx, d.read.SQL, d.read.Args, len(d.columns), row))
}

// content reads a dataset for its number of rows and checksum.
func (s *snapshot) content(ctx context.Context, d *dataset) (content, error) {
	var c content
	err := s.rows(ctx, d, func(raw []any) error {
		encoded, _, err := d.encode(raw, s.kind)
		c.add(encoded)
		return err
	})
	return c, err
}

// count asks the database for the number of rows.
func (s *snapshot) count(ctx context.Context, d *dataset) (int64, error) {
	var n int64
	err := s.tx.QueryRowContext(ctx, d.count.SQL, d.count.Args...).Scan(&n)
	return n, databaseError(d.name, "counting the rows of the source", err)
}

// types asks the driver what it knows of the columns, such as the size of decimals.
func (s *snapshot) types(ctx context.Context, d *dataset) ([]*sql.ColumnType, error) {
	st, err := s.src.Enforcer.Enforce(ctx, s.src.Session, d.query(" LIMIT 0"))
	if err != nil {
		return nil, err
	}
	rows, err := s.tx.QueryContext(ctx, st.SQL, st.Args...)
	if err != nil {
		return nil, databaseError(d.name, "reading the source", err)
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	return types, databaseError(d.name, "reading the source", err)
}

// stream runs a query and gives its rows one by one. It is prepared, as MySQL
// and MariaDB cut floats to six digits in the text of other results.
func stream(ctx context.Context, q querier, query string, args []any, columns int, row func(raw []any) error) error {
	stmt, err := q.PrepareContext(ctx, query)
	if err != nil {
		return err
	}
	defer stmt.Close()
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		raw := make([]any, columns)
		into := make([]any, columns)
		for i := range raw {
			into[i] = &raw[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := row(raw); err != nil {
			return err
		}
	}
	return rows.Err()
}

// encode gives a row's canonical encoding and values.
func (d *dataset) encode(raw []any, k *kind) (encoded []byte, values []*string, err error) {
	values = make([]*string, len(raw))
	for i, c := range d.columns {
		if values[i], err = canonical(raw[i], c.datatype, k); err != nil {
			return nil, nil, fail(d.name, ErrValue, "field %q, of datatype %s, %v", c.field, datatype(c.datatype), err)
		}
		encoded = encode(encoded, values[i])
	}
	return encoded, values, nil
}
