package dialect

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
)

const (
	// MaxText bounds the printed text in bytes. Some translations repeat their
	// arguments, so nested calls grow faster than the query: 40 bytes can stand
	// for megabytes, which a database needs seconds to read.
	MaxText = 4 << 20
	// maxDepth bounds the recursion; earlier stages have lower limits.
	maxDepth = 10000
)

// printer writes one statement. The first fault sticks; what is written after
// it is thrown away.
type printer struct {
	d       *Dialect
	text    []byte
	args    []Arg
	numbers numbers
	// grouped holds the group expressions of a rollup, with their index; the level
	// that is written keeps the first kept of them.
	grouped map[ast.Expr]int
	kept    int
	least   map[ast.Expr]bool // what HAVING has as the least of a group
	sorts   []ast.OrderItem   // of the query whose SELECT is written next
	checked bool              // an enclosing check covers the arithmetic
	depth   int
	err     error
}

// argKey identifies a bound value: a caller's placeholder, or a slot's element.
type argKey struct{ param, slot, elem int }

// numbers are the parameter numbers already given: a list, from 1, as long as it
// is short.
type numbers struct {
	few  [4]argKey
	n    int
	many map[argKey]int
}

// of gives the number of a value.
func (s *numbers) of(key argKey) (number int, ok bool) {
	if s.many != nil {
		number, ok = s.many[key]
		return number, ok
	}
	for i := range s.n {
		if s.few[i] == key {
			return i + 1, true
		}
	}
	return 0, false
}

// add gives the next number to a value that has none.
func (s *numbers) add(key argKey) int {
	switch {
	case s.many != nil:
		s.many[key] = s.n + 1
	case s.n < len(s.few):
		s.few[s.n] = key
	default:
		s.many = map[argKey]int{key: s.n + 1}
		for i, k := range s.few {
			s.many[k] = i + 1
		}
	}
	s.n++
	return s.n
}

func (p *printer) fail(kind fault.Kind, pos ast.Pos, format string, args ...any) *fault.Error {
	f := fault.New(kind, pos, format, args...)
	if p.err == nil {
		p.err = f
	}
	return f
}

// unsupported refuses a construct that the dialect can't express.
func (p *printer) unsupported(pos ast.Pos, construct string) *fault.Error {
	return p.fail(fault.Unsupported, pos, "%s is not supported on %s", construct, p.d.Name)
}

// enter counts nesting and size; it returns false when printing must stop.
func (p *printer) enter(pos ast.Pos) bool {
	p.depth++
	if p.depth > maxDepth {
		p.fail(fault.Limit, pos, "the query is nested too deeply")
	}
	p.checkSize(pos)
	return p.err == nil
}

// checkSize refuses text over MaxText.
func (p *printer) checkSize(pos ast.Pos) {
	if len(p.text) > MaxText {
		p.tooLong(pos)
	}
}

// checkArgs refuses more arguments than the database takes.
func (p *printer) checkArgs() {
	if most := p.d.MaxArgs; most > 0 && len(p.args) > most {
		p.fail(fault.Limit, 0, "the statement has %d arguments; %s takes %d", len(p.args), p.d.Name, most).
			WithHint("read session lists less often, and pass fewer values")
	}
}

func (p *printer) tooLong(pos ast.Pos) {
	p.fail(fault.Limit, pos, "the SQL for %s is larger than %d bytes", p.d.Name, MaxText).
		WithHint("nest fewer function calls, and pass long strings as arguments")
}

func (p *printer) leave() { p.depth-- }

func (p *printer) write(parts ...string) {
	for _, s := range parts {
		p.text = append(p.text, s...)
	}
}

// ident writes one identifier, always quoted.
func (p *printer) ident(pos ast.Pos, name string) {
	if plain(name) && len(name) <= p.d.MaxName {
		p.text = append(append(append(p.text, p.d.Quote), name...), p.d.Quote)
		return
	}
	switch {
	case name == "":
		p.fail(fault.Internal, pos, "a name is empty")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, isControl):
		p.fail(fault.Unsupported, pos, "a name holds a control character or invalid UTF-8")
	case strings.ContainsAny(name, p.d.BadName):
		p.fail(fault.Unsupported, pos, "a name holds a character that %s doesn't allow", p.d.Name).
			WithHint("give it an alias of letters and digits with AS")
	case len(name) > p.d.MaxName:
		p.fail(fault.Unsupported, pos, "a name is longer than the %d bytes that %s allows", p.d.MaxName, p.d.Name).
			WithHint("give it a shorter alias with AS")
	}
	p.text = append(p.text, p.d.Quote)
	for i := range len(name) {
		switch {
		case p.d.QuoteEscape && (name[i] == p.d.Quote || name[i] == '\\'):
			p.text = append(p.text, '\\')
		case name[i] == p.d.Quote:
			p.text = append(p.text, p.d.Quote)
		}
		p.text = append(p.text, name[i])
	}
	p.text = append(p.text, p.d.Quote)
}

// plain tells a name of ASCII letters, digits and underscores, which every
// database takes as it is between its quotes.
func plain(name string) bool {
	for i := range len(name) {
		c := name[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_') {
			return false
		}
	}
	return name != ""
}

func isControl(r rune) bool { return r < ' ' || r >= 0x7f && r <= 0x9f }

// param writes a parameter and notes which value it takes.
func (p *printer) param(key argKey, arg Arg) {
	if p.d.Parameter == "" {
		p.args = append(p.args, arg)
		p.write("?")
		return
	}
	n, ok := p.numbers.of(key)
	if !ok {
		p.args = append(p.args, arg)
		n = p.numbers.add(key)
	}
	p.write(p.d.Parameter, strconv.Itoa(n))
}

// slot writes the parameter of a session's value, with its type where the
// database would take one from the column beside it, and refuse a value or a
// second column that doesn't fit.
func (p *printer) slot(n *ast.Slot) {
	typ := p.d.SlotTypes[n.Type]
	if typ != "" {
		p.write("CAST(")
	}
	p.param(argKey{param: -1, slot: n.ID, elem: n.Elem}, Arg{Param: -1, Slot: n})
	if typ != "" {
		p.write(" AS ", typ, ")")
	}
}

// list writes n items between commas.
func (p *printer) list(n int, item func(i int)) {
	for i := range n {
		if i > 0 {
			p.write(", ")
		}
		item(i)
	}
}

// either picks one of two words.
func either(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// exprs writes expressions between commas.
func (p *printer) exprs(x []ast.Expr) {
	p.list(len(x), func(i int) { p.expr(x[i], lowest) })
}

// render writes a template: $1 to $9 are arguments and $* all of them between
// commas. An argument that the template doesn't itself enclose is put in
// parentheses where it needs them. A template must be a primary expression:
// a call, CASE … END, or something in parentheses.
func (p *printer) render(pos ast.Pos, template string, args ...ast.Expr) {
	for rest := template; rest != ""; {
		i := strings.IndexByte(rest, '$')
		if i < 0 || i+1 == len(rest) {
			p.write(rest)
			return
		}
		p.write(rest[:i])
		before, mark, after := rest[:i], rest[i+1], rest[i+2:]
		rest = after
		if mark == '*' {
			p.exprs(args)
			continue
		}
		n := int(mark - '1')
		if n < 0 || n >= len(args) {
			p.fail(fault.Internal, pos, "a translation asks for an argument that is not there")
			return
		}
		p.expr(args[n], enclosed(before, after))
	}
}

// enclosed is the level that an argument needs between two pieces of a
// template: any, when it is a whole function argument.
func enclosed(before, after string) level {
	opens := strings.HasSuffix(before, "(") || strings.HasSuffix(before, ", ")
	closes := strings.HasPrefix(after, ")") || strings.HasPrefix(after, ", ") || strings.HasPrefix(after, " AS ")
	if opens && closes {
		return lowest
	}
	return primary
}

// Table writes the name of a physical table, quoted part by part. The error is
// a *fault.Error: Unsupported for a name that the database can't have.
func (d *Dialect) Table(parts ...string) (string, error) {
	p := &printer{d: d}
	p.name(parts)
	if p.err != nil {
		return "", p.err
	}
	return string(p.text), nil
}
