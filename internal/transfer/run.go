package transfer

import (
	"context"
	"errors"
	"slices"
)

// maxBatchBytes bounds a batch, far below what a MySQL server takes at once.
const maxBatchBytes = 1 << 20

// run copies and verifies.
type run struct {
	from     *snapshot
	to       *target
	batch    int
	progress func(Progress)
	report   Report
}

func (r *run) tell(d *dataset, phase Phase, rows, total int64) {
	if r.progress != nil {
		r.progress(Progress{Dataset: d.name, Phase: phase, Rows: rows, Total: total})
	}
}

// all finds out what earlier runs have left, clears what is out of date, and
// copies what isn't there.
func (r *run) all(ctx context.Context, datasets []*dataset) (*Report, error) {
	states := map[*dataset]state{}
	for _, d := range datasets {
		s, err := r.to.claim(ctx, d)
		if err != nil {
			return &r.report, err
		}
		states[d] = s
		r.tell(d, Prepared, s.owned.rows, 0)
	}
	current := map[*dataset]bool{}
	for _, d := range datasets {
		var err error
		if current[d], err = r.isCurrent(ctx, d, states[d]); err != nil {
			return &r.report, err
		}
	}
	spread(datasets, current)
	for _, d := range slices.Backward(datasets) { // children first, as foreign keys need it
		if current[d] || states[d].empty {
			continue
		}
		if err := r.to.clear(ctx, d, states[d].owned); err != nil {
			return &r.report, err
		}
	}
	for _, d := range datasets {
		if err := r.dataset(ctx, d, current[d], states[d].owned); err != nil {
			return &r.report, err
		}
	}
	return &r.report, nil
}

// isCurrent tells whether a table already holds what the source has. Rows that
// aren't the promotion's are an error.
func (r *run) isCurrent(ctx context.Context, d *dataset, s state) (bool, error) {
	if s.empty {
		return false, nil
	}
	have, err := r.to.content(ctx, d)
	if err != nil {
		return false, err
	}
	if have != s.owned {
		return false, foreign(d)
	}
	want, err := r.from.content(ctx, d)
	return have == want, err
}

// spread makes the datasets that refer to one that is copied anew be copied
// anew as well: foreign keys may keep their parents from being cleared.
func spread(datasets []*dataset, current map[*dataset]bool) {
	for _, d := range datasets {
		for _, p := range datasets {
			if !current[p] && slices.Contains(d.parents, p.model) {
				current[d] = false
			}
		}
	}
}

func (r *run) dataset(ctx context.Context, d *dataset, current bool, have content) error {
	if !current {
		var err error
		if have, err = r.copy(ctx, d); err != nil {
			return err
		}
		got, err := r.to.content(ctx, d)
		if err != nil {
			return err
		}
		if got != have {
			return fail(d.name, ErrMismatch, "the target's table doesn't hold the %d rows that were written, but %d that differ; "+
				"see whether a trigger or a column's type changes them, empty it and run again", have.rows, got.rows)
		}
	}
	r.report.Datasets = append(r.report.Datasets, DatasetReport{
		Dataset: d.name, Rows: have.rows, Checksum: have.sum, Masked: d.masked, Reused: current,
	})
	r.tell(d, Verified, have.rows, have.rows)
	return nil
}

// copy writes a dataset into its empty table, and gives what was written.
func (r *run) copy(ctx context.Context, d *dataset) (content, error) {
	total, err := r.from.count(ctx, d)
	if err != nil {
		return content{}, err
	}
	b := batch{run: r, d: d, total: total, rows: max(1, min(r.batch, r.to.kind.params/len(d.columns)))}
	if err := r.from.rows(ctx, d, func(raw []any) error { return b.add(ctx, raw) }); err != nil {
		return content{}, err
	}
	if err := b.flush(ctx); err != nil {
		return content{}, err
	}
	if b.content.rows != total {
		return content{}, fail(d.name, ErrMismatch, "the source gave %d rows, but counted %d", b.content.rows, total)
	}
	r.tell(d, Copied, total, total)
	return b.content, nil
}

// batch collects rows until they are worth a transaction.
type batch struct {
	*run
	d           *dataset
	rows        int
	total       int64
	content     content // of the table, with the rows that wait
	args        []any
	bytes, wait int
}

func (b *batch) add(ctx context.Context, raw []any) error {
	encoded, values, err := b.d.encode(raw, b.from.kind)
	if err != nil {
		return err
	}
	if b.bytes+len(encoded) > maxBatchBytes {
		if err := b.flush(ctx); err != nil {
			return err
		}
	}
	for i, c := range b.d.columns {
		arg, err := bound(values[i], raw[i], c.datatype, b.to.kind)
		if arg == nil && c.key { // SQLite would make up a number
			err = errors.New("is NULL, but part of the primary key of the target's model")
		}
		if err != nil {
			return fail(b.d.name, ErrValue, "field %q, of datatype %s, %v", c.field, datatype(c.datatype), err)
		}
		b.args = append(b.args, arg)
	}
	b.content.add(encoded)
	b.bytes += len(encoded)
	b.wait++
	if b.wait == b.rows {
		return b.flush(ctx)
	}
	return nil
}

func (b *batch) flush(ctx context.Context) error {
	if b.wait == 0 {
		return nil
	}
	if err := b.to.write(ctx, b.d, b.args, b.content); err != nil {
		return err
	}
	b.args, b.bytes, b.wait = b.args[:0], 0, 0
	b.tell(b.d, Copying, b.content.rows, b.total)
	return nil
}
