package history

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// adopt takes over what dead processes left. Living ones hold their locks.
func (s *spool) adopt() {
	for _, name := range s.names(lockSuffix, "") {
		stem := filepath.Join(s.dir, strings.TrimSuffix(name, lockSuffix))
		if stem == s.own.stem {
			continue
		}
		o, err := claim(stem, 0)
		if err != nil {
			s.report(err, false)
		}
		if o != nil {
			s.takeOver(o)
		}
	}
}

func (s *spool) takeOver(o *owner) {
	names := s.names(segmentSuffix, filepath.Base(o.stem)+"-")
	if len(names) == 0 {
		o.release()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		s.add(o, filepath.Join(s.dir, name))
	}
}

// names lists files of the directory in order.
func (s *spool) names(suffix, prefix string) []string {
	files, err := os.ReadDir(s.dir)
	if err != nil {
		s.report(err, false)
	}
	var names []string
	for _, f := range files {
		if strings.HasSuffix(f.Name(), suffix) && strings.HasPrefix(f.Name(), prefix) && f.Type().IsRegular() {
			names = append(names, f.Name())
		}
	}
	return names
}

// read gives up to n entries from the offset on, and the offset behind them;
// none at the end. What can't be read is reported and passed over.
func (seg *segment) read(n int, report func(err error, lost bool)) ([]Entry, int64, error) {
	f, err := os.Open(seg.path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	if _, err := f.Seek(seg.offset, io.SeekStart); err != nil {
		return nil, 0, err
	}
	entries, length, err := readLines(bufio.NewReaderSize(f, 64<<10), n, report)
	return entries, seg.offset + length, err
}

// readLines gives up to n entries and the bytes that they take.
func readLines(r *bufio.Reader, n int, report func(err error, lost bool)) (entries []Entry, length int64, err error) {
	for len(entries) < n {
		line, err := r.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, 0, err
		}
		length += int64(len(line))
		if err != nil {
			if len(line) > 0 { // its process was killed before Record returned
				report(errors.New("an entry was cut off when its process ended, and is dropped"), false)
			}
			return entries, length, nil
		}
		e, err := decodeLine(line)
		if err != nil {
			report(err, true)
			continue
		}
		entries = append(entries, e)
	}
	return entries, length, nil
}
