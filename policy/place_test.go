package policy_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/policy"
)

func TestPlace(t *testing.T) {
	set, err := policy.Parse("policy.yaml", []byte(`session: [{name: org, type: string}]
policies:
  - {name: open, datasets: [regions], rows: true}
  - name: second
    datasets: [orders]
    rows: >-
      row.org == session.org
      && row.region != null
    mask: {region: "'\x41'", org: "session.org"}
`), model(t))
	require.NoError(t, err)
	for _, c := range []struct {
		policy int
		key    string
		offset int
		want   string
	}{
		{0, "", 0, "3:5"}, {0, "rows", 0, "3:45"}, {1, "", 0, "4:5"}, {1, "rows", 0, "7:7"}, {1, "rows", 26, "8:10"},
		{1, "mask region", 2, "9:26"}, {1, "mask org", 0, "9:36"},
		{1, "when", 0, "0:0"}, {1, "mask id", 0, "0:0"}, {0, "mask id", 0, "0:0"}, {2, "", 0, "0:0"}, {-1, "", 0, "0:0"},
	} {
		file, line, column := set.Place(c.policy, c.key, c.offset)
		assert.Equal(t, "policy.yaml", file)
		assert.Equal(t, c.want, fmt.Sprintf("%d:%d", line, column), "%d %s %d", c.policy, c.key, c.offset)
	}
}
