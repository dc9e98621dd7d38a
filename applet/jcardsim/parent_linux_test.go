package jcardsim_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"tapbench/applet/jcardsim"
	"tapbench/applet/jcardsim/jcardsimtest"
)

// parentVariable names the folder with the applet for the process that is killed.
const parentVariable = "JCARDSIM_TEST_PARENT"

// TestParentKilled kills a process that runs a machine: the machine ends too.
func TestParentKilled(t *testing.T) {
	t.Parallel()
	folder := jcardsimtest.Folder(t)
	command, out := parent(t, folder)
	var said [16]byte
	n, err := out.Read(said[:])
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(said[:n])))
	if err != nil {
		t.Fatal(err)
	}
	machine, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	ended := watch(t, machine)
	if err := command.Kill(); err != nil {
		t.Fatal(err)
	}
	ended()
	if _, err := io.Copy(io.Discard, out); err != nil {
		t.Error(err)
	}
}

// parent starts this test's program as another process that runs a machine and says its number.
func parent(t *testing.T, folder string) (*os.Process, io.Reader) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestParent$")
	command.Env = append(os.Environ(), parentVariable+"="+folder)
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Wait() }) // it was killed
	return command.Process, out
}

// TestParent is that other process.
func TestParent(t *testing.T) {
	folder := os.Getenv(parentVariable)
	if folder == "" {
		return
	}
	cfg, err := jcardsim.Built(folder)
	if err != nil {
		t.Fatal(err)
	}
	machine, err := jcardsim.Start(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = fmt.Fprintln(os.Stdout, machine.PID())
	select {} // until it is killed
}

// watch returns how to wait for the end of a process that isn't this one's child.
func watch(t *testing.T, process *os.Process) (ended func()) {
	t.Helper()
	fd, err := unix.PidfdOpen(process.Pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		defer func() { _ = unix.Close(fd) }()
		const ms = 30_000
		for {
			n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, ms)
			switch {
			case errors.Is(err, unix.EINTR):
				continue
			case err != nil || n == 0:
				t.Fatalf("the machine still runs: %v", err)
			}
			return
		}
	}
}
