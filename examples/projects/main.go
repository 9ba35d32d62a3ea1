// Command projects is a small HTTP host of several tenants: two have a project
// each, with their own model, policies and database, and two customers of a shop
// share a third project by row-level security. Whoever has a key may ask.
//
//	go run ./examples/projects                          # a demonstration
//	go run ./examples/projects -listen localhost:8080   # serves until it is interrupted
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite"

	"github.com/hedgerow/hedgerow/rls/project"
)

func main() {
	listen := flag.String("listen", "", "the address to serve; without it, a demonstration runs")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	work := demonstrate
	if *listen != "" {
		work = serve
	}
	dir, err := os.MkdirTemp("", "hedgerow-projects")
	if err != nil {
		log.Fatal(err)
	}
	if err := errors.Join(run(ctx, os.Stdout, dir, *listen, work), os.RemoveAll(dir)); err != nil {
		log.Fatal(err)
	}
}

// host is the running server, and the tokens of the keys by their names.
type host struct {
	url    string
	tokens map[string]string
}

// run makes the projects in an empty directory, serves them while work runs, and
// shuts down in order: requests end first, then the history is written.
func run(ctx context.Context, out io.Writer, dir, address string, work func(context.Context, io.Writer, host) error) (err error) {
	store, err := sql.Open("sqlite", filepath.Join(dir, "projects.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	registry, err := project.Open(ctx, project.SQLiteStore(store), project.Config{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, within(registry.Close)) }()

	h := host{tokens: map[string]string{}}
	for _, t := range tenants() {
		tokens, err := create(ctx, registry, dir, t)
		if err != nil {
			return err
		}
		for name, token := range tokens {
			h.tokens[name] = token
		}
	}
	if address == "" {
		address = "localhost:0"
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	h.url = "http://" + listener.Addr().String()
	web := &http.Server{
		Handler:           server{registry}.handler(),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: queryTimeout + 10*time.Second,
	}
	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()
	err = errors.Join(work(ctx, out, h), within(web.Shutdown))
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// shutdownTimeout is how long each part of the shutdown may take.
const shutdownTimeout = 15 * time.Second

func within(end func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	return end(ctx)
}

// serve tells the tokens, this once, and waits until the program is interrupted.
func serve(ctx context.Context, out io.Writer, h host) error {
	fmt.Fprintf(out, "Serving %s. The keys, which are shown this once:\n", h.url)
	for _, t := range tenants() {
		for _, k := range t.keys {
			fmt.Fprintf(out, "  %-8s %-16s %s\n", t.name, k.name, h.tokens[k.name])
		}
	}
	<-ctx.Done()
	return nil
}
