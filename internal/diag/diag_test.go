package diag_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/hedgerow/hedgerow/internal/diag"
)

func TestProblemText(t *testing.T) {
	f := diag.NewFile("m.yaml", []byte("a: 1\n\tb: größe x\n"))
	p := f.At(2, 11, "bad %s", "thing").WithHint("write %s", "y")
	assert.Equal(t, "m.yaml:2:11: bad thing; write y\n   b: größe x\n            ^", p.Error())
	assert.NoError(t, f.Err(), "At doesn't record")
}

func TestProblemTextIsSafe(t *testing.T) {
	f := diag.NewFile("m.yaml", []byte("x: \x1b[31m\u202e"+strings.Repeat("ä", 500)+"HERE"+strings.Repeat("ö", 500)))
	text := f.At(1, 510, "bad \x1b[2J").Error()
	assert.NotContains(t, text, "\x1b")
	assert.NotContains(t, text, "\u202e")
	lines := strings.Split(text, "\n")
	require.Len(t, lines, 3)
	assert.LessOrEqual(t, len([]rune(lines[1])), 102)
	caret := strings.IndexByte(lines[2], '^')
	assert.Equal(t, "H", string([]rune(lines[1])[caret:caret+1]), "the caret stays under its character")
	end := strings.Split(f.At(1, 1014, "at the end").Error(), "\n")
	assert.Equal(t, 102, len([]rune(end[1])), "the window is full at the end of a line too")
	assert.Equal(t, 102, strings.IndexByte(end[2], '^'))
	assert.Equal(t, "m.yaml:99:5: no such line", f.At(99, 5, "no such line").Error())
}

func TestProblemsSorted(t *testing.T) {
	f := diag.NewFile("m", []byte("aaa\nbbb\n"))
	f.Report(2, 1, "third")
	f.Report(1, 3, "second")
	f.Report(1, 1, "first")
	err := f.Err()
	require.Error(t, err)
	text := err.Error()
	assert.Less(t, strings.Index(text, "first"), strings.Index(text, "second"))
	assert.Less(t, strings.Index(text, "second"), strings.Index(text, "third"))
	var p *diag.Problem
	require.True(t, errors.As(err, &p))
	assert.Equal(t, "first", p.Message)
	assert.NoError(t, diag.Problems(nil).Err())
}

// places renders the problems of a document as line:col: message.
func places(err error) []string {
	var all diag.Problems
	if !errors.As(err, &all) {
		return nil
	}
	var out []string
	for _, p := range all {
		out = append(out, fmt.Sprintf("%d:%d: %s", p.Line, p.Column, p.Message))
	}
	return out
}

func TestDocumentRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		file, src string
		want      []string
	}{
		"empty":          {"m.yaml", "", []string{"1:1: the file is empty"}},
		"blank":          {"m.yaml", " \n\n", []string{"1:1: the file is empty"}},
		"only a comment": {"m.yaml", "# x\n", []string{"1:1: the file is empty"}},
		"two documents":  {"m.yaml", "a: 1\n---\nb: 2\n", []string{"2:1: a second YAML document begins here"}},
		"alias and anchor": {"m.yaml", "a: &x 1\nb: *x\n", []string{
			"1:4: YAML anchors aren't supported", "2:4: YAML aliases aren't supported"}},
		"merge key":     {"m.yaml", "a:\n  <<: {b: 1}\n", []string{"2:3: YAML merge keys aren't supported"}},
		"tag":           {"m.yaml", "a: !!int '1'\n", []string{"1:4: YAML tags aren't supported"}},
		"custom tag":    {"m.yaml", "a: !env X\n", []string{"1:4: YAML tags aren't supported"}},
		"duplicate key": {"m.yaml", "a: 1\nb: 2\na: 3\n", []string{`3:1: duplicate key "a"`}},
		"nested duplicate in JSON": {"m.json", `{"a": [{"x": 1, "x": 2}]}`, []string{
			`1:17: duplicate key "x"`}},
		"list as key":         {"m.yaml", "? [a]\n: 1\n", []string{"1:3: a key must be a plain name, not a list"}},
		"not UTF-8":           {"m.yaml", "a: 1\nb: ä\xff\n", []string{"2:5: the file is not valid UTF-8 here"}},
		"NUL":                 {"m.yaml", "a: \x00", []string{"1:4: the character U+0000 is not allowed"}},
		"line separator":      {"m.yaml", "a: x\u2028", []string{"1:5: the character U+2028 is not allowed"}},
		"bad JSON":            {"m.json", "{\n  \"a\": tru\n}", []string{"2:11: not valid JSON: invalid character '\\n' in literal true (expecting 'e')"}},
		"YAML in JSON":        {"m.json", "a: 1", []string{"1:1: not valid JSON: invalid character 'a' looking for beginning of value"}},
		"half a pair in JSON": {"m.json", `{"a": "\ud83d"}`, []string{"1:7: the string holds half of a surrogate pair"}},
		"deep":                {"m.yaml", strings.Repeat("[", 100) + strings.Repeat("]", 100), []string{"1:65: lists and mappings nest deeper than 64"}},
		"deep JSON":           {"m.json", strings.Repeat("[", 9000) + strings.Repeat("]", 9000), []string{"1:65: lists and mappings nest deeper than 64"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := diag.NewFile(c.file, []byte(c.src))
			f.Document()
			assert.Equal(t, c.want, places(f.Err()))
		})
	}
}

func TestDocumentSurvivesAbsurdDepth(t *testing.T) {
	for _, src := range []string{
		strings.Repeat("[", 1_000_000), strings.Repeat("{a: ", 100_000), strings.Repeat("- ", 200_000),
		strings.Repeat("? ", 100_000), `{"a":` + strings.Repeat("[", 1_000_000),
	} {
		f := diag.NewFile("m.yaml", []byte(src))
		f.Document()
		assert.Error(t, f.Err(), src[:10])
	}
}

func TestSyntaxErrorLine(t *testing.T) {
	for name, c := range map[string]struct {
		src  string
		line int
	}{
		"unclosed quote":           {"a: 1\nb: 2\nc: 'x\nd: 4\n", 3},
		"unclosed list":            {"a: 1\nb: [1, 2\nc: 3\nd: 4\n", 2},
		"text after a quote":       {"a: 1\nb: \"x\" y\n\n# note\nc: 3\n", 2},
		"list item in a mapping":   {"a:\n  b: 1\n  c: 2\n  - d\n  e: 3\n", 4},
		"colon in a plain value":   {"a: 1\nb: x: y\n", 2},
		"tab":                      {"a:\n\tb: 1\n", 2},
		"bad escape":               {"a: 1\nb: \"\\q\"\nc: 1\n", 2},
		"at sign":                  {"a: 1\nb: @x\n", 2},
		"unknown alias":            {"a: 1\nb: 2\nc: *nobody\nd: 1\n", 3},
		"wrong dedent":             {"a:\n    b: 1\n  c: 2\n", 3},
		"second document is wrong": {"a: 1\n---\nb: [\n", 3},
	} {
		t.Run(name, func(t *testing.T) {
			f := diag.NewFile("m.yaml", []byte(c.src))
			assert.Nil(t, f.Document())
			var p *diag.Problem
			require.True(t, errors.As(f.Err(), &p))
			assert.Equal(t, c.line, p.Line, "%v", p)
			assert.NotContains(t, p.Message, "line ")
		})
	}
}

func TestMapping(t *testing.T) {
	f := diag.NewFile("m.yaml", []byte(strings.TrimPrefix(`
name: x
nmae: y
list: [a, 1, b]
flag: yes
off: false
count: 12
huge: 99999999999999999999
text: 5
map: [1]
date: 2024-01-01
nothing:
`, "\n")))
	root := f.Document()
	require.NotNil(t, root)
	keys := diag.Keys{"name": diag.Required, "absent": diag.Required}
	for _, key := range []string{"list", "flag", "off", "count", "huge", "text", "map", "date", "nothing"} {
		keys[key] = diag.Optional
	}
	m := f.Mapping(root, "the file", keys)
	assert.Equal(t, "x", m.String("name"))
	assert.Equal(t, "2024-01-01", m.String("date"), "an unquoted date is text")
	assert.Empty(t, m.String("text"))
	assert.Empty(t, m.String("nothing"))
	assert.Empty(t, m.String("unknown"))
	off, ok := m.Bool("off")
	assert.True(t, ok && !off)
	_, ok = m.Bool("flag")
	assert.False(t, ok, "yes is a string in YAML 1.2")
	n, ok := m.Int("count")
	assert.True(t, ok)
	assert.Equal(t, 12, n)
	_, ok = m.Int("huge")
	assert.False(t, ok)
	_, ok = m.Strings("list")
	assert.False(t, ok)
	f.Mapping(m.Value("map"), "the map", nil)
	assert.Nil(t, m.Value("absent"))
	assert.Equal(t, 1, m.Key("name").Column)
	assert.ElementsMatch(t, []string{
		`1:1: the file lacks the key "absent"`,
		`2:1: unknown key "nmae" in the file`,
		`3:11: an element of "list" must be a string, not a number`,
		`4:7: "flag" must be true or false, not a string`,
		`7:7: "huge" must be an integer, not a number`,
		`8:7: "text" must be a string, not a number`,
		`9:6: the map must be a mapping, not a list`,
		`11:9: "nothing" must be a string, not null`,
	}, places(f.Err()))
	assert.ErrorContains(t, f.Err(), `did you mean "name"?`)
	assert.ErrorContains(t, f.Err(), `write it in quotes: "5"`)
}

func TestDidYouMean(t *testing.T) {
	candidates := []string{"orders", "customers", "order_lines"}
	for name, want := range map[string]string{
		"order": "orders", "ordesr": "orders", "ORDERS": "orders", "costumers": "customers",
		"x": "", "": "", "regions": "", strings.Repeat("o", 10_000): "",
	} {
		if want != "" {
			want = fmt.Sprintf("did you mean %q?", want)
		}
		assert.Equal(t, want, diag.DidYouMean(name, candidates), "%.20s", name)
	}
}

func TestJSONTree(t *testing.T) {
	src := "{\"a\": [1, 2.5, true, null, \"\\uD83D\\uDE00x\"],\n \"b\": {\"c\": \"ä\"}}"
	for _, name := range []string{"m.json", "m.yaml"} {
		f := diag.NewFile(name, []byte("\ufeff"+src))
		root := f.Document()
		require.NoError(t, f.Err())
		var got any
		require.NoError(t, root.Decode(&got))
		assert.Equal(t, map[string]any{
			"a": []any{1, 2.5, true, nil, "😀x"}, "b": map[string]any{"c": "ä"},
		}, got)
		b := root.Content[3]
		assert.Equal(t, [2]int{2, 7}, [2]int{b.Line, b.Column})
		line, col := f.InScalar(root.Content[1].Content[4], 4)
		assert.Equal(t, [2]int{1, 41}, [2]int{line, col}, "behind both halves of the pair")
	}
}

// TestInScalar looks for the character § of the decoded value, which stands
// where ¶ or § stands in the source.
func TestInScalar(t *testing.T) {
	for name, src := range map[string]string{
		"plain":                     "k: a b §c",
		"plain, wide characters":    "k: äö😀 §c",
		"plain, folded":             "k: a b\n  c\n\n  d e §f",
		"single quoted":             "k: 'it''s §'",
		"single quoted, folded":     "k: 'it''s\n\n\n   x §'",
		"double quoted":             `k: "a\"b\\ \t\x41\u00e4\U0001F600 §"`,
		"double quoted, folded":     "k: \"a\\n \n  \\  b\n\n  c §\"",
		"double quoted, joined":     "k: \"a \\\n    b §\"",
		"double quoted, named":      `k: "\0\a\b\e\f\v\r\N\_\L\P\  §"`,
		"literal":                   "k: |\n  abc\n  d §e\nl: 1",
		"literal, first line":       "k: |\n  §abc\n",
		"literal, deeper line":      "k: |-\n  abc\n\n     d §e\n",
		"literal, blank first":      "k: |\n\n\n  abc §\n",
		"literal, given indent":     "k: |2\n    abc\n  d §\n",
		"literal, in a list":        "- k: |  # note\n    a\n    b §\n",
		"literal, carriage returns": "k: |\r\n  a\r\n  b §\r\n",
		"folded":                    "k: >\n  a b\n  c §d\n",
		"folded, paragraphs":        "k: >-\n  a b\n  c\n\n  d\n\n\n  e §\n",
		"folded, deeper":            "k: >\n  a\n\n    b\n    c\n  d\n  e §\n",
		"JSON":                      `{"k": "\/\b\ud83d\ude00\\ §"}`,
		"JSON, escaped target":      `{"k": "ab\u00A7c"}`,
	} {
		t.Run(name, func(t *testing.T) {
			f := diag.NewFile("m.yaml", []byte(src))
			root := f.Document()
			require.NoError(t, f.Err())
			n := scalarWith(root, "§")
			require.NotNil(t, n)
			line, col := f.InScalar(n, strings.Index(n.Value, "§"))
			lines := strings.Split(strings.ReplaceAll(src, "\r\n", "\n"), "\n")
			require.LessOrEqual(t, line, len(lines))
			rest := string([]rune(lines[line-1])[col-1:])
			assert.True(t, strings.HasPrefix(rest, "§") || strings.HasPrefix(rest, `\u00A7`), "%d:%d is before %q", line, col, rest)
		})
	}
}

func TestInScalarInsideCharacter(t *testing.T) {
	f := diag.NewFile("m.yaml", []byte("k: |\n  ä😀b\n"))
	n := f.Document().Content[1]
	for offset, want := range []int{3, 3, 4, 4, 4, 4, 5} {
		line, col := f.InScalar(n, offset)
		assert.Equal(t, [2]int{2, want}, [2]int{line, col}, "offset %d", offset)
	}
}

func TestInScalarEnds(t *testing.T) {
	f := diag.NewFile("m.yaml", []byte("k: abc"))
	n := f.Document().Content[1]
	for offset, want := range map[int]int{-1: 4, 0: 4, 2: 6, 3: 7, 4: 4} {
		line, col := f.InScalar(n, offset)
		assert.Equal(t, [2]int{1, want}, [2]int{line, col}, "offset %d", offset)
	}
	elsewhere := &yaml.Node{Kind: yaml.ScalarNode, Value: "abc", Line: 7, Column: 9}
	line, col := f.InScalar(elsewhere, 1)
	assert.Equal(t, [2]int{7, 9}, [2]int{line, col}, "a node that isn't of the file")
	elsewhere.Line, elsewhere.Column = 1, 1
	_, col = f.InScalar(elsewhere, 1)
	assert.Equal(t, 1, col, "a value that isn't in the source")
}

// scalarWith finds the scalar whose value holds a text.
func scalarWith(n *yaml.Node, text string) *yaml.Node {
	if n.Kind == yaml.ScalarNode && strings.Contains(n.Value, text) {
		return n
	}
	for _, child := range n.Content {
		if found := scalarWith(child, text); found != nil {
			return found
		}
	}
	return nil
}

// FuzzDocument: no text panics, and every place of every scalar is in the file.
func FuzzDocument(f *testing.F) {
	for _, seed := range []string{
		"a: 1", "- 'x'\n- \"y\\n\"\n- |\n  z\n- >\n  w\n", "{\"a\": \"\\ud83d\\ude00\"}", "a: &x [*x]", "? a\n: b", "a: |1-\n b",
		"%YAML 1.2\n---\na: 1\n...\n", "a: >+\n\n\n  b\n\n", "\"a\\\n  b\": c\rd: e",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		file := diag.NewFile("m.yaml", []byte(src))
		root := file.Document()
		if root == nil {
			require.Error(t, file.Err())
			return
		}
		// The YAML library puts a value that is missing at the end on a new line.
		lines := 2 + strings.Count(src, "\n") + strings.Count(src, "\r")
		var walk func(n *yaml.Node)
		walk = func(n *yaml.Node) {
			for offset := range len(n.Value) + 1 {
				if line, col := file.InScalar(n, offset); line < 1 || line > lines || col < 1 || col > len(src)+2 {
					t.Fatalf("%d:%d is not in %q", line, col, src)
				}
			}
			for _, child := range n.Content {
				walk(child)
			}
		}
		walk(root)
	})
}
