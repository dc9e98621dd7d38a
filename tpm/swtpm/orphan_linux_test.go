package swtpm_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"tapbench/tpm/swtpm"
	"tapbench/tpm/swtpm/swtpmtest"
)

// orphanDir tells this test binary to be the parent that gets killed.
const orphanDir = "TAPBENCH_TEST_ORPHAN_DIR"

// TestProcess_orphan kills a process that runs a TPM as no process can prevent: the TPM goes too.
func TestProcess_orphan(t *testing.T) {
	if dir := os.Getenv(orphanDir); dir != "" {
		beParent(t, dir)
		return
	}
	dir := swtpmtest.Dir(t)
	if err := swtpmtest.StartIn(t, dir).Stop(); err != nil { // so that the parent starts quickly
		t.Fatal(err)
	}
	parent := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProcess_orphan$")
	parent.Env = append(os.Environ(), orphanDir+"="+dir)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("the parent says %q", line)
	}
	orphan, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatalf("finding swtpm: %v", err)
	}
	defer unix.Close(orphan)
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed
	ended := []unix.PollFd{{Fd: int32(orphan), Events: unix.POLLIN}}
	if n, err := unix.Poll(ended, 10_000); n != 1 {
		t.Errorf("swtpm outlived its parent by 10 s: %v", err)
	}
}

// beParent runs a TPM, says which, and waits to be killed.
func beParent(t *testing.T, dir string) {
	p, err := swtpm.Start(t.Context(), swtpm.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(os.Stdout, p.PID())
	<-p.Done()
}
