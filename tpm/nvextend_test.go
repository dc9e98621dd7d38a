package tpm_test

import (
	"crypto/sha256"
	"errors"
	"syscall"
	"testing"

	"tapbench/tpm"
	"tapbench/tpm/swtpm"
	"tapbench/tpm/swtpm/swtpmtest"
)

// TestTPM_index kills the TPM after an extend and starts it again on its state.
// powerOff ends a TPM as a loss of power does.
func powerOff(t *testing.T, process *swtpm.Process) {
	t.Helper()
	if err := syscall.Kill(process.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-process.Done()
	if err := process.Stop(); err != nil && !errors.Is(err, swtpm.ErrDied) {
		t.Fatal(err) // it gives the folder back
	}
}

func TestTPM_index(t *testing.T) {
	dir := swtpmtest.Dir(t)
	process := swtpmtest.StartIn(t, dir)
	dev := openAt(t, "unix:"+process.Socket())
	ctx, start := t.Context(), [32]byte{1}
	if _, err := dev.ReadIndex(ctx, tpm.FirstIndex); !errors.Is(err, tpm.ErrNoIndex) {
		t.Errorf("not defined: got %v", err)
	}
	if err := dev.ExtendIndex(ctx, tpm.FirstIndex+16, start); !errors.Is(err, tpm.ErrIndex) {
		t.Errorf("somebody else's: got %v", err)
	}
	if err := dev.DefineIndex(ctx, tpm.FirstIndex, start); err != nil {
		t.Fatal(err)
	}
	if err := dev.DefineIndex(ctx, tpm.FirstIndex, start); !errors.Is(err, tpm.ErrIndexExists) {
		t.Errorf("defined twice: got %v", err)
	}
	if err := dev.ExtendIndex(ctx, tpm.FirstIndex, [32]byte{2}); err != nil {
		t.Fatal(err)
	}
	first := sha256.Sum256(append(make([]byte, 32), start[:]...))
	second := [32]byte{2}
	want := sha256.Sum256(append(first[:], second[:]...))
	if got, err := dev.ReadIndex(ctx, tpm.FirstIndex); err != nil || got != want {
		t.Errorf("got %x, %v, want %x", got, err, want)
	}
	powerOff(t, process)
	dev = openAt(t, "unix:"+swtpmtest.StartIn(t, dir).Socket())
	if got, err := dev.ReadIndex(ctx, tpm.FirstIndex); err != nil || got != want {
		t.Errorf("after a power loss: got %x, %v, want %x", got, err, want)
	}
	gone, err := dev.Forget(ctx)
	if err != nil || len(gone) != 1 || gone[0].Handle != tpm.FirstIndex {
		t.Errorf("forget: got %v, %v", gone, err)
	}
}
