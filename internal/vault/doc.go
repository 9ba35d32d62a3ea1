// Package vault keeps the secrets of projects: it seals them for storage,
// resolves references to secrets that live elsewhere, puts them into DSNs, and
// keeps them out of everything that is printed.
//
// A [Ring] of keys given by the host seals a text for one place, such as
// "project/42/dsn", and opens it there only. A [Resolver] turns a reference
// into a [Secret], which shows its value to nobody who doesn't ask with
// Reveal. [Redact] prints a DSN without its password, and [Scrub] makes an
// error of a driver fit to be shown.
package vault
