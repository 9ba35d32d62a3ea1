package vault

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Resolver turns references into secrets. The kinds of reference are
//
//	env:NAME      an environment variable of the host's process
//	file:/path    the content of a file, without one line break at its end
//	host:…        whatever the host's function makes of the rest
//
// Whoever may write references and receives connections made with them can
// read what they name, by sending it to a server of his own. So each kind must
// be allowed; the zero Resolver refuses all. Nothing is cached: each call reads
// anew, so that a changed secret is seen.
type Resolver struct {
	// Env lists beginnings of the names that may be read; "" allows any name.
	Env []string
	// Dirs lists the directories, as absolute paths, that files may be in. A
	// symbolic link doesn't lead out of them.
	Dirs []string
	// Host answers host: references, without the "host:".
	Host func(ctx context.Context, ref string) (string, error)
}

// Resolve gives the secret that a reference names. ErrReference is a kind that
// is unknown or not allowed, ErrUnavailable a secret that is missing, empty or
// can't be read, ErrTooLong one of more than MaxSecret bytes.
func (r Resolver) Resolve(ctx context.Context, ref string) (Secret, error) {
	if err := ctx.Err(); err != nil {
		return Secret{}, err
	}
	value, err := r.value(ctx, ref)
	switch {
	case err != nil:
		return Secret{}, err
	case value == "":
		return Secret{}, failure(ErrUnavailable, "it is empty")
	case len(value) > MaxSecret:
		return Secret{}, ErrTooLong
	}
	return NewSecret(value), nil
}

func (r Resolver) value(ctx context.Context, ref string) (string, error) {
	scheme, rest, _ := strings.Cut(ref, ":")
	switch scheme {
	case "env":
		return r.env(rest)
	case "file":
		return r.file(rest)
	case "host":
		return r.host(ctx, rest)
	default:
		// The text isn't quoted: it may be the secret itself.
		return "", failure(ErrReference, "it begins with none of env:, file: and host:")
	}
}

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (r Resolver) env(name string) (string, error) {
	if !envName.MatchString(name) {
		return "", failure(ErrReference, "env: is followed by the name of a variable")
	}
	if !slices.ContainsFunc(r.Env, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
		return "", failure(ErrReference, "the environment variable %s may not be read", name)
	}
	value, ok := os.LookupEnv(name)
	if !ok {
		return "", failure(ErrUnavailable, "the environment variable %s is not set", name)
	}
	return value, nil
}

func (r Resolver) file(path string) (string, error) {
	if !filepath.IsAbs(path) {
		return "", failure(ErrReference, "file: is followed by an absolute path")
	}
	for _, dir := range r.Dirs {
		local, err := filepath.Rel(dir, path)
		if err == nil && filepath.IsAbs(dir) && filepath.IsLocal(local) {
			return readFile(dir, local)
		}
	}
	return "", failure(ErrReference, "the file is in no directory that may be read")
}

// readFile reads a small regular file inside a directory.
func readFile(dir, local string) (string, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", unreadable(err)
	}
	defer func() { _ = root.Close() }()
	// Before it is opened, since opening a named pipe would wait.
	info, err := root.Stat(local)
	if err != nil {
		return "", unreadable(err)
	}
	if !info.Mode().IsRegular() {
		return "", failure(ErrUnavailable, "it is no regular file")
	}
	f, err := root.Open(local)
	if err != nil {
		return "", unreadable(err)
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(io.LimitReader(f, MaxSecret+3)) // a byte more than a line break
	if err != nil {
		return "", unreadable(err)
	}
	text := strings.TrimSuffix(string(content), "\n")
	if len(text) < len(content) {
		text = strings.TrimSuffix(text, "\r")
	}
	return text, nil
}

// unreadable leaves out the path, and the rest that the system says.
func unreadable(err error) error {
	why := "the file can't be read"
	switch {
	case errors.Is(err, os.ErrNotExist):
		why = "the file doesn't exist"
	case errors.Is(err, os.ErrPermission):
		why = "reading the file is not permitted"
	}
	return hide(ErrUnavailable.Error()+": "+why, ErrUnavailable, err)
}

func (r Resolver) host(ctx context.Context, ref string) (string, error) {
	if r.Host == nil {
		return "", failure(ErrReference, "host: references have no function here")
	}
	value, err := r.Host(ctx, ref)
	if err != nil {
		return "", hide(ErrUnavailable.Error()+": the host's function failed", ErrUnavailable, err)
	}
	return value, nil
}
