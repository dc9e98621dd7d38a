package shell

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

var errWriting = errors.New("writing has failed")

func TestOutputFileIsWrittenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	half := func(w io.Writer) error {
		_, err := io.WriteString(w, "half")
		return errors.Join(err, errWriting)
	}
	whole := func(w io.Writer) error {
		_, err := io.WriteString(w, "whole")
		return err
	}
	for name, c := range map[string]struct {
		before string // what the file holds before; empty for no file
		force  bool
		write  func(io.Writer) error
		err    error
		after  string
	}{
		"broken off, nothing there":     {"", false, half, errWriting, ""},
		"broken off, an old file":       {"old", true, half, errWriting, "old"},
		"an old file, nothing said":     {"old", false, whole, ErrFileExists, "old"},
		"an old file that may go":       {"old", true, whole, nil, "whole"},
		"nothing there":                 {"", false, whole, nil, "whole"},
		"nothing there to be overruled": {"", true, whole, nil, "whole"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "out")
			if c.before != "" {
				if err := os.WriteFile(path, []byte(c.before), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := (&App{}).WriteFile(path, c.force, c.write); !errors.Is(err, c.err) {
				t.Errorf("got %v, want %v", err, c.err)
			}
			expectFile(t, path, c.after)
			expectAlone(t, dir, c.after != "")
		})
	}
}

func TestOutputFileThatAppearsMeanwhileIsKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out")
	err := (&App{}).WriteFile(path, false, func(io.Writer) error {
		return os.WriteFile(path, []byte("somebody else's"), 0o600)
	})
	if !errors.Is(err, ErrFileExists) {
		t.Errorf("got %v, want %v", err, ErrFileExists)
	}
	expectFile(t, path, "somebody else's")
	expectAlone(t, filepath.Dir(path), true)
}

func TestOutputThatIsNoFileIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, force := range []bool{false, true} {
		if err := CheckOutput(dir, force); err == nil {
			t.Error("a folder was accepted")
		}
		if err := CheckOutput(os.DevNull, force); err == nil {
			t.Error("a device was accepted")
		}
	}
}

func TestOutputToStandardOutput(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	a := &App{Streams: Streams{Out: &out}}
	err := a.WriteFile("-", false, func(w io.Writer) error {
		_, err := io.WriteString(w, "text")
		return err
	})
	if err != nil || out.String() != "text" {
		t.Errorf("got %q and %v", out.String(), err)
	}
}

// expectFile compares a file with what it must hold, or nothing.
func expectFile(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if want == "" && errors.Is(err, os.ErrNotExist) {
		return
	}
	if err != nil || string(got) != want {
		t.Errorf("got %q and %v, want %q", got, err, want)
	}
}

// expectAlone fails if a temporary file was left behind.
func expectAlone(t *testing.T, dir string, file bool) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := map[bool]int{true: 1}[file]; len(entries) != want {
		t.Errorf("got %d files, want %d", len(entries), want)
	}
}
