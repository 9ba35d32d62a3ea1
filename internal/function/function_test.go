package function_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
)

func num(s string) ast.Expr                 { return &ast.Literal{Kind: ast.IntLiteral, Text: s} }
func column(t ast.Type) ast.Expr            { return &ast.Column{Table: "t", Name: "c", Type: t} }
func call(f string, a ...ast.Expr) ast.Expr { return &ast.Call{Func: f, Args: a} }
func operation(op ast.BinaryOp, a, b ast.Type) ast.Expr {
	return &ast.Binary{Op: op, Left: column(a), Right: column(b)}
}

func TestLookup(t *testing.T) {
	f, ok := function.Lookup("ceiling")
	require.True(t, ok)
	assert.Equal(t, "ceil", f.Name)
	assert.Equal(t, function.Scalar, f.Kind)
	for _, name := range []string{"", "COUNT", "cel.size", "sleep", "benchmark", "load_file", "get_lock", "version", "user", "database",
		"last_insert_id", "rand", "uuid", "repeat", "space", "pg_sleep", "pg_read_file", "query_to_xml", "set_config", "nextval",
		"load_extension", "random", "randomblob", "json", "regexp_like", "extractvalue", "sys_exec", "char", "sysdate"} {
		_, ok := function.Lookup(name)
		assert.False(t, ok, name)
	}
}

// TestPartial: functions that can fail for some value on some database are
// never taken for total.
func TestPartial(t *testing.T) {
	for _, name := range strings.Fields("abs round power sqrt exp ln log mod concat substring left lpad replace year date datediff date_format sum avg group_concat ntile lag nth_value") {
		f, ok := function.Lookup(name)
		if assert.True(t, ok, name) {
			assert.False(t, f.Total, name)
		}
	}
	for _, name := range strings.Fields("coalesce nullif if isnull lower upper char_length count min max row_number rank") {
		f, ok := function.Lookup(name)
		if assert.True(t, ok, name) {
			assert.True(t, f.Total, name)
		}
	}
}

func TestTotal(t *testing.T) {
	pattern := func(s string) ast.Expr { return &ast.Literal{Kind: ast.StringLiteral, Text: s} }
	for name, c := range map[string]struct {
		expr ast.Expr
		want bool
	}{
		"column":           {column(ast.String), true},
		"comparison":       {&ast.Compare{Op: ast.Eq}, true},
		"in list":          {&ast.InList{}, true},
		"exists":           {&ast.Exists{}, true},
		"case":             {&ast.Case{}, true},
		"coalesce":         {call("coalesce"), true},
		"like":             {&ast.Like{Pattern: pattern(`a\%`)}, true},
		"like open escape": {&ast.Like{Pattern: pattern(`a\`)}, false},
		"like column":      {&ast.Like{Pattern: column(ast.String)}, false},
		"like parameter":   {&ast.Like{Pattern: &ast.Param{}}, false},
		"like escape":      {&ast.Like{Pattern: pattern("a"), Escape: pattern("!")}, false},
		"plus":             {operation(ast.Add, ast.Integer, ast.Integer), false},
		"minus sign":       {&ast.Neg{X: num("1")}, false},
		"bit not":          {&ast.BitNot{X: num("1")}, false},
		"cast":             {&ast.Cast{Type: ast.CastChar}, false},
		"interval":         {&ast.DateAdd{}, false},
		"extract":          {&ast.Extract{}, false},
		"scalar subquery":  {&ast.Subquery{}, false},
		"unknown function": {call("sleep"), false},
		"policy function":  {call("cel.size"), false},
		"unresolved":       {&ast.Name{}, false},
		"nothing":          {nil, false},
	} {
		assert.Equal(t, c.want, function.Total(c.expr), name)
	}
	for op := ast.Add; op <= ast.ShiftRight; op++ {
		assert.False(t, function.TotalBinary(op))
	}
}

func TestTypeOf(t *testing.T) {
	scalar := &ast.Subquery{Query: &ast.Query{Body: &ast.Query{Body: &ast.Select{Items: []ast.SelectItem{{Expr: column(ast.Date)}}}}}}
	for name, c := range map[string]struct {
		expr ast.Expr
		want ast.Type
	}{
		"nothing":           {nil, ast.Unknown},
		"null":              {ast.Null(), ast.Unknown},
		"param":             {&ast.Param{}, ast.Unknown},
		"slot":              {&ast.Slot{Type: ast.String}, ast.String},
		"true":              {ast.True(), ast.Boolean},
		"predicate":         {&ast.Between{}, ast.Boolean},
		"sum of numbers":    {operation(ast.Add, ast.Integer, ast.Decimal), ast.Decimal},
		"sum with unknown":  {operation(ast.Add, ast.Integer, ast.Unknown), ast.Unknown},
		"division":          {operation(ast.Div, ast.Integer, ast.Integer), ast.Decimal},
		"float division":    {operation(ast.Div, ast.Integer, ast.Float), ast.Float},
		"whole division":    {operation(ast.IntDiv, ast.Decimal, ast.Integer), ast.Integer},
		"minus":             {&ast.Neg{X: column(ast.Float)}, ast.Float},
		"count":             {&ast.Call{Func: "count", Star: true}, ast.Integer},
		"sum":               {call("sum", column(ast.Decimal)), ast.Decimal},
		"avg":               {call("avg", column(ast.Integer)), ast.Decimal},
		"max":               {call("max", column(ast.DateTimeTz)), ast.DateTimeTz},
		"coalesce":          {call("coalesce", column(ast.Integer), column(ast.Float)), ast.Float},
		"coalesce null":     {call("coalesce", ast.Null(), column(ast.Integer)), ast.Integer},
		"coalesce nulls":    {call("coalesce", ast.Null(), ast.Null()), ast.Unknown},
		"coalesce truth":    {call("coalesce", column(ast.Boolean), num("0")), ast.Integer},
		"truth plus truth":  {operation(ast.Add, ast.Boolean, ast.Boolean), ast.Integer},
		"minus truth":       {&ast.Neg{X: column(ast.Boolean)}, ast.Integer},
		"average of truths": {call("avg", column(ast.Boolean)), ast.Decimal},
		"absolute truth":    {call("abs", column(ast.Boolean)), ast.Integer},
		"nullif truth":      {call("nullif", column(ast.Boolean), num("0")), ast.Integer},
		"lag default":       {call("lag", column(ast.Integer), num("1"), column(ast.Decimal)), ast.Decimal},
		"median":            {call("median", column(ast.Integer)), ast.Float},
		"coalesce mixed":    {call("coalesce", column(ast.Integer), column(ast.String)), ast.String},
		"coalesce dates":    {call("coalesce", column(ast.Date), column(ast.String)), ast.Unknown},
		"if":                {call("if", column(ast.Boolean), column(ast.Date), column(ast.Date)), ast.Date},
		"ceil":              {call("ceiling", column(ast.Decimal)), ast.Integer},
		"missing argument":  {call("max"), ast.Unknown},
		"policy":            {call("cel.size", column(ast.String)), ast.Integer},
		"unknown function":  {call("sleep"), ast.Unknown},
		"date_trunc date":   {call("date_trunc", num("1"), column(ast.Date)), ast.Date},
		"date_trunc time":   {call("date_trunc", num("1"), column(ast.String)), ast.DateTime},
		"case":              {&ast.Case{Whens: []ast.When{{Then: column(ast.Integer)}}, Else: ast.Null()}, ast.Integer},
		"cast":              {&ast.Cast{Type: ast.CastUnsigned}, ast.Integer},
		"date plus day":     {&ast.DateAdd{X: column(ast.Date), Unit: ast.Day}, ast.Date},
		"date plus hour":    {&ast.DateAdd{X: column(ast.Date), Unit: ast.Hour}, ast.DateTime},
		"time plus day":     {&ast.DateAdd{X: column(ast.DateTime), Unit: ast.Day}, ast.DateTime},
		"text plus day":     {&ast.DateAdd{X: column(ast.String), Unit: ast.Day}, ast.Unknown},
		"scalar subquery":   {scalar, ast.Date},
		"subquery of union": {&ast.Subquery{Query: &ast.Query{Body: &ast.SetOp{}}}, ast.Unknown},
	} {
		assert.Equal(t, c.want, function.TypeOf(c.expr), name)
	}
}

// TestArgs: every function says how it reads its arguments and what it means.
func TestArgs(t *testing.T) {
	names, others := function.Names()
	for _, name := range names {
		f, ok := function.Lookup(name)
		require.True(t, ok)
		assert.NotEmpty(t, f.Meaning, name)
		assert.Equal(t, f.Max == 0, len(f.Args) == 0, "%s takes arguments of no kind", name)
		for i := range len(f.Args) {
			assert.NotZero(t, f.Arg(i), name)
		}
	}
	for _, name := range others {
		_, ok := function.Lookup(name)
		assert.True(t, ok, name)
	}
	f, _ := function.Lookup("if")
	assert.Equal(t, []function.Arg{function.Truth, function.Shared, function.Shared}, []function.Arg{f.Arg(0), f.Arg(1), f.Arg(2)})
	f, _ = function.Lookup("pi")
	assert.Equal(t, function.Any, f.Arg(0))
}
