package vault_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hedgerow/hedgerow/internal/vault"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestResolve(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "password")
	t.Setenv("HEDGEROW_TEST", "from-env")
	r := vault.Resolver{
		Env: []string{"HEDGEROW_"}, Dirs: []string{dir},
		Host: func(_ context.Context, ref string) (string, error) { return "host of " + ref, nil },
	}
	for _, c := range []struct{ ref, content, want string }{
		{"env:HEDGEROW_TEST", "", "from-env"},
		{"file:" + file, "plain", "plain"},
		{"file:" + file, "one\n", "one"},
		{"file:" + file, "one\r\n", "one"},
		{"file:" + file, "two\n\n", "two\n"},
		{"file:" + file, "return\r", "return\r"},
		{"file:" + file, strings.Repeat("x", vault.MaxSecret) + "\r\n", strings.Repeat("x", vault.MaxSecret)},
		{"file:" + dir + "/../" + filepath.Base(dir) + "/password", "inside", "inside"},
		{"host:a:b", "", "host of a:b"},
		{"host:", "", "host of "},
	} {
		require.NoError(t, os.WriteFile(file, []byte(c.content), 0o600))
		s, err := r.Resolve(t.Context(), c.ref)
		require.NoError(t, err, c.ref)
		assert.Equal(t, c.want, s.Reveal(), c.ref)
	}
}

// TestResolveReadsAnew: a secret that changed is seen.
func TestResolveReadsAnew(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	r := vault.Resolver{Env: []string{""}, Dirs: []string{"/"}}
	for _, want := range []string{"first", "second"} {
		t.Setenv("HEDGEROW_TEST", want)
		require.NoError(t, os.WriteFile(file, []byte(want), 0o600))
		for _, ref := range []string{"env:HEDGEROW_TEST", "file:" + file} {
			s, err := r.Resolve(t.Context(), ref)
			require.NoError(t, err)
			assert.Equal(t, want, s.Reveal())
		}
	}
}

func TestResolveRefuses(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	write := func(dir, name, content string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	write(dir, "empty", "\n")
	write(dir, "long", strings.Repeat("x", vault.MaxSecret+1))
	foreign := write(outside, "foreign", "hunter2")
	require.NoError(t, os.Symlink(foreign, filepath.Join(dir, "link")))
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	t.Setenv("HEDGEROW_TEST", "hunter2")
	t.Setenv("HEDGEROW_EMPTY", "")
	t.Setenv("OTHER_TEST", "hunter2")
	errHost := errors.New("hunter2 is wrong")
	r := vault.Resolver{
		Env: []string{"HEDGEROW_"}, Dirs: []string{dir, "relative"},
		Host: func(context.Context, string) (string, error) { return "", errHost },
	}
	sealed, err := ring(t, key("k", 1)).Seal("hunter2", place)
	require.NoError(t, err)
	for _, c := range []struct {
		ref  string
		want error
	}{
		{"", vault.ErrReference},
		{"hunter2", vault.ErrReference},
		{"http://hunter2", vault.ErrReference},
		{"ENV:HEDGEROW_TEST", vault.ErrReference},
		{" env:HEDGEROW_TEST", vault.ErrReference},
		{"env:", vault.ErrReference},
		{"env:hunter2!", vault.ErrReference},
		{"env:OTHER_TEST", vault.ErrReference},
		{"env:HEDGEROW_UNSET", vault.ErrUnavailable},
		{"env:HEDGEROW_EMPTY", vault.ErrUnavailable},
		{"file:", vault.ErrReference},
		{"file:empty", vault.ErrReference},
		{"file:" + foreign, vault.ErrReference},
		{"file:" + dir + "/../" + filepath.Base(outside) + "/foreign", vault.ErrReference},
		{"file:" + dir + "/link", vault.ErrUnavailable},
		{"file:" + dir + "/missing", vault.ErrUnavailable},
		{"file:" + dir, vault.ErrUnavailable},
		{"file:" + dir + "/pipe", vault.ErrUnavailable},
		{"file:" + dir + "/empty", vault.ErrUnavailable},
		{"file:" + dir + "/long", vault.ErrTooLong},
		{"host:x", vault.ErrUnavailable},
		{sealed, vault.ErrReference},
		{"v1:x", vault.ErrReference},
	} {
		t.Run(c.ref, func(t *testing.T) {
			s, err := r.Resolve(t.Context(), c.ref)
			require.ErrorIs(t, err, c.want)
			assert.NotContains(t, err.Error(), "hunter2")
			assert.Empty(t, s.Reveal())
		})
	}
	_, err = r.Resolve(t.Context(), "host:x")
	require.ErrorIs(t, err, errHost, "the host finds its own error")
	_, err = r.Resolve(t.Context(), "file:"+dir+"/missing")
	require.ErrorIs(t, err, os.ErrNotExist)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = r.Resolve(ctx, "env:HEDGEROW_TEST")
	require.ErrorIs(t, err, context.Canceled)
}

// TestZeroResolver: nothing is allowed by default.
func TestZeroResolver(t *testing.T) {
	t.Setenv("HEDGEROW_TEST", "hunter2")
	file := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(file, []byte("hunter2"), 0o600))
	for _, ref := range []string{"env:HEDGEROW_TEST", "file:" + file, "host:x"} {
		_, err := vault.Resolver{}.Resolve(t.Context(), ref)
		require.ErrorIs(t, err, vault.ErrReference)
	}
}
