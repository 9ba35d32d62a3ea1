package project

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"
)

// ListOptions chooses projects.
type ListOptions struct {
	// After is the Next of the page before; "" begins.
	After string
	// Limit is how many there are on a page; default 100, at most 1,000.
	Limit int
	// NamePrefix is what the names begin with.
	NamePrefix string
	// Metadata is what the projects have in theirs, besides anything else.
	Metadata map[string]string
}

// Page is a part of the list of projects, in the order of their names.
type Page struct {
	Projects []Summary
	// Next is the After of the next page; "" when this is the last.
	Next string
}

// Summary is what a list shows of a project.
type Summary struct {
	ID, Name         string
	Version          int64
	Driver, Dialect  string
	Metadata         map[string]string
	Active           bool
	Created, Updated time.Time
}

const (
	defaultPage = 100
	maxPage     = 1000
)

// List gives a page of the projects that aren't deleted, as the store has them
// now. A project that is renamed meanwhile may be missing or twice.
func (r *Registry) List(ctx context.Context, o ListOptions) (Page, error) {
	if err := r.open(); err != nil {
		return Page{}, err
	}
	limit := o.Limit
	if limit <= 0 {
		limit = defaultPage
	}
	limit = min(limit, maxPage)
	batch := limit + 1 // one more tells whether there is a next page
	if len(o.Metadata) > 0 {
		batch = maxPage // of which few may be wanted
	}
	if !storable(o.NamePrefix) || !storable(o.After) {
		return Page{}, fmt.Errorf("%w: NamePrefix or After is no UTF-8, or holds a NUL character", ErrInvalid)
	}
	var page Page
	for after := o.After; ; {
		names, err := readRecords(ctx, r.db, `deleted = 0 AND name > ? AND SUBSTR(name, 1, ?) = ? ORDER BY name LIMIT ?`,
			after, utf8.RuneCountInString(o.NamePrefix), o.NamePrefix, batch)
		if err != nil {
			return Page{}, err
		}
		for _, rec := range names {
			after = rec.name
			if !has(rec.metadata, o.Metadata) {
				continue
			}
			if len(page.Projects) == limit {
				page.Next = page.Projects[limit-1].Name
				return page, nil
			}
			page.Projects = append(page.Projects, rec.summary())
		}
		if len(names) < batch {
			return page, nil
		}
	}
}

// has tells whether metadata holds all that is wanted.
func has(metadata, wanted map[string]string) bool {
	for k, v := range wanted {
		if got, ok := metadata[k]; !ok || got != v {
			return false
		}
	}
	return true
}

func (r record) summary() Summary {
	return Summary{
		ID: r.id, Name: r.name, Version: r.version, Driver: r.driver, Dialect: r.dialect, Metadata: r.metadata,
		Active: r.active, Created: r.created, Updated: r.updated,
	}
}
