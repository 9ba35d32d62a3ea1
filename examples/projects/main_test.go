package main

import (
	"bytes"
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls/project"
)

var update = flag.Bool("update", false, "write testdata/output.txt anew")

// TestOutput holds the demonstration to what it printed before.
func TestOutput(t *testing.T) {
	const golden = "testdata/output.txt"
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, t.TempDir(), "", demonstrate))
	if *update {
		require.NoError(t, os.WriteFile(golden, out.Bytes(), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), out.String())
}

// TestServe: it serves with the tokens that it prints, until it is interrupted.
func TestServe(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	var out bytes.Buffer
	err := run(ctx, &out, t.TempDir(), "localhost:0", func(ctx context.Context, out io.Writer, h host) error {
		status, answer, err := send(ctx, h, steps()[0])
		assert.NoError(t, err)
		assert.Equal(t, "200 OK", status)
		assert.Contains(t, answer, `["rye",75]`)
		interrupt()
		for _, token := range h.tokens {
			defer func() { assert.Contains(t, fmt.Sprint(out), token) }()
		}
		return serve(ctx, out, h)
	})
	require.NoError(t, err)
}

// TestStatuses: what callers do wrong, and what they may not know.
func TestStatuses(t *testing.T) {
	require.NoError(t, run(t.Context(), io.Discard, t.TempDir(), "", func(ctx context.Context, _ io.Writer, h host) error {
		post := func(authorization, body string) (status int, answer string) {
			r, err := http.NewRequestWithContext(ctx, "POST", h.url+"/query", strings.NewReader(body))
			require.NoError(t, err)
			r.Header.Set("Authorization", authorization)
			got, err := http.DefaultClient.Do(r)
			require.NoError(t, err)
			defer got.Body.Close()
			text, err := io.ReadAll(got.Body)
			require.NoError(t, err)
			return got.StatusCode, string(text)
		}
		baker := "Bearer " + h.tokens["the baker"]
		for body, want := range map[string]int{
			`{"query": "SELECT 1", "args": []}`:                                                200,
			`{"query": "SELECT id FROM sales WHERE loaves > ? AND id < ?", "args": [30, 2.5]}`: 200,
			`{"query": "SELECT id FROM sales WHERE loaves > ?"}`:                               400,
			`{"query": "SELECT id FROM sales WHERE loaves > ?", "args": [[1]]}`:                400,
			`{"query": "SELECT id FROM sales WHERE loaves > ?", "args": [1e999]}`:              400,
			`{"query": "DELETE FROM sales"}`:                                                   400,
			`{"query": 7}`:                                                                     400,
			`nonsense`:                                                                         400,
			`{"query": "SELECT id FROM orders"}`:                                               404,
			`{"query": "SELECT margin FROM sales"}`:                                            404,
		} {
			status, answer := post(baker, body)
			assert.Equal(t, want, status, "%s: %s", body, answer)
		}
		_, first := post("", `{"query": "SELECT 1"}`)
		for _, wrong := range []string{"Bearer ", "Bearer x", h.tokens["the baker"] + "x", baker + "x", "Basic " + h.tokens["the baker"]} {
			status, answer := post(wrong, `{"query": "SELECT 1"}`)
			assert.Equal(t, 401, status)
			assert.Equal(t, first, answer)
		}
		_, hidden := post("Bearer "+h.tokens["the front desk"], `{"query": "SELECT reason FROM appointments"}`)
		_, missing := post("Bearer "+h.tokens["the front desk"], `{"query": "SELECT season FROM appointments"}`)
		assert.Equal(t, missing, hidden)
		return nil
	}))
}

// TestShutdown: the history of the last requests is in the store when the
// program has ended.
func TestShutdown(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, run(t.Context(), io.Discard, dir, "", func(ctx context.Context, _ io.Writer, h host) error {
		_, _, err := send(ctx, h, steps()[0])
		return err
	}))
	db, err := sql.Open("sqlite", filepath.Join(dir, "projects.db"))
	require.NoError(t, err)
	defer db.Close()
	registry, err := project.Open(t.Context(), project.SQLiteStore(db), project.Config{})
	require.NoError(t, err)
	defer registry.Close(t.Context())
	page, err := registry.List(t.Context(), project.ListOptions{NamePrefix: "bakery"})
	require.NoError(t, err)
	require.Len(t, page.Projects, 1)
	past, err := registry.History(t.Context(), page.Projects[0].ID, project.Filter{})
	require.NoError(t, err)
	require.Len(t, past.Entries, 1)
	assert.EqualValues(t, 2, past.Entries[0].Rows)
}
