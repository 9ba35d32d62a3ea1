// Package mysql is the guarded front end for logical queries in MySQL's
// syntax: text in, *ast.Query out. It is the only package that knows Vitess,
// whose parser does the grammar.
//
// A query passes four stages, and each refuses what the next could not bear:
//
//   - the gate (gate.go, words.go) reads Vitess's own tokens and bounds size,
//     nesting and number before anything recurses; it refuses what Vitess would
//     silently swallow, skip or execute;
//   - the shape (shape.go) finds every query expression, its select items and
//     its set operators on the tokens, and rewrites what Vitess's grammar lacks
//     (EXCEPT, INTERSECT) or loses (nested LIMIT and WITH);
//   - Vitess parses;
//   - the conversion (convert.go and below) turns Vitess's tree node by node
//     into package ast, in the order of the text. A node without a case is
//     refused.
//
// Vitess's tree has no positions, so the conversion claims the tokens of what
// it converts as it goes. Select blocks and set operators are counted by both
// sides; if they disagree the query is refused.
package mysql
