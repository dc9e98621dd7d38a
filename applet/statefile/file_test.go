package statefile_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"tapbench/applet/statefile"
)

func open(t *testing.T, path string) *statefile.File {
	t.Helper()
	f, err := statefile.Open(path, 8)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestOpenRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	if _, err := statefile.Open(filepath.Join(t.TempDir(), "no", "folder"), 8); err == nil {
		t.Error("opened a file in no folder")
	}
	f := open(t, path)
	if _, err := statefile.Open(path, 8); !errors.Is(err, statefile.ErrInUse) {
		t.Errorf("opened twice: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	open(t, path) // Close has given the lock back
}

func TestLoadRefusesWhatIsTooLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(path, []byte("more than eight"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, path).Load(); !errors.Is(err, statefile.ErrNotState) {
		t.Errorf("got %v", err)
	}
}

func TestCommit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	f := open(t, path)
	if state, err := f.Load(); err != nil || state != nil {
		t.Errorf("no file: got %v, %v", state, err)
	}
	for _, want := range []string{"first", ""} {
		if err := f.Commit([]byte(want)); err != nil {
			t.Fatal(err)
		}
		if got, err := f.Load(); err != nil || got == nil || string(got) != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v", info.Mode(), err)
	}
}
