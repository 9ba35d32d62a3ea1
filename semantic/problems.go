package semantic

import "github.com/hedgerow/hedgerow/internal/diag"

// Problems is every [*Problem] of one load, of a model or of a policy file,
// sorted by place. It is the error that Parse returns.
type Problems = diag.Problems
