package semantic

import (
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/hedgerow/hedgerow/internal/diag"
)

// Fold lower-cases ASCII letters and nothing else, so that no Unicode
// look-alike, such as the Kelvin sign, equals a name.
func Fold(name string) string {
	for i := range len(name) {
		if isUpper(name[i]) {
			folded := []byte(name)
			for j := i; j < len(folded); j++ {
				if isUpper(folded[j]) {
					folded[j] += 'a' - 'A'
				}
			}
			return string(folded)
		}
	}
	return name
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

// nameProblem says why a text can't be the name of anything, or "".
func nameProblem(name string) string {
	switch {
	case name == "":
		return "is empty"
	case strings.ContainsFunc(name, unicode.IsControl):
		return "holds a control character"
	case strings.TrimSpace(name) != name:
		return "begins or ends with a blank"
	default:
		return ""
	}
}

// names finds the duplicates among the names of one kind of thing.
type names struct {
	file *diag.File
	what string // as "dataset"
	seen map[string]*yaml.Node
}

func newNames(file *diag.File, what string) *names {
	return &names{file: file, what: what, seen: map[string]*yaml.Node{}}
}

// read gives the name under a mapping's key "name" and reports a bad one or a
// duplicate; ok is false when it can't be used.
func (ns *names) read(m *diag.Mapping) (name string, ok bool) {
	node := m.Value("name")
	name, ok = ns.file.String(node, `"name"`)
	if !ok {
		return "", false
	}
	if problem := nameProblem(name); problem != "" {
		ns.file.ReportNode(node, "the %s name %q %s", ns.what, name, problem)
		return "", false
	}
	first, dup := ns.seen[Fold(name)]
	switch {
	case !dup:
		ns.seen[Fold(name)] = node
	case first.Value == name:
		ns.file.ReportNode(node, "duplicate %s name %q", ns.what, name).WithHint("line %d has it already", first.Line)
	default:
		ns.file.ReportNode(node, "the %s names %q and %q (line %d) differ only in case", ns.what, name, first.Value, first.Line).
			WithHint("names fold ASCII case; rename one")
	}
	return name, !dup
}

// readSource splits a dataset's source into its one to three identifiers. A
// double-quoted part may hold dots and blanks; two double quotes in it are one.
func readSource(file *diag.File, node *yaml.Node) []string {
	text, ok := file.String(node, `"source"`)
	if !ok {
		return nil
	}
	if isQuery(text) {
		file.ReportNode(node, "a query as source isn't supported").WithHint("name a table or a view: table, schema.table or database.schema.table")
		return nil
	}
	var parts []string
	for at := 0; ; at++ {
		part, size, problem := sourcePart(text[at:])
		if problem != "" {
			line, col := file.InScalar(node, at)
			file.Report(line, col, "part %d of the source %s", len(parts)+1, problem).
				WithHint(`write table, schema.table or database.schema.table, with double quotes around a name that holds dots or blanks`)
			return nil
		}
		parts = append(parts, part)
		if at += size; at == len(text) {
			break
		}
	}
	if len(parts) > 3 {
		file.ReportNode(node, "the source has %d parts, and at most three are supported", len(parts)).
			WithHint("write table, schema.table or database.schema.table")
		return nil
	}
	return parts
}

// isQuery guesses by the first word and by parentheses, which no unquoted name has.
func isQuery(text string) bool {
	text = strings.TrimSpace(text)
	word, rest, _ := strings.Cut(strings.ReplaceAll(Fold(text), "\n", " "), " ")
	if rest != "" && (word == "select" || word == "with" || word == "values" || word == "table") {
		return true
	}
	quoted := false
	for _, r := range text {
		if r == '"' {
			quoted = !quoted
		}
		if !quoted && (r == '(' || r == ')') {
			return true
		}
	}
	return false
}

// sourcePart reads one identifier from the start of a text, up to a dot or the
// end, and gives how many bytes it took.
func sourcePart(text string) (part string, size int, problem string) {
	if strings.HasPrefix(text, `"`) {
		part, size = quotedIdentifier(text, '"')
		if size == 0 {
			return "", 0, "lacks its closing double quote"
		}
	} else {
		size = strings.IndexByte(text, '.')
		if size < 0 {
			size = len(text)
		}
		part = text[:size]
		if strings.ContainsFunc(part, notBare) {
			return "", 0, "holds a blank or a character that must be quoted"
		}
	}
	if size < len(text) && text[size] != '.' {
		return "", 0, "goes on after its closing double quote"
	}
	if problem := nameProblem(part); problem != "" {
		return "", 0, problem
	}
	return part, size, ""
}

func notBare(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("\"'`[],;*", r) }

// quotedIdentifier reads a quoted identifier at the start of a text, a doubled
// quote being one; size 0 means that it doesn't end.
func quotedIdentifier(text string, quote byte) (name string, size int) {
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		if text[i] != quote {
			b.WriteByte(text[i])
			continue
		}
		if i+1 == len(text) || text[i+1] != quote {
			return b.String(), i + 1
		}
		b.WriteByte(quote)
		i++
	}
	return "", 0
}
