package rls_test

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/oracle"
	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/rls"
)

//go:embed testdata/breaches.json
var breachesFile []byte

// breach is a query whose answer once told of a hidden row. In its text, {x*3}
// stands for xxx, and {x#*3} for x1, x2, x3.
type breach struct {
	ID, Query string
	Kinds     string // of policies; all by default
	Bounded   bool   // Enforce took too long
}

var repetition = regexp.MustCompile(`\{([^{}]*)\*(\d+)\}`)

func (b breach) text() string {
	return repetition.ReplaceAllStringFunc(b.Query, func(s string) string {
		m := repetition.FindStringSubmatch(s)
		n, _ := strconv.Atoi(m[2])
		if !strings.Contains(m[1], "#") {
			return strings.Repeat(m[1], n)
		}
		all := make([]string, n)
		for i := range all {
			all[i] = strings.ReplaceAll(m[1], "#", fmt.Sprint(i+1))
		}
		return strings.Join(all, ", ")
	})
}

// TestBreaches: what once told of hidden rows doesn't any more, on any database
// and under any kind of policies.
func TestBreaches(t *testing.T) {
	var all []breach
	require.NoError(t, json.Unmarshal(breachesFile, &all))
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		h := newOracle(t, k)
		for i, b := range all {
			t.Run(fmt.Sprint(b.ID, " ", i), func(t *testing.T) {
				kinds := oracle.Kinds()
				if b.Kinds != "" {
					kinds = strings.Fields(b.Kinds)
				}
				for _, kind := range kinds {
					start := time.Now()
					difference, err := h.Check(t.Context(), kind, b.text())
					took := time.Since(start)
					if difference != nil {
						t.Error(difference)
					}
					if err != nil && !b.Bounded {
						assert.True(t, errors.Is(err, rls.ErrUnsupported) || errors.Is(err, rls.ErrLimit), "%v", err)
					}
					if b.Bounded {
						assert.Less(t, took, 10*time.Second, "TestEnforceIsBounded has the bound; this took minutes")
					}
				}
			})
		}
	})
}
