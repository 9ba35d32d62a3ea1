// Package enginetest proves on real engines what Hedgerow promises: the same
// answers on SQLite, PostgreSQL, MariaDB and DuckDB, the use of indexes, the
// cost of enforcement, and that statements of one tenant stay on one shard of
// Vitess. It is a module of its own, so that nobody who imports Hedgerow gets
// these engines.
package enginetest
