package rls_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

var settingsAll = flag.Bool("settings.all", false, "run every query under every setting")

// settingCase is a setting of a connection. Under it, statements have the answers
// that they have by default, or the connection is refused for what is named.
type settingCase struct {
	set     string
	refused string
	// choice: what the caller asks for shows the setting, as time zones do. That is
	// the host's to choose, alike for all sessions.
	choice bool
}

var settingCases = map[testdb.Kind][]settingCase{
	testdb.MariaDB: {
		{set: "SET sql_mode = ''"},
		{set: "SET sql_mode = 'ANSI_QUOTES'"},
		{set: "SET sql_mode = 'PIPES_AS_CONCAT'"},
		{set: "SET sql_mode = 'NO_BACKSLASH_ESCAPES'"},
		{set: "SET sql_mode = 'IGNORE_SPACE'"},
		{set: "SET sql_mode = 'REAL_AS_FLOAT'"},
		{set: "SET sql_mode = 'ANSI'"},
		{set: "SET sql_mode = 'TRADITIONAL'", choice: true},
		{set: "SET sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'", choice: true}, // MySQL's
		{set: "SET sql_mode = 'STRICT_ALL_TABLES'"},
		{set: "SET sql_mode = 'NO_ZERO_DATE,NO_ZERO_IN_DATE'", choice: true},
		{set: "SET sql_mode = 'ERROR_FOR_DIVISION_BY_ZERO'"},
		{set: "SET sql_mode = 'SIMULTANEOUS_ASSIGNMENT'"},
		{set: "SET sql_mode = 'ORACLE'", refused: "sql_mode"},
		{set: "SET sql_mode = 'MSSQL'", refused: "sql_mode"},
		{set: "SET sql_mode = 'DB2'", refused: "sql_mode"},
		{set: "SET sql_mode = 'HIGH_NOT_PRECEDENCE'", refused: "sql_mode"},
		{set: "SET sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'", refused: "sql_mode"},
		{set: "SET sql_mode = 'EMPTY_STRING_IS_NULL'", refused: "sql_mode"},
		{set: "SET sql_mode = 'NO_UNSIGNED_SUBTRACTION'", refused: "sql_mode"},
		{set: "SET sql_mode = 'TIME_ROUND_FRACTIONAL'", refused: "sql_mode"},
		{set: "SET sql_mode = 'ALLOW_INVALID_DATES'", refused: "sql_mode"},
		{set: "SET NAMES utf8mb3", refused: "character_set_client"},
		{set: "SET NAMES latin1", refused: "character_set_client"},
		{set: "SET NAMES gbk", refused: "character_set_client"},
		{set: "SET NAMES sjis", refused: "character_set_client"},
		{set: "SET NAMES cp932", refused: "character_set_client"},
		{set: "SET NAMES big5", refused: "character_set_client"},
		{set: "SET character_set_connection = latin1", refused: "character_set_connection"},
		{set: "SET character_set_connection = ucs2", refused: "character_set_connection"},
		{set: "SET character_set_results = latin1", refused: "character_set_results"},
		{set: "SET character_set_results = NULL", refused: "character_set_results"},
		{set: "SET collation_connection = utf8mb4_bin", choice: true},
		{set: "SET collation_connection = utf8mb4_unicode_520_ci", choice: true},
		{set: "SET sql_auto_is_null = 1", refused: "sql_auto_is_null"},
		{set: "SET sql_select_limit = 1", refused: "sql_select_limit"},
		{set: "SET max_join_size = 100", refused: "sql_big_selects"},
		{set: "SET div_precision_increment = 8", refused: "div_precision_increment"},
		{set: "SET lc_time_names = 'de_DE'", refused: "lc_time_names"},
		{set: "SET max_sort_length = 64", refused: "max_sort_length"},
		{set: "SET old_mode = ''"},
		{set: "SET old_mode = 'ZERO_DATE_TIME_CAST'", refused: "old_mode"},
		{set: "SET system_versioning_asof = '2020-01-01 00:00:00'", refused: "system_versioning_asof"},
		{set: "SET standard_compliant_cte = 0", refused: "standard_compliant_cte"},
		{set: "SET group_concat_max_len = 1000000"},
		{set: "SET default_week_format = 6"},
		{set: "SET big_tables = 1"},
		{set: "SET time_zone = 'SYSTEM'"},
		{set: "SET time_zone = '+05:30'", choice: true},
		{set: "SET tx_isolation = 'READ-UNCOMMITTED'"},
		{set: "SET tx_isolation = 'SERIALIZABLE'"},
		{set: "SET max_statement_time = 60"},
		{set: "SET max_recursive_iterations = 5000"},
		{set: "SET join_cache_level = 8"},
		{set: "SET sql_buffer_result = 1"},
		{set: "SET optimizer_use_condition_selectivity = 1"},
		{set: "SET optimizer_switch = 'derived_merge=off,derived_with_keys=off'"},
		{set: "SET optimizer_switch = 'materialization=off,semijoin=off'"},
		{set: "SET optimizer_switch = 'in_to_exists=off'"},
		{set: "SET optimizer_switch = 'exists_to_in=off,subquery_cache=off'"},
		{set: "SET in_predicate_conversion_threshold = 2", refused: "in_predicate_conversion_threshold"},
		{set: "SET in_predicate_conversion_threshold = 0"},
		{set: "SET optimizer_switch = 'condition_pushdown_for_derived=off,condition_pushdown_for_subquery=off,condition_pushdown_from_having=off'"},
		{set: "SET optimizer_switch = 'mrr=on,mrr_sort_keys=on,mrr_cost_based=off,index_merge_sort_intersection=on,not_null_range_scan=on,hash_join_cardinality=on,cset_narrowing=on'"},
		{set: "SET optimizer_switch = 'split_materialized=off,rowid_filter=off,table_elimination=off,firstmatch=off,loosescan=off,partial_match_table_scan=off'"},
	},
	testdb.PostgreSQL: {
		{set: "SET transform_null_equals = on", refused: "transform_null_equals"},
		{set: "SET search_path = public, pg_catalog", refused: "search_path"},
		{set: "SET search_path = pg_catalog, public"},
		{set: "SET search_path = pg_catalog, public, pg_temp"},
		{set: "SET client_encoding = LATIN1", refused: "client_encoding"},
		{set: "SET client_encoding = SJIS", refused: "client_encoding"},
		{set: "SET client_encoding = SQL_ASCII", refused: "client_encoding"},
		{set: "CREATE TEMP TABLE orders (id int)", refused: "temporary tables"},
		{set: "SET standard_conforming_strings = off; SET escape_string_warning = off"},
		{set: "SET standard_conforming_strings = off; SET backslash_quote = off"},
		{set: "SET DateStyle = 'German, DMY'", refused: "DateStyle"},
		{set: "SET DateStyle = 'SQL, MDY'", refused: "DateStyle"},
		{set: "SET IntervalStyle = 'iso_8601'"},
		{set: "SET extra_float_digits = -15"},
		{set: "SET extra_float_digits = 3"},
		{set: "SET bytea_output = 'escape'"},
		{set: "SET array_nulls = off"},
		{set: "SET row_security = off"},
		{set: "SET xmloption = document"},
		{set: "SET TimeZone = 'America/New_York'", choice: true},
		{set: "SET quote_all_identifiers = on"},
		{set: "SET default_transaction_isolation = 'serializable'"},
		{set: "SET default_transaction_read_only = on"},
		{set: "SET statement_timeout = '60s'"},
		{set: "SET from_collapse_limit = 1; SET join_collapse_limit = 1"},
		{set: "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off"},
		{set: "SET enable_nestloop = off; SET enable_seqscan = off"},
		{set: "SET enable_hashagg = off; SET enable_sort = off; SET enable_memoize = off"},
		{set: "SET plan_cache_mode = force_generic_plan"},
		{set: "SET geqo_threshold = 2"},
		{set: "SET constraint_exclusion = on"},
		{set: "SET work_mem = '64kB'"},
		{set: "SET lc_monetary = 'C'; SET lc_numeric = 'C'; SET lc_time = 'C'"},
	},
	testdb.SQLite: {
		{set: "PRAGMA case_sensitive_like = ON"},
		{set: "CREATE TEMP TABLE orders (id INTEGER)", refused: "temporary tables"},
		{set: "CREATE TEMP VIEW x AS SELECT 1", refused: "temporary tables"},
		{set: "PRAGMA reverse_unordered_selects = ON", choice: true},
		{set: "PRAGMA full_column_names = ON", refused: "PRAGMA full_column_names"},
		{set: "PRAGMA short_column_names = OFF"},
		{set: "PRAGMA full_column_names = ON; PRAGMA short_column_names = OFF", refused: "PRAGMA full_column_names"},
		{set: "PRAGMA recursive_triggers = ON"},
		{set: "PRAGMA trusted_schema = OFF"},
		{set: "PRAGMA query_only = ON"},
		{set: "PRAGMA writable_schema = ON"},
		{set: "PRAGMA cell_size_check = ON"},
		{set: "PRAGMA automatic_index = OFF"},
		{set: "PRAGMA temp_store = MEMORY"},
		{set: "PRAGMA threads = 4"},
		{set: "PRAGMA read_uncommitted = ON"},
		{set: "PRAGMA cache_size = 10"},
		{set: "ATTACH ':memory:' AS other; CREATE TABLE other.orders (id INTEGER)"},
	},
}

// slowSettings are compiled or started anew for every statement.
var slowSettings = map[testdb.Kind][]settingCase{
	testdb.PostgreSQL: {
		{set: "SET jit = on; SET jit_above_cost = 0"},
		{set: "SET force_parallel_mode = on; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0"},
	},
}

// settingsQueries ask for what settings might change.
var settingsQueries = []string{
	"SELECT id AS `あ`, 'ä' AS `x`, note AS `,org FROM orders -- ` FROM orders",
	`SELECT id FROM orders WHERE note LIKE '%\_%' OR note LIKE 'a\%' OR note LIKE 'a|%' ESCAPE '|'`,
	`SELECT 'a\\b', 'it''s', 'a\nb', LENGTH('\\'), CONCAT('\\', note) FROM orders`,
	`SELECT id FROM orders WHERE NOT id BETWEEN 1 AND 1`,
	`SELECT id FROM orders WHERE NOT id = 2 AND NOT (id = 1) = 0`,
	`SELECT id / 3, amount / 7.0, AVG(amount) OVER () FROM orders`,
	`SELECT id FROM orders WHERE amount / 7 > 14.2857142`,
	`SELECT COUNT (*), SUM (amount) FROM orders`,
	`SELECT CAST(created_at AS CHAR), CAST(DATE(created_at) AS CHAR), CONCAT(created_at, '') FROM orders`,
	`SELECT CAST(amount / 3e0 AS CHAR), CAST(0.1e0 AS CHAR), CONCAT(1e0 / 3) FROM orders`,
	`SELECT DAYNAME(created_at), MONTHNAME(created_at), DATE_FORMAT(created_at, '%W %M %a %b') FROM orders`,
	`SELECT WEEK(created_at), WEEK(created_at, 3), YEAR(created_at) FROM orders`,
	`SELECT GROUP_CONCAT(note ORDER BY id SEPARATOR '|') FROM orders`,
	`SELECT CAST('2024-02-31' AS DATE), CAST('0000-00-00' AS DATE), CAST('2024-00-10' AS DATE)`,
	`SELECT CAST('2024-01-01 12:00:00.6' AS DATETIME), CAST('12:00:00.6' AS TIME)`,
	`SELECT CAST(id AS UNSIGNED) - 5 FROM orders`,
	`SELECT id FROM orders WHERE note = '' OR note IS NULL OR CONCAT(note, '') = ''`,
	`SELECT CONCAT(note, NULL), CONCAT('', note) IS NULL, NULLIF('', ''), TRIM(' ') FROM orders`,
	`SELECT id FROM orders WHERE note = NULL OR id = NULL`,
	`SELECT id FROM orders WHERE id IS NULL`,
	`SELECT id, 'a' = 'A', 'ss' = 'ß', 'a' = 'a ', note = UPPER(note), CONCAT(note, 'a') = CONCAT(note, 'A') FROM orders`,
	`SELECT DISTINCT CONCAT(status, '') FROM orders UNION SELECT 'OPEN' UNION SELECT 'open'`,
	`SELECT id FROM orders ORDER BY note DESC, id LIMIT 1`,
	`SELECT o.id, r.id FROM orders o LEFT JOIN regions r ON r.id = o.id ORDER BY 1, 2`,
	`SELECT id, CASE WHEN note IS NULL THEN 1 ELSE 0 END FROM orders WHERE 1 <> 0 AND id IN (SELECT id FROM orders)`,
	`SELECT status, COUNT(*), MIN(note), MAX(created_at) FROM orders GROUP BY status`,
	`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) SELECT COUNT(*), MAX(i) FROM n`,
	`SELECT id, ROW_NUMBER() OVER (ORDER BY amount), SUM(amount) OVER (PARTITION BY status) FROM orders`,
}

// connectedWith opens connections on which a statement has been run.
type connectedWith struct {
	driver.Connector
	set string
}

func (c connectedWith) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil || c.set == "" {
		return conn, err
	}
	for _, text := range strings.Split(c.set, "; ") {
		_, err := conn.(driver.ExecerContext).ExecContext(ctx, text, nil)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", text, err), conn.Close())
		}
	}
	return conn, nil
}

// settingsEach gives n, for every nth query to be run, and every one if all are.
func settingsEach(n int) int {
	switch {
	case *settingsAll:
		return 1
	case testing.Short():
		return 4 * n
	default:
		return n
	}
}

// settled is a database with the statements to run on it.
type settled struct {
	connector  driver.Connector
	statements []*rls.Statement
}

func (s settled) open(t testing.TB, set string) *sql.DB {
	t.Helper()
	db := sql.OpenDB(connectedWith{s.connector, set})
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

// answers runs every statement.
func (s settled) answers(db *sql.DB) []string {
	var out []string
	for _, st := range s.statements {
		a, err := run(db, st)
		if err != nil {
			out = append(out, "error") // its text may be in another language
			continue
		}
		out = append(out, strings.Join(a.columns, ",")+"\n"+strings.Join(canonicalRows(a.rows), "\n"))
	}
	return out
}

// threatsStatements are statements over the shared tables of two tenants, and
// those of the twin. Queries that a dialect refuses are left out.
func threatsStatements(t *testing.T, k testdb.Kind) (shared, twin settled) {
	load := func(script string) settled {
		s := settled{connector: testdb.Connector(t, k, testdb.Options{})}
		db := s.open(t, "")
		for statement := range strings.Lines(string(threatsFile(t, script))) {
			_, err := db.Exec(statement)
			require.NoError(t, err, statement)
		}
		return s
	}
	shared, twin = load("full.sql"), load("twin.sql")
	queries := slices.Clone(settingsQueries)
	for i, c := range adversarialCases(t) {
		if c.Expect != "deny" && i%settingsEach(8) == 0 && !strings.Contains(c.SQL, "CURRENT") && !strings.Contains(c.SQL, "NOW") {
			queries = append(queries, c.SQL)
		}
	}
	f := newThreatsOn(t, k)
	for _, query := range queries {
		st, err := f.shared.Enforce(t.Context(), f.acme, query)
		if err != nil {
			requireTyped(t, err)
			continue
		}
		shared.statements = append(shared.statements, st)
		st, err = f.open.Enforce(t.Context(), f.anyone, query)
		require.NoError(t, err)
		twin.statements = append(twin.statements, st)
	}
	return shared, twin
}

// predicateStatements are statements that rules filter.
func predicateStatements(t *testing.T, k testdb.Kind) settled {
	m, err := semantic.Parse("model.yaml", []byte(predicatesModel))
	require.NoError(t, err)
	connector := testdb.Connector(t, k, testdb.Options{})
	s := settled{connector: connector}
	fillPredicates(t, k, s.open(t, ""), predicateRows())
	for i, p := range readPredicates() {
		if p.refused != "" || i%settingsEach(12) != 0 {
			continue
		}
		set, err := predicateSet(m, p.rule)
		require.NoError(t, err, p.rule)
		e, err := rls.New(rls.Config{Policies: set, Dialect: dialectOf[k]})
		require.NoError(t, err, p.rule)
		for i, values := range predicateSessions() {
			if i == 1 && !*settingsAll {
				continue
			}
			st, err := e.Enforce(t.Context(), newSession(t, set, values), "SELECT id FROM things")
			require.NoError(t, err)
			s.statements = append(s.statements, st)
		}
	}
	return s
}

// TestSettings: a setting of the connection changes no answer, or the connection
// is refused. What is the host's choice changes no rule, and no answer in which
// the shared database and the twin then differ.
func TestSettings(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		shared, twin := threatsStatements(t, k)
		rules := predicateStatements(t, k)
		cases := settingCases[k]
		if *settingsAll {
			cases = append(cases, slowSettings[k]...)
		}
		wantShared, wantRules := shared.answers(shared.open(t, "")), rules.answers(rules.open(t, ""))
		require.Equal(t, twin.answers(twin.open(t, "")), wantShared)
		t.Logf("%d statements under %d settings", len(wantShared)+len(wantRules), len(cases))
		require.Greater(t, len(wantShared)+len(wantRules), 40)
		for _, c := range cases {
			t.Run(c.set, func(t *testing.T) {
				db := shared.open(t, c.set)
				err := rls.CheckServer(t.Context(), db, dialectOf[k])
				if c.refused != "" {
					var refusal *rls.SettingError
					require.ErrorAs(t, err, &refusal)
					require.Equal(t, c.refused, refusal.Setting)
					require.Equal(t, dialectOf[k], refusal.Dialect)
					return
				}
				require.NoError(t, err)
				want := wantShared
				if c.choice {
					want = twin.answers(twin.open(t, c.set))
				}
				requireAnswers(t, shared.statements, want, shared.answers(db))
				requireAnswers(t, rules.statements, wantRules, rules.answers(rules.open(t, c.set)))
			})
		}
	})
}

func requireAnswers(t *testing.T, statements []*rls.Statement, want, got []string) {
	t.Helper()
	for i := range want {
		assert.Equal(t, want[i], got[i], "%s\n%v", statements[i].SQL, statements[i].Args)
	}
}

// TestOverloadsInSearchPath: a function or operator in the search path that suits
// the arguments better than PostgreSQL's own is found, and the extensions that
// people have are none.
func TestOverloadsInSearchPath(t *testing.T) {
	db := testdb.Open(t, testdb.PostgreSQL)
	db.SetMaxOpenConns(1)
	check := func() error { return rls.CheckServer(t.Context(), db, rls.PostgreSQL) }
	exec := func(text string) {
		t.Helper()
		_, err := db.Exec(text)
		require.NoError(t, err, text)
	}
	for _, extension := range []string{"citext", "hstore", "pg_trgm", "intarray", "ltree", "pgcrypto", "cube", "earthdistance", "isn", "seg",
		"btree_gist", "btree_gin", "unaccent", "fuzzystrmatch", "tablefunc", "uuid-ossp", "lo", "xml2", "pg_stat_statements"} {
		exec(`CREATE EXTENSION "` + extension + `"`)
		require.NoError(t, check(), extension)
	}
	exec("CREATE FUNCTION public.lower(text) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$")
	exec("CREATE FUNCTION public.harmless(varchar) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$")
	require.NoError(t, check(), "PostgreSQL's own comes first")
	exec("CREATE FUNCTION public.lower(varchar) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$")
	var shown string
	require.NoError(t, db.QueryRow("SELECT lower('A'::varchar)").Scan(&shown))
	require.Equal(t, "x", shown, "the premise")
	var refusal *rls.SettingError
	require.ErrorAs(t, check(), &refusal)
	assert.Equal(t, "objects in search_path", refusal.Setting)
	assert.Equal(t, "public.lower", refusal.Value)
	exec("SET search_path = other")
	require.NoError(t, check())
	exec("RESET search_path; DROP FUNCTION public.lower(varchar)")
	exec("CREATE FUNCTION public.same(varchar, text) RETURNS boolean LANGUAGE sql AS $$ SELECT true $$")
	exec("CREATE OPERATOR public.= (LEFTARG = varchar, RIGHTARG = text, FUNCTION = public.same)")
	var same bool
	require.NoError(t, db.QueryRow("SELECT 'a'::varchar = 'b'::text").Scan(&same))
	require.True(t, same, "the premise")
	require.ErrorAs(t, check(), &refusal)
	assert.Equal(t, `public.=`, refusal.Value)
}

// TestConnectionsAreChecked: what Open and the connectors give out is checked, each
// connection once.
func TestConnectionsAreChecked(t *testing.T) {
	set := map[testdb.Kind]string{
		testdb.SQLite: "PRAGMA full_column_names = ON", testdb.PostgreSQL: "SET transform_null_equals = on", testdb.MariaDB: "SET NAMES gbk",
	}
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		s, _ := threatsStatements(t, k)
		f := newThreatsOn(t, k)
		loose := newThreatsOn(t, k, func(c *rls.Config) { c.SkipServerCheck = true })
		live := func(e *rls.Enforcer) func(driver.Connector) driver.Connector {
			return func(c driver.Connector) driver.Connector {
				return rls.NewLiveConnector(c, rls.Live{Choose: func(_ context.Context, s session.Session) (*rls.Enforcer, session.Session, error) {
					return e, s, nil
				}})
			}
		}
		ask := func(wrap func(driver.Connector) driver.Connector, set string, acme session.Session) error {
			db := sql.OpenDB(wrap(connectedWith{s.connector, set}))
			defer db.Close()
			rows, err := db.QueryContext(session.NewContext(t.Context(), acme), "SELECT id FROM orders")
			if err != nil {
				return err
			}
			return rows.Close()
		}
		strict := func(c driver.Connector) driver.Connector { return rls.NewConnector(c, f.shared) }
		for name, wrap := range map[string]func(driver.Connector) driver.Connector{"connector": strict, "live": live(f.shared)} {
			require.NoError(t, ask(wrap, "", f.acme), name)
			var refusal *rls.SettingError
			require.ErrorAs(t, ask(wrap, set[k], f.acme), &refusal, name)
			require.NotEmpty(t, refusal.Cure)
		}
		require.NoError(t, ask(func(c driver.Connector) driver.Connector { return rls.NewConnector(c, loose.shared) }, set[k], loose.acme))
		require.NoError(t, ask(live(loose.shared), set[k], loose.acme))
		pinged := sql.OpenDB(rls.NewConnector(connectedWith{s.connector, set[k]}, f.shared))
		defer pinged.Close()
		require.Error(t, pinged.Ping(), "a connection is checked when it is opened")
	})
}

// TestOtherServer: the dialect is the server's.
func TestOtherServer(t *testing.T) {
	maria := testdb.Open(t, testdb.MariaDB)
	require.ErrorContains(t, rls.CheckServer(t.Context(), maria, rls.MySQL), "version")
	require.ErrorContains(t, rls.CheckServer(t.Context(), maria, rls.PostgreSQL), "can't be read")
	require.NoError(t, rls.CheckServer(t.Context(), maria, rls.Trino), "nothing is looked at")
	require.NoError(t, rls.CheckServer(t.Context(), nil, rls.Dialect{}))
}
