package exhibits_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emulator"
	"tapbench/applet/message"
	"tapbench/backend/store/examiner"
	"tapbench/cmd/tapbench/internal/exhibits"
	"tapbench/terminal/claims"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path string) {
	t.Helper()
	check(t, os.MkdirAll(filepath.Dir(path), 0o700))
	check(t, os.WriteFile(path, []byte("{}"), 0o600))
}

// take puts a claim into a terminal's journal.
func take(t *testing.T, folder string, key claims.Key) {
	t.Helper()
	disk, err := claims.OpenFolder(filepath.Join(folder, "claims"))
	check(t, err)
	defer func() { check(t, disk.Close()) }()
	journal, err := claims.Open(disk, claims.Identity{Merchant: "MRC00001-SHOP", Terminal: "POS00001"})
	check(t, err)
	_, err = journal.Append(key, []byte("claim"))
	check(t, err)
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"tsm.db", "a/journal", "b/journal", "c/notes"} {
		write(t, filepath.Join(dir, name))
	}
	take(t, filepath.Join(dir, "b"), claims.Key{1})
	got, err := exhibits.Find(dir)
	check(t, err)
	want := examiner.Files{
		Stores: []string{filepath.Join(dir, "tsm.db")},
		Tills:  []string{filepath.Join(dir, "a"), filepath.Join(dir, "b")},
		Claims: []examiner.Claimed{{
			Terminal: "POS00001", Key: message.Hash{1}, State: "pending", Payload: []byte("claim"),
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	write(t, filepath.Join(dir, "card.state"))
	if _, err := exhibits.Find(dir); !errors.Is(err, emulator.ErrForeign) {
		t.Errorf("a state that is none: got %v", err)
	}
}

// A journal that is empty says that nothing was claimed; one that isn't there says nothing.
func TestClaimsOfAJournal(t *testing.T) {
	dir := t.TempDir()
	if _, err := exhibits.Claims(filepath.Join(dir, "claims")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no journal: got %v", err)
	}
	disk, err := claims.OpenFolder(filepath.Join(dir, "claims"))
	check(t, err)
	_, err = claims.Open(disk, claims.Identity{Merchant: "MRC00001-SHOP", Terminal: "POS00001"})
	check(t, err)
	check(t, disk.Close())
	got, err := exhibits.Claims(filepath.Join(dir, "claims"))
	if err != nil || got == nil || len(got) > 0 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestElementThatIsntThere(t *testing.T) {
	if _, err := exhibits.Element(filepath.Join(t.TempDir(), "card.state")); !errors.Is(err,
		fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
