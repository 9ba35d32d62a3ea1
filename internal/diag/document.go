package diag

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxDepth bounds how deep lists and mappings nest; no file needs more than a dozen.
const maxDepth = 64

// Document parses the file, one YAML document or one JSON value, and gives its
// root node; nil when that failed, with the problems recorded. Anchors,
// aliases, merge keys, tags, keys that aren't scalars and duplicate keys are
// problems too, so that a file is loaded as it reads; the tree is still given,
// for the other problems in it.
func (f *File) Document() *yaml.Node {
	if f.checkText(); f.problems != nil {
		return nil
	}
	root := f.parse()
	if root == nil {
		return nil
	}
	f.checkTree(root, 1)
	return root
}

func (f *File) parse() *yaml.Node {
	switch {
	case len(bytes.TrimSpace(f.Src)) == 0:
		f.Report(1, 1, "the file is empty")
		return nil
	case json.Valid(f.Src):
		return f.parseJSON()
	case strings.HasSuffix(strings.ToLower(f.Name), ".json"):
		f.reportJSON()
		return nil
	default:
		return f.parseYAML()
	}
}

func (f *File) parseYAML() *yaml.Node {
	dec := yaml.NewDecoder(bytes.NewReader(f.Src))
	doc, err := decode(dec)
	if err != nil {
		f.reportYAML(err)
		return nil
	}
	if doc == nil || len(doc.Content) != 1 {
		f.Report(1, 1, "the file is empty")
		return nil
	}
	second, err := decode(dec)
	if err != nil {
		f.reportYAML(err)
		return nil
	}
	if second != nil {
		f.ReportNode(second, "a second YAML document begins here").WithHint("keep one document in a file")
		return nil
	}
	return doc.Content[0]
}

// decode reads one document; nil is the end of the file. The YAML library
// panics on states that it holds for impossible.
func decode(dec *yaml.Decoder) (doc *yaml.Node, err error) {
	defer func() {
		if v := recover(); v != nil {
			doc, err = nil, fmt.Errorf("the YAML can't be read: %v", v)
		}
	}()
	doc = new(yaml.Node)
	if err := dec.Decode(doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return doc, nil
}

// checkTree reports what YAML allows and these files don't.
func (f *File) checkTree(n *yaml.Node, depth int) {
	switch {
	case depth > maxDepth:
		f.ReportNode(n, "lists and mappings nest deeper than %d", maxDepth)
		n.Content = nil // nothing may recurse into it
		return
	case n.Kind == yaml.AliasNode:
		f.ReportNode(n, "YAML aliases aren't supported").WithHint("write the value out")
		return
	case n.Anchor != "":
		f.ReportNode(n, "YAML anchors aren't supported").WithHint("remove &%s", n.Anchor)
	case n.Style&yaml.TaggedStyle != 0:
		f.ReportNode(n, "YAML tags aren't supported").WithHint("remove %s", n.Tag)
	}
	if n.Kind == yaml.MappingNode {
		f.checkKeys(n)
	}
	for _, child := range n.Content {
		f.checkTree(child, depth+1)
	}
}

func (f *File) checkKeys(n *yaml.Node) {
	first := make(map[string]*yaml.Node, len(n.Content)/2)
	for key := range Pairs(n) {
		switch {
		case key.Kind == yaml.AliasNode: // reported by checkTree
			continue
		case key.Kind != yaml.ScalarNode:
			f.ReportNode(key, "a key must be a plain name, not %s", kindName(key))
			continue
		case key.ShortTag() == "!!merge":
			f.ReportNode(key, "YAML merge keys aren't supported").WithHint("write the keys out")
			continue
		}
		if other, dup := first[key.Value]; dup {
			f.ReportNode(key, "duplicate key %q", key.Value).WithHint("it is on line %d already", other.Line)
			continue
		}
		first[key.Value] = key
	}
}

var libraryLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// reportYAML turns an error of the YAML library into a problem.
func (f *File) reportYAML(err error) {
	text := err.Error()
	found := libraryLine.FindStringSubmatch(text)
	message := text
	line := 0
	if found != nil {
		message = strings.TrimPrefix(text, found[0])
		line, _ = strconv.Atoi(found[1]) // no digits: 0, found by searching
	}
	// The library counts lines from 0 in the errors of its parser, and gives
	// them the line where the surrounding list or mapping began.
	if line < 1 || line > len(f.lines) || strings.HasPrefix(message, "did not find expected") {
		line = f.failingLine(message)
	}
	source := f.line(line)
	col := len(source) - len(strings.TrimLeft(source, " \t")) + 1
	f.Report(line, col, "not valid YAML: %s", message)
}

// failingLine finds the line at which the YAML library gives up: it parses
// again from a reader that tells how far the library read, which may be a few
// lines too far, and steps back while a shorter text fails in the same way.
func (f *File) failingLine(message string) int {
	fails := func(src []byte) (failed bool, read int) {
		r := bytes.NewReader(src)
		dec := yaml.NewDecoder(byteReader{r})
		doc, err := decode(dec)
		for err == nil && doc != nil {
			doc, err = decode(dec)
		}
		return err != nil && strings.HasSuffix(err.Error(), message), len(src) - r.Len()
	}
	_, read := fails(f.Src)
	line, _ := f.place(read)
	const steps = 20
	for range steps {
		if line == 1 {
			break
		}
		if failed, _ := fails(f.Src[:f.lines[line-1]]); !failed {
			break
		}
		line--
	}
	return line
}

// byteReader gives one byte at a time, so that no more is read than is needed.
type byteReader struct{ r io.Reader }

func (b byteReader) Read(p []byte) (int, error) { return b.r.Read(p[:min(1, len(p))]) }
