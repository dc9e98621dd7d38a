package archive_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/terminal/archive"
)

func open(t *testing.T, path string) *archive.Folder {
	t.Helper()
	f, err := archive.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestRefuses(t *testing.T) {
	dir := t.TempDir()
	f := open(t, filepath.Join(dir, "receipts"))
	for _, name := range []string{"", "../journal", "a/b", "a.b", "ä", string(make([]byte, 101))} {
		if err := f.Save(name, []byte("x")); !errors.Is(err, archive.ErrName) {
			t.Errorf("Save(%q): got error %v, want %v", name, err, archive.ErrName)
		}
		if _, err := f.Load(name); !errors.Is(err, archive.ErrName) {
			t.Errorf("Load(%q): got error %v, want %v", name, err, archive.ErrName)
		}
	}
	long := make([]byte, archive.MaxDocument+1)
	if err := f.Save("long", long); !errors.Is(err, archive.ErrTooLong) {
		t.Errorf("Save: got error %v, want %v", err, archive.ErrTooLong)
	}
	if err := os.WriteFile(filepath.Join(dir, "receipts", "long.json"), long, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Load("long"); !errors.Is(err, archive.ErrTooLong) {
		t.Errorf("Load: got error %v, want %v", err, archive.ErrTooLong)
	}
	if _, err := f.Load("none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load: got error %v, want %v", err, fs.ErrNotExist)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Open(filepath.Join(dir, "file")); err == nil {
		t.Error("opened a file as a folder")
	}
}

func TestKeeps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "terminal", "receipts")
	f := open(t, path)
	for _, name := range []string{"receipt-2", "day-1", "receipt-1", "receipt-2"} {
		if err := f.Save(name, []byte(name+" again")); err != nil {
			t.Fatal(err)
		}
	}
	// What a crash within a Save leaves, and what others lay there, are no documents.
	for _, name := range []string{"receipt-3.json.new", "README"} {
		if err := os.WriteFile(filepath.Join(path, name), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f = open(t, path)
	names, err := f.Names()
	if want := []string{"day-1", "receipt-1", "receipt-2"}; err != nil || !cmp.Equal(names, want) {
		t.Errorf("Names: got %v, %v, want %v", names, err, want)
	}
	document, err := f.Load("receipt-2")
	if err != nil || !bytes.Equal(document, []byte("receipt-2 again")) {
		t.Errorf("Load: got %s, %v", document, err)
	}
}
