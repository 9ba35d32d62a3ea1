package history

import (
	"context"
	"time"
)

const (
	// tendEvery is how often retention applies and dead processes are looked for.
	tendEvery = time.Minute
	// longestPause is how long a failing store is left alone at most.
	longestPause = 30 * time.Second
)

// work flushes and tends in the background until going ends. What it has in hand
// then it finishes, unless flushing ends too.
func (l *Log) work(going, flushing context.Context) {
	defer close(l.ended)
	flush, tend := time.NewTicker(l.cfg.FlushEvery), time.NewTicker(tendEvery)
	defer flush.Stop()
	defer tend.Stop()
	l.trimOrReport(going)
	pause := l.cfg.FlushEvery
	for {
		select {
		case <-going.Done():
			return
		case <-tend.C:
			l.tend(going)
			continue
		case <-flush.C:
		case <-l.wake:
		}
		err := l.Flush(flushing)
		if err == nil {
			pause = l.cfg.FlushEvery
			continue
		}
		if flushing.Err() == nil {
			l.cfg.OnError(err)
		}
		select {
		case <-going.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, longestPause)
	}
}

// tend takes over what dead processes left and deletes what is too old.
func (l *Log) tend(ctx context.Context) {
	if l.spool != nil {
		l.spool.adopt()
		l.wakeUp()
	}
	l.trimOrReport(ctx)
}

func (l *Log) trimOrReport(ctx context.Context) {
	if err := l.trimSome(ctx); err != nil && ctx.Err() == nil {
		l.cfg.OnError(err)
	}
}
