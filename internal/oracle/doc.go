// Package oracle looks for statements whose answer tells of rows that the
// session may not see. It makes random logical queries in which expressions that
// fail, and ones that don't, stand in every place, and runs each enforced
// statement on a database that holds all rows and on one that physically holds
// only the visible ones: the rows must be the same, or both must give an error.
// Only tests use it.
package oracle
