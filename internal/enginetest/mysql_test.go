package enginetest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/enginetest/warehouse"
	"github.com/hedgerow/hedgerow/rls"
)

// notMariaDB lists the queries whose MySQL text MariaDB doesn't understand, with
// a part of its message.
func notMariaDB() map[string]string {
	return map[string]string{
		"rolling up one column":                "1221", // no ORDER BY after WITH ROLLUP
		"rolling up with the total at the end": "1221",
		"values as a table":                    "1064", // no ROW in VALUES
	}
}

// TestMySQLOnMariaDB runs MySQL's statements on MariaDB, which stands in for it
// where the two are the same.
func TestMySQLOnMariaDB(t *testing.T) {
	e := mariadb("")
	s := newSite(t, e, warehouse.Generate(1))
	set := loadPolicies(t, string(warehouse.Model), string(warehouse.Policies))
	for _, v := range s.viewers {
		mysql, session := newEnforcer(t, rls.MySQL, set, v.Properties)
		for _, q := range loadQueries(t) {
			t.Run(v.Name+"/"+q.name, func(t *testing.T) {
				got, st, err := ask(t.Context(), s.shared, mysql, session, q.text)
				if message, ok := notMariaDB()[q.name]; ok {
					require.ErrorContains(t, err, message)
					return
				}
				require.NoError(t, err)
				want, _, err := ask(t.Context(), v.copy, s.open, s.anybody, q.text)
				require.NoError(t, err)
				assert.Empty(t, difference(got, want, q.ordered), st.SQL)
			})
		}
	}
}
