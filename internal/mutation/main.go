// Command mutation takes the defences out of the source, one after another, and
// runs the tests that should notice. A defence whose loss no test notices is a
// gap in the tests.
//
//	go run ./internal/mutation [-p 2] [-only regexp] [-part 1/2] [-list]
//
// It works on copies of the tree in temporary directories, which it removes. It
// exits with status 1 if a mutation survives or doesn't compile, if the source
// has changed so that a mutation no longer applies, or if the tests fail as
// they stand. Run it from the root of the module.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// timeout bounds the tests of one mutation: some make a test run for ever.
const timeout = 3 * time.Minute

func main() {
	workers := flag.Int("p", 2, "mutations to test at a time")
	only := flag.String("only", "", "test the mutations whose file and name match this regular expression")
	part := flag.String("part", "1/1", "test every nth mutation, from the given one on: k/n")
	list := flag.Bool("list", false, "list the mutations and check that they apply")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *workers, *only, *part, *list); err != nil {
		fmt.Fprintln(os.Stderr, "mutation:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, workers int, only, part string, list bool) error {
	wanted, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	var k, n int
	if _, err := fmt.Sscanf(part, "%d/%d", &k, &n); err != nil || k < 1 || k > n {
		return errors.New("-part is two numbers, such as 1/2")
	}
	if _, err := os.Stat("go.mod"); err != nil {
		return errors.New("run it from the root of the module")
	}
	var chosen []mutation
	var problems []error
	for i, m := range mutations {
		problems = append(problems, m.check("."))
		if i%n == k-1 && wanted.MatchString(m.edits[0].file+" "+m.name) {
			chosen = append(chosen, m)
		}
	}
	if err := errors.Join(problems...); err != nil || list {
		for _, m := range chosen {
			fmt.Println(m.name)
		}
		return err
	}
	return testAll(ctx, chosen, workers)
}

// edit replaces a text that is in a file exactly once.
type edit struct{ file, old, new string }

// mutation removes one defence.
type mutation struct {
	name  string // the defence
	edits []edit
	tests tests
}

// tests are the packages and, as for go test -run, the tests that should
// notice; "" is all of them.
type tests struct{ packages, run string }

// check wants every edit to apply.
func (m mutation) check(root string) error {
	for _, e := range m.edits {
		src, err := os.ReadFile(filepath.Join(root, e.file))
		if err != nil {
			return err
		}
		if n := strings.Count(string(src), e.old); n != 1 {
			return fmt.Errorf("%q: %s has the text %d times, not once: %s", m.name, e.file, n, e.old)
		}
	}
	return nil
}

// apply mutates the tree at root. The function it gives restores the tree.
func (m mutation) apply(root string) (restore func() error, err error) {
	originals := map[string][]byte{}
	restore = func() error {
		var problems []error
		for path, src := range originals {
			problems = append(problems, os.WriteFile(path, src, 0o644))
		}
		return errors.Join(problems...)
	}
	for _, e := range m.edits {
		path := filepath.Join(root, e.file)
		src, err := os.ReadFile(path)
		if err != nil {
			return restore, err
		}
		if _, ok := originals[path]; !ok {
			originals[path] = src
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(src), e.old, e.new, 1)), 0o644); err != nil {
			return restore, err
		}
	}
	return restore, nil
}

// outcome is what the tests made of a mutation.
type outcome struct {
	verdict string
	took    time.Duration
	output  string
}

// end is the end of the output, which says what failed.
func (o outcome) end() string { return o.output[max(0, len(o.output)-2000):] }

const (
	killed   = "killed"
	survived = "SURVIVED"
	broken   = "DOESN'T BUILD"
)

// testAll tests the mutations, each worker in a copy of the tree.
func testAll(ctx context.Context, chosen []mutation, workers int) error {
	roots := make([]string, max(1, min(workers, len(chosen))))
	for i := range roots {
		root, err := os.MkdirTemp("", "mutation")
		if err != nil {
			return err
		}
		defer os.RemoveAll(root)
		if err := copyTree(".", root); err != nil {
			return err
		}
		roots[i] = root
	}
	if err := baseline(ctx, roots[0], chosen); err != nil {
		return err
	}
	jobs := make(chan mutation)
	var mu sync.Mutex
	var problems []error
	var wg sync.WaitGroup
	for _, root := range roots {
		wg.Go(func() {
			for m := range jobs {
				o, err := testOne(ctx, root, m)
				mu.Lock()
				problems = append(problems, report(m, o, err))
				mu.Unlock()
			}
		})
	}
	start := time.Now()
	for _, m := range chosen {
		if ctx.Err() == nil {
			jobs <- m
		}
	}
	close(jobs)
	wg.Wait()
	fmt.Printf("%d mutations in %s\n", len(chosen), time.Since(start).Round(time.Second))
	return errors.Join(append(problems, ctx.Err())...)
}

// baseline wants the tests to pass on the tree as it is.
func baseline(ctx context.Context, root string, chosen []mutation) error {
	seen := map[tests]bool{}
	for _, m := range chosen {
		if seen[m.tests] {
			continue
		}
		seen[m.tests] = true
		if o := m.tests.do(ctx, root); o.verdict != survived {
			return fmt.Errorf("the tests fail without a mutation (%s %s):\n%s", m.tests.packages, m.tests.run, o.end())
		}
	}
	return nil
}

func testOne(ctx context.Context, root string, m mutation) (outcome, error) {
	restore, err := m.apply(root)
	if err != nil {
		return outcome{}, errors.Join(err, restore())
	}
	o := m.tests.do(ctx, root)
	return o, restore()
}

const engines = "./internal/enginetest"

// do runs the tests. Trimmed paths let the copies share the build cache.
func (t tests) do(ctx context.Context, root string) outcome {
	args := []string{"test", "-trimpath", "-vet=off", "-count=1", "-failfast", "-timeout", timeout.String()}
	if t.run != "" {
		args = append(args, "-run", t.run)
	}
	start, dir, packages := time.Now(), root, t.packages
	if packages == engines { // a module of its own
		dir, packages = filepath.Join(root, engines), "."
	}
	cmd := exec.CommandContext(ctx, "go", append(args, strings.Fields(packages)...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	o := outcome{verdict: killed, took: time.Since(start), output: string(out)}
	switch {
	case err == nil && strings.Contains(o.output, "no tests to run"):
		o.verdict = broken
	case err == nil:
		o.verdict = survived
	case strings.Contains(o.output, "[build failed]"), strings.Contains(o.output, "[setup failed]"):
		o.verdict = broken
	}
	return o
}

// report prints a line of the table and gives an error for anything but a kill.
func report(m mutation, o outcome, err error) error {
	fmt.Printf("%-14s %5.1fs  %-24s %s\n", o.verdict, o.took.Seconds(), strings.TrimPrefix(m.edits[0].file, "internal/"), m.name)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", m.name, err)
	case o.verdict == broken:
		return fmt.Errorf("%s: %s\n%s", m.name, o.verdict, o.end())
	case o.verdict != killed:
		return fmt.Errorf("%s: %s", m.name, o.verdict)
	}
	return nil
}

// copyTree copies the module without its history.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, path)
		switch {
		case d.IsDir() && d.Name() == ".git":
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(target, 0o755)
		case !d.Type().IsRegular():
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, src, 0o644)
	})
}
