package statefile_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"tapbench/applet/statefile"
)

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	if _, err := statefile.Open(filepath.Join(t.TempDir(), "no", "folder"), 8); err == nil {
		t.Error("opened a file in no folder")
	}
	f, err := statefile.Open(path, 8)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := statefile.Open(path, 8); !errors.Is(err, statefile.ErrInUse) {
		t.Errorf("opened twice: %v", err)
	}
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
	if err := os.WriteFile(path, []byte("more than eight"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Load(); !errors.Is(err, statefile.ErrNotState) {
		t.Errorf("too large: got %v", err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	again, err := statefile.Open(path, 8)
	if err != nil {
		t.Fatalf("after Close: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}
