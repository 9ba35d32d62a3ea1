// Package shop is the demo data of Hedgerow's examples and tests: a shop on
// SQLite that three organizations share, its semantic model and its policies.
//
// The organizations are "acme", "globex" and "initech". Each has twelve
// employees; ids run through all organizations, so that employees 1 to 12
// belong to acme, 13 to 24 to globex and 25 to 36 to initech.
package shop

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"strings"
)

//go:embed schema.sql
var schemaSQL string

//go:embed model.yaml
var modelYAML string

//go:embed policy.yaml
var policyYAML string

// Model returns the text of the shop's semantic model, model.yaml.
func Model() []byte { return []byte(modelYAML) }

// Policy returns the text of the shop's policy file, policy.yaml.
func Policy() []byte { return []byte(policyYAML) }

// Size says how much the largest organization holds; the others hold less. A
// zero field means the default.
type Size struct {
	Customers int // default 60
	Products  int // default 40
	Orders    int // default 220
}

func (s Size) withDefaults() Size {
	if s.Customers == 0 {
		s.Customers = 60
	}
	if s.Products == 0 {
		s.Products = 40
	}
	if s.Orders == 0 {
		s.Orders = 220
	}
	return s
}

// Create makes the shop's tables in an empty SQLite database and fills them
// with a few thousand rows, the same ones every time. A database in memory
// needs db.SetMaxOpenConns(1), or a DSN that its connections share.
func Create(ctx context.Context, db *sql.DB) error {
	return CreateSize(ctx, db, Size{})
}

// CreateSize is Create with another number of rows.
func CreateSize(ctx context.Context, db *sql.DB, size Size) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("create shop: %w", err)
	}
	defer tx.Rollback() // without effect after Commit
	if _, err := tx.ExecContext(ctx, schemaSQL); err != nil {
		return fmt.Errorf("create shop: %w", err)
	}
	for _, t := range generate(size.withDefaults()) {
		if err := insert(ctx, tx, t); err != nil {
			return fmt.Errorf("fill %s: %w", t.name, err)
		}
	}
	return tx.Commit()
}

// insert writes a table's rows.
func insert(ctx context.Context, tx *sql.Tx, t *table) error {
	if len(t.rows) == 0 {
		return nil
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(t.rows[0])), ", ")
	stmt, err := tx.PrepareContext(ctx, "INSERT INTO "+t.name+" VALUES ("+marks+")")
	if err != nil {
		return err
	}
	defer stmt.Close()
	for _, row := range t.rows {
		if _, err := stmt.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
	return nil
}
