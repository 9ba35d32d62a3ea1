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
// A query means one thing on every database: what FUNCTIONS.md says of each
// function, operator and construct. What a database can't express exactly is
// refused there. In short, it is MySQL's meaning with lengths and positions in
// characters:
//
//   - Truth values and numbers stand for each other: 1 and 0, and not 0.
//   - Values that meet have one class: numbers and truth values, strings, dates,
//     times of day. A constant in quotes becomes the number or date beside it.
//     Other mixtures are refused. Where one of several values is the result,
//     numbers and dates beside strings become text.
//   - Text equals a whole number if it is the number as it is written, for =, <>,
//     <=>, IN, ANY, joins, NULLIF and the operand of CASE: '10' is 10; '010',
//     '10.0', ' 10' and 'abc' are not, and equal no whole number. Such a
//     comparison never fails.
//   - A constant beside a date may be an ISO 8601 moment, with T and a fraction.
//     With Z or an offset it is that instant beside a DateTimeTz, and the time in
//     UTC beside a Date or DateTime and in functions and casts. Without one it is
//     in the connection's time zone beside a DateTimeTz.
//   - Only what is written in one way everywhere has a text: whole numbers,
//     dates, decimals with a fixed scale. A Float has none.
//   - / never cuts to whole numbers. Division by zero is NULL, and so is the
//     logarithm or root of what has none.
//   - A whole number that doesn't fit is NULL or an error, never another number.
//   - ROUND and CAST go half away from zero. CAST of a string reads the number
//     that it begins with. A point in time loses its fraction of a second.
//   - NULL sorts as the smallest value. CONCAT, GREATEST and LEAST with NULL are
//     NULL. WITH ROLLUP of no rows has no total.
//   - Strings compare, sort and match LIKE by the collation that the column has
//     in the database; without one, by code point, so LIKE then distinguishes
//     case, as it always does on SQLite. The functions and comparisons of
//     policies go by code point always.
//
// Differences that are left:
//
//   - A caller's placeholder has no type: what a Go string is beside a whole
//     number, and a Go int beside text, is up to the database. MySQL and MariaDB
//     compare both as floating point ('010' and '10x' are 10, 'abc' is 0), SQLite
//     converts what looks like a number to the column's type ('010' is 10),
//     PostgreSQL reads a string as the column's type ('010' is 10, and 'abc' an
//     error) and its driver refuses an int for text. So it is with fields
//     without a datatype.
//   - On MySQL and MariaDB, the hour that summer time repeats is the same twice
//     where a constant instant meets a TIMESTAMP, unless the connection is in UTC.
//   - SQLite changes the case of ASCII letters only and calculates decimals in
//     binary floating point. Its dates are text in UTC, in one form; it works
//     with whole seconds in INTERVAL arithmetic. A scalar subquery of several
//     rows gives the first. Whole-number arithmetic on fields without a datatype
//     can leave 64 bits unnoticed.
//   - Text that is no date is NULL on SQLite and MariaDB and an error on
//     PostgreSQL and DuckDB. So is a cast to a DECIMAL that is too small, which
//     MySQL and MariaDB give the nearest value.
//   - ROUND of a Float to decimals may differ in the last of them. MySQL rounds
//     fractions of a second in casts.
//   - Letters without a single counterpart, such as ß, keep their case or not.
//   - GROUP_CONCAT without ORDER BY has any order, and MySQL and MariaDB cut it
//     at group_concat_max_len.
//   - SUM of whole numbers may have a wider type than Integer; on SQLite one over
//     64 bits is an error.
//   - Dialects with Printed set were never run.
package dialect
