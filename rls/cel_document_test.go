package rls_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

var updateDocument = flag.Bool("cel.update", false, "write policy/CEL.md")

// construct is a part of CEL: its overloads or its macro, a rule that applies it
// to the row, one that applies it to the session alone, and what to know of it.
type construct struct {
	name, overloads string
	row, session    string
	note            string
}

const (
	noBytes      = "no field is of type bytes"
	noUint       = "no field is of type uint"
	noDoubles    = "databases don't agree with CEL on infinities, nor on decimals"
	otherText    = "databases write it in another way"
	otherReading = "databases read other texts than CEL does"
	mixed        = "CEL compares int with double only where it is told to; write 100.0, or double(…)"
)

var documented = []construct{
	{"`&&` `||` `!`", "logical_and logical_or logical_not", "!(row.b && row.c || row.n == 1)", "session.flag && !session.flag", "an unknown part matters unless the other one decides"},
	{"`? :`", "conditional", "(row.b ? row.n : row.m) > 0", "(session.flag ? 1 : 2) == 1", "an unknown condition makes the whole unknown"},
	{"`==` `!=`", "equals not_equals", "row.s == row.s2 && row.n != 1", "session.s == 'a'", "strings by code point, whatever the collation"},
	{"`== null` `!= null`", "", "row.s == null", "", "of fields alone; definite"},
	{"`<` `<=` `>` `>=` on strings", "less_string less_equals_string greater_string greater_equals_string", "row.s < 'a'", "session.s < 'a'", "by code point"},
	{"… on ints", "less_int64 less_equals_int64 greater_int64 greater_equals_int64", "row.n < 1", "session.n < 1", ""},
	{"… on doubles", "less_double less_equals_double greater_double greater_equals_double", "row.d < 1.0", "session.d < 1.0", "a Decimal counts as the nearest double, and NaN is unknown"},
	{"… on bools", "less_bool less_equals_bool greater_bool greater_equals_bool", "row.b < row.c", "session.flag < true", ""},
	{"… on timestamps", "less_timestamp less_equals_timestamp greater_timestamp greater_equals_timestamp", "row.at < session.now", "session.now < timestamp('2024-01-01T00:00:00Z')", "instants, in microseconds"},
	{"… on durations", "less_duration less_equals_duration greater_duration greater_equals_duration", "row.until - row.at < session.grace", "session.grace < duration('1h')", ""},
	{"… on uints", "less_uint64 less_equals_uint64 greater_uint64 greater_equals_uint64", "uint(row.n) < 1u", "1u < 2u && session.flag", noUint},
	{"… on bytes", "less_bytes less_equals_bytes greater_bytes greater_equals_bytes", "bytes(row.s) < b'a'", "bytes(session.s) < b'a'", noBytes},
	{"… of int with double or uint", "less_int64_double less_double_int64 less_int64_uint64 less_uint64_int64 less_double_uint64 less_uint64_double" +
		" less_equals_int64_double less_equals_double_int64 less_equals_int64_uint64 less_equals_uint64_int64 less_equals_double_uint64 less_equals_uint64_double" +
		" greater_int64_double greater_double_int64 greater_int64_uint64 greater_uint64_int64 greater_double_uint64 greater_uint64_double" +
		" greater_equals_int64_double greater_equals_double_int64 greater_equals_int64_uint64 greater_equals_uint64_int64 greater_equals_double_uint64 greater_equals_uint64_double",
		"row.d > 100", "session.d > 100", mixed},
	{"`+` `-` `*` on ints", "add_int64 subtract_int64 multiply_int64", "row.n + 1 - row.m * 2 == 0", "session.n + 1 == 2", "overflow hides the row"},
	{"`/` `%` on ints", "divide_int64 modulo_int64", "row.n / row.m == row.n % 2", "session.n / 2 == 1", "toward zero; division by zero hides the row"},
	{"unary `-` on ints", "negate_int64", "-row.n == 1", "-session.n == 1", ""},
	{"arithmetic on doubles", "add_double subtract_double multiply_double divide_double negate_double", "row.d + 1.0 > 2.0", "session.d + 1.0 > 2.0", noDoubles},
	{"arithmetic on uints", "add_uint64 subtract_uint64 multiply_uint64 divide_uint64 modulo_uint64", "uint(row.n) + 1u == 2u", "1u + uint(session.n) == 2u", noUint},
	{"`+` on strings", "add_string", "row.s + row.s2 == 'ab'", "session.s + 'b' == 'ab'", ""},
	{"`+` on lists", "add_list", "row.s in session.list + [row.s2]", "'a' in session.list + ['b']", "a list of the row can't be built"},
	{"`+` on bytes", "add_bytes", "bytes(row.s) + b'a' == b'aa'", "bytes(session.s) + b'a' == b'aa'", noBytes},
	{"timestamp `+` `-` duration", "add_timestamp_duration add_duration_timestamp subtract_timestamp_duration", "row.at + duration('1h') > session.now", "session.now - session.grace > timestamp('2024-01-01T00:00:00Z')",
		"a day is 24 hours; what leaves the years 1 to 9999 hides the row"},
	{"timestamp `-` timestamp", "subtract_timestamp_timestamp", "session.now - row.at < duration('24h')", "session.now - session.now == duration('0s')", "in microseconds; what is over 292 years hides the row"},
	{"duration `+` `-` duration", "add_duration_duration subtract_duration_duration", "row.until - row.at + session.grace > duration('1h')", "session.grace + session.grace == duration('2h')", ""},
	{"`in` a list", "in_list", "row.s in session.list && row.n in [1, row.m]", "session.s in session.list", "a NULL in a list that is written out makes the whole unknown"},
	{"`in` a map", "in_map", "row.s in session.limits", "'a' in session.limits", "a map of the session, or constant"},
	{"`[…]` of a map", "index_map", "session.limits[row.s] > row.n", "session.limits['a'] > 1", "a map of the session; a key that isn't there hides the row"},
	{"`[…]` of a list", "index_list", "session.list[row.n] == 'a'", "session.list[0] == 'a'", "the position must be the session's"},
	{"`.` along a relationship", "", "row.owner.region == 'eu'", "", "without a parent, unknown"},
	{"`has()`", "has", "has(row.s)", "has(session.absent)", "a field is always there; compare it with null"},
	{"`exists` `all` `exists_one` over rows", "", "row.items.exists(l, l.qty > 0) && row.items.all(l, l.qty > 0) && row.items.exists_one(l, l.qty > 0)", "", "along to-many relationships"},
	{"`exists` `all` `exists_one` over lists", "exists all exists_one", "session.list.exists(x, row.s.startsWith(x)) && [row.s, row.s2].all(x, x == 'a') && session.list.exists_one(x, x == row.s)", "session.list.all(x, x != '')", ""},
	{"`map` `filter`", "map filter", "row.items.filter(l, l.qty > 0).exists(l, l.sku == 'a')", "session.list.filter(x, x != 'a').map(x, x + 'b') == ['%b']", "put the condition into exists or all"},
	{"`size` of a string", "size_string string_size", "size(row.s) == 1 && row.s.size() == 1", "size(session.s) == 1", "in code points"},
	{"`size` of rows", "", "size(row.items) > 1", "", "along to-many relationships"},
	{"`size` of a list", "size_list list_size", "size([row.s]) == 1", "size(session.list) == 2", "a list of the row can't be built"},
	{"`size` of a map", "size_map map_size", "size({'a': row.s}) == 1", "size(session.limits) == 1", "a map of the row can't be built"},
	{"`size` of bytes", "size_bytes bytes_size", "size(bytes(row.s)) == 1", "size(bytes(session.s)) == 1", noBytes},
	{"`startsWith` `endsWith` `contains`", "starts_with_string ends_with_string contains_string", "row.s.startsWith('a') && row.s.endsWith(row.s2) && row.s.contains(session.s)", "session.s.contains('a')", "by code point; no wildcards"},
	{"`matches` of plain text", "matches matches_string", "row.s.matches('^a b$') && matches(row.s, 'a')", "session.s.matches('[a-z]+')", "letters, digits and what is special to nobody, with ^ and $"},
	{"`matches` of other patterns", "", "row.s.matches('[a-z]+')", "session.s.matches('[a-z]+')", "no database has RE2"},
	{"`string` of an int, a bool or a string", "int64_to_string bool_to_string string_to_string", "string(row.n) == '1' && string(row.b) == 'true' && string(row.s) == 'a'", "string(session.n) == '1'", ""},
	{"`string` of a double", "double_to_string", "string(row.d) == '1.5'", "string(session.d) == '1.5'", otherText},
	{"`string` of a timestamp", "timestamp_to_string", "string(row.at) == '2024-01-01T00:00:00Z'", "string(session.now) == '2024-01-01T00:00:00Z'", otherText},
	{"`string` of a duration", "duration_to_string", "string(row.until - row.at) == '1s'", "string(session.grace) == '3600s'", otherText},
	{"`string` of bytes or a uint", "bytes_to_string uint64_to_string", "string(bytes(row.s)) == 'a'", "string(bytes(session.s)) == string(1u)", noBytes + " or uint"},
	{"`int` of a double", "double_to_int64", "int(row.d) == 1", "int(session.d) == 1", "toward zero; what doesn't fit hides the row"},
	{"`int` of a timestamp", "timestamp_to_int64", "int(row.at) > 0", "int(session.now) > 0", "whole seconds since 1970"},
	{"`int` of a duration", "duration_to_int64", "int(row.until - row.at) > 0", "int(session.grace) > 0", "nanoseconds"},
	{"`int` of an int", "int64_to_int64", "int(row.n) == 1", "int(session.n) == 1", ""},
	{"`int` of a string", "string_to_int64", "int(row.s) == 1", "int('1') == session.n", otherReading},
	{"`int` of a uint", "uint64_to_int64", "int(uint(row.n)) == 1", "int(1u) == session.n", noUint},
	{"`double` of an int or a double", "int64_to_double double_to_double", "double(row.n) < row.d && double(row.d) == 1.5", "double(session.n) < session.d", "the nearest double"},
	{"`double` of a string", "string_to_double", "double(row.s) == 1.0", "double('1') == session.d", otherReading},
	{"`double` of a uint", "uint64_to_double", "double(uint(row.n)) == 1.0", "double(1u) == session.d", noUint},
	{"`bool`", "string_to_bool bool_to_bool", "bool(row.s)", "bool('true') == session.flag", otherReading},
	{"`timestamp` of an int", "int64_to_timestamp", "timestamp(row.n) < session.now", "timestamp(session.n) < session.now", "seconds since 1970"},
	{"`timestamp` of a timestamp", "timestamp_to_timestamp", "timestamp(row.at) < session.now", "timestamp(session.now) < session.now", ""},
	{"`timestamp` of a string", "string_to_timestamp", "timestamp(row.s) < session.now", "timestamp('2024-01-01T00:00:00Z') < session.now", otherReading},
	{"`duration` of a duration", "duration_to_duration", "duration(row.until - row.at) > session.grace", "duration(session.grace) == session.grace", ""},
	{"`duration` of a string", "string_to_duration", "duration(row.s) > session.grace", "duration('1h') == session.grace", otherReading},
	{"`uint`", "double_to_uint64 int64_to_uint64 string_to_uint64 uint64_to_uint64", "uint(row.n) == 1u", "uint(session.n) == 1u", noUint},
	{"`bytes`", "string_to_bytes bytes_to_bytes", "bytes(row.s) == b'a'", "bytes(session.s) == b'a'", noBytes},
	{"`dyn`", "to_dyn", "dyn(row.s) == 'a'", "dyn(session.s) == 'a'", "types are checked when the file is loaded"},
	{"`type`", "type", "type(row.s) == string", "type(session.s) == string", "types are checked when the file is loaded"},
	{"parts of a timestamp", "timestamp_to_year timestamp_to_month timestamp_to_day_of_month timestamp_to_day_of_month_1_based timestamp_to_day_of_week timestamp_to_day_of_year" +
		" timestamp_to_hours timestamp_to_minutes timestamp_to_seconds",
		"row.at.getFullYear() + row.at.getMonth() + row.at.getDate() + row.at.getDayOfMonth() + row.at.getDayOfWeek() + row.at.getDayOfYear() + row.at.getHours() + row.at.getMinutes() + row.at.getSeconds() > 0",
		"session.now.getFullYear() == 2024", "in UTC"},
	{"`getMilliseconds` of a timestamp", "timestamp_to_milliseconds", "row.at.getMilliseconds() == 500", "session.now.getMilliseconds() == 0", "those within the second"},
	{"parts at a fixed offset", "timestamp_to_year_with_tz timestamp_to_month_with_tz timestamp_to_day_of_month_with_tz timestamp_to_day_of_month_1_based_with_tz timestamp_to_day_of_week_with_tz" +
		" timestamp_to_day_of_year_with_tz timestamp_to_hours_with_tz timestamp_to_minutes_with_tz timestamp_to_seconds_tz timestamp_to_milliseconds_with_tz",
		"row.at.getHours('+02:00') == 14 && row.at.getMinutes('-05:30') == 30", "session.now.getHours('+02:00') == 14", "the offset must be a constant"},
	{"parts in a named time zone", "", "row.at.getHours('Europe/Berlin') == 13", "session.now.getHours('Europe/Berlin') == 13", "databases have other tables of time zones"},
	{"parts of a duration", "duration_to_hours duration_to_minutes duration_to_seconds duration_to_milliseconds", "(row.until - row.at).getHours() > 1 && (row.until - row.at).getMilliseconds() > 1", "session.grace.getMinutes() == 60", "the whole duration in that unit"},
	{"`lowerAscii` `upperAscii`", "string_lower_ascii string_upper_ascii", "row.s.lowerAscii() == row.s2.upperAscii()", "session.s.lowerAscii() == 'a'", ""},
	{"`trim`", "string_trim", "row.s.trim() == 'a'", "session.s.trim() == 'a'", "all white space of Unicode"},
	{"`charAt`", "string_char_at_int", "row.s.charAt(row.n) == 'a'", "session.s.charAt(0) == 'a'", "out of range hides the row"},
	{"`indexOf`", "string_index_of_string string_index_of_string_int", "row.s.indexOf('a') == 0 && row.s.indexOf('a', 1) == 2", "session.s.indexOf('a') == 0", "in code points"},
	{"`lastIndexOf`", "string_last_index_of_string", "row.s.lastIndexOf('a') == 0", "session.s.lastIndexOf('a') == 0", "SQLite can't search from the end"},
	{"`lastIndexOf` from an offset", "string_last_index_of_string_int", "row.s.lastIndexOf('a', 1) == 0", "session.s.lastIndexOf('a', 0) == 0", "no database has it"},
	{"`substring`", "string_substring_int string_substring_int_int", "row.s.substring(1) == 'a' && row.s.substring(0, row.n) == 'a'", "session.s.substring(1) == ''", "out of range hides the row"},
	{"`replace` of a constant", "string_replace_string_string", "row.s.replace('a', row.s2) == 'b'", "session.s.replace('a', 'b') == 'b'", "one that isn't empty"},
	{"`replace` a number of times", "string_replace_string_string_int", "row.s.replace('a', 'b', 1) == 'b'", "session.s.replace('a', 'b', 1) == 'b'", "no database has it"},
	{"`reverse`", "string_reverse", "row.s.reverse() == 'ba'", "session.s.reverse() == 'a'", "SQLite and DuckDB can't"},
	{"`split` `join`", "string_split_string string_split_string_int list_join list_join_string", "row.s in row.s2.split(',')", "session.s in 'a,b'.split(',')", "a list of the row can't be built"},
	{"`format` `strings.quote`", "string_format strings_quote", "'%s'.format([row.s]) == 'a'", "'%s'.format([session.s]) == strings.quote('a')", otherText},
}

// internal are overloads that nobody writes.
var internalOverloads = strings.Fields("not_strictly_false __not_strictly_false__")

const documentHead = `# CEL in policies

Written by go test ./rls -run TestCELDocument -cel.update; don't edit.

A rule is CEL's standard language with the extension of strings. What reads the session alone is evaluated by cel-go, so all of it may be
used there. What depends on the row becomes SQL: only what a database expresses exactly, for every value. What none can is refused when
the policy file is loaded, with its place; what just the enforcer's database lacks is refused by rls.New.

A field that is NULL is an unknown, and what is an error in CEL counts as one: it hides the row, also under a negation, unless another part of
the rule decides without it. TestPredicates, TestAgreement and TestRandomAgreement hold the rules against cel-go on SQLite, PostgreSQL and
MariaDB, and DuckDB is tested in internal/enginetest.

A value that a column can hold and CEL lacks is unknown as well, but isn't null: it hides the row from == null and != null alike. Such are NaN,
decimals beyond any double, whole numbers over 64 bits, truth values such as 2, instants that are infinite or outside of the years 1 to
9999, zero and invalid dates, and on SQLite whatever isn't of the field's datatype. None makes a query fail (TestExtremes). On SQLite, text
with a NUL in it is unknown to size, charAt, substring and indexOf. A char(n) of PostgreSQL counts without the blanks at its end, which
don't count at the end of a session's value either that it is compared with by == and in.

| construct | over the row | example | session alone | note |
| --- | --- | --- | --- | --- |
`

// TestCELDocument holds policy/CEL.md against what is translated, and sees that
// it names every function, operator and macro that CEL has.
func TestCELDocument(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(predicatesModel))
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString(documentHead)
	covered := append([]string{}, internalOverloads...)
	for _, c := range documented {
		covered = append(covered, strings.Fields(c.overloads)...)
		session := "–"
		if c.session != "" {
			session = "yes"
			if _, err := predicateSet(m, c.session); err != nil {
				require.Contains(t, err.Error(), "can't be applied to", c.name)
				session = "no"
			}
		}
		fmt.Fprintf(&b, "| %s | %s | `%s` | %s | %s |\n", c.name, overRow(t, m, c.row), strings.ReplaceAll(c.row, "|", "\\|"), session, c.note)
	}
	if *updateDocument {
		require.NoError(t, os.WriteFile("../policy/CEL.md", []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile("../policy/CEL.md")
	require.NoError(t, err)
	assert.True(t, string(want) == b.String(), "policy/CEL.md is stale: run go test ./rls -run TestCELDocument -cel.update")

	env, err := cel.NewEnv(ext.Strings())
	require.NoError(t, err)
	var all []string
	for _, f := range env.Functions() {
		for _, o := range f.OverloadDecls() {
			all = append(all, o.ID())
		}
	}
	for _, macro := range env.Macros() {
		all = append(all, macro.Function())
	}
	slices.Sort(all)
	slices.Sort(covered)
	assert.Equal(t, slices.Compact(all), slices.Compact(covered))
}

// overRow says where a rule over the row can be used.
func overRow(t *testing.T, m *semantic.Model, rule string) string {
	set, err := predicateSet(m, rule)
	if err != nil {
		return "refused"
	}
	var without []string
	all := []rls.Dialect{rls.SQLite, rls.PostgreSQL, rls.MySQL, rls.MariaDB, rls.DuckDB, rls.ClickHouse, rls.Trino, rls.Snowflake, rls.BigQuery}
	for _, d := range all {
		if _, err := rls.New(rls.Config{Policies: set, Dialect: d}); err != nil {
			without = append(without, d.String())
		}
	}
	require.Less(t, len(without), len(all), rule)
	if len(without) == 0 {
		return "yes"
	}
	return "yes, but not on " + strings.Join(without, ", ")
}
