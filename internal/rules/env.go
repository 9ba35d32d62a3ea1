package rules

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/diag"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// Problem is a mistake in a CEL expression. Offset counts bytes in its text.
type Problem struct {
	Offset        int
	Message, Hint string
}

// The prefixes of the variables that stand for session properties. They are
// declared one by one, under their dotted names, so that each has its own type
// and its own absence.
const (
	sessionPrefix = "session."
	hasPrefix     = "@has."
)

// Compiler compiles the expressions of one policy file.
type Compiler struct {
	model  *semantic.Model
	schema *session.Schema
	base   *cel.Env
	rows   map[*semantic.Dataset]*cel.Env
	slots  []slot
	named  map[string]int // slots of properties, by property name
	// computed are the slots of all other expressions.
	computed map[computed]*ast.Slot
	tables   map[*semantic.Dataset]int // aliases given out in the rules of a dataset
	// tenantField is the field that every step along a relationship equates
	// where both ends have it; "" for none.
	tenantField string
}

// NewCompiler makes a compiler for a model, a session schema and the field that
// tells tenants apart, which may be "".
func NewCompiler(model *semantic.Model, schema *session.Schema, tenantField string) (*Compiler, error) {
	c := &Compiler{model: model, schema: schema, tenantField: tenantField, rows: map[*semantic.Dataset]*cel.Env{}, named: map[string]int{}, computed: map[computed]*ast.Slot{}, tables: map[*semantic.Dataset]int{}}
	opts := []cel.EnvOption{
		cel.ClearMacros(),
		cel.Macros(c.hasMacro(), cel.AllMacro, cel.ExistsMacro, cel.ExistsOneMacro, cel.MapMacro, cel.MapFilterMacro, cel.FilterMacro),
		cel.ParserRecursionLimit(maxNesting),
		cel.EnableIdentifierEscapeSyntax(),
		cel.DefaultUTCTimeZone(true),
		ext.Strings(),
	}
	for p := range schema.Properties() {
		opts = append(opts,
			cel.Variable(sessionPrefix+p.Name, propertyType(p.Type)),
			cel.Variable(hasPrefix+sessionPrefix+p.Name, types.BoolType))
	}
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, fmt.Errorf("the CEL environment: %w", err)
	}
	opts = append(opts, cel.CustomTypeAdapter(registry), cel.CustomTypeProvider(provider{Provider: registry, model: model}))
	base, err := cel.NewEnv(opts...)
	if err != nil {
		return nil, fmt.Errorf("the CEL environment: %w", err)
	}
	c.base = base
	return c, nil
}

// maxNesting bounds how deep a policy's expression may nest.
const maxNesting = 100

// propertyType is the CEL type of a session property.
func propertyType(t session.Type) *types.Type {
	switch {
	case t.IsList():
		return types.NewListType(propertyType(t.Elem()))
	case t.IsMap():
		return types.NewMapType(types.StringType, propertyType(t.Elem()))
	}
	switch t {
	case session.String:
		return types.StringType
	case session.Int:
		return types.IntType
	case session.Double:
		return types.DoubleType
	case session.Bool:
		return types.BoolType
	case session.Timestamp:
		return types.TimestampType
	case session.Duration:
		return types.DurationType
	default: // no value of an unknown type exists, so nothing compares with it
		return types.ErrorType
	}
}

// fieldType is the CEL type of a field, or nil for a datatype that policies
// can't compare.
func fieldType(d semantic.Datatype) *types.Type {
	switch d {
	case semantic.String:
		return types.StringType
	case semantic.Integer:
		return types.IntType
	case semantic.Decimal, semantic.Float:
		return types.DoubleType
	case semantic.Boolean:
		return types.BoolType
	case semantic.Date, semantic.DateTime, semantic.DateTimeTz:
		return types.TimestampType
	default:
		return nil
	}
}

// rowEnv is the environment in which row is a row of a dataset.
func (c *Compiler) rowEnv(d *semantic.Dataset) (*cel.Env, error) {
	if env, ok := c.rows[d]; ok {
		return env, nil
	}
	env, err := c.base.Extend(cel.Variable("row", rowType(d)))
	if err != nil {
		return nil, fmt.Errorf("the CEL environment of dataset %s: %w", d.Name, err)
	}
	c.rows[d] = env
	return env, nil
}

// rowType is the CEL type of a row of a dataset.
func rowType(d *semantic.Dataset) *types.Type { return types.NewObjectType(rowTypePrefix + d.Name) }

// rowTypePrefix keeps datasets apart from CEL's own types.
const rowTypePrefix = "row of "

// provider tells CEL which fields rows have, and which rows they lead to.
type provider struct {
	types.Provider
	model *semantic.Model
}

func (p provider) dataset(typeName string) (*semantic.Dataset, bool) {
	name, ok := strings.CutPrefix(typeName, rowTypePrefix)
	if !ok {
		return nil, false
	}
	return p.model.Dataset(name)
}

// FindStructType implements types.Provider.
func (p provider) FindStructType(name string) (*types.Type, bool) {
	if d, ok := p.dataset(name); ok {
		return types.NewTypeTypeWithParam(rowType(d)), true
	}
	return p.Provider.FindStructType(name)
}

// FindStructFieldNames implements types.Provider.
func (p provider) FindStructFieldNames(name string) ([]string, bool) {
	if d, ok := p.dataset(name); ok {
		return fieldNames(d), true
	}
	return p.Provider.FindStructFieldNames(name)
}

// FindStructFieldType implements types.Provider: a field, or a step along a
// relationship to one row or to a list of rows.
func (p provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	d, ok := p.dataset(name)
	if !ok {
		return p.Provider.FindStructFieldType(name, field)
	}
	if f, ok := exactField(d, field); ok {
		if t := fieldType(f.Datatype); t != nil {
			return &types.FieldType{Type: types.NewNullableType(t)}, true
		}
		return nil, false
	}
	h, ok := findHop(p.model, d, field)
	switch {
	case !ok:
		return nil, false
	case h.toMany:
		return &types.FieldType{Type: types.NewListType(rowType(h.to))}, true
	default:
		return &types.FieldType{Type: rowType(h.to)}, true
	}
}

// exactField finds a field by its declared spelling: CEL minds the case.
func exactField(d *semantic.Dataset, name string) (*semantic.Field, bool) {
	f, ok := d.Field(name)
	return f, ok && f.Name == name
}

func fieldNames(d *semantic.Dataset) []string {
	names := make([]string, len(d.Fields))
	for i, f := range d.Fields {
		names[i] = f.Name
	}
	return names
}

// hasMacro makes has(session.x) ask whether the session has a property, and
// leaves has() of a map's key as it is.
func (c *Compiler) hasMacro() cel.Macro {
	return cel.GlobalMacro("has", 1, func(f cel.MacroExprFactory, _ celast.Expr, args []celast.Expr) (celast.Expr, *cel.Error) {
		if args[0].Kind() != celast.SelectKind {
			return nil, f.NewError(args[0].ID(), "has() needs a property: has(session.name)")
		}
		sel := args[0].AsSelect()
		if sel.Operand().Kind() != celast.IdentKind {
			return f.NewPresenceTest(f.Copy(sel.Operand()), sel.FieldName()), nil
		}
		switch root := sel.Operand().AsIdent(); root {
		case "session":
			if _, ok := c.schema.Property(sel.FieldName()); !ok {
				return nil, f.NewError(args[0].ID(), "the session schema has no property "+sel.FieldName())
			}
			return f.NewIdent(hasPrefix + sessionPrefix + sel.FieldName()), nil
		case "row":
			return nil, f.NewError(args[0].ID(), "has(row.…) isn't supported: every field of a row is there; compare it with null")
		default:
			return f.NewPresenceTest(f.Copy(sel.Operand()), sel.FieldName()), nil
		}
	})
}

// check parses and checks an expression, and gives its tree or its problems.
func (c *Compiler) check(d *semantic.Dataset, text string) (*celast.AST, []Problem) {
	env := c.base
	if d != nil {
		var err error
		if env, err = c.rowEnv(d); err != nil {
			return nil, []Problem{{Message: err.Error()}}
		}
	}
	// Not env.Compile: it writes the text once for each mistake.
	tree, issues := env.Parse(text)
	if len(issues.Errors()) == 0 {
		tree, issues = env.Check(tree)
	}
	errors := issues.Errors()
	if len(errors) == 0 {
		return tree.NativeRep(), nil
	}
	var problems []Problem
	for _, e := range errors[:min(len(errors), mostMistakes)] {
		problems = append(problems, c.explain(d, text, e))
		if strings.HasPrefix(e.Message, syntaxError) { // what follows only follows from it
			break
		}
	}
	return nil, problems
}

// mostMistakes is how many mistakes of one expression are told.
const mostMistakes = 20

// explain words cel-go's error for someone who writes policies.
func (c *Compiler) explain(d *semantic.Dataset, text string, e *common.Error) Problem {
	p := Problem{Offset: byteOffset(text, e.Location.Line(), e.Location.Column()), Message: "CEL: " + e.Message}
	if m := noOverload.FindStringSubmatch(e.Message); m != nil {
		types := wrapper.ReplaceAllString(m[2], "$1")
		p.Message, p.Hint = fmt.Sprintf("%s can't be applied to %s", describe(m[1]), types), mixed(m[1], types)
		return p
	}
	if strings.HasPrefix(e.Message, syntaxError) {
		p.Message, p.Hint = expected.ReplaceAllString(p.Message, ""), foreign(text, p.Offset)
		return p
	}
	if strings.HasPrefix(e.Message, "type 'list(row of ") {
		p.Message, p.Hint = "a step to many rows has no fields", "ask for one of the rows: row.step.exists(x, x.field == …)"
		return p
	}
	if m := undefined.FindStringSubmatch(e.Message); m != nil {
		before := strings.TrimRight(text[:p.Offset], " \t\n")
		p.Message = fmt.Sprintf("there is no field %q here", m[1])
		p.Hint = diag.DidYouMean(m[1], c.farFields(d))
		if strings.HasSuffix(before, "row") && d != nil {
			p.Offset = len(before) - len("row")
			p.Message, p.Hint = unknownField(c.model, d, m[1])
		}
		return p
	}
	m := undeclared.FindStringSubmatch(e.Message)
	if m == nil {
		return p
	}
	p.Hint = c.undeclaredHint(d, m[1])
	root, name, found := strings.Cut(m[1], ".")
	if found { // the place is the dot's
		p.Offset = len(strings.TrimSuffix(text[:p.Offset], root))
	} else {
		_, name, _ = strings.Cut(dotted.FindString(text[p.Offset:]), ".")
	}
	name, _, _ = strings.Cut(name, ".")
	switch {
	case root == "row" && d == nil:
		p.Message = "when reads row, but it is decided before any row is read"
		p.Hint = "use session properties only, or move the condition into rows"
	case root == "session" && name == "":
		p.Message = "session stands alone: a rule can only use its properties, as in session.name"
	case root == "session":
		p.Message, p.Hint = c.unknownProperty(name)
	}
	return p
}

const syntaxError = "Syntax error"

var (
	noOverload = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(.*)'$`)
	expected   = regexp.MustCompile(` expecting (\{.*\}|<EOF>)$`)
	wrapper    = regexp.MustCompile(`wrapper\((\w+)\)`)
	undeclared = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	undefined  = regexp.MustCompile(`^undefined field '([^']*)'`)
	rowOf      = regexp.MustCompile(rowTypePrefix + `(\w+)`)
)

func (c *Compiler) unknownProperty(name string) (message, hint string) {
	var names []string
	for prop := range c.schema.Properties() {
		names = append(names, prop.Name)
	}
	return fmt.Sprintf("the session schema has no property %q", name), diag.DidYouMean(name, names)
}

func unknownField(m *semantic.Model, d *semantic.Dataset, field string) (message, hint string) {
	if f, ok := exactField(d, field); ok {
		if f.Datatype == semantic.Unknown {
			return fmt.Sprintf("field %q of dataset %q has no datatype", field, d.Name), "declare its datatype in the semantic model"
		}
		return fmt.Sprintf("field %q of dataset %q has datatype %s, which policies can't compare", field, d.Name, f.Datatype), ""
	}
	if problem := ambiguousHop(m, d, field); problem != "" {
		return problem, "use the name of the relationship"
	}
	return fmt.Sprintf("dataset %q has no field %q", d.Name, field), diag.DidYouMean(field, append(fieldNames(d), stepNames(m, d)...))
}

var dotted = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*`)

// byteOffset converts cel-go's place, a line from 1 and a column in code points
// from 0, to a byte offset.
func byteOffset(text string, line, column int) int {
	at := 0
	for ; line > 1; line-- {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return len(text)
		}
		at += i + 1
	}
	for ; column > 0 && at < len(text); column-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}

// offset is where an expression of a tree starts.
func offset(text string, tree *celast.AST, e celast.Expr) int {
	loc := tree.SourceInfo().GetStartLocation(e.ID())
	if loc.Line() < 1 {
		return 0
	}
	return byteOffset(text, loc.Line(), loc.Column())
}

// typed says which ast type a CEL type is, Unknown for what SQL can't hold.
func typed(t *types.Type) ast.Type {
	switch t.Kind() {
	case types.StringKind:
		return ast.String
	case types.IntKind:
		return ast.Integer
	case types.DoubleKind:
		return ast.Float
	case types.BoolKind:
		return ast.Boolean
	case types.TimestampKind:
		return ast.DateTimeTz
	case types.DurationKind:
		return duration
	default:
		return ast.Unknown
	}
}

// duration is the type of CEL's durations while rules are translated. In SQL
// they are whole numbers of microseconds.
const duration ast.Type = "Duration"

// sqlType is the type that values have in SQL.
func sqlType(t ast.Type) ast.Type {
	if t == duration {
		return ast.Integer
	}
	return t
}
