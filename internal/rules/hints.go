package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hedgerow/hedgerow/semantic"
)

// foreignWords are what people write out of the habit of another language.
var foreignWords = []struct {
	word *regexp.Regexp
	hint string
}{
	{regexp.MustCompile(`(?i)\band\b`), "CEL writes AND as &&"},
	{regexp.MustCompile(`(?i)\bor\b`), "CEL writes OR as ||"},
	{regexp.MustCompile(`(?i)\bis\s+(not\s+)?null\b`), "CEL writes == null and != null"},
	{regexp.MustCompile(`(?i)\bnot\b`), "CEL writes NOT as !"},
	{regexp.MustCompile(`(?i)\blike\b`), "use startsWith, endsWith or contains"},
	{regexp.MustCompile(`\bIN\b`), "CEL writes in, in small letters"},
	{regexp.MustCompile(`<>`), "CEL writes unequal as !="},
	{regexp.MustCompile(`[^=!<>]=([^=]|$)`), "CEL writes equal as =="},
	{regexp.MustCompile(`^\*+$`), "CEL writes text in quotes, inside those of YAML: \"'***'\""},
	{regexp.MustCompile(`^\s*$`), "write true or false, or leave the key out"},
}

var quotedText = regexp.MustCompile(`'[^']*'|"[^"]*"`)

// foreign is a hint for a syntax error near an offset.
func foreign(text string, at int) string {
	bare := quotedText.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat("_", len(s)) })
	for _, f := range foreignWords {
		for _, loc := range f.word.FindAllStringIndex(bare, -1) {
			if loc[0] <= at+1 && at <= loc[1]+1 {
				return f.hint
			}
		}
	}
	return ""
}

// mixed is a hint for an operator or function that doesn't take some types.
func mixed(fn, types string) string {
	has := func(name string) bool { return strings.Contains(types, name) }
	switch {
	case has("list(") && (fn == "contains" || fn == "startsWith"):
		return "search a list by in: value in list"
	case has("row of "):
		return "name a field of the row, as in row.field"
	case has("int") && has("double"):
		return "CEL doesn't mix int and double: write 1.0 instead of 1, or double(…)"
	case has("timestamp") && has("string"):
		return "write a time as timestamp('2024-01-31T00:00:00Z')"
	case has("bool") && has("string"):
		return "write true or false without quotes"
	default:
		return ""
	}
}

// elsewhere are functions and constants of other languages.
var elsewhere = map[string]string{
	"NULL": "write null", "Null": "write null", "nil": "write null", "None": "write null",
	"TRUE": "write true", "True": "write true", "FALSE": "write false", "False": "write false",
	"toLower": "use lowerAscii()", "lower": "use lowerAscii()", "toUpper": "use upperAscii()", "upper": "use upperAscii()",
	"length": "use size()", "len": "use size()", "any": "use exists(x, …)",
	"exists": "exists takes a name and a condition: exists(x, x.field == …)", "all": "all takes a name and a condition: all(x, x.field == …)",
	"now": "CEL has no clock: give the session a property of type timestamp",
}

// undeclaredHint is a hint for a name that doesn't exist: it may be one of the
// row or of the session.
func (c *Compiler) undeclaredHint(d *semantic.Dataset, name string) string {
	name, _, _ = strings.Cut(name, ".")
	if _, ok := c.schema.Property(name); ok {
		return fmt.Sprintf("did you mean session.%s?", name)
	}
	if d == nil {
		return elsewhere[name]
	}
	if _, ok := exactField(d, name); ok {
		return fmt.Sprintf("did you mean row.%s?", name)
	}
	if name == d.Name {
		return "the row is called row, whatever the dataset"
	}
	return elsewhere[name]
}

// stepNames are the relationships that a rule can follow from a dataset.
func stepNames(m *semantic.Model, d *semantic.Dataset) []string {
	var out []string
	for r := range m.Relationships() {
		if _, ok := findHop(m, d, r.Name); ok {
			out = append(out, r.Name)
		}
	}
	return out
}

// farFields are the fields of the datasets one step away.
func (c *Compiler) farFields(d *semantic.Dataset) []string {
	var out []string
	if d == nil {
		return nil
	}
	for _, name := range stepNames(c.model, d) {
		h, _ := findHop(c.model, d, name)
		out = append(out, fieldNames(h.to)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
