package wallet_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/statefile/bound"
	"tapbench/applet/statefile/bound/boundtest"
	"tapbench/wallet"
)

// TestBoundFolder binds a wallet's state, puts its older copy back, and looks at it.
func TestBoundFolder(t *testing.T) {
	folder, index := wallet.Folder(t.TempDir()), new(boundtest.Memory)
	path := filepath.Join(folder.String(), "wallet.json")
	open := func() *wallet.BoundFolder {
		t.Helper()
		b, err := wallet.OpenBound(folder, index)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if err := folder.Save(wallet.State{User: "anna"}); err != nil {
		t.Fatal(err)
	}
	b := open()
	if _, err := wallet.OpenBound(folder, index); !errors.Is(err, wallet.ErrInUse) {
		t.Errorf("opened twice: %v", err)
	}
	state, err := b.Load() // which binds it
	if err != nil || state.User != "anna" {
		t.Fatalf("got %q, %v", state.User, err)
	}
	older, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	state.User = "berta"
	if err := errors.Join(b.Save(state), b.Close()); err != nil {
		t.Fatal(err)
	}
	testUnverified(t, folder, state)
	if err := os.WriteFile(path, older, 0o600); err != nil {
		t.Fatal(err)
	}
	b = open()
	if _, err := b.Load(); !errors.Is(err, bound.ErrLocked) {
		t.Errorf("an older copy: %v", err)
	}
	if err := b.Save(state); err == nil {
		t.Error("a locked wallet was saved")
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

// testUnverified reads a bound state without its index, which replaces nothing.
func testUnverified(t *testing.T, folder wallet.Folder, state wallet.State) {
	t.Helper()
	if _, err := folder.Load(); !errors.Is(err, bound.ErrBound) {
		t.Errorf("without its index: %v", err)
	}
	if err := folder.Save(state); !errors.Is(err, bound.ErrBound) {
		t.Errorf("replaced without its index: %v", err)
	}
	view := wallet.View(folder)
	if err := view.Save(wallet.State{}); err != nil {
		t.Error(err)
	}
	seen, err := view.Load()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(state.User, seen.User); diff != "" {
		t.Error(diff)
	}
}

// TestBoundFolderOfNobody begins a wallet that is bound from its first state on.
func TestBoundFolderOfNobody(t *testing.T) {
	folder := wallet.Folder(filepath.Join(t.TempDir(), "new"))
	b, err := wallet.OpenBound(folder, new(boundtest.Memory))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Load(); !errors.Is(err, wallet.ErrNoWallet) {
		t.Errorf("got %v", err)
	}
	if err := errors.Join(b.Save(wallet.State{User: "anna"}), b.Close()); err != nil {
		t.Error(err)
	}
	if is, err := folder.IsBound(); !is || err != nil {
		t.Errorf("bound: %v, %v", is, err)
	}
	path := filepath.Join(folder.String(), "wallet.json")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err = wallet.OpenBound(folder, new(boundtest.Memory))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Load(); !errors.Is(err, wallet.ErrForeignWallet) {
		t.Errorf("somebody else's file: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}
