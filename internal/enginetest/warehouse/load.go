package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
)

// SQL says how a database writes what loading needs.
type SQL struct {
	Types       map[Type]string
	Backslashes bool // a backslash in a string is written twice
}

// CreateTable is the statement that creates a table.
func (s SQL) CreateTable(t *Table) string {
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = c.Name + " " + s.Types[c.Type]
	}
	return "CREATE TABLE " + t.Name + " (" + strings.Join(columns, ", ") + ")"
}

// Literal writes a value of a table.
func (s SQL) Literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case Decimal:
		sign, n := "", int64(v)
		if n < 0 {
			sign, n = "-", -n
		}
		return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
	case string:
		if s.Backslashes {
			v = strings.ReplaceAll(v, `\`, `\\`)
		}
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	case bool:
		return strconv.FormatBool(v)
	default:
		return fmt.Sprint(v)
	}
}

// rowsPerInsert keeps statements short enough for every database.
const rowsPerInsert = 200

// Execer is a *sql.DB or a *sql.Conn.
type Execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Load creates the tables, fills them and makes an index on the tenant of each.
func (s SQL) Load(ctx context.Context, db Execer, tables []*Table) error {
	for _, t := range tables {
		statements := []string{s.CreateTable(t)}
		for rest := t.Rows; len(rest) > 0; {
			n := min(len(rest), rowsPerInsert)
			statements = append(statements, s.insert(t.Name, rest[:n]))
			rest = rest[n:]
		}
		if t.Index("tenant") == 0 {
			statements = append(statements, fmt.Sprintf("CREATE INDEX %[1]s_tenant ON %[1]s (tenant, %[2]s)", t.Name, t.Columns[1].Name))
		}
		for _, text := range statements {
			if _, err := db.ExecContext(ctx, text); err != nil {
				return fmt.Errorf("%.80s…: %w", text, err)
			}
		}
	}
	return nil
}

func (s SQL) insert(table string, rows [][]any) string {
	lines := make([]string, len(rows))
	for i, row := range rows {
		values := make([]string, len(row))
		for j, v := range row {
			values[j] = s.Literal(v)
		}
		lines[i] = "(" + strings.Join(values, ", ") + ")"
	}
	return "INSERT INTO " + table + " VALUES " + strings.Join(lines, ", ")
}
