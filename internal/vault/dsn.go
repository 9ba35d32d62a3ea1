package vault

import (
	"net/url"
	"regexp"
	"strings"
)

// reading is what a DSN says. The zero reading is of one that isn't understood,
// or that drivers could read in more than one way: a password with an
// unescaped '@' or '/' may then be anywhere in it.
type reading struct {
	clear bool
	// shown is the DSN without secrets.
	shown string
	// secrets are its passwords and what else isn't known to be harmless, as
	// written and decoded.
	secrets []string
}

// harmless are the parameters whose values may be shown, in lower case.
var harmless = set(`
	host hostaddr port dbname database user sslmode sslrootcert sslcert sslkey sslcrl sslsni passfile
	service servicefile connect_timeout application_name fallback_application_name client_encoding
	target_session_attrs load_balance_hosts search_path timezone channel_binding require_auth gssencmode
	krbsrvname statement_timeout lock_timeout keepalives tcp_user_timeout
	pool_max_conns pool_min_conns default_query_exec_mode
	charset collation loc parsetime timeout readtimeout writetimeout tls multistatements
	interpolateparams clientfoundrows columnswithalias maxallowedpacket rejectreadonly
	checkconnliveness allownativepasswords allowcleartextpasswords allowoldpasswords
	mode cache immutable _txlock _time_format`)

// confidential are the names of key=value pairs that hold secrets.
var confidential = set(`password sslpassword options`)

// schemes are the known URL schemes; true is one whose user name is no secret.
var schemes = map[string]bool{
	"postgres": true, "postgresql": true, "mysql": true, "mariadb": true, "sqlite": true, "file": true,
	"clickhouse": false, "trino": false, "duckdb": false, "snowflake": false, "bigquery": false, "sqlserver": false,
}

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

var (
	scheme    = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*)://`)
	user      = regexp.MustCompile(`^[A-Za-z0-9._~%+-]*$`)
	hosts     = regexp.MustCompile(`^((([A-Za-z0-9._-]*|\[[0-9A-Fa-f:.%]+\])(:[0-9]*)?)(,|$))*$`)
	path      = regexp.MustCompile(`^(/?[A-Za-z]:)?[A-Za-z0-9._~%/ -]*$`)
	database  = regexp.MustCompile(`^(:memory:|(/?[A-Za-z]:)?[A-Za-z0-9._/ -]*\.(db|sqlite|sqlite3|duckdb))(\?|$)`)
	mysqlRest = regexp.MustCompile(`^((tcp|tcp4|tcp6|unix)(\([A-Za-z0-9._:/\[\]-]*\))?)?/([A-Za-z0-9._~%-]*)(\?[^/]*)?$`)
	plain     = regexp.MustCompile(`^[A-Za-z0-9._~%/:,+-]*$`)
)

// read understands the DSNs of the forms that Redact lists.
func read(dsn string) reading {
	switch {
	case scheme.MatchString(dsn):
		return readURL(dsn)
	case strings.HasPrefix(dsn, "file:"):
		return readFileName("file:", dsn[len("file:"):])
	case database.MatchString(dsn):
		return readFileName("", dsn)
	case pairsForm.MatchString(dsn):
		return readPairs(dsn)
	default:
		return readMySQL(dsn)
	}
}

// readURL reads scheme://user:password@host:port/path?parameters.
func readURL(dsn string) reading {
	name, rest, _ := strings.Cut(dsn, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, tail := rest[:end], rest[end:]
	if strings.ContainsAny(tail, "@#") {
		return reading{}
	}
	login, host, found := strings.Cut(authority, "@")
	if !found {
		login, host = "", authority
	}
	who, password, locked := strings.Cut(login, ":")
	where, query, _ := strings.Cut(tail, "?")
	if !hosts.MatchString(host) || !user.MatchString(who) || !path.MatchString(where) {
		return reading{}
	}
	r := reading{clear: true, shown: name + "://" + who}
	if locked {
		r.shown += ":" + redacted
		r.keep(password, url.PathUnescape)
	}
	if found {
		r.shown += "@"
	}
	r.shown += host + where
	r.readParameters(query)
	if !schemes[strings.ToLower(name)] { // its user may be a token, its host an account
		r.shown = doubtful(dsn)
		r.keep(who, url.PathUnescape)
	}
	return r
}

// readFileName reads a file's name and parameters.
func readFileName(prefix, rest string) reading {
	name, query, _ := strings.Cut(rest, "?")
	if name != ":memory:" && !path.MatchString(name) {
		return reading{}
	}
	r := reading{clear: true, shown: prefix + name}
	r.readParameters(query)
	return r
}

// readMySQL reads user:password@net(address)/database?parameters as
// go-sql-driver/mysql does: from the last '/' and the last '@' before it.
func readMySQL(dsn string) reading {
	at := strings.LastIndexByte(dsn, '@')
	m := mysqlRest.FindStringSubmatch(dsn[at+1:])
	if m == nil {
		return reading{}
	}
	who, password, locked := strings.Cut(dsn[:max(at, 0)], ":")
	if !user.MatchString(who) {
		return reading{}
	}
	r := reading{clear: true, shown: who}
	if locked {
		r.shown += ":" + redacted
		r.keep(password, nil)
	}
	if at >= 0 {
		r.shown += "@"
	}
	r.shown += m[1] + "/" + m[4]
	r.readParameters(strings.TrimPrefix(m[5], "?"))
	return r
}

// readParameters reads name=value&… and shows those before the first that may
// be secret: what follows may still belong to it.
func (r *reading) readParameters(query string) {
	if query == "" {
		return
	}
	separator, showing := "?", true
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if harmless[strings.ToLower(name)] && plain.MatchString(value) {
			if showing {
				r.shown += separator + pair
				separator = "&"
			}
			continue
		}
		if showing {
			r.shown += separator + redacted
			showing = false
		}
		if !strings.Contains(pair, "=") {
			value = pair
		}
		r.keep(value, url.QueryUnescape)
	}
}

// readPairs reads libpq's key=value pairs, and shows those before the first
// that is secret. Another library may separate its pairs in another way, so
// only names of libpq with plain values are clear.
func readPairs(dsn string) reading {
	r := reading{clear: true}
	var shown []string
	showing := true
	for rest := strings.TrimLeft(dsn, blanks); rest != ""; rest = strings.TrimLeft(rest, blanks) {
		name, after, found := strings.Cut(rest, "=")
		name = strings.Trim(name, blanks)
		if !found || name == "" || strings.ContainsAny(name, blanks) {
			return reading{}
		}
		after = strings.TrimLeft(after, blanks)
		n, ok := valueLength(after)
		if !ok {
			return reading{}
		}
		value := after[:n]
		rest = after[n:]
		switch lower := strings.ToLower(name); {
		case confidential[lower]:
			r.keep(value, nil)
			r.keep(unescapeValue(value), nil)
			if showing {
				shown = append(shown, redacted)
			}
			showing = false
		case !harmless[lower] || !plain.MatchString(strings.Trim(value, "'")):
			return reading{}
		case showing:
			shown = append(shown, name+"="+value)
		}
	}
	r.shown = strings.Join(shown, " ")
	return r
}

const blanks = " \t\n\r\v\f"

// valueLength finds the end of a pair's value, which may be quoted; false when
// the quote doesn't end.
func valueLength(s string) (int, bool) {
	quoted := strings.HasPrefix(s, "'")
	i := 0
	if quoted {
		i++
	}
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case quoted && c == '\'':
			return i + 1, true
		case !quoted && strings.IndexByte(blanks, c) >= 0:
			return i, true
		}
	}
	return len(s), !quoted
}

func unescapeValue(value string) string {
	if strings.HasPrefix(value, "'") {
		value = strings.TrimSuffix(value[1:], "'")
	}
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] == '\\' && i+1 < len(value) {
			i++
		}
		b.WriteByte(value[i])
	}
	return b.String()
}

// keep notes a secret as it is written and decoded. What can't be decoded makes
// the DSN unclear: an error of a driver would show a piece of it.
func (r *reading) keep(written string, decode func(string) (string, error)) {
	if written == "" {
		return
	}
	r.secrets = append(r.secrets, written)
	if decode == nil {
		return
	}
	decoded, err := decode(written)
	if err != nil {
		r.clear = false
		return
	}
	r.secrets = append(r.secrets, decoded)
}
