package hedgerow_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/hedgerow/hedgerow"

// arrows lists, for each package, which of ours it may import. A package that
// isn't listed may not exist.
var arrows = map[string][]string{
	".":                        {},
	"internal/ast":             {},
	"internal/fault":           {},
	"internal/diag":            {},
	"internal/function":        {"internal/ast"},
	"internal/mysql":           {"internal/ast", "internal/fault"},
	"internal/dialect":         {"internal/ast", "internal/fault", "internal/function"},
	"semantic":                 {"internal/ast", "internal/diag", "internal/fault", "internal/function", "internal/mysql"},
	"session":                  {"internal/memo"},
	"internal/rules":           {"internal/ast", "internal/diag", "semantic", "session"},
	"policy":                   {"internal/ast", "internal/diag", "internal/rules", "semantic", "session"},
	"internal/resolve":         {"internal/ast", "internal/fault", "internal/function", "semantic"},
	"internal/secure":          {"internal/ast", "internal/cache", "internal/fault", "internal/function", "internal/resolve", "internal/rules", "semantic"},
	"internal/store":           {},
	"internal/drivers":         {},
	"internal/memo":            {},
	"internal/cache":           {},
	"internal/pool":            {},
	"internal/keys":            {"internal/store"},
	"internal/history":         {"internal/store"},
	"internal/testdb":          {},
	"internal/oracle":          {"internal/ast", "internal/function", "policy", "rls", "semantic", "session"},
	"internal/oracle/totality": {"internal/ast", "internal/dialect", "internal/function"},
	"internal/transfer":        {"internal/ast", "internal/dialect", "rls", "semantic", "session"},
	"internal/vault":           {},
	"internal/mutation":        {},
	"rls":                      {"internal/cache", "internal/dialect", "internal/drivers", "internal/fault", "internal/mysql", "internal/resolve", "internal/rules", "internal/secure", "policy", "semantic", "session"},
	"rls/project":              {"internal/drivers", "internal/history", "internal/keys", "internal/pool", "internal/store", "internal/transfer", "internal/vault", "policy", "rls", "semantic", "session"},
	"policy/policytest":        {"internal/ast", "internal/diag", "internal/dialect", "internal/rules", "policy", "rls", "semantic", "session"},
	"examples/shop":            {"policy", "semantic"},
	"examples/quickstart":      {"examples/shop", "policy", "rls", "semantic", "session"},
	"examples/databasesql":     {"examples/shop", "policy", "rls", "semantic", "session"},
	"examples/projects":        {"examples/shop", "rls", "rls/project", "session"},
}

// owners lists the libraries that only some packages may import.
var owners = map[string][]string{
	"vitess.io/vitess":        {"internal/mysql"},
	"cel.dev/cel-go":          {"internal/rules"},
	"github.com/maypok86":     {"internal/cache"},
	"go.yaml.in/yaml":         {"internal/diag", "semantic", "policy", "policy/policytest"},
	"modernc.org/sqlite":      {"internal/testdb", "policy/policytest", "examples/shop", "examples/quickstart", "examples/databasesql", "examples/projects"},
	"github.com/stretchr":     {},
	"github.com/santhosh-tek": {},
}

// TestImportArrows holds the architecture: code is imported in one direction.
func TestImportArrows(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && path != "." {
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
				return filepath.SkipDir // a module of its own, for tests alone
			}
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		seen[pkg] = true
		allowed, ok := arrows[pkg]
		require.True(t, ok, "package %s has no place in the architecture", pkg)
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range file.Imports {
			target := strings.Trim(spec.Path.Value, `"`)
			if ours, ok := strings.CutPrefix(target, module+"/"); ok {
				assert.Contains(t, allowed, ours, "%s imports it", path)
			}
			for library, may := range owners {
				if strings.HasPrefix(target, library) {
					assert.True(t, slices.Contains(may, pkg), "%s imports %s", path, target)
				}
			}
		}
		return nil
	})
	require.NoError(t, err)
	for pkg := range arrows {
		assert.True(t, seen[pkg], "package %s is listed but doesn't exist", pkg)
	}
}
