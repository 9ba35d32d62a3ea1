package hedgerow_test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/function"
)

var update = flag.Bool("update", false, "rewrite the generated parts of README.md")

// TestReadme holds the generated parts of the README against their sources:
// what the quickstart prints, which its own test checks, functions of programs
// that are compiled and tested, and the closed list of functions. Run it with -update to rewrite them.
func TestReadme(t *testing.T) {
	readme := read(t, "README.md")
	want := part(t, readme, "quickstart", "```\n"+strings.TrimSpace(read(t, "examples", "quickstart", "testdata", "output.txt"))+"\n```")
	want = part(t, want, "projects", "```go\n"+declaration(t, "createProject", "examples", "projects", "tenants.go")+"\n```")
	want = part(t, want, "promote", "```go\n"+declaration(t, "moveOut", "rls", "project", "promote_example_test.go")+"\n```")
	names, aliases := function.Names()
	want = part(t, want, "functions", "`"+strings.Join(names, "` `")+"`\n\nOther names of these: `"+strings.Join(aliases, "` `")+"`")
	if *update {
		require.NoError(t, os.WriteFile("README.md", []byte(want), 0o644))
		return
	}
	require.True(t, readme == want, "README.md is stale: run go test -run TestReadme -update .")
}

// part replaces what stands between two marks in the README.
func part(t *testing.T, readme, name, content string) string {
	t.Helper()
	begin, end := "<!-- "+name+" -->\n", "\n<!-- /"+name+" -->"
	before, rest, ok := strings.Cut(readme, begin)
	require.True(t, ok, name)
	_, after, ok := strings.Cut(rest, end)
	require.True(t, ok, name)
	return before + begin + content + end + after
}

// declaration is a function's text, with its comment.
func declaration(t *testing.T, name string, path ...string) string {
	t.Helper()
	src := read(t, path...)
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", src, parser.ParseComments|parser.SkipObjectResolution)
	require.NoError(t, err)
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == name {
			return src[files.Position(f.Doc.Pos()).Offset:files.Position(f.End()).Offset]
		}
	}
	require.Fail(t, "no such function", name)
	return ""
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(path...))
	require.NoError(t, err)
	return string(src)
}
