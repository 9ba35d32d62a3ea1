package testdb

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNothingIsLeft: however a test binary ends, its servers end too, and their
// directories are removed.
func TestNothingIsLeft(t *testing.T) {
	if _, err := os.Stat("/proc/self/cmdline"); err != nil {
		t.Skip("needs /proc to look for processes")
	}
	for k, s := range servers {
		if os.Getenv(s.variable) != "" {
			continue // a server that the environment names isn't ours to stop
		}
		for _, way := range []string{"returns", "exits", "is killed"} {
			t.Run(string(k)+" "+way, func(t *testing.T) {
				Connector(t, k, Options{}) // skips where there is none
				tmp := shortDir(t)
				child, in := startChild(t, k, way, tmp)
				require.NotEmpty(t, processes(t, tmp), "no server runs")
				if way == "is killed" {
					require.NoError(t, child.Process.Kill())
				} else {
					_, err := fmt.Fprintln(in, "go on")
					require.NoError(t, err)
				}
				err := child.Wait()
				assert.Equal(t, way == "returns", err == nil, "%v", err)
				assert.Eventually(t, func() bool { return len(processes(t, tmp)) == 0 && len(entries(t, tmp)) == 0 },
					20*time.Second, 20*time.Millisecond, "processes %v, files %v", processes(t, tmp), entries(t, tmp))
			})
		}
	}
}

// startChild runs this binary again and returns when it has opened a database.
// It ends when a line is written to it.
func startChild(t *testing.T, k Kind, way, tmp string) (*exec.Cmd, io.Writer) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.v")
	child.Env = append(os.Environ(), "TMPDIR="+tmp, "HEDGEROW_TESTDB_CHILD="+string(k)+"/"+way)
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	in, err := child.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	t.Cleanup(func() { child.Process.Kill() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasSuffix(lines.Text(), "a database is open") {
			return child, in
		}
	}
	t.Fatalf("the child opened no database")
	return nil, nil
}

// TestChild is the child of TestNothingIsLeft.
func TestChild(t *testing.T) {
	kind, way, ok := strings.Cut(os.Getenv("HEDGEROW_TESTDB_CHILD"), "/")
	if !ok {
		t.Skip("runs as a child only")
	}
	require.NoError(t, Open(t, Kind(kind)).Ping())
	fmt.Println("a database is open")
	bufio.NewScanner(os.Stdin).Scan()
	if way == "exits" { // past Main's deferred call, as a panic or a timeout does
		os.Exit(3)
	}
}

// processes lists the running processes that name a directory.
func processes(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	require.NoError(t, err)
	var found []string
	for _, f := range files {
		line, err := os.ReadFile(f)
		if err == nil && strings.Contains(string(line), dir) {
			found = append(found, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return found
}

func entries(t *testing.T, dir string) []string {
	t.Helper()
	found, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range found {
		names = append(names, e.Name())
	}
	return names
}
