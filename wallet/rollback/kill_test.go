package rollback_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"tapbench/applet/statefile"
	"tapbench/applet/statefile/bound"
	"tapbench/tpm"
	"tapbench/tpm/swtpm"
	"tapbench/tpm/swtpm/swtpmtest"
)

// What tells this test binary to be the process that gets killed: its TPM and its file.
const (
	childTPM  = "TAPBENCH_TEST_ROLLBACK_TPM"
	childFile = "TAPBENCH_TEST_ROLLBACK_FILE"
)

// TestChild is the process that gets killed.
func TestChild(t *testing.T) {
	where := os.Getenv(childTPM)
	if where == "" {
		return // not a child
	}
	if err := count(where, os.Getenv(childFile), os.Stdout); err != nil {
		t.Fatalf("ended: %v", err)
	}
}

// opened is a bound file with its TPM.
type opened struct {
	*bound.Store

	device *tpm.TPM
	file   *statefile.File
}

func openBound(where, path string) (o opened, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if o.device, err = tpm.OpenShared(ctx, where); err != nil {
		return o, err
	}
	if o.file, err = statefile.Open(path, 1<<16); err != nil {
		return o, errors.Join(err, o.device.Close())
	}
	index, err := o.device.Index(0)
	if err != nil {
		return o, errors.Join(err, o.close())
	}
	o.Store, err = bound.New(bound.Config{File: o.file, Anchor: index})
	return o, err
}

func (o opened) close() error { return errors.Join(o.file.Close(), o.device.Close()) }

// count commits 1, 2, 3 … and says so of each, until it is killed.
func count(where, path string, out io.Writer) error {
	o, err := openBound(where, path)
	if err != nil {
		return err
	}
	state, err := o.Load()
	if err != nil {
		return err
	}
	n := uint64(0)
	if state != nil {
		n = binary.BigEndian.Uint64(state)
	}
	for {
		if _, err := fmt.Fprintln(out, "answered", n); err != nil {
			return err
		}
		n++
		if err := o.Commit(binary.BigEndian.AppendUint64(nil, n)); err != nil {
			return err
		}
	}
}

// TestKill kills a process that commits without end, and now and then its TPM: it always opens
// again, with what was answered last or what was under way. Copies that it left lock.
func TestKill(t *testing.T) {
	dir := swtpmtest.Dir(t)
	process := swtpmtest.StartIn(t, dir)
	k := &killing{
		where: "unix:" + process.Socket(), path: filepath.Join(t.TempDir(), "state"),
	}
	const rounds, powerCut = 40, 15
	for round := range rounds {
		var kill func() error
		if round%powerCut == powerCut-1 {
			pid := process.PID()
			kill = func() error { return syscall.Kill(pid, syscall.SIGKILL) }
		}
		k.round(t, kill)
		if kill != nil {
			<-process.Done()
			if err := process.Stop(); err != nil && !errors.Is(err, swtpm.ErrDied) {
				t.Fatal(err)
			}
			process = swtpmtest.StartIn(t, dir)
		}
	}
	k.putBack(t)
	t.Logf("%d kills, %d answers, %d of them were under way and brought forward, %d copies locked",
		rounds, k.answered, k.forward, k.locked)
}

type killing struct {
	where, path string
	copies      [][]byte

	answered, forward uint64
	locked            int
}

// round runs the process, and kills it, or what else is to be killed, at a random instant.
func (k *killing) round(t *testing.T, kill func() error) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$")
	child.Env = append(os.Environ(), childTPM+"="+k.where, childFile+"="+k.path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	ended := kill != nil
	if kill == nil {
		kill = child.Process.Kill
	}
	lines, first := bufio.NewScanner(out), true
	for lines.Scan() {
		var n uint64
		if _, err := fmt.Sscanf(lines.Text(), "answered %d", &n); err != nil {
			if !ended {
				t.Errorf("after %d answers: %s", k.answered, lines.Text())
			}
			continue // what it says when its TPM is gone
		}
		if first {
			k.started(t, n)
			time.AfterFunc(rand.N(25*time.Millisecond), func() { _ = kill() })
		}
		k.answered, first = n, false
	}
	if err := child.Wait(); err == nil || first {
		t.Errorf("it ended by itself: %v", err)
	}
	content, err := os.ReadFile(k.path)
	if errors.Is(err, os.ErrNotExist) && k.answered == 0 {
		return // killed before the first write
	}
	if err != nil {
		t.Fatal(err)
	}
	k.copies = append(k.copies, content)
}

// started compares what was found with what was answered last.
func (k *killing) started(t *testing.T, n uint64) {
	t.Helper()
	switch n {
	case k.answered:
	case k.answered + 1: // its answer, or its extension, was cut off
		k.forward++
	default:
		t.Fatalf("it found %d after %d was answered", n, k.answered)
	}
}

// putBack opens what was left, which may have been cut before its extension, and then puts every
// copy back: only the last one opens.
func (k *killing) putBack(t *testing.T) {
	t.Helper()
	last := k.copies[len(k.copies)-1]
	for n, content := range append([][]byte{last}, k.copies...) {
		if err := os.WriteFile(k.path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		o, err := openBound(k.where, k.path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = o.Load()
		if errors.Is(err, bound.ErrLocked) {
			k.locked++
		}
		if bytes.Equal(content, last) != (err == nil) {
			t.Errorf("copy %d of %d: %v", n, len(k.copies), err)
		}
		if err := o.close(); err != nil {
			t.Error(err)
		}
	}
}
