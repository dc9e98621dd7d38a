package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// ErrChild means that a server of the bench ended, or didn't start. Its last words are in the
// error; its store holds whatever it had committed.
var ErrChild = errors.New("a server of the bench has ended")

// stopGrace is how long a child may take to end after SIGTERM.
const stopGrace = 5 * time.Second

// Ready is what a server prints when it answers: one JSON line on its standard output.
type Ready struct {
	Listening string `json:"listening"`          // host:port of its HTTPS face
	Acquirer  string `json:"acquirer,omitempty"` // host:port of its ISO 8583 face
}

// Child is a server of the bench: a process of this program's own executable.
type Child struct {
	Ready
	name string
	cmd  *exec.Cmd
	done chan struct{}
	err  error
	tail *tail
	log  io.Closer // of the log file, or nil
}

// StartChild runs this program with args and returns when it has said that it is ready. The kernel
// ends it when this process dies.
func StartChild(ctx context.Context, name string, args ...string) (*Child, error) {
	return startChild(ctx, name, "", args...)
}

// startChild starts a child whose standard error goes to a log file, too, unless log is empty.
func startChild(ctx context.Context, name, log string, args ...string) (*Child, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	c := &Child{name: name, done: make(chan struct{}), tail: new(tail)}
	c.cmd = exec.Command(executable, args...) //nolint:noctx // ended by Stop
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	c.cmd.Stderr = c.tail
	if log != "" {
		file, err := createLog(log)
		if err != nil {
			return nil, fmt.Errorf("starting %s: %w", name, err)
		}
		c.log = file
		c.cmd.Stderr = io.MultiWriter(c.tail, file)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	ready := make(chan error, 1)
	go c.watch(out, ready)
	select {
	case err = <-ready:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, errors.Join(err, c.Stop()))
	}
	return c, nil
}

// createLog makes a log file and its folder.
func createLog(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

// watch reads the ready line, then waits for the process.
func (c *Child) watch(out io.Reader, ready chan<- error) {
	r := bufio.NewReaderSize(out, 4096)
	line, err := r.ReadSlice('\n')
	if err == nil {
		err = json.Unmarshal(line, &c.Ready)
	}
	if err == nil {
		ready <- nil
		_, _ = io.Copy(io.Discard, r)
	}
	c.err = c.cmd.Wait()
	if c.log != nil {
		_ = c.log.Close() // what wasn't written is the log's end only
	}
	close(c.done)
	if err != nil {
		ready <- fmt.Errorf("%w: %s: %s", ErrChild, c.name, c.tail)
	}
}

// Done is closed when the process has ended.
func (c *Child) Done() <-chan struct{} { return c.done }

// PID returns the process's identity.
func (c *Child) PID() int { return c.cmd.Process.Pid }

// Stop ends the process, by SIGTERM and, after a while, by SIGKILL. It is idempotent.
func (c *Child) Stop() error {
	_ = c.cmd.Process.Signal(syscall.SIGTERM) // gone already: Wait says how
	timer := time.NewTimer(stopGrace)
	defer timer.Stop()
	select {
	case <-c.done:
	case <-timer.C:
		_ = c.cmd.Process.Kill()
		<-c.done
	}
	var exit *exec.ExitError
	if c.err != nil && !errors.As(c.err, &exit) {
		return fmt.Errorf("ending %s: %w", c.name, c.err)
	}
	return nil
}

// tail keeps the last line that a process wrote to its standard error.
type tail struct {
	mu   sync.Mutex
	last []byte
}

// Write takes output; only the end of it is kept.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, b...)
	if over := len(t.last) - 4096; over > 0 {
		t.last = append([]byte(nil), t.last[over:]...)
	}
	return len(b), nil
}

// String returns the last lines that aren't empty, at most two.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := bytes.Split(bytes.TrimSpace(t.last), []byte("\n"))
	lines = lines[max(0, len(lines)-2):]
	return string(bytes.Join(lines, []byte(" / ")))
}
