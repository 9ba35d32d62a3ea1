package history

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reports collects what a spool reports.
type reports struct{ lost, other []string }

func (r *reports) add(err error, lost bool) {
	if lost {
		r.lost = append(r.lost, err.Error())
	} else {
		r.other = append(r.other, err.Error())
	}
}

func openTestSpool(t *testing.T, dir string) (*spool, *reports) {
	t.Helper()
	r := &reports{}
	s, err := openSpool(dir, r.add)
	require.NoError(t, err)
	return s, r
}

func testEntry(id string) Entry {
	return Entry{ID: id, Project: "p", Time: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), Status: OK}
}

func put(t *testing.T, s *spool, ids ...string) {
	t.Helper()
	for _, id := range ids {
		require.NoError(t, s.put(testEntry(id)))
	}
}

// take gives the ids of the next entries, and tells the spool that the store has them.
func take(t *testing.T, s *spool, n int) (ids []string) {
	t.Helper()
	entries, done, err := s.next(n)
	require.NoError(t, err)
	for _, e := range entries {
		ids = append(ids, e.ID)
	}
	if done != nil {
		done()
	}
	return ids
}

func files(t *testing.T, dir, suffix string) (paths []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	require.NoError(t, err)
	return paths
}

// die ends a spool as the end of its process does: locks go, files stay.
func die(s *spool) {
	s.own.lock.Close()
	if s.file != nil {
		s.file.Close()
	}
}

func TestSpoolKeepsOrder(t *testing.T) {
	dir := t.TempDir()
	s, r := openTestSpool(t, dir)
	assert.Empty(t, take(t, s, 5))
	put(t, s, "a", "b", "c")
	entries, _, err := s.next(2) // not done: they wait on
	require.NoError(t, err)
	assert.Equal(t, []Entry{testEntry("a"), testEntry("b")}, entries)
	put(t, s, "d")
	assert.Equal(t, []string{"a", "b"}, take(t, s, 2))
	assert.Equal(t, []string{"c"}, take(t, s, 2))
	assert.Equal(t, []string{"d"}, take(t, s, 2))
	assert.Empty(t, take(t, s, 2))
	assert.Empty(t, files(t, dir, segmentSuffix))
	s.close()
	assert.Empty(t, files(t, dir, ""))
	assert.Empty(t, *r)
}

// A segment is sealed when it is long, so that written ones can be removed.
func TestSpoolRotates(t *testing.T) {
	dir := t.TempDir()
	s, _ := openTestSpool(t, dir)
	e := testEntry("a")
	e.Query = strings.Repeat("x", maxQuery)
	n := 2*segmentBytes/maxQuery + 10
	for range n {
		require.NoError(t, s.put(e))
	}
	assert.Len(t, files(t, dir, segmentSuffix), 3)
	got := 0
	for {
		ids := take(t, s, 100)
		if got += len(ids); len(ids) == 0 {
			break
		}
	}
	assert.Equal(t, n, got)
	assert.Empty(t, files(t, dir, segmentSuffix))
}

// Only its owner's files are there for others to read.
func TestSpoolIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "spool")
	s, _ := openTestSpool(t, dir)
	put(t, s, "a")
	info, err := os.Stat(dir)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	for _, path := range files(t, dir, "") {
		info, err := os.Stat(path)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
}

// A spool takes what dead processes left, never what a living one has.
func TestSpoolTakesFromTheDeadOnly(t *testing.T) {
	dir := t.TempDir()
	living, _ := openTestSpool(t, dir)
	put(t, living, "living")
	dead, _ := openTestSpool(t, dir)
	put(t, dead, "a", "b")
	dead.seal()
	put(t, dead, "c")
	heir, r := openTestSpool(t, dir)
	assert.Empty(t, take(t, heir, 9), "it still lives")
	die(dead)
	heir.adopt()
	heir.adopt()
	rival, _ := openTestSpool(t, dir)
	assert.Empty(t, take(t, rival, 9), "somebody has it already")
	assert.Equal(t, []string{"a", "b"}, take(t, heir, 9))
	assert.Equal(t, []string{"c"}, take(t, heir, 9))
	assert.Empty(t, take(t, heir, 9))
	assert.Equal(t, []string{"living"}, take(t, living, 9))
	for _, s := range []*spool{living, heir, rival} {
		assert.Empty(t, take(t, s, 9))
		s.close()
	}
	assert.Empty(t, files(t, dir, ""))
	assert.Empty(t, *r)
}

// An heir that dies, or closes before it is done, leaves the rest to the next.
func TestSpoolIsInheritedAgain(t *testing.T) {
	for name, end := range map[string]func(*spool){
		"dies":   func(s *spool) { die(s); s.sealed[0].owner.lock.Close() },
		"closes": func(s *spool) { s.close() },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			dead, _ := openTestSpool(t, dir)
			put(t, dead, "a", "b", "c")
			die(dead)
			heir, _ := openTestSpool(t, dir)
			assert.Equal(t, []string{"a"}, take(t, heir, 1))
			end(heir)
			next, r := openTestSpool(t, dir)
			assert.Equal(t, []string{"a", "b", "c"}, take(t, next, 9), "all of it: the store knows what it has")
			assert.Empty(t, take(t, next, 9))
			next.close()
			assert.Empty(t, files(t, dir, ""))
			assert.Empty(t, *r)
		})
	}
}

// A lock file that was made but not locked yet may be taken for a dead process's;
// its maker notices.
func TestClaim(t *testing.T) {
	stem := filepath.Join(t.TempDir(), "x")
	o, err := claim(stem, 0)
	require.NoError(t, err)
	assert.Nil(t, o, "there is no such file")
	o, err = claim(stem, os.O_CREATE|os.O_EXCL)
	require.NoError(t, err)
	require.NotNil(t, o)
	again, err := claim(stem, 0)
	require.NoError(t, err)
	assert.Nil(t, again, "it is locked")

	late, err := os.Open(stem + lockSuffix)
	require.NoError(t, err)
	defer late.Close()
	assert.True(t, current(late))
	o.release()
	locked, err := tryLock(late)
	require.NoError(t, err)
	assert.True(t, locked)
	assert.False(t, current(late), "the lock is on a file that is gone")
}

// However openings and takings-over meet, whoever opens has a lock that others see.
func TestClaimsMeet(t *testing.T) {
	dir := t.TempDir()
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		other, _ := openTestSpool(t, dir)
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					other.adopt()
				}
			}
		})
	}
	for range 500 {
		s, r := openTestSpool(t, dir)
		assert.FileExists(t, s.own.stem+lockSuffix)
		s.close()
		assert.Empty(t, *r)
	}
	close(stop)
	wg.Wait()
}

// A line that a killed process wrote in part is dropped, a damaged one is lost;
// both are told, and the others are kept.
func TestDamagedSpool(t *testing.T) {
	dir := t.TempDir()
	dead, _ := openTestSpool(t, dir)
	put(t, dead, "a", "b", "c", "torn")
	path := dead.file.Name()
	die(dead)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	lines := bytes.SplitAfter(text, []byte("\n"))
	lines[1] = bytes.Replace(lines[1], []byte(`"id":"b"`), []byte(`"id":"x"`), 1) // still JSON
	lines[3] = lines[3][:len(lines[3])-1]                                         // without its line feed
	require.NoError(t, os.WriteFile(path, bytes.Join(lines, nil), 0o600))
	heir, r := openTestSpool(t, dir)
	assert.Equal(t, []string{"a"}, take(t, heir, 1))
	assert.Equal(t, []string{"c"}, take(t, heir, 9))
	assert.Empty(t, take(t, heir, 9))
	assert.Len(t, r.lost, 1)
	assert.Len(t, r.other, 1)
	assert.Contains(t, r.other[0], "cut off")
	assert.Empty(t, files(t, dir, segmentSuffix))
}

// When the disk fails in the middle of a line, no part of it stays in the way.
func TestSpoolAfterFailedWrite(t *testing.T) {
	dir := t.TempDir()
	s, r := openTestSpool(t, dir)
	put(t, s, "a")
	s.file.Close() // writing fails now, and so does the repair
	require.Error(t, s.put(testEntry("b")))
	put(t, s, "c")
	assert.Equal(t, []string{"a"}, take(t, s, 9))
	assert.Equal(t, []string{"c"}, take(t, s, 9))
	assert.Empty(t, *r)
}

// A file that others removed is told of, and doesn't stop the rest.
func TestRemovedSegment(t *testing.T) {
	dir := t.TempDir()
	s, r := openTestSpool(t, dir)
	put(t, s, "a")
	require.NoError(t, os.Remove(files(t, dir, segmentSuffix)[0]))
	s.seal()
	put(t, s, "b")
	assert.Equal(t, []string{"b"}, take(t, s, 9))
	assert.Len(t, r.lost, 1)
}

// FuzzSpool: whatever a file holds, reading it ends, and what comes out is
// what somebody wrote.
func FuzzSpool(f *testing.F) {
	line, err := encodeLine(testEntry("a"))
	require.NoError(f, err)
	f.Add(line)
	f.Add(append(line, line[:len(line)-1]...))
	f.Add([]byte("00000000 {}\n\n\x00\x00\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		with := append(append(bytes.Clone(text), '\n'), line...)
		for _, content := range [][]byte{text, with} {
			entries, length, err := readLines(bufio.NewReader(bytes.NewReader(content)), 1<<20, func(error, bool) {})
			require.NoError(t, err)
			require.Equal(t, int64(len(content)), length)
			for _, e := range entries {
				again, err := encodeLine(e)
				require.NoError(t, err)
				back, err := decodeLine(again)
				require.NoError(t, err)
				require.Equal(t, e, back)
			}
			if len(content) > len(text) {
				require.NotEmpty(t, entries)
				require.Equal(t, testEntry("a"), entries[len(entries)-1])
			}
		}
	})
}
