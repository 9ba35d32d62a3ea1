package rls_test

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/semantic"
)

// The values of random rows, sessions and constants. They are few, and next to
// each other, so that rows meet the constants of rules and their neighbours.
var (
	commonStrings = []string{"", "a", "A", "ab", "b"}
	oddStrings    = []string{"a ", " a", "ß", "ss", "ä", "Ä", "a%", "%", "_", "a_", `\`, `a\`, "a'b", `"`, "😀", "😀b", "NULL", "ａ", "é", "e\u0301", "aa", "0", "1", "true", "--", "\t", "\uffee", "𐍈"}
	commonInts    = []int64{0, 1, -1, 2, 3}
	oddInts       = []int64{-2, 7, 8, math.MaxInt64, math.MaxInt64 - 1, math.MinInt64 + 1, math.MaxInt32, math.MaxInt32 + 1, math.MinInt32, math.MinInt32 - 1, 1 << 53, 1<<53 + 1}
	smallInts     = []int64{0, 1, -1, 2, 3, 7, 8}
	tenth, fifth  = 0.1, 0.2 // their sum as a constant would be 0.3
	doubles       = []float64{0, 1, -1, 0.5, 2.25, -3.75, 0.1, 0.2, 0.3, tenth + fifth, math.Nextafter(0.3, 0), math.Nextafter(1, 2), 1e10, 1e-7, 1 << 53, 1e300, -1e300, 123456.789, math.Copysign(0, -1)}
	amounts       = []float64{0, 0.1, 0.2, 0.3, 1, -1, 2.25, -3.75, 123456.789, 1e10} // have a few decimals
	instants      = []time.Time{
		instant("2024-02-29T12:00:00Z"), instant("2024-02-29T00:00:00Z"), instant("2024-02-29T12:00:00.5Z"), instant("2024-02-29T12:00:00.500001Z"), instant("2023-12-31T23:59:59.999999Z"), instant("2024-01-01T00:00:00Z"),
		instant("2024-03-10T06:59:59.999999Z"), instant("2024-03-10T07:00:00Z"), instant("2024-03-10T02:30:00Z"), // New York's summer time starts; 2:30 is no time there
		instant("2024-11-03T05:30:00Z"), instant("2024-11-03T06:30:00Z"), instant("2024-11-03T01:30:00Z"), // and ends: both are 1:30
		instant("2024-03-31T00:59:59Z"), instant("2024-03-31T02:30:00Z"), instant("1999-01-01T00:00:01Z"), instant("2037-12-31T23:59:59Z"),
	}
	distantInstants = []time.Time{instant("1969-12-31T23:59:59.999999Z"), instant("2999-12-31T23:59:59Z"), instant("1582-10-10T00:00:00Z")}
)

func instant(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return t
}

func pickOf[T any](r *rand.Rand, values ...T) T { return values[r.IntN(len(values))] }

// usual picks from the common values most of the time.
func usual[T any](r *rand.Rand, common, odd []T) T {
	if r.IntN(5) < 3 {
		return pickOf(r, common...)
	}
	return pickOf(r, odd...)
}

// orNull is a value, or NULL one time in five.
func orNull(r *rand.Rand, v any) any {
	if r.IntN(5) == 0 {
		return nil
	}
	return v
}

// slots is how many datasets are the table of things: each has its own rule, so
// that one policy file and one query hold many.
const slots = 16

func slotName(i int) string { return fmt.Sprintf("things%02d", i) }

// agreementTable is a table of the family: its fields, and columns that only
// relationships use.
type agreementTable struct {
	name   string
	fields []agreementField
	keys   []agreementField
	index  []string
}

type agreementField struct {
	name string
	typ  semantic.Datatype
	sql  map[testdb.Kind]string // where the type's usual one isn't meant
}

// column types of PostgreSQL and MariaDB; SQLite's are below.
var agreementSQL = map[semantic.Datatype][2]string{
	semantic.String: {"varchar(40)", "varchar(40)"}, semantic.Integer: {"bigint", "bigint"}, semantic.Boolean: {"boolean", "boolean"},
	semantic.Float: {"double precision", "double"}, semantic.Decimal: {"numeric(20, 4)", "decimal(20, 4)"}, semantic.Date: {"date", "date"},
	semantic.DateTime: {"timestamp", "datetime(6)"}, semantic.DateTimeTz: {"timestamptz", "timestamp(6) NULL DEFAULT NULL"},
}

var agreementSQLite = map[semantic.Datatype]string{
	semantic.String: "TEXT", semantic.Integer: "INTEGER", semantic.Boolean: "BOOLEAN", semantic.Float: "REAL", semantic.Decimal: "NUMERIC",
	semantic.Date: "TEXT", semantic.DateTime: "TEXT", semantic.DateTimeTz: "TEXT",
}

// folded is a string column whose collation equates what CEL tells apart.
func folded(name string) agreementField {
	return agreementField{name: name, typ: semantic.String, sql: map[testdb.Kind]string{testdb.SQLite: "TEXT COLLATE NOCASE"}}
}

// narrow is a whole number of fewer bits.
func narrow(name, typ string) agreementField {
	return agreementField{name, semantic.Integer, map[testdb.Kind]string{testdb.PostgreSQL: typ, testdb.MariaDB: typ}}
}

// agreementTables are the family: things have one parent by two columns, parents
// one grand by a string, things have kids and kids have pets.
var agreementTables = []agreementTable{
	{name: "things", fields: []agreementField{{name: "id", typ: semantic.Integer}, {name: "org", typ: semantic.String}, folded("s"),
		{name: "s2", typ: semantic.String, sql: map[testdb.Kind]string{testdb.PostgreSQL: "text", testdb.MariaDB: "text"}},
		{name: "n", typ: semantic.Integer}, {name: "m", typ: semantic.Integer}, {name: "b", typ: semantic.Boolean}, {name: "d", typ: semantic.Float},
		{name: "amount", typ: semantic.Decimal}, {name: "at", typ: semantic.DateTime}, {name: "day", typ: semantic.Date}, {name: "tz", typ: semantic.DateTimeTz}},
		keys: []agreementField{{name: "pa", typ: semantic.Integer}, {name: "pb", typ: semantic.Integer}}, index: []string{"id", "s"}},
	{name: "parents", fields: []agreementField{{name: "org", typ: semantic.String}, folded("s"), narrow("n", "int"), {name: "b", typ: semantic.Boolean}, {name: "at", typ: semantic.DateTime}},
		keys: []agreementField{{name: "ka", typ: semantic.Integer}, {name: "kb", typ: semantic.Integer}, folded("grand")}, index: []string{"ka, kb"}},
	{name: "grands", fields: []agreementField{{name: "org", typ: semantic.String}, folded("s"), {name: "n", typ: semantic.Integer}}, keys: []agreementField{folded("code")}, index: []string{"code"}},
	{name: "kids", fields: []agreementField{{name: "org", typ: semantic.String}, folded("s"), narrow("n", "int"), {name: "b", typ: semantic.Boolean}, {name: "d", typ: semantic.Float}, {name: "day", typ: semantic.Date}},
		keys: []agreementField{{name: "id", typ: semantic.Integer}, {name: "thing", typ: semantic.Integer}, folded("friend")}, index: []string{"thing", "id"}},
	{name: "pets", fields: []agreementField{{name: "org", typ: semantic.String}, folded("s"), narrow("n", "smallint"), {name: "b", typ: semantic.Boolean}},
		keys: []agreementField{{name: "kid", typ: semantic.Integer}}, index: []string{"kid"}},
}

// agreementModel is the semantic model over the tables of one family.
func agreementModel(t *testing.T, prefix string) *semantic.Model {
	var b strings.Builder
	b.WriteString("version: \"0.2.0\"\nsemantic_model:\n  - name: agreement\n    datasets:\n")
	dataset := func(name string, table agreementTable) {
		fmt.Fprintf(&b, "      - name: %s\n        source: %s%s\n        fields:\n", name, prefix, table.name)
		for _, f := range table.fields {
			fmt.Fprintf(&b, "          - {name: %[1]s, datatype: %[2]s, expression: {dialects: [{dialect: ANSI_SQL, expression: %[1]s}]}}\n", f.name, f.typ)
		}
	}
	for i := range slots {
		dataset(slotName(i), agreementTables[0])
	}
	for _, table := range agreementTables[1:] {
		dataset(table.name, table)
	}
	b.WriteString("    relationships:\n")
	relate := func(name, from, to, fromColumns, toColumns string) {
		fmt.Fprintf(&b, "      - {name: %s, from: %s, to: %s, from_columns: [%s], to_columns: [%s]}\n", name, from, to, fromColumns, toColumns)
	}
	for i := range slots {
		relate(fmt.Sprintf("parent%02d", i), slotName(i), "parents", "pa, pb", "ka, kb")
		relate(fmt.Sprintf("kid%02d", i), "kids", slotName(i), "thing", "id")
	}
	relate("grand", "parents", "grands", "grand", "code")
	relate("friend", "kids", "grands", "friend", "code")
	relate("owner", "pets", "kids", "kid", "id")
	m, err := semantic.Parse("agreement.yaml", []byte(b.String()))
	require.NoError(t, err)
	return m
}

// family is random rows in the tables, under a prefix of their names.
type family struct {
	prefix string
	model  *semantic.Model
	rows   map[string][]map[string]any // by table
	// nested are the things as cel-go gets them.
	mu     sync.Mutex
	nested map[shape][]map[string]any
}

// shape is how much of what is related to a thing belongs to it: what its rule
// reads, as the rest only costs time.
type shape struct {
	tenant                        bool // hops stay in the tenant
	self                          string
	parents, siblings, kids, pets bool
}

const thingsInFamily = 28

func newFamily(t *testing.T, r *rand.Rand, number int) *family {
	w := &family{prefix: fmt.Sprintf("w%d_", number), rows: map[string][]map[string]any{}, nested: map[shape][]map[string]any{}}
	w.model = agreementModel(t, w.prefix)
	add := func(table string, keys map[string]any) {
		row := keys
		for _, f := range agreementTables[slices.IndexFunc(agreementTables, func(x agreementTable) bool { return x.name == table })].fields {
			if _, given := keys[f.name]; !given {
				row[f.name] = randomValue(r, f)
			}
		}
		w.rows[table] = append(w.rows[table], row)
	}
	key := func(n int) any { return orNull(r, int64(r.IntN(n))) }
	codes := append(slices.Clone(commonStrings), "a ", "ä", `\`)
	for _, code := range codes {
		add("grands", map[string]any{"code": code})
	}
	add("grands", map[string]any{"code": nil})
	for a := range int64(3) {
		for b := range int64(3) {
			add("parents", map[string]any{"ka": a, "kb": b, "grand": orNull(r, pickOf(r, append(codes, "none")...))})
		}
	}
	add("parents", map[string]any{"ka": nil, "kb": int64(1), "grand": "a"})
	kids := 0
	for i := range int64(thingsInFamily) {
		add("things", map[string]any{"id": i, "pa": key(4), "pb": key(3)})
		for range r.IntN(4) {
			add("kids", map[string]any{"id": int64(kids), "thing": i, "friend": orNull(r, pickOf(r, append(codes, "none")...))})
			for range r.IntN(3) {
				add("pets", map[string]any{"kid": int64(kids)})
			}
			kids++
		}
	}
	add("kids", map[string]any{"id": int64(kids), "thing": nil, "friend": "a"})
	return w
}

// randomValue is a value of a field's type. Whole numbers of fewer bits are
// small.
func randomValue(r *rand.Rand, f agreementField) any {
	switch f.typ {
	case semantic.String:
		if f.name == "org" {
			return pickOf[any](r, "x", "x", "x", "y", "X", nil)
		}
		return orNull(r, usual(r, commonStrings, oddStrings))
	case semantic.Integer:
		if f.sql != nil {
			return orNull(r, pickOf(r, smallInts...))
		}
		return orNull(r, usual(r, commonInts, append(oddInts, math.MinInt64)))
	case semantic.Boolean:
		return orNull(r, r.IntN(2) == 0)
	case semantic.Float:
		return orNull(r, pickOf(r, doubles...))
	case semantic.Decimal:
		return orNull(r, pickOf(r, amounts...))
	case semantic.DateTimeTz:
		return orNull(r, pickOf(r, instants...))
	case semantic.DateTime:
		return orNull(r, pickOf(r, append(instants, distantInstants...)...))
	default:
		y, m, d := pickOf(r, append(instants, distantInstants...)...).Date()
		return orNull(r, time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
	}
}

// things gives the rows that cel-go judges under a rule of a dataset.
func (w *family) things(self string, tenant bool, rule string) []map[string]any {
	reads := func(step string) bool { return strings.Contains(rule, "."+step) }
	s := shape{tenant: tenant, parents: reads("parents"), siblings: reads("parents." + self), kids: reads("kids"), pets: reads("pets")}
	if reads(self) {
		s.self = self
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.nested[s] == nil {
		join := joiner{s, w.rows}
		for _, thing := range w.rows["things"] {
			w.nested[s] = append(w.nested[s], join.thing(thing))
		}
	}
	return w.nested[s]
}

// joiner follows relationships. Within a tenant, both ends have the same org
// where both have one.
type joiner struct {
	shape
	rows map[string][]map[string]any
}

func (j joiner) thing(row map[string]any) map[string]any {
	out := maps.Clone(row)
	if j.parents {
		for _, p := range j.find("parents", row, "ka", "pa", "kb", "pb") {
			out["parents"] = j.parent(p)
		}
	}
	if j.kids {
		kids := []map[string]any{}
		for _, k := range j.find("kids", row, "thing", "id") {
			kids = append(kids, j.kid(k))
		}
		out["kids"] = kids
	}
	return out
}

// find gives the rows of a table whose columns equal those of a near row.
// columns are pairs of the far and the near one.
func (j joiner) find(table string, near map[string]any, columns ...string) []map[string]any {
	var out []map[string]any
rows:
	for _, far := range j.rows[table] {
		for i := 0; i < len(columns); i += 2 {
			if v := far[columns[i]]; v == nil || v != near[columns[i+1]] {
				continue rows
			}
		}
		a, okA := far["org"]
		b, okB := near["org"]
		if j.tenant && okA && okB && (a == nil || a != b) {
			continue
		}
		out = append(out, far)
	}
	return out
}

// parent is a parent with its grand and, as a list, its things.
func (j joiner) parent(row map[string]any) map[string]any {
	out := maps.Clone(row)
	for _, g := range j.find("grands", row, "code", "grand") {
		out["grands"] = g
	}
	siblings := []map[string]any{}
	for _, x := range j.find("things", row, "pa", "ka", "pb", "kb") {
		siblings = append(siblings, x)
	}
	if j.siblings {
		out[j.self] = siblings
	}
	return out
}

// kid is a kid with its friend among the grands, its thing and its pets.
func (j joiner) kid(row map[string]any) map[string]any {
	out := maps.Clone(row)
	for _, g := range j.find("grands", row, "code", "friend") {
		out["grands"] = g
	}
	if j.self != "" {
		for _, x := range j.find("things", row, "id", "thing") {
			thing := maps.Clone(x)
			for _, p := range j.find("parents", x, "ka", "pa", "kb", "pb") {
				thing["parents"] = p
			}
			out[j.self] = thing
		}
	}
	pets := []map[string]any{}
	for _, p := range j.find("pets", row, "kid", "id") {
		pet := maps.Clone(p)
		pet["kids"] = row
		pets = append(pets, pet)
	}
	if j.pets {
		out["pets"] = pets
	}
	return out
}

// load creates and fills the tables of the family.
func (w *family) load(t *testing.T, db *sql.DB, k testdb.Kind, zone string) {
	t.Helper()
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	require.NoError(t, err)
	defer conn.Close()
	exec := func(statement string, args ...any) {
		t.Helper()
		_, err := conn.ExecContext(ctx, statement, args...)
		require.NoError(t, err, statement)
	}
	if k == testdb.MariaDB { // it reads a TIMESTAMP in the connection's zone
		exec("SET time_zone = '+00:00'")
		defer exec("SET time_zone = '" + cmp.Or(zone, "+00:00") + "'")
	}
	exec("BEGIN")
	for _, table := range agreementTables {
		columns := append(slices.Clone(table.fields), table.keys...)
		var names, defs []string
		for _, c := range columns {
			names, defs = append(names, c.name), append(defs, c.name+" "+columnType(c, k))
		}
		exec("CREATE TABLE " + w.prefix + table.name + " (" + strings.Join(defs, ", ") + ")")
		for i, index := range table.index {
			exec(fmt.Sprintf("CREATE INDEX %s%s_%d ON %[1]s%[2]s (%[4]s)", w.prefix, table.name, i, index))
		}
		var marks []string
		var values []any
		for _, row := range w.rows[table.name] {
			var one []string
			for _, c := range columns {
				values = append(values, columnValue(row[c.name], c.typ, k))
				one = append(one, map[bool]string{true: fmt.Sprintf("$%d", len(values)), false: "?"}[k == testdb.PostgreSQL])
			}
			marks = append(marks, "("+strings.Join(one, ", ")+")")
		}
		exec("INSERT INTO "+w.prefix+table.name+" ("+strings.Join(names, ", ")+") VALUES "+strings.Join(marks, ", "), values...)
	}
	exec("COMMIT")
	if k == testdb.PostgreSQL {
		exec("ANALYZE")
	}
}

func columnType(c agreementField, k testdb.Kind) string {
	if typ, ok := c.sql[k]; ok {
		return typ
	}
	switch k {
	case testdb.PostgreSQL:
		return agreementSQL[c.typ][0]
	case testdb.MariaDB:
		return agreementSQL[c.typ][1]
	default:
		return agreementSQLite[c.typ]
	}
}

// columnValue is a value as it is inserted: times as text in UTC.
func columnValue(v any, typ semantic.Datatype, k testdb.Kind) any {
	t, ok := v.(time.Time)
	switch {
	case !ok:
		return v
	case typ == semantic.DateTimeTz && k == testdb.PostgreSQL:
		return t.Format(time.RFC3339Nano)
	case typ == semantic.Date:
		return t.Format(time.DateOnly)
	default:
		return t.Format("2006-01-02 15:04:05.999999")
	}
}

// agreementProperties are the session's: opt and its like may be missing.
const agreementProperties = `
session:
  - {name: s, type: string}
  - {name: s2, type: string}
  - {name: n, type: int}
  - {name: d, type: double}
  - {name: flag, type: bool}
  - {name: at, type: timestamp}
  - {name: role, type: string, default: member}
  - {name: list, type: list(string)}
  - {name: none, type: list(string), default: []}
  - {name: ints, type: list(int)}
  - {name: doubles, type: list(double)}
  - {name: times, type: list(timestamp)}
  - {name: flags, type: list(bool)}
  - {name: limits, type: "map(string, int)"}
  - {name: names, type: "map(string, string)"}
  - {name: empty, type: "map(string, int)"}
  - {name: opt, type: string}
  - {name: optn, type: int}
  - {name: optlist, type: list(string)}
  - {name: org, type: string, default: x}
`

func randomSession(r *rand.Rand) map[string]any {
	text := func() string { return usual(r, commonStrings, oddStrings) }
	number := func() int64 { return usual(r, commonInts, append(oddInts, math.MinInt64)) }
	moment := func() time.Time { return inSomeZone(r, pickOf(r, append(instants, distantInstants...)...)) }
	values := map[string]any{
		"s": text(), "s2": text(), "n": number(), "d": pickOf(r, doubles...), "flag": r.IntN(2) == 0, "at": moment(), "role": pickOf(r, "member", "admin"),
		"list": some(r, text), "none": []string{}, "ints": append(some(r, number), 1), "doubles": some(r, func() float64 { return pickOf(r, doubles...) }),
		"times": some(r, moment), "flags": some(r, func() bool { return r.IntN(2) == 0 }),
		"limits": map[string]int64{text(): number(), text(): number(), "a": 1, "A": 2}, "names": map[string]string{text(): text(), "b": text(), "": "a"}, "empty": map[string]int64{},
	}
	opt := map[string]any{"opt": text(), "optn": number(), "optlist": some(r, text)}
	for _, name := range []string{"opt", "optn", "optlist"} {
		if r.IntN(2) == 0 {
			values[name] = opt[name]
		}
	}
	return values
}

func some[T any](r *rand.Rand, one func() T) []T {
	out := []T{}
	for range r.IntN(5) {
		out = append(out, one())
	}
	return out
}

// inSomeZone is the same instant at an offset that may be odd.
func inSomeZone(r *rand.Rand, t time.Time) time.Time {
	return t.In(time.FixedZone("", 60*pickOf(r, 0, 0, 60, -300, 345, -210, 840)))
}
