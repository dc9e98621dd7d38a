package daemon

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	first, err := takeLock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := takeLock(path); !errors.Is(err, ErrReaderTaken) {
		t.Errorf("a second time: got %v, want %v", err, ErrReaderTaken)
	}
	if err := first.release(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is left: %v", err)
	}
	again, err := takeLock(path)
	if err != nil {
		t.Fatalf("after its release: %v", err)
	}
	if err := again.release(); err != nil {
		t.Error(err)
	}
}

func TestLockFollowsNoLink(t *testing.T) {
	folder := t.TempDir()
	target, path := filepath.Join(folder, "target"), filepath.Join(folder, "lock")
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	if l, err := takeLock(path); err == nil {
		t.Errorf("locked %s", l.file.Name())
	}
	if _, err := os.Lstat(target); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the link was followed: %v", err)
	}
}
