package swtpm

import (
	"bytes"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Times.
const (
	pipeDelay = 2 * time.Second // for a grandchild that keeps the output open
	stopDelay = 5 * time.Second // between SIGTERM and SIGKILL
)

// child is a process that ends with this one. Its fields may be read once done is closed.
type child struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error // of Wait
}

// launch starts a process in a group of its own. The kernel ties a death signal to the thread that
// forked, so that this thread is kept until the process has ended.
func launch(cmd *exec.Cmd) (*child, error) {
	cmd.WaitDelay = pipeDelay
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	killWithParent(cmd.SysProcAttr)
	c := &child{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		c.err = cmd.Wait()
		close(c.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return c, nil
}

// kill ends the process and all that it started.
func (c *child) kill() {
	// Who is gone already needs no signal.
	_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL)
}

// stop asks the process to end, insists after a while, and waits for it.
func (c *child) stop() {
	_ = c.cmd.Process.Signal(syscall.SIGTERM) // who is gone already needs no signal
	insist := time.AfterFunc(stopDelay, c.kill)
	<-c.done
	insist.Stop()
}

// alive reports whether the process still runs.
func (c *child) alive() bool {
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

// tailSize is how much of a program's output is kept for a message, in bytes.
const tailSize = 1024

// tail keeps the last bytes of a program's output.
type tail struct {
	mu   sync.Mutex
	last []byte
}

// Write keeps the end of what was written.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, p...)
	if over := len(t.last) - tailSize; over > 0 {
		t.last = bytes.Clone(t.last[over:])
	}
	return len(p), nil
}

// String returns the last lines on one line, without the notes that clients left.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var lines []string
	for line := range strings.Lines(string(t.last)) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasSuffix(line, "client disconnected") {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return "no output"
	}
	return strings.Join(lines, "; ")
}
