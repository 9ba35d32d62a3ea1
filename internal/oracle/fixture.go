package oracle

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// kind is the type of a column or expression.
type kind string

const (
	whole   kind = "Integer"
	decimal kind = "Decimal"
	float   kind = "Float"
	text    kind = "String"
	day     kind = "Date"
	instant kind = "DateTime"
	truth   kind = "Boolean"
)

// field is a column of a dataset. sql is its type where that isn't the usual one.
type field struct {
	name string
	kind kind
	sql  map[string]string
}

// dataset is a dataset with its rows: those of acme are seen, all others aren't.
type dataset struct {
	name            string
	fields          []field
	visible, hidden []string // constants, with commas between; long is a text of that many bytes
}

// The collations of a database decide which texts its caches take for equal.
var (
	key = map[string]string{"mariadb": "varchar(40)"}
	// odd is a collation under which LIKE fails.
	odd = map[string]string{"postgresql": "text COLLATE nondeterministic"}
	big = map[string]string{"mariadb": "text"}
)

// fixture are the datasets. Hidden rows hold extreme values, and near misses of
// visible ones: texts that differ in case, blanks, accents and characters
// without width.
var fixture = []dataset{
	{"orders", []field{
		{"id", whole, nil}, {"organization_id", text, key}, {"customer_id", whole, nil}, {"amount", whole, nil}, {"price", decimal, nil}, {"ratio", float, nil},
		{"note", text, nil}, {"body", text, big}, {"status", text, nil}, {"d", day, nil}, {"ts", instant, nil}, {"paid", truth, nil}},
		[]string{
			"2, 'acme', 1, 10, 9.5, 0.5, 'Alpha', 'one', 'open', '2024-01-31', '2024-01-31 10:00:00', TRUE",
			"3, 'acme', 1, 20, 100.25, 1.5, 'beta', 'two', 'open', '2024-02-29', '2024-02-29 23:59:59', FALSE",
			"5, 'acme', 2, 0, 0, 0, 'Zoë', '', 'closed', '2023-12-31', '2023-12-31 00:00:00', NULL",
			"7, 'acme', 2, -5, -3.75, -2.25, '7', '12', 'closed', '2024-05-05', '2024-05-05 05:05:05', TRUE",
			"8, 'acme', 3, 120, 12.5, 3.5, NULL, NULL, 'open', NULL, NULL, FALSE",
			"10, 'acme', 3, NULL, NULL, NULL, 'VICTIM@x.org', 'three', NULL, '2024-07-01', '2024-07-01 12:00:00', TRUE",
			"12, 'acme', 3, 9223372036854775, 5.5, 1e100, '', 'four', 'draft', '1970-01-01', '1970-01-01 00:00:01', FALSE",
		},
		[]string{
			"1, 'evil', 50, 7, 9.5, 0.5, 'victim@x.org', 'CANARY-1', 'OPEN', '2024-01-31', '2024-01-31 10:00:00', TRUE",
			"4, 'ACME', 50, 10, 9.5, 0.5, 'ALPHA', 'CANARY-2', 'open ', '2024-02-29', '2024-02-29 23:59:59', FALSE",
			"6, 'ácme', 51, 20, 100.25, 1.5, 'béta', 'CANARY-3', 'öpen', '2023-12-31', '2023-12-31 00:00:00', NULL",
			"9, 'acme ', 51, 0, 0, 0, 'Zoe', 'CANARY-4', 'clo\u200bsed', '2024-05-05', '2024-05-05 05:05:05', TRUE",
			"11, 'evil', 50, 9223372036854775807, 9999999999999999.9999, 1.7e308, 'VICTIM', 'CANARY-5', 'CLOSED', '9999-12-31', '9999-12-31 23:59:59', TRUE",
			"50, 'evil', 50, -9223372036854775807, -9999999999999999.9999, -1.7e308, 'VICTIM@x.org ', 'CANARY-6', 'draft', '0001-01-01', '0001-01-01 00:00:00', FALSE",
			"51, 'evil', 51, 1000000, 0.0001, 5e-320, '99999999999999999999', 'long 15000', 'x', '2024-02-30', '2024-01-01 00:00:00', NULL",
			"52, 'evil', 52, -1, 0, 0, '2024-02-31', 'long 60000', 'open', NULL, NULL, NULL",
			"53, 'evil', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
			`54, 'evil', 52, 75000, 75000.5, 800, '%_\\', '-1e999x', 'draft\u200b', '1000-01-01', '2024-02-29 00:00:00', TRUE`,
		}},
	{"customers", []field{{"id", whole, nil}, {"organization_id", text, key}, {"name", text, nil}, {"region", text, nil}, {"email", text, odd}, {"score", whole, nil}},
		[]string{
			"1, 'acme', 'Ann', 'north', 'ann@x.org', 5", "2, 'acme', 'bob', 'south', 'bob@x.org', 50", "3, 'acme', 'Céline', NULL, NULL, NULL",
		},
		[]string{
			"50, 'evil', 'ANN', 'NORTH', 'ANN@x.org', 9223372036854775807", "51, 'Acme', 'Bob ', 'sou\u200bth', 'CANARY-7', -9223372036854775807",
			"52, 'evil', 'Celine', '', 'VICTIM', 1000000",
		}},
	{"members", []field{{"customer_id", whole, nil}, {"user_id", whole, nil}},
		[]string{"1, 7", "2, 7", "3, 7"}, []string{"50, 8", "51, 8", "52, 9", "50, 9223372036854775807"}},
	{"nums", []field{{"n", whole, nil}}, []string{"1", "2", "3"}, nil},
	{"owners", []field{{"id", whole, nil}, {"organization_id", text, key}, {"user_id", whole, nil}},
		[]string{"1, 'acme', 7", "2, 'acme', 8"}, []string{"3, 'evil', 8"}},
	{"docs", []field{{"id", whole, nil}, {"organization_id", text, key}, {"owner_id", whole, nil}, {"public", truth, nil}},
		[]string{"10, 'acme', 1, FALSE"}, []string{"11, 'ACME', 1, FALSE", "12, 'ácme', 1, FALSE", "13, 'evil', 3, FALSE", "14, 'acme ', 1, FALSE"}},
}

// types are the usual column types.
var types = map[string]map[kind]string{
	"sqlite": {whole: "INTEGER", decimal: "NUMERIC", float: "REAL", text: "TEXT", day: "TEXT", instant: "TEXT", truth: "BOOLEAN"},
	"postgresql": {whole: "bigint", decimal: "numeric(20,4)", float: "double precision", text: "text", day: "date", instant: "timestamp",
		truth: "boolean"},
	"mariadb": {whole: "bigint", decimal: "decimal(20,4)", float: "double", text: "varchar(200)", day: "date", instant: "datetime(6)", truth: "boolean"},
	"duckdb":  {whole: "BIGINT", decimal: "DECIMAL(20,4)", float: "DOUBLE", text: "VARCHAR", day: "DATE", instant: "TIMESTAMP", truth: "BOOLEAN"},
}

// Kinds are the kinds of policies, which all let the same rows be seen.
func Kinds() []string { return []string{"eq", "exists", "or", "heavy", "chief", "date"} }

const eq = "row.organization_id == session.organization_id"

// rows gives the rules of a kind by dataset, each of them permissive.
func rows(policies, dataset string) []string {
	switch {
	case dataset == "nums":
		return []string{"true"}
	case dataset == "members":
		return []string{"row.user_id == session.user_id"}
	case dataset == "docs" && policies == "chief":
		return []string{"row.chief.organization_id == row.organization_id && row.chief.user_id == session.user_id || row.public"}
	case dataset == "docs", dataset == "owners":
		return []string{eq}
	case policies == "date" && dataset == "orders":
		return []string{"(row.d > timestamp('1900-01-01T00:00:00Z') || row.id > 0) && row.customer_id + 1 < 10"}
	case policies == "exists" && dataset == "orders":
		return []string{"row.owner.organization_id == session.organization_id"}
	case policies == "exists":
		return []string{"row.members.exists(m, m.user_id == session.user_id)"}
	case policies == "or" || policies == "heavy":
		word := map[string]string{"orders": "status", "customers": "region"}[dataset]
		out := []string{eq, fmt.Sprintf("row.%s.lowerAscii().startsWith('shared-') && row.%[1]s.contains(session.organization_id)", word)}
		if policies == "heavy" {
			out = append(out, fmt.Sprintf("row.%s.trim().endsWith('@' + session.organization_id) || row.%[1]s.size() > 1000", word),
				fmt.Sprintf("row.id + 1 == session.user_id - 100 && row.%s.replace('a', 'b') == 'cc'", word))
		}
		return out
	default:
		return []string{eq}
	}
}

// model writes the semantic model.
func model() string {
	var b strings.Builder
	b.WriteString("version: \"0.2.0\"\nsemantic_model:\n  - name: oracle\n    datasets:\n")
	for _, d := range fixture {
		fmt.Fprintf(&b, "      - name: %s\n        source: %[1]s\n        primary_key: [%s]\n        fields:\n", d.name, d.fields[0].name)
		for _, f := range d.fields {
			fmt.Fprintf(&b, "          - {name: %s, datatype: %s, expression: {dialects: [{dialect: ANSI_SQL, expression: %[1]s}]}}\n", f.name, f.kind)
		}
	}
	b.WriteString(`    relationships:
      - {name: owner, from: orders, to: customers, from_columns: [customer_id], to_columns: [id]}
      - {name: members, from: members, to: customers, from_columns: [customer_id], to_columns: [id]}
      - {name: chief, from: docs, to: owners, from_columns: [owner_id], to_columns: [id]}
`)
	return b.String()
}

// policies writes the policy file of a kind.
func policies(kind string) string {
	var b strings.Builder
	b.WriteString("session:\n  - {name: organization_id, type: string, required: true}\n  - {name: user_id, type: int, required: true}\n")
	b.WriteString("policies:\n")
	for _, d := range fixture {
		for i, rule := range rows(kind, d.name) {
			fmt.Fprintf(&b, "  - {name: %s-%d, datasets: [%[1]s], rows: %[3]q}\n", d.name, i, rule)
		}
	}
	return b.String()
}

// enforcer is the enforcer of a kind of policies, with the session of acme.
func enforcer(d rls.Dialect, kind string) (*rls.Enforcer, session.Session, error) {
	m, err := semantic.Parse("model.yaml", []byte(model()))
	if err != nil {
		return nil, session.Session{}, err
	}
	set, err := policy.Parse(kind+".yaml", []byte(policies(kind)), m)
	if err != nil {
		return nil, session.Session{}, err
	}
	s, err := set.Schema().New(map[string]any{"organization_id": "acme", "user_id": 7})
	if err != nil {
		return nil, s, err
	}
	e, err := rls.New(rls.Config{Policies: set, Dialect: d, CacheBytes: -1})
	return e, s, err
}

// load makes the tables, with the visible rows, the hidden ones, or both.
func load(ctx context.Context, db *sql.DB, dialect string, visible, hidden bool) error {
	var statements []string
	if dialect == "postgresql" {
		statements = append(statements, "CREATE COLLATION nondeterministic (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
	}
	for _, d := range fixture {
		statements = append(statements, "CREATE TABLE "+d.name+" ("+strings.Join(definitions(d, dialect), ", ")+")")
		var all []string
		for i := range max(len(d.visible), len(d.hidden)) { // by turns, hidden first: caches hold those
			if hidden && i < len(d.hidden) {
				all = append(all, d.hidden[i])
			}
			if visible && i < len(d.visible) {
				all = append(all, d.visible[i])
			}
		}
		for _, row := range all {
			statements = append(statements, "INSERT INTO "+d.name+" VALUES ("+constants(row, dialect)+")")
		}
	}
	statements = append(statements, "CREATE INDEX by_organization ON orders (organization_id)", "CREATE INDEX by_customer ON orders (customer_id)")
	for _, s := range statements {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%.200s: %w", s, err)
		}
	}
	return nil
}

func definitions(d dataset, dialect string) (out []string) {
	for i, f := range d.fields {
		sql := f.sql[dialect]
		if sql == "" {
			sql = types[dialect][f.kind]
		}
		if i == 0 && f.name == "id" {
			sql += " PRIMARY KEY"
		}
		out = append(out, f.name+" "+sql)
	}
	return out
}

// constants writes a row for a database.
func constants(row, dialect string) string {
	row = strings.ReplaceAll(row, `\u200b`, "\u200b")
	if dialect != "mariadb" {
		row = strings.ReplaceAll(row, `\\`, `\`)
	}
	for _, n := range []int{15000, 60000} {
		row = strings.ReplaceAll(row, fmt.Sprintf("'long %d'", n), "'"+strings.Repeat("a", n)+"'")
	}
	if dialect == "postgresql" { // later than any timestamp
		row = strings.ReplaceAll(row, "'9999-12-31',", "'5874897-12-31',")
	}
	if dialect != "sqlite" { // only text may be a date that isn't there
		row = strings.ReplaceAll(row, "'2024-02-30'", "'2024-02-28'")
	}
	if dialect == "mariadb" {
		row = strings.ReplaceAll(row, "5e-320", "2.3e-308")
	}
	return row
}
