package rls_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"

	_ "modernc.org/sqlite"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

// A table of memberships decides who sees a document: a rule follows the model's
// relationships, from the document to its team and to that team's members.
func Example_membership() {
	const modelYAML = `
version: "0.2.0.dev0"
semantic_model:
  - name: wiki
    datasets:
      - name: documents
        source: documents
        primary_key: [id]
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: title, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: title}]}}
      - name: teams
        source: teams
        primary_key: [id]
        fields: [{name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}]
      - name: members
        source: members
        primary_key: [team_id, user_id]
        fields: [{name: user_id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: user_id}]}}]
    relationships:
      - {name: documents_team, from: documents, to: teams, from_columns: [team_id], to_columns: [id]}
      - {name: members_team, from: members, to: teams, from_columns: [team_id], to_columns: [id]}
`
	const policyYAML = `
session: [{name: user_id, type: int, required: true}]
policies:
  - name: my-teams
    datasets: [documents]
    rows: row.teams.members.exists(m, m.user_id == session.user_id)
`
	model, err := semantic.Parse("model.yaml", []byte(modelYAML))
	if err != nil {
		log.Fatal(err)
	}
	policies, err := policy.Parse("policy.yaml", []byte(policyYAML), model)
	if err != nil {
		log.Fatal(err)
	}
	enforcer, err := rls.New(rls.Config{Policies: policies, Dialect: rls.SQLite})
	if err != nil {
		log.Fatal(err)
	}

	db, err := sql.Open("sqlite", "file:wiki?mode=memory&cache=shared")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	_, err = db.Exec(`
		CREATE TABLE teams (id INTEGER PRIMARY KEY);
		CREATE TABLE members (team_id INTEGER, user_id INTEGER, PRIMARY KEY (team_id, user_id));
		CREATE TABLE documents (id INTEGER PRIMARY KEY, team_id INTEGER, title TEXT);
		INSERT INTO teams VALUES (1), (2);
		INSERT INTO members VALUES (1, 7), (1, 8), (2, 8);
		INSERT INTO documents VALUES (1, 1, 'Bread'), (2, 2, 'Cheese'), (3, NULL, 'Nobody''s')`)
	if err != nil {
		log.Fatal(err)
	}

	for _, user := range []int{7, 8, 9} {
		who, err := policies.Schema().New(map[string]any{"user_id": user})
		if err != nil {
			log.Fatal(err)
		}
		st, err := enforcer.Enforce(context.Background(), who, "SELECT GROUP_CONCAT(title ORDER BY title) AS titles FROM documents")
		if err != nil {
			log.Fatal(err)
		}
		var titles sql.NullString
		if err := db.QueryRow(st.SQL, st.Args...).Scan(&titles); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%d sees %q\n", user, titles.String)
	}
	// Output:
	// 7 sees "Bread"
	// 8 sees "Bread,Cheese"
	// 9 sees ""
}
