package project_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/rls/project"
)

func issue(t *testing.T, p *project.Project, name, user string, expiry time.Time) (string, project.APIKey) {
	t.Helper()
	token, k, err := p.IssueKey(t.Context(), name, map[string]any{"user": user}, expiry)
	require.NoError(t, err)
	return token, k
}

// A key gives its project and its properties, until it is revoked; all tokens
// that give nothing look the same.
func TestKeys(t *testing.T) {
	stores(t, func(t *testing.T, db *sql.DB, s project.Store) {
		one, two := open(t, s), open(t, s)
		p, q := create(t, one, spec("acme", notes(t, "a1", "b1"))), create(t, one, spec("globex", notes(t, "a2")))
		ann, annKey := issue(t, p, "ann's", "ann", time.Time{})
		bob, _ := issue(t, p, "bob's", "bob", time.Now().Add(time.Hour))
		other, _ := issue(t, q, "ann's", "ann", time.Time{})
		_, _, err := p.IssueKey(t.Context(), "ann's", map[string]any{"user": "x"}, time.Time{})
		assert.ErrorIs(t, err, project.ErrNameTaken)
		for name, properties := range map[string]map[string]any{"missing": nil, "unknown": {"user": "a", "admin": true}, "type": {"user": 7}} {
			_, _, err := p.IssueKey(t.Context(), name, properties, time.Time{})
			assert.ErrorIs(t, err, project.ErrInvalid, name)
		}
		_, _, err = p.IssueKey(t.Context(), "late", map[string]any{"user": "a"}, time.Now().Add(-time.Hour))
		assert.ErrorIs(t, err, project.ErrInvalid)

		for _, r := range []*project.Registry{one, two} {
			for token, want := range map[string]string{ann: "a1", bob: "b1", other: "a2"} {
				got, who, err := r.Authenticate(t.Context(), token)
				require.NoError(t, err)
				var body string
				rows, err := got.Query(t.Context(), who, "SELECT body FROM notes")
				require.NoError(t, err)
				require.True(t, rows.Next())
				require.NoError(t, rows.Scan(&body))
				require.False(t, rows.Next())
				assert.Equal(t, want, body)
			}
		}
		_, who, err := two.Authenticate(t.Context(), other)
		require.NoError(t, err)
		theirs, err := two.Get(t.Context(), p.ID())
		require.NoError(t, err)
		_, err = theirs.Query(t.Context(), who, "SELECT body FROM notes")
		require.ErrorIs(t, err, rls.ErrNoSession)

		list, err := p.Keys(t.Context())
		require.NoError(t, err)
		require.Len(t, list, 2)
		assert.Equal(t, annKey.ID, list[0].ID)
		assert.Equal(t, map[string]any{"user": "ann"}, list[0].Properties())
		for _, token := range []string{ann, bob, other} {
			assert.NotContains(t, dump(t, db), strings.Split(token, "_")[2])
		}

		var refusals []error
		refused := func(r *project.Registry, token string) {
			t.Helper()
			_, _, err := r.Authenticate(t.Context(), token)
			require.ErrorIs(t, err, project.ErrUnauthenticated)
			refusals = append(refusals, err)
		}
		assert.ErrorIs(t, q.RevokeKey(t.Context(), annKey.ID), project.ErrNotFound, "another project's key")
		require.NoError(t, p.RevokeKey(t.Context(), annKey.ID))
		refused(one, ann)
		require.NoError(t, two.Refresh(t.Context()))
		refused(two, ann)
		refused(two, ann[:20]+bob[20:])
		refused(two, "")
		refused(two, strings.Replace(bob, "hg_", "hg-", 1))
		_, _, err = two.Authenticate(t.Context(), bob)
		require.NoError(t, err, "other keys live on")
		require.NoError(t, one.Delete(t.Context(), p.ID(), 1))
		refused(one, bob)
		require.NoError(t, two.Refresh(t.Context()))
		refused(two, bob)
		for _, err := range refusals {
			assert.Equal(t, refusals[0].Error(), err.Error())
		}
		_, _, err = theirs.IssueKey(t.Context(), "new", map[string]any{"user": "x"}, time.Time{})
		assert.ErrorIs(t, err, project.ErrNotFound)

		update(t, one, q, policies(`session: [{name: user, type: int}]
policies: [{name: all, datasets: [notes], rows: "true"}]`))
		_, _, err = one.Authenticate(t.Context(), other)
		require.ErrorIs(t, err, rls.ErrNoSession, "its properties don't fit any more")
		assert.NotContains(t, err.Error(), "ann")
	})
}
