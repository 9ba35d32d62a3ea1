// Package session describes the person on whose behalf a query runs: a
// [Schema] declares typed properties, and a [Session] is one caller's
// immutable values for them. Policies refer to the properties by name; their
// values reach the database as bind arguments only.
//
// Errors and every printed form of a session name properties and never show a
// value, unless the property is declared Loggable.
package session
