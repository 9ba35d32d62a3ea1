package testdb

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// plan is how to serve a directory.
type plan struct {
	initialise []string // the command that fills the directory
	serve      []string // the command that serves it until it is stopped
	signal     string   // stops serve at once and leaves nothing behind
	users      []string // who runs both in place of root, by preference
	dsn        string
}

// process is a running server and the shell that watches over it.
type process struct {
	dir    string
	shell  *exec.Cmd
	alive  io.Closer // the write end of a pipe: the shell ends when it closes
	output *log
}

// watch serves after a first line of input, stops the server when the input
// ends, and removes the directory. The kernel ends the input even if the test
// binary is killed.
const watch = `dir=$1 signal=$2; shift 2
if read -r _; then
	"$@" </dev/null &
	read -r _
	kill -s "$signal" $!
	wait
fi
rm -rf "$dir"`

// patience is how long a server may take to start on a busy machine.
const patience = 60 * time.Second

// serve starts a server in a new directory.
func serve(e engine) (*process, string, error) {
	dir, err := directory()
	if err != nil {
		return nil, "", err
	}
	p, err := e.plan(dir)
	if err != nil {
		os.RemoveAll(dir)
		return nil, "", err
	}
	run, err := start(dir, p)
	if err != nil {
		os.RemoveAll(dir)
		return nil, "", err
	}
	return run, p.dsn, nil
}

// longestDirectory leaves room for a socket's name in the 107 bytes that the
// path of a unix socket may have.
const longestDirectory = 80

func directory() (string, error) {
	base := os.TempDir()
	if len(base) > longestDirectory-len("/hedgerow-0123456789") {
		base = "/tmp"
	}
	dir, err := os.MkdirTemp(base, "hedgerow-")
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(dir)
}

// start fills the directory and serves it. The shell is there first, so that
// the directory never outlives this process.
func start(dir string, p plan) (*process, error) {
	as, err := own(dir, p.users)
	if err != nil {
		return nil, err
	}
	command := func(args ...string) *exec.Cmd {
		c := exec.Command(args[0], args[1:]...)
		c.Dir = "/"
		// Nothing of the caller's settings reaches the server.
		c.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TZ=UTC", "TMPDIR=" + dir}
		c.SysProcAttr = as
		return c
	}
	r := &process{dir: dir, output: &log{}}
	r.shell = command(append([]string{"/bin/sh", "-c", watch, "sh", dir, p.signal}, p.serve...)...)
	r.shell.Stdout, r.shell.Stderr = r.output, r.output
	r.shell.WaitDelay = patience
	input, err := r.shell.StdinPipe()
	if err != nil {
		return nil, err
	}
	r.alive = input
	if err := r.shell.Start(); err != nil {
		return nil, err
	}
	if out, err := command(p.initialise...).CombinedOutput(); err != nil {
		r.stop()
		return nil, fmt.Errorf("%s: %w\n%s", p.initialise[0], err, out)
	}
	if _, err := io.WriteString(input, "serve\n"); err != nil {
		r.stop()
		return nil, err
	}
	return r, nil
}

// await tries until it succeeds, or gives the last error and what the server wrote.
func (p *process) await(try func() error) error {
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		err := try()
		if err == nil {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%w\n%s", err, p.output)
		}
	}
}

// stop ends the server and removes its directory. The shell can't do the latter
// where the tests run as root and the parent directory belongs to root alone.
func (p *process) stop() {
	p.alive.Close()
	err := p.shell.Wait()
	if removal := os.RemoveAll(p.dir); removal != nil {
		fmt.Fprintf(os.Stderr, "testdb: the server in %s left it behind: %v, %v\n", p.dir, err, removal)
	}
}

// log keeps what a server writes.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
