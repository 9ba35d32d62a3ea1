package diag

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"go.yaml.in/yaml/v3"
)

// parseJSON builds the YAML tree of valid JSON. The YAML library can't read all
// of JSON: it refuses the surrogate pairs that JSON escapes astral characters
// with.
func (f *File) parseJSON() *yaml.Node {
	dec := json.NewDecoder(bytes.NewReader(f.Src))
	dec.UseNumber()
	top := &yaml.Node{Kind: yaml.DocumentNode}
	stack := []*yaml.Node{top}
	for at := 0; ; at = int(dec.InputOffset()) {
		token, err := dec.Token()
		if err != nil {
			break // the end: the text is known to be valid
		}
		if token == json.Delim('}') || token == json.Delim(']') {
			stack = stack[:len(stack)-1]
			continue
		}
		n := f.jsonNode(token, at, int(dec.InputOffset()))
		parent := stack[len(stack)-1]
		parent.Content = append(parent.Content, n)
		if n.Kind != yaml.ScalarNode {
			stack = append(stack, n)
		}
		if len(stack) > maxDepth+1 {
			break // checkTree reports it
		}
	}
	return top.Content[0]
}

// jsonNode makes the node of a token, which lies between two offsets with
// blanks and punctuation before it.
func (f *File) jsonNode(token json.Token, from, to int) *yaml.Node {
	raw := bytes.TrimLeft(f.Src[from:to], " \t\r\n,:")
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: string(raw)}
	n.Line, n.Column = f.place(to - len(raw))
	switch token := token.(type) {
	case json.Delim:
		n.Kind, n.Tag, n.Style, n.Value = yaml.SequenceNode, "!!seq", yaml.FlowStyle, ""
		if token == '{' {
			n.Kind, n.Tag = yaml.MappingNode, "!!map"
		}
	case string:
		n.Tag, n.Style, n.Value = "!!str", yaml.DoubleQuotedStyle, token
		// encoding/json replaces half a surrogate pair without a word.
		if strings.ContainsRune(token, '\ufffd') && !bytes.ContainsRune(raw, '\ufffd') &&
			!bytes.Contains(bytes.ToLower(raw), []byte(`\ufffd`)) {
			f.ReportNode(n, "the string holds half of a surrogate pair")
		}
	case json.Number:
		n.Tag = "!!int"
		if strings.ContainsAny(n.Value, ".eE") {
			n.Tag = "!!float"
		}
	case bool:
		n.Tag = "!!bool"
	default: // null
		n.Tag = "!!null"
	}
	return n
}

// reportJSON reports where a file that should be JSON isn't.
func (f *File) reportJSON() {
	var v json.RawMessage
	err := json.Unmarshal(f.Src, &v)
	line, col := 1, 1
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		line, col = f.place(int(syntax.Offset) - 1)
	}
	f.Report(line, col, "not valid JSON: %v", err)
}
