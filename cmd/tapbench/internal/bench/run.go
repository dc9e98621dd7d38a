package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Exit codes of a command that didn't run, or that a signal ended, as shells give them
// (POSIX.1-2017, Shell Command Language, 2.8.2).
const (
	exitNotExecutable = 126
	exitNotFound      = 127
	exitSignal        = 128 // and the signal's number
)

// twice is how long after the first signal another one is taken for the same: timeout(1) signals
// its child and then its own process group, which its child is in.
const twice = 200 * time.Millisecond

// ErrCommand means that the command couldn't be started. Its exit code says which way.
var ErrCommand = errors.New("can't run")

// Command is a program that runs on a test bed: whose standard streams are the ones here, and that
// gets the signals which this process gets.
type Command struct {
	path string
	args []string
	// Env holds what is added to this process's environment, as NAME=VALUE.
	Env            []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// FindCommand looks a program up as a shell does. The exit code is for the error, an [ErrCommand]:
// 127 if there is no such program, 126 if it can't be executed.
func FindCommand(name string, args ...string) (_ *Command, exit int, err error) {
	path, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrDot) { // what PATH names is what was asked for
		err = nil
	}
	if err != nil {
		exit, reason := exitNotExecutable, "it isn't executable"
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
			exit, reason = exitNotFound, "there is no such program"
		}
		return nil, exit, fmt.Errorf("%w %s: %s", ErrCommand, name, reason)
	}
	return &Command{path: path, args: append([]string{name}, args...)}, 0, nil
}

// Run runs the command to its end and returns its exit code: 128 and the signal's number if a
// signal ended it. What the command has started and left behind isn't waited for.
//
// SIGINT, SIGTERM and SIGHUP that this process gets go on to the command's process group; the
// second of them kills it, unless it follows at once, as timeout(1) sends them. On a terminal the
// command is in the foreground and gets Ctrl-C and Ctrl-Z from there, as it would without us; this
// process stops and goes on with it.
func (c *Command) Run() (exit int, err error) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	cmd := exec.CommandContext(context.Background(), c.path) // signals end it, no context
	cmd.Args = c.args
	cmd.Env = append(os.Environ(), c.Env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Stdin, c.Stdout, c.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	tty := foreground(c.Stdin)
	if tty != nil {
		cmd.SysProcAttr.Foreground, cmd.SysProcAttr.Ctty = true, int(tty.file.Fd())
	}
	if err := cmd.Start(); err != nil {
		return exitNotExecutable, fmt.Errorf("%w %s: %w", ErrCommand, c.args[0], err)
	}
	defer tty.take()
	done := make(chan error, 1)
	go func() { done <- wait(cmd, tty) }()
	var first time.Time
	for {
		select {
		case err := <-done:
			return exitCode(cmd, err)
		case s := <-signals:
			switch {
			case first.IsZero():
				first = time.Now()
			case time.Since(first) < twice:
				continue
			default:
				s = syscall.SIGKILL
			}
			forward(cmd.Process.Pid, s)
		}
	}
}

// forward sends a signal to a process group. One that is gone needs none.
func forward(group int, s os.Signal) {
	if number, ok := s.(syscall.Signal); ok {
		_ = syscall.Kill(-group, number)
	}
}

// wait waits until the command has ended. When the terminal stops it, we stop, too.
func wait(cmd *exec.Cmd, tty *terminal) error {
	for {
		var info unix.Siginfo
		const ended, stopped = unix.WEXITED | unix.WNOWAIT, unix.WSTOPPED
		err := unix.Waitid(unix.P_PID, cmd.Process.Pid, &info, ended|stopped, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || info.Code != cldStopped {
			return cmd.Wait()
		}
		// The news of a stop is taken; of an end it is left to Wait.
		_ = unix.Waitid(unix.P_PID, cmd.Process.Pid, &info, stopped|unix.WNOHANG, nil)
		tty.stop(cmd.Process.Pid)
	}
}

// cldStopped is siginfo's code of a child that was stopped (waitid(2)).
const cldStopped = 5

// exitCode returns how the command ended.
func exitCode(cmd *exec.Cmd, err error) (int, error) {
	exit := new(exec.ExitError)
	if err != nil && !errors.As(err, &exit) {
		return 1, fmt.Errorf("running %s: %w", cmd.Args[0], err)
	}
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return exitSignal + int(status.Signal()), nil
	}
	return cmd.ProcessState.ExitCode(), nil
}
