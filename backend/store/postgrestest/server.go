package postgrestest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

const (
	// startTime is how long a server may take until it answers.
	startTime = 2 * time.Minute
	// account is the server's own superuser, and the system's user who runs it for root.
	account = "postgres"
)

// Server is a running server.
type Server struct {
	// Folder has its data in "data" and its socket beside.
	Folder string
	// PID is the process that listens.
	PID int

	bin    string
	run    *exec.Cmd
	log    *bytes.Buffer
	places atomic.Int64
}

// Start makes a cluster and starts a server on it, which ends with the test. Settings are such as
// "fsync=off".
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	bin, err := programs()
	if err != nil {
		missing(t, err)
	}
	folder, err := os.MkdirTemp("", "pg") // a socket's path is short, and t.TempDir isn't
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	s := &Server{Folder: folder, bin: bin}
	owner, err := s.owner()
	if err != nil {
		missing(t, err)
	}
	if owner != nil {
		if err := os.Chown(folder, int(owner.Uid), int(owner.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	initdb := s.command("initdb", "--no-sync", "--auth=trust", "--username="+account,
		"--encoding=UTF8", "--locale=C", "--pgdata="+s.data())
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	s.Launch(t, settings...)
	return s
}

func (s *Server) data() string { return filepath.Join(s.Folder, "data") }

// Launch starts the server, again after [Server.Stop] or [Server.Kill], and waits until it answers.
func (s *Server) Launch(t testing.TB, settings ...string) {
	t.Helper()
	args := []string{"-D", s.data(), "-k", s.Folder, "-c", "listen_addresses="}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	s.run, s.log = s.command("postgres", args...), new(bytes.Buffer)
	s.run.Stdout, s.run.Stderr = s.log, s.log
	if err := s.run.Start(); err != nil {
		t.Fatal(err)
	}
	run := s.run
	s.PID = run.Process.Pid
	t.Cleanup(func() { end(run, syscall.SIGINT) })
	ctx, cancel := context.WithTimeout(t.Context(), startTime)
	defer cancel()
	for {
		err := s.exec(ctx, "SELECT 1")
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			end(run, syscall.SIGKILL)
			t.Fatalf("PostgreSQL doesn't answer: %v\n%s", err, s.log)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop ends the server as an administrator does: sessions are ended, what was committed is kept.
func (s *Server) Stop() { end(s.run, syscall.SIGINT) }

// Kill ends the server at once, as a power cut does.
func (s *Server) Kill() { end(s.run, syscall.SIGQUIT) }

// end signals a process and waits for it. It may have ended before.
func end(run *exec.Cmd, signal syscall.Signal) {
	if run.ProcessState != nil {
		return
	}
	_ = run.Process.Signal(signal)
	_ = run.Wait()
}

// Place makes an empty schema and returns the URL of the database that leads to it. A database of
// its own for each test would cost ten times as much.
func (s *Server) Place(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("store%d", s.places.Add(1))
	if err := s.exec(t.Context(), "CREATE SCHEMA "+name); err != nil {
		t.Fatal(err)
	}
	return s.url(url.Values{"search_path": {name}})
}

// Exec runs a statement in the database of a URL, as some other program may.
func Exec(t testing.TB, databaseURL, statement string) {
	t.Helper()
	if err := execute(t.Context(), databaseURL, statement); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) exec(ctx context.Context, statement string) error {
	return execute(ctx, s.url(url.Values{}), statement)
}

func execute(ctx context.Context, databaseURL, statement string) error {
	db, err := sql.Open("pgx", databaseURL)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, statement)
	return errors.Join(err, db.Close())
}

func (s *Server) url(query url.Values) string {
	query.Set("host", s.Folder)
	u := url.URL{
		Scheme: "postgres", User: url.User(account), Path: "/" + account, RawQuery: query.Encode(),
	}
	return u.String()
}

// command is a program of PostgreSQL's, run by somebody whom it accepts.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(context.Background(), filepath.Join(s.bin, name), args...)
	c.Dir = s.Folder
	c.Env = []string{"PATH=" + s.bin, "LC_ALL=C"}
	if owner, err := s.owner(); err == nil && owner != nil {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	}
	return c
}

// owner returns who runs the server, nil for whoever runs the tests.
func (s *Server) owner() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil //nolint:nilnil // nobody else
	}
	u, err := user.Lookup(account)
	if err != nil {
		return nil, fmt.Errorf("root can't run PostgreSQL, and: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, err
}

// programs returns the folder with PostgreSQL's programs. Debian keeps them off the PATH.
func programs() (string, error) {
	folders, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	slices.Sort(folders)
	if len(folders) > 0 {
		return filepath.Dir(folders[len(folders)-1]), nil
	}
	initdb, err := exec.LookPath("initdb")
	return filepath.Dir(initdb), err
}

// missing skips the test, or fails it where everything is required.
func missing(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("TAPBENCH_REQUIRE") == "all" {
		t.Fatalf("PostgreSQL is required: %v; make setup installs it", err)
	}
	t.Skipf("light path: PostgreSQL isn't installed: %v", err)
}
