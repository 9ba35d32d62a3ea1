package policytest_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/policy/policytest"
	"github.com/hedgerow/hedgerow/semantic"
)

const treeModel = `
version: "0.2.0"
semantic_model:
  - name: tree
    datasets:
      - name: nodes
        source: nodes
        fields:
          - {name: site, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: site}]}}
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: day, datatype: Date, expression: {dialects: [{dialect: ANSI_SQL, expression: on_day}]}}
          - {name: at, datatype: DateTimeTz, expression: {dialects: [{dialect: ANSI_SQL, expression: at}]}}
          - {name: clock, datatype: Time, expression: {dialects: [{dialect: ANSI_SQL, expression: clock}]}}
          - {name: blob, datatype: Opaque, expression: {dialects: [{dialect: ANSI_SQL, expression: stuff}]}}
      - name: late_nodes
        source: NODES
        fields:
          - {name: number, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: twice, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id * 2}]}}
    relationships:
      - {name: up, from: nodes, to: nodes, from_columns: [site, parent], to_columns: [site, id]}
`

const treePolicies = `
session:
  - {name: day, type: timestamp}
  - {name: pause, type: duration}
  - {name: ids, type: list(int)}
  - {name: limits, type: "map(string, int)"}
policies:
  - {name: third, datasets: [nodes], rows: "row.up.up.up.id in session.ids && row.up.id < session.limits[row.site]"}
  - {name: late, datasets: [nodes], rows: row.day > session.day || row.at < session.day + session.pause}
  - {name: double, datasets: [late_nodes], rows: row.twice > 4}
`

const treeTests = `
fixtures:
  nodes:
    - {site: a, id: 1}
    - {site: a, id: 2, parent: 1, clock: 10:30:00, blob: 7}
    - {site: a, id: 3, parent: 2, day: 2024-02-03, clock: null, blob: x}
    - {site: a, id: 4, parent: 3, at: 2024-01-02T01:30:00+02:00}
    - {site: b, id: 4, parent: 3}
    - {site: b, id: 5, at: 2024-01-02T01:30:00+01:00, blob: true}
  late_nodes:
    - {number: 9}
sessions:
  ids: {ids: [1, 9], limits: {a: 4, b: 9}}
  third: {ids: [1, 9], limits: {a: 4, b: 9}, day: 2025-01-01T00:00:00Z, pause: -9000h}
  few: {ids: [1, 9], limits: {a: 3, b: 9}, day: 2025-01-01T00:00:00Z, pause: -9000h}
  day: {day: 2024-01-02T00:00:00Z, pause: 0s, ids: [], limits: {}}
  later: {day: 2024-01-02T00:00:00Z, pause: 31m, ids: [], limits: {}}
cases:
  - {name: third, session: third, dataset: nodes, rows: [{site: a, id: 4}]}
  - {name: too few, session: few, dataset: nodes, rows: []}
  - {name: missing, session: ids, dataset: nodes, error: denied}
  - {name: day, session: day, dataset: nodes, rows: [{site: a, id: 3, day: 2024-02-03}, {site: a, id: 4, day: null}]}
  - {name: later, session: later, dataset: nodes, key: at, rows: [null, "2024-01-01 23:30:00", "2024-01-02 00:30:00"]}
  - {name: doubled, session: day, dataset: late_nodes, key: number, rows: [3, 4, 4, 5, 9]}
`

// TestPaths: paths of several steps over a composite key, two datasets on one
// table, and all datatypes.
func TestPaths(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(treeModel))
	require.NoError(t, err)
	s, err := policy.Parse("policy.yaml", []byte(treePolicies), m)
	require.NoError(t, err)
	r := run(t, s, fstest.MapFS{"x.yaml": {Data: []byte(treeTests)}}, "*", policytest.MinCoverage(0.9))
	assert.Empty(t, strings.Join(r.errors, "\n"))
	require.Len(t, r.logs, 1)
	assert.Contains(t, r.logs[0], "100.0%")
}
