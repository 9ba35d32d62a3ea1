// Package pool lets one process use very many databases over a bounded number
// of connections.
//
// A [Manager] holds at most MaxPools pools (*sql.DB) open, by key, and all
// connections made by its [Connector]s together are at most MaxConns. Whoever
// needs one more waits in line until another is given up, or until its context
// ends; what is idle is closed to make room, the least recently used first.
//
// As with any bounded resource, callers that hold a place and wait for another
// can wait for each other until their contexts end. Hold at most one handle at
// a time, or give every context a deadline.
package pool
