package dialect_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/dialect"
	"github.com/hedgerow/hedgerow/internal/fault"
)

func assertUnsupported(t *testing.T, e ast.Expr) {
	t.Helper()
	_, _, err := dialect.SQLite.Print(rows(e))
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	assert.Equal(t, fault.Unsupported, f.Kind)
	assert.Contains(t, f.Msg, "sqlite")
}
