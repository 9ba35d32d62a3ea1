package rls

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/hedgerow/hedgerow/internal/fault"
)

// TestUnclassifiedErrorsDeny: an error that nobody classified is a denial, and
// what it says is not for the author of the query.
func TestUnclassifiedErrorsDeny(t *testing.T) {
	for _, err := range []error{errors.New("secret"), fault.New(fault.Internal, 0, "a defect"), fault.New(fault.Kind(99), 0, "a new kind")} {
		refusal := newError(err, "SELECT 1")
		assert.ErrorIs(t, refusal, ErrDenied)
		assert.NotErrorIs(t, refusal, ErrUnknownName)
		assert.NotContains(t, refusal.Error(), "secret")
	}
	assert.Equal(t, "secret", newError(errors.New("secret"), "").reason)
}
