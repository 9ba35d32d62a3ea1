// Package dialect prints the resolved tree of internal/ast as SQL for one
// database. A Dialect is data; what it has no entry for is refused with the
// construct, the dialect and the position.
//
// Every identifier is quoted and every constant is written from its value, so
// no text of a caller reaches a database as SQL. Printed text holds no comment
// and no semicolon.
//
// # Meaning
//
// Expressions mean what they mean in MySQL, except that string lengths and
// positions count characters (LENGTH is CHAR_LENGTH). Known limits:
//
//   - SQLite changes the case of ASCII letters only, ignores the case of ASCII
//     letters in LIKE, calculates decimals in binary floating point, and works
//     with whole seconds in INTERVAL arithmetic. NOW() is in UTC. It has no
//     standard deviation or variance.
//   - PostgreSQL raises an error where MySQL gives NULL or a prefix for text
//     that is no number or date, and for overflow. LIKE distinguishes case.
//   - User functions compare strings by the collation that the database gives
//     them; the functions for policies compare by code point.
//   - Rounding of a Float that lies exactly in the middle differs.
package dialect
