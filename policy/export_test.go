package policy

import (
	"github.com/hedgerow/hedgerow/internal/diag"
	"github.com/hedgerow/hedgerow/semantic"
)

// ParseUnproved is Parse without the proof of isolation, so that tests can
// replay what Parse refuses.
func ParseUnproved(filename string, src []byte, m *semantic.Model) (*Set, error) {
	l := &loader{file: diag.NewFile(filename, src), model: m, reported: map[string]bool{}}
	set := l.load()
	return set, l.file.Err()
}
