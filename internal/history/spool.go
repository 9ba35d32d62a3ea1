package history

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// A spool directory holds, for each process, a lock file and segments: files of
// lines, named after the lock file and numbered. A process appends to its newest
// segment, which is sealed when it is to be written to the store or has grown
// long. A segment is removed when all of it is in the store; if the process dies
// between the two, whoever takes over writes it again, to no effect. A lock file
// is removed after its segments.
const (
	lockSuffix    = ".lock"
	segmentSuffix = ".spool"
	// segmentBytes is the size at which a segment is sealed.
	segmentBytes = 4 << 20
)

// spool is where entries wait on disk.
type spool struct {
	dir    string
	report func(err error, lost bool)

	mu     sync.Mutex
	own    *owner
	file   *os.File // the segment that is written; nil: none
	size   int64
	serial int
	sealed []*segment // the oldest first; those of dead processes too
}

// owner is a process that has segments: this one, or a dead one that it took over.
type owner struct {
	stem string   // path of the files without their suffixes
	lock *os.File // held while it is open
	left int      // sealed segments that are not in the store
}

// segment is a file of lines that nobody writes any more.
type segment struct {
	path   string
	owner  *owner
	offset int64 // of the first line that isn't in the store
}

// openSpool begins a process's part of a spool directory, and takes over what
// dead processes left there.
func openSpool(dir string, report func(err error, lost bool)) (*spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	for {
		stem := filepath.Join(dir, fmt.Sprintf("%d-%s", os.Getpid(), strings.ToLower(rand.Text())))
		o, err := claim(stem, os.O_CREATE|os.O_EXCL)
		if err != nil {
			return nil, err
		}
		if o != nil { // else somebody took it for a dead process's before it was locked
			s := &spool{dir: dir, report: report, own: o}
			s.adopt()
			return s, nil
		}
	}
}

// claim locks a lock file. It gives nil when another has it, or had it and removed
// it.
func claim(stem string, flag int) (*owner, error) {
	f, err := os.OpenFile(stem+lockSuffix, os.O_RDWR|flag, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	locked, err := tryLock(f)
	if err == nil && locked && current(f) {
		return &owner{stem: stem, lock: f}, nil
	}
	f.Close()
	return nil, err
}

// current tells whether a file is still the one that its name leads to.
func current(f *os.File) bool {
	opened, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(f.Name())
	return err == nil && os.SameFile(opened, named)
}

// put writes an entry to the disk. After an error nothing of it is there.
func (s *spool) put(e Entry) error {
	line, err := encodeLine(e)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		if err := s.begin(); err != nil {
			return err
		}
	}
	if _, err := s.file.Write(line); err != nil {
		// a part may be there, and the next line would be glued to it
		if undo := s.file.Truncate(s.size); undo != nil {
			s.seal()
		}
		return err
	}
	if s.size += int64(len(line)); s.size >= segmentBytes {
		s.seal()
	}
	return nil
}

// begin starts a segment.
func (s *spool) begin() error {
	name := fmt.Sprintf("%s-%012d%s", s.own.stem, s.serial, segmentSuffix)
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	s.file, s.size = f, 0
	s.serial++
	return nil
}

// seal ends the segment that is written.
func (s *spool) seal() {
	if s.file == nil {
		return
	}
	s.file.Close() // what was written is in the kernel's hands already
	s.add(s.own, s.file.Name())
	s.file = nil
}

func (s *spool) add(o *owner, path string) {
	s.sealed = append(s.sealed, &segment{path: path, owner: o})
	o.left++
}

// oldest gives the segment to write to the store, nil when nothing waits.
func (s *spool) oldest() *segment {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sealed) == 0 {
		s.seal()
	}
	if len(s.sealed) == 0 {
		return nil
	}
	return s.sealed[0]
}

func (s *spool) next(n int) ([]Entry, func(), error) {
	for {
		seg := s.oldest()
		if seg == nil {
			return nil, nil, nil
		}
		entries, end, err := seg.read(n, s.report)
		if errors.Is(err, fs.ErrNotExist) {
			s.report(errors.New("a file of the spool was removed by others"), true)
		} else if err != nil {
			return nil, nil, err
		}
		if len(entries) > 0 {
			return entries, func() { seg.offset = end }, nil
		}
		s.remove(seg)
	}
}

// remove forgets the oldest segment, which is in the store.
func (s *spool) remove(seg *segment) {
	if err := os.Remove(seg.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.report(err, false) // it will be written again, to no effect
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sealed = s.sealed[1:]
	seg.owner.left--
	if seg.owner.left == 0 && seg.owner != s.own {
		seg.owner.release()
	}
}

// release gives up a lock file: it is removed unless segments are left.
func (o *owner) release() {
	if o.left == 0 {
		_ = os.Remove(o.lock.Name()) // an idle lock file does no harm
	}
	o.lock.Close()
}

// close leaves what isn't in the store to other processes.
func (s *spool) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seal()
	released := map[*owner]bool{s.own: true}
	s.own.release()
	for _, seg := range s.sealed {
		if !released[seg.owner] {
			released[seg.owner] = true
			seg.owner.release()
		}
	}
	s.sealed = nil
}
