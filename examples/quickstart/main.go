// Command quickstart shows one logical query on tables that three
// organizations share: two sessions of two organizations get different rows,
// and a query for a hidden field is refused.
//
//	go run ./examples/quickstart
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	_ "modernc.org/sqlite"

	"github.com/hedgerow/hedgerow/examples/shop"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/session"
)

const report = `SELECT c.full_name, c.tax_id, COUNT(*) AS orders, SUM(o.amount) AS revenue
FROM customers c
JOIN orders o ON o.customer_id = c.id
WHERE o.status <> 'cancelled' AND o.ordered_at >= ?
GROUP BY c.id, c.full_name, c.tax_id
ORDER BY revenue DESC, c.full_name
LIMIT 5`

const prying = `SELECT full_name,
       email
FROM customers`

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// run prints the whole tour.
func run(ctx context.Context, out io.Writer) error {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // every further connection would be a database of its own
	if err := shop.Create(ctx, db); err != nil {
		return err
	}
	policies, err := shop.Policies()
	if err != nil {
		return err
	}
	enforcer, err := rls.New(rls.Config{Policies: policies, Dialect: rls.SQLite})
	if err != nil {
		return err
	}
	member, err := policies.Schema().New(map[string]any{"organization_id": "acme", "user_id": 5, "regions": []string{"dach", "uk-ie"}})
	if err != nil {
		return err
	}
	admin, err := policies.Schema().New(map[string]any{"organization_id": "initech", "user_id": 25, "role": "admin"})
	if err != nil {
		return err
	}
	section(out, "The logical query", report)
	if err := show(ctx, out, db, enforcer, "A member of acme, for two regions", member); err != nil {
		return err
	}
	if err := show(ctx, out, db, enforcer, "An admin of initech", admin); err != nil {
		return err
	}
	return showRefusal(ctx, out, enforcer, member)
}

// show enforces the report for a session, runs it and prints every step.
func show(ctx context.Context, out io.Writer, db *sql.DB, e *rls.Enforcer, title string, s session.Session) error {
	statement, err := e.Enforce(ctx, s, report, "2025-01-01 00:00:00")
	if err != nil {
		return err
	}
	rows, err := db.QueryContext(ctx, statement.SQL, statement.Args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	table, err := format(rows)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "=== %s ===\n\n", title)
	section(out, "Enforced SQL", layOut(statement.SQL))
	section(out, "Args", list(statement.Args))
	section(out, "Decision", statement.Decision.String())
	section(out, "Rows", table)
	return nil
}

// showRefusal prints the error for a field that the session can't see.
func showRefusal(ctx context.Context, out io.Writer, e *rls.Enforcer, s session.Session) error {
	fmt.Fprintf(out, "=== The member of acme asks for a hidden field ===\n\n")
	section(out, "The logical query", prying)
	_, err := e.Enforce(ctx, s, prying)
	var refusal *rls.Error
	if !errors.As(err, &refusal) {
		return fmt.Errorf("expected a refusal, got %v", err)
	}
	section(out, "The error", refusal.Detail())
	return nil
}

// section prints a titled, indented block.
func section(out io.Writer, title, body string) {
	fmt.Fprintf(out, "%s:\n", title)
	for line := range strings.Lines(strings.TrimRight(body, "\n") + "\n") {
		fmt.Fprint(out, "  ", line)
	}
	fmt.Fprintln(out)
}

// layOut breaks SQL into lines for the eye: before the main keywords outside
// quotes, indented by the depth of parentheses.
func layOut(sql string) string {
	var b strings.Builder
	depth, quote := 0, byte(0)
	for i := 0; i < len(sql); i++ {
		c := sql[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ' ' && startsClause(sql[i+1:]):
			b.WriteString("\n" + strings.Repeat("  ", depth))
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

func startsClause(sql string) bool {
	for _, keyword := range []string{"FROM ", "JOIN ", "WHERE ", "GROUP BY ", "ORDER BY ", "LIMIT "} {
		if strings.HasPrefix(sql, keyword) {
			return true
		}
	}
	return false
}

// list prints bind arguments, one a line, with their numbers.
func list(args []any) string {
	var b strings.Builder
	for i, arg := range args {
		if s, ok := arg.(string); ok {
			arg = strconv.Quote(s)
		}
		fmt.Fprintf(&b, "%d: %v\n", i+1, arg)
	}
	return b.String()
}

// format lays rows out as a table.
func format(rows *sql.Rows) (string, error) {
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	lines := [][]string{columns}
	values, targets := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return "", err
		}
		line := make([]string, len(values))
		for i, v := range values {
			line[i] = cell(v)
		}
		lines = append(lines, line)
	}
	return align(lines), rows.Err()
}

func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case float64:
		return fmt.Sprintf("%.2f", v)
	default:
		return fmt.Sprint(v)
	}
}

// align pads cells to the width of their column, counted in characters.
func align(lines [][]string) string {
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, text := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	var b strings.Builder
	for n, line := range lines {
		var row, rule strings.Builder
		for i, text := range line {
			fmt.Fprintf(&row, "%s%s  ", text, strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text)))
			rule.WriteString(strings.Repeat("-", widths[i]) + "  ")
		}
		b.WriteString(strings.TrimRight(row.String(), " ") + "\n")
		if n == 0 {
			b.WriteString(strings.TrimRight(rule.String(), " ") + "\n")
		}
	}
	return b.String()
}
