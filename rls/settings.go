package rls

import (
	"slices"
	"strconv"
	"strings"
)

// What connections must have. A setting is not here if statements mean the same
// whatever it is, by how they are printed; SECURITY.md lists those too.

// oneOf reports whether a value is one of some, without regard to case.
func oneOf(allowed ...string) func(string) bool {
	return func(v string) bool {
		return slices.ContainsFunc(allowed, func(a string) bool { return strings.EqualFold(a, v) })
	}
}

// onlyOf reports whether a value is a list, with commas, of only some words.
func onlyOf(allowed string) func(string) bool {
	words := strings.Fields(allowed)
	return func(v string) bool {
		return v == "" || !slices.ContainsFunc(strings.Split(v, ","), func(w string) bool { return !slices.Contains(words, w) })
	}
}

// atLeast reports whether a value is a version that isn't older.
func atLeast(least string) func(string) bool {
	return func(v string) bool {
		have, want := strings.Split(v, "."), strings.Split(least, ".")
		for i, w := range want {
			if i == len(have) {
				return false
			}
			digits := len(have[i]) - len(strings.TrimLeft(have[i], "0123456789"))
			x, err := strconv.Atoi(have[i][:digits])
			y, _ := strconv.Atoi(w)
			if err != nil || x != y {
				return err == nil && x > y
			}
		}
		return true
	}
}

// mysqlCommon is what MySQL and MariaDB share, but for the modes.
var mysqlCommon = server{
	{"character_set_client", "@@character_set_client", oneOf("utf8mb4"),
		"the server would read the bytes of names and strings as other characters, a closing quote among them", "connect with charset=utf8mb4"},
	{"character_set_connection", "@@character_set_connection", oneOf("utf8mb4"),
		"strings would lose characters", "connect with charset=utf8mb4"},
	{"character_set_results", "@@character_set_results", oneOf("utf8mb4"),
		"results would lose characters", "connect with charset=utf8mb4"},
	{"sql_auto_is_null", "@@sql_auto_is_null", oneOf("0"),
		"a comparison with NULL would find the row that was inserted last", "SET SESSION sql_auto_is_null = 0"},
	{"sql_select_limit", "@@sql_select_limit", oneOf("18446744073709551615"),
		"answers would lack rows without saying so", "SET SESSION sql_select_limit = DEFAULT"},
	{"sql_big_selects", "@@sql_big_selects", oneOf("1"),
		"whether a query fails would depend on how many rows other tenants have", "SET SESSION sql_big_selects = 1"},
	{"div_precision_increment", "@@div_precision_increment", oneOf("4"),
		"quotients would have other digits", "SET SESSION div_precision_increment = 4"},
	{"lc_time_names", "@@lc_time_names", oneOf("en_US"),
		"days and months would have other names", "SET SESSION lc_time_names = 'en_US'"},
	{"max_sort_length", "@@max_sort_length", func(v string) bool { n, err := strconv.Atoi(v); return err == nil && n >= 1024 },
		"longer strings would count as equal where rows are sorted", "SET SESSION max_sort_length = 1024"},
}

const (
	modesWhy  = "under one of these modes statements mean something else, or it isn't known that they don't"
	modesCure = "SET SESSION sql_mode to what the server has by default"
	// The modes that make no difference to what statements mean.
	mysqlModes = `ANSI_QUOTES ERROR_FOR_DIVISION_BY_ZERO IGNORE_SPACE NO_AUTO_VALUE_ON_ZERO NO_BACKSLASH_ESCAPES
		NO_DIR_IN_CREATE NO_ENGINE_SUBSTITUTION NO_ZERO_DATE NO_ZERO_IN_DATE ONLY_FULL_GROUP_BY PIPES_AS_CONCAT REAL_AS_FLOAT
		STRICT_ALL_TABLES STRICT_TRANS_TABLES ANSI TRADITIONAL`
	mariaDBModes = mysqlModes + ` IGNORE_BAD_TABLE_OPTIONS NO_AUTO_CREATE_USER SIMULTANEOUS_ASSIGNMENT`
)

var mysqlServer = append(server{
	{"version", "@@version", func(v string) bool { return !strings.Contains(v, "MariaDB") && atLeast("8.0.31")(v) },
		"the dialect is that of MySQL 8.0.31 or newer", "use rls.MariaDB for MariaDB, or a newer server"},
	{"sql_mode", "@@sql_mode", onlyOf(mysqlModes), modesWhy, modesCure},
}, mysqlCommon...)

var mariaDBServer = append(server{
	{"version", "@@version", func(v string) bool { return strings.Contains(v, "MariaDB") && atLeast("10.6")(v) },
		"the dialect is that of MariaDB 10.6 or newer", "use rls.MySQL for MySQL, or a newer server"},
	{"sql_mode", "@@sql_mode", onlyOf(mariaDBModes), modesWhy, modesCure},
	{"old_mode", "@@old_mode", onlyOf("UTF8_IS_UTF8MB3 NO_DUP_KEY_WARNINGS_WITH_IGNORE NO_PROGRESS_INFO"),
		"times would be read in another way", "SET SESSION old_mode = DEFAULT"},
	{"in_predicate_conversion_threshold", "@@in_predicate_conversion_threshold", func(v string) bool { n, err := strconv.Atoi(v); return err == nil && (n == 0 || n >= 1000) },
		"lists would become subqueries, which are answered from a cache by collation", "SET SESSION in_predicate_conversion_threshold = DEFAULT"},
	{"system_versioning_asof", "@@system_versioning_asof", oneOf("DEFAULT"),
		"rows of another time would be read", "SET SESSION system_versioning_asof = DEFAULT"},
	{"standard_compliant_cte", "@@standard_compliant_cte", oneOf("1"),
		"recursive queries would be read in another way", "SET SESSION standard_compliant_cte = ON"},
}, mysqlCommon...)

// Everything here is qualified: pg_catalog may not come first.
var postgreSQLCommon = server{
	{"server_version", "pg_catalog.current_setting('server_version')", atLeast("14"),
		"the dialect is that of PostgreSQL 14 or newer", "use a newer server"},
	{"server_encoding", "pg_catalog.current_setting('server_encoding')", oneOf("UTF8"),
		"strings wouldn't be sequences of Unicode's characters", "create the database with ENCODING 'UTF8'"},
	{"client_encoding", "pg_catalog.current_setting('client_encoding')", oneOf("UTF8"),
		"the server would read the bytes of names and strings as other characters", "connect with client_encoding=UTF8"},
	{"DateStyle", "pg_catalog.current_setting('DateStyle')", func(v string) bool { return strings.HasPrefix(v, "ISO,") },
		"dates would have another text", "SET DateStyle = 'ISO, MDY'"},
	{"transform_null_equals", "pg_catalog.current_setting('transform_null_equals')", oneOf("off"),
		"a comparison with NULL would find rows", "SET transform_null_equals = off"},
	{"search_path", "pg_catalog.current_schemas(true)::text", catalogFirst,
		"functions, operators and types of other schemas would take the place of PostgreSQL's", "leave pg_catalog out of search_path, or name it first"},
	{"objects in search_path", postgreSQLOverloads, oneOf(""),
		"it can take the place of PostgreSQL's function or operator of that name", "drop it, or take its schema out of search_path"},
	{"temporary tables", `(SELECT pg_catalog.min(c.relname::text) FROM pg_catalog.pg_class AS c WHERE c.relnamespace = pg_catalog.pg_my_temp_schema() AND c.relkind <> 'i')`, oneOf(""),
		"they come before the model's tables and types of their name", "DISCARD TEMP before the connection is used here"},
}

// catalogFirst reports whether a search path, as a text of an array, begins with
// pg_catalog. The schema of temporary tables has neither functions nor operators.
func catalogFirst(path string) bool {
	for name := range strings.SplitSeq(strings.Trim(path, "{}"), ",") {
		if !strings.HasPrefix(name, "pg_temp_") {
			return name == "pg_catalog"
		}
	}
	return false
}

// postgreSQLOverloads is a function or operator in the search path that may suit
// arguments better than the one of that name in pg_catalog does, "" for none. One
// for arrays, for types of its own or for no arguments doesn't. 25 is text:
// pg_trgm's % is meant for it, and none of ours.
const postgreSQLOverloads = `(SELECT pg_catalog.min(pg_catalog.quote_ident(n.nspname) || '.' || x.name) FROM (
	SELECT p.pronamespace AS schema, p.proname::text AS name, p.proargtypes::oid[] AS args FROM pg_catalog.pg_proc AS p
	WHERE p.pronargs > 0 AND EXISTS (SELECT 1 FROM pg_catalog.pg_proc AS c WHERE c.proname = p.proname AND c.pronamespace = 11)
		AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_proc AS c WHERE c.proname = p.proname AND c.pronamespace = 11 AND c.proargtypes = p.proargtypes)
	UNION ALL
	SELECT o.oprnamespace, o.oprname::text, ARRAY[o.oprleft, o.oprright] FROM pg_catalog.pg_operator AS o
	WHERE o.oprname IN ('=', '<>', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '^', '|', '&', '#', '~', '<<', '>>', '||', '~~', '!~~')
		AND NOT (o.oprname = '%' AND o.oprleft = 25) AND EXISTS (SELECT 1 FROM pg_catalog.pg_operator AS c WHERE c.oprname = o.oprname AND c.oprnamespace = 11)
		AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_operator AS c WHERE c.oprname = o.oprname AND c.oprnamespace = 11 AND c.oprleft = o.oprleft AND c.oprright = o.oprright)
) AS x JOIN pg_catalog.pg_namespace AS n ON n.oid = x.schema
WHERE n.oid <> 11 AND n.nspname = ANY (pg_catalog.current_schemas(false)) AND NOT EXISTS (
	SELECT 1 FROM pg_catalog.unnest(x.args) AS a (type) JOIN pg_catalog.pg_type AS t ON t.oid = a.type WHERE t.typnamespace <> 11 OR t.typcategory = 'A'))`

// postgreSQLCollations looks at the columns that the account may read, whose
// collation is neither the database's (100) nor the only other one.
var postgreSQLCollations = setting{"collations", `(SELECT CASE WHEN pg_catalog.min(x.l) <> pg_catalog.max(x.l) THEN pg_catalog.min(x.l) || ' and ' || pg_catalog.max(x.l) END FROM (
	SELECT pg_catalog.quote_ident(l.collname) || ' (as ' || pg_catalog.min(pg_catalog.format('%I.%I.%I', n.nspname, c.relname, a.attname)) || ')' AS l
	FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
		JOIN pg_catalog.pg_collation AS l ON l.oid = a.attcollation
	WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attcollation <> 100 AND c.relkind IN ('r', 'v', 'm', 'f', 'p')
		AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')
	GROUP BY l.oid, l.collname) AS x)`, oneOf(""),
	"to compare such columns is an error, which rows of other tenants could raise", "use rls.PostgreSQLCollations"}

var postgreSQLServer = append(server{postgreSQLCollations}, postgreSQLCommon...)

var sqliteServer = server{
	{"sqlite_version()", "sqlite_version()", atLeast("3.46"),
		"the dialect is that of SQLite 3.46 or newer", "use a newer one"},
	{"PRAGMA encoding", "(SELECT encoding FROM pragma_encoding)", oneOf("UTF-8"),
		"strings wouldn't be in the order of code points", "create the database with PRAGMA encoding = 'UTF-8'"},
	{"PRAGMA full_column_names", "(SELECT full_column_names FROM pragma_full_column_names)", oneOf("0"),
		"columns would have other names", "PRAGMA full_column_names = OFF"},
	{"collation BINARY", "('a' = 'A' COLLATE BINARY OR 'a' = 'a ' COLLATE BINARY)", oneOf("0"),
		"rules compare strings by it", "don't register a collation of that name"},
	{"functions", "(SELECT min(name) FROM pragma_function_list WHERE NOT builtin AND name IN (" + sqliteFunctions + "))", oneOf(""),
		"a function that statements use was replaced", "don't register a function of that name"},
	{"temporary tables", "(SELECT min(name) FROM sqlite_temp_schema WHERE type IN ('table', 'view'))", oneOf(""),
		"they come before the model's tables of their name", "drop them, or use another connection"},
}

// sqliteFunctions are the built-in functions that statements call.
const sqliteFunctions = `'abs', 'acos', 'asin', 'atan', 'atan2', 'avg', 'ceil', 'ceiling', 'char', 'coalesce', 'concat', 'concat_ws', 'cos', 'count', 'cume_dist',
	'date', 'datetime', 'degrees', 'dense_rank', 'exp', 'first_value', 'floor', 'format', 'glob', 'group_concat', 'hex', 'ifnull', 'iif', 'instr', 'json',
	'json_array', 'json_each', 'json_extract', 'json_group_array', 'julianday', 'lag', 'last_value', 'lead', 'length', 'ln', 'log', 'log10', 'log2', 'lower',
	'ltrim', 'max', 'min', 'mod', 'nth_value', 'ntile', 'nullif', 'octet_length', 'percent_rank', 'pi', 'pow', 'power', 'printf', 'quote', 'radians', 'random',
	'randomblob', 'rank', 'replace', 'round', 'row_number', 'rtrim', 'sign', 'sin', 'sqrt', 'strftime', 'string_agg', 'substr', 'substring', 'sum', 'tan',
	'time', 'timediff', 'total', 'trim', 'trunc', 'typeof', 'unhex', 'unicode', 'unixepoch', 'unlikely', 'upper', 'zeroblob'`

// duckDB gives the value of a setting of DuckDB.
func duckDB(name string) string { return "CAST(current_setting('" + name + "') AS VARCHAR)" }

var duckDBServer = server{
	{"version", "version()", func(v string) bool { return atLeast("1.4")(strings.TrimPrefix(v, "v")) },
		"the dialect is that of DuckDB 1.4 or newer", "use a newer one"},
	{"default_collation", duckDB("default_collation"), oneOf(""),
		"strings would be compared by it", "RESET default_collation"},
	{"default_order", duckDB("default_order"), oneOf("ASC", "ASCENDING"),
		"rows would be sorted the other way round", "RESET default_order"},
	{"integer_division", duckDB("integer_division"), oneOf("false"),
		"quotients would be whole", "RESET integer_division"},
	{"ieee_floating_point_ops", duckDB("ieee_floating_point_ops"), oneOf("true"),
		"a division by zero would be something else", "RESET ieee_floating_point_ops"},
	{"old_implicit_casting", duckDB("old_implicit_casting"), oneOf("false"),
		"values of several types would meet as text", "RESET old_implicit_casting"},
	{"scalar_subquery_error_on_multiple_rows", duckDB("scalar_subquery_error_on_multiple_rows"), oneOf("true"),
		"a subquery would give any of its rows", "RESET scalar_subquery_error_on_multiple_rows"},
	{"macros", "(SELECT min(f.function_name) FROM duckdb_functions() AS f WHERE NOT f.internal AND f.function_name IN (SELECT g.function_name FROM duckdb_functions() AS g WHERE g.internal))", oneOf(""),
		"it takes the place of DuckDB's function of that name", "drop it"},
	{"temporary tables", "(SELECT min(t.name) FROM (SELECT table_name AS name FROM duckdb_tables() WHERE temporary UNION ALL SELECT view_name FROM duckdb_views() WHERE temporary AND NOT internal) AS t)", oneOf(""),
		"they come before the model's tables of their name", "drop them, or use another connection"},
}
