package mysql

import (
	"slices"
	"strings"
	"unicode/utf8"

	"vitess.io/vitess/go/vt/sqlparser"

	"github.com/hedgerow/hedgerow/internal/fault"
)

// refuseTokens applies refuseToken to all.
func refuseTokens(src *source, toks []token) *fault.Error {
	for i := range toks {
		if err := refuseToken(src, toks, i); err != nil {
			return err
		}
	}
	return nil
}

// refuseToken refuses token i where it stands for something that no logical
// query may hold, or that Vitess would read as something else.
func refuseToken(src *source, toks []token, i int) *fault.Error {
	t := &toks[i]
	if t.text == "" && t.typ < utf8.RuneSelf {
		return nil // a symbol
	}
	what, hint := refusedType(t.typ)
	if what == "" {
		what, hint = refusedInPlace(src.text, toks, i)
	}
	switch {
	case what != "":
		return fault.New(fault.Unsupported, src.pos(t.start), "%s", what).WithHint("%s", hint)
	case t.quoted: // an unquoted name has only letters, digits, _ and $
		return refuseControl(src.pos(t.start), t.text)
	}
	return refuseSwallowed(src, toks, i)
}

// refusedType gives what is refused wherever it stands, and what to write
// instead.
func refusedType(typ int) (what, hint string) {
	switch typ {
	case sqlparser.AT_ID, sqlparser.AT_AT_ID, sqlparser.ASSIGNMENT_OPT:
		return noVariables, "write a value or ?"
	case sqlparser.LIST_ARG, sqlparser.OFFSET_ARG:
		return noNamedArguments, "write ?"
	case sqlparser.NCHAR_STRING:
		return "N'…' strings are not supported", "write the string without N"
	case sqlparser.HEX, sqlparser.HEXNUM, sqlparser.BITNUM, sqlparser.BIT_LITERAL:
		return "hexadecimal and bit literals are not supported", "write a decimal number or a string"
	case sqlparser.JSON_EXTRACT_OP, sqlparser.JSON_UNQUOTE_EXTRACT_OP:
		return "the JSON operators -> and ->> are not supported", "model the value as a field"
	case sqlparser.INTO:
		return "INTO is not allowed", "a query only returns rows"
	case sqlparser.COLLATE:
		return "COLLATE is not supported", "leave it out"
	case sqlparser.STRAIGHT_JOIN:
		return "STRAIGHT_JOIN is not supported", "write JOIN"
	case sqlparser.LATERAL:
		return "LATERAL is not supported", "use a subquery in the select list or a join"
	case sqlparser.JSON_TABLE:
		return "JSON_TABLE is not supported", "model the values as a dataset"
	}
	return "", ""
}

// refusedInPlace gives what is refused for its text or its neighbours.
func refusedInPlace(text string, toks []token, i int) (what, hint string) {
	t := &toks[i]
	next := func(n int, words ...string) bool {
		return i+n < len(toks) && slices.ContainsFunc(words, toks[i+n].is)
	}
	switch t.typ {
	case sqlparser.VALUE_ARG:
		if text[t.start] != '?' {
			return noNamedArguments, "write ?"
		}
	case sqlparser.OR:
		if text[t.start] == '|' {
			return "|| means OR in MySQL and concatenation elsewhere", "write CONCAT(a, b) or a OR b"
		}
	case sqlparser.FOR, sqlparser.LOCK:
		if next(1, "update", "share", "in") {
			return "locking reads are not allowed", "leave out FOR UPDATE, FOR SHARE and LOCK IN SHARE MODE"
		}
	case sqlparser.FROM:
		if i > 0 && toks[i-1].typ == ')' && next(1, "first", "last") && next(2, "over", "ignore", "respect") {
			return "FROM FIRST and FROM LAST are not supported", "leave it out, or reverse the window's ORDER BY"
		}
	case sqlparser.STRING:
		if prefixed(toks, i) {
			return "prefixed strings such as E'…' and _utf8'…' are not supported", "write a plain string, or AS before an alias"
		}
	case sqlparser.ID:
	default:
		if t.text != "" && t.text[0] == '_' && t.word() {
			return "character set introducers are not supported", "write a plain string"
		}
	}
	return "", ""
}

const (
	noVariables      = "variables and assignments are not allowed"
	noNamedArguments = "named and numbered arguments are not supported"
)

// prefixed tells a string that belongs to the word before it: E'…', U&'…', or
// an introducer that Vitess doesn't know, such as _foo '…'.
func prefixed(toks []token, i int) bool {
	if i == 0 {
		return false
	}
	prev := &toks[i-1]
	touches := prev.end == toks[i].start
	if touches && prev.typ == '&' && i > 1 && toks[i-2].is("u") {
		return toks[i-2].end == prev.start
	}
	switch {
	case !prev.word() || opensOperand(prev.typ):
		return false
	case prev.typ == sqlparser.DATE, prev.typ == sqlparser.TIME, prev.typ == sqlparser.TIMESTAMP:
		return false
	}
	return touches || strings.HasPrefix(prev.text, "_")
}

// swallowed lists words that other SQL dialects give a meaning where Vitess
// takes them for an alias, with what to write instead.
var swallowed = map[string]string{
	"any":             "write a plain JOIN",
	"anti":            "write NOT EXISTS (…)",
	"apply":           "use a subquery or a join",
	"asof":            "join on a comparison, or use a window function",
	"connect":         "use WITH RECURSIVE",
	"except":          "write SELECT … EXCEPT SELECT …, or AS before an alias",
	"fetch":           "write LIMIT n",
	"filter":          "write CASE WHEN … THEN … END inside the aggregate",
	"final":           "leave it out",
	"full":            "write a LEFT JOIN and UNION ALL the rows that only the right side has",
	"glob":            "write LIKE",
	"global":          "write a plain JOIN",
	"ilike":           "write LOWER(a) LIKE LOWER(b)",
	"intersect":       "write SELECT … INTERSECT SELECT …, or AS before an alias",
	"isnull":          "write IS NULL",
	"match_recognize": "use window functions",
	"minus":           "write EXCEPT",
	"notnull":         "write IS NOT NULL",
	"nulls":           "order by (x IS NULL) first",
	"pivot":           "aggregate CASE expressions",
	"positional":      "join on ROW_NUMBER()",
	"prewhere":        "write WHERE",
	"qualify":         "filter in an outer query",
	"returning":       "write a SELECT",
	"sample":          "filter or limit the rows",
	"semi":            "write EXISTS (…)",
	"settings":        "leave it out",
	"similar":         "write LIKE or REGEXP_LIKE",
	"tablesample":     "filter or limit the rows",
	"unpivot":         "use UNION ALL",
	"within":          "use a plain aggregate or a window function",
}

// isAlias tells the types that the words of swallowed have for Vitess: names,
// and keywords that it takes as names.
func isAlias(typ int) bool {
	switch typ {
	case sqlparser.ID, sqlparser.UNUSED, sqlparser.ANY, sqlparser.FULL, sqlparser.GLOBAL, sqlparser.NULLS,
		sqlparser.QUALIFY, sqlparser.RETURNING, sqlparser.TABLESAMPLE:
		return true
	}
	return false
}

// refuseSwallowed refuses such a word where an alias could stand. Quoted, after
// AS or as a column it is an ordinary name.
func refuseSwallowed(src *source, toks []token, i int) *fault.Error {
	t := &toks[i]
	if t.quoted || !isAlias(t.typ) || !afterOperand(toks, i) || isSetWord(toks, i) {
		return nil
	}
	hint, found := swallowed[strings.ToLower(t.text)]
	if !found || t.typ == sqlparser.NULLS && toks[i-1].is("respect") {
		return nil
	}
	return fault.New(fault.Unsupported, src.pos(t.start), "%s is not supported here", strings.ToUpper(t.text)).
		WithHint("%s (an alias of that name needs AS or backticks)", hint)
}

// afterOperand tells whether token i follows a whole operand, so that a name
// there would be an alias.
func afterOperand(toks []token, i int) bool { return i > 0 && !opensOperand(toks[i-1].typ) }

// opensOperand tells whether an operand or a name is due after a token of this
// type. What isn't listed ends an operand: the safe side, as only there words
// are refused.
func opensOperand(typ int) bool {
	switch typ {
	case ')', sqlparser.ID, sqlparser.STRING, sqlparser.INTEGRAL, sqlparser.DECIMAL, sqlparser.FLOAT, sqlparser.VALUE_ARG:
		return false
	case sqlparser.SELECT, sqlparser.DISTINCT, sqlparser.DISTINCTROW, sqlparser.ALL, sqlparser.AS, sqlparser.FROM, sqlparser.JOIN,
		sqlparser.ON, sqlparser.USING, sqlparser.WHERE, sqlparser.BY, sqlparser.HAVING, sqlparser.LIMIT, sqlparser.UNION,
		sqlparser.WITH, sqlparser.RECURSIVE, sqlparser.WINDOW, sqlparser.OVER, sqlparser.VALUES, sqlparser.ROW,
		sqlparser.AND, sqlparser.OR, sqlparser.XOR, sqlparser.NOT, sqlparser.IS, sqlparser.IN, sqlparser.LIKE, sqlparser.ESCAPE,
		sqlparser.BETWEEN, sqlparser.REGEXP, sqlparser.RLIKE, sqlparser.EXISTS,
		sqlparser.CASE, sqlparser.WHEN, sqlparser.THEN, sqlparser.ELSE, sqlparser.INTERVAL, sqlparser.DIV, sqlparser.MOD,
		sqlparser.BINARY, sqlparser.SEPARATOR, sqlparser.FOR, sqlparser.LEADING, sqlparser.TRAILING, sqlparser.BOTH,
		sqlparser.IGNORE, sqlparser.LE, sqlparser.GE, sqlparser.NE, sqlparser.NULL_SAFE_EQUAL,
		sqlparser.SHIFT_LEFT, sqlparser.SHIFT_RIGHT:
		return true
	}
	return typ < utf8.RuneSelf // the remaining single-character symbols
}
