package emulator_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"tapbench/applet/applettest"
	"tapbench/applet/conformance"
	"tapbench/applet/emulator"
	"tapbench/pcsc"
)

// onFile is a connection to a card whose state lies in a file.
type onFile struct {
	connection
	path  string
	store *emulator.File
}

func openFile(t testing.TB, path string) onFile {
	t.Helper()
	store, err := emulator.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	card := newCard(t, emulator.Config{Store: store})
	return onFile{connect(card), path, store}
}

// Close gives the file's lock back too.
func (c onFile) Close() error {
	err := c.connection.Close()
	<-c.Done()
	return errors.Join(err, c.store.Close())
}

// TestConformanceOnFile runs the suite with the state in a file, which is loaded anew after each
// power cut.
func TestConformanceOnFile(t *testing.T) {
	applettest.Run(t, applettest.Backend{
		Name: "emulator on a file", Caps: applettest.Caps{Synced: true},
		Open: func(t testing.TB) pcsc.Card {
			return openFile(t, filepath.Join(t.TempDir(), "se.state"))
		},
		Tear: func(card pcsc.Card, n int, after bool) { tear(card.(onFile).card, n, after) },
		Again: func(t testing.TB, card pcsc.Card) pcsc.Card {
			t.Helper()
			if err := card.Close(); err != nil {
				t.Fatal(err)
			}
			return openFile(t, card.(onFile).path)
		},
	})
}

func TestOpenFileInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "se.state")
	store, err := emulator.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := emulator.OpenFile(path); !errors.Is(err, emulator.ErrInUse) {
		t.Errorf("opened twice: got %v, want ErrInUse", err)
	}
	other := exec.Command(os.Args[0], "-test.run=^TestOtherProcess$")
	other.Env = append(os.Environ(), "EMULATOR_TEST_OTHER="+path)
	if out, err := other.CombinedOutput(); err != nil {
		t.Errorf("another process: %v\n%s", err, out)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if store, err = emulator.OpenFile(path); err != nil {
		t.Fatalf("after Close: %v", err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestOtherProcess runs as another process, which must find the file in use.
func TestOtherProcess(t *testing.T) {
	path := os.Getenv("EMULATOR_TEST_OTHER")
	if path == "" {
		return
	}
	if _, err := emulator.OpenFile(path); !errors.Is(err, emulator.ErrInUse) {
		t.Errorf("got %v, want ErrInUse", err)
	}
}

func TestForeignFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "se.state")
	card := openFile(t, path)
	conformance.NewHost(t, card).Advance(conformance.Keyed)
	if err := card.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("permissions %v, %v", info.Mode(), err)
	}
	change := func(at int) []byte {
		raw := bytes.Clone(good)
		raw[at] ^= 1
		return raw
	}
	for name, raw := range map[string][]byte{
		"empty":               {},
		"text":                []byte("a shopping list\n"),
		"cut off":             good[:len(good)-1],
		"a byte too many":     append(bytes.Clone(good), 0),
		"another magic":       change(0),
		"another version":     change(7),
		"a bit of the state":  change(100),
		"a bit of the sum":    change(len(good) - 1),
		"very long":           make([]byte, 1<<17),
		"long, of our format": append(bytes.Clone(good), good...),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "se.state")
			if err := os.WriteFile(path, raw, 0o600); err != nil {
				t.Fatal(err)
			}
			store, err := emulator.OpenFile(path)
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			if _, err := emulator.New(emulator.Config{Store: store}); !errors.Is(
				err, emulator.ErrForeign) {
				t.Errorf("got %v, want ErrForeign", err)
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, raw) {
				t.Errorf("the file was changed: %v", err)
			}
		})
	}
	store, err := emulator.OpenFile(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, err := emulator.New(emulator.Config{Store: store}); !errors.Is(err, emulator.ErrForeign) {
		t.Errorf("a folder: got %v, want ErrForeign", err)
	}
}

func TestOpenFileWithoutFolder(t *testing.T) {
	_, err := emulator.OpenFile(filepath.Join(t.TempDir(), "none", "se.state"))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
}

// TestCommitNeedsItsFolder takes the folder away: the commit fails, and says so.
func TestCommitNeedsItsFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	store, err := emulator.OpenFile(filepath.Join(folder, "se.state"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if err := store.Commit([]byte("state")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
}
