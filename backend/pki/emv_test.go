package pki_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"tapbench/applet/emv/cryptogram"
	"tapbench/backend/pki"
)

// TestOpenEMV draws keys once, and finds them after another Init of the folder above.
func TestOpenEMV(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "pki")
	folder := filepath.Join(dir, pki.EMVFolder)
	drawn, err := pki.OpenEMV(folder)
	if err != nil {
		t.Fatal(err)
	}
	if !drawn.Drawn || len(drawn.Issuer) != len(cryptogram.Schemes()) {
		t.Errorf("drawn %v, %d sets of keys", drawn.Drawn, len(drawn.Issuer))
	}
	a, err := drawn.Authority.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, force := range []bool{false, true} {
		if _, err := pki.Init(dir, pki.Config{Banks: 1, Force: force}); err != nil {
			t.Fatal(err)
		}
		again, err := pki.OpenEMV(folder)
		if err != nil {
			t.Fatal(err)
		}
		b, err := again.Authority.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if again.Drawn || !bytes.Equal(a, b) || again.Issuer[1] != drawn.Issuer[1] {
			t.Error("other keys than were drawn")
		}
	}
	checkDamaged(t, folder)
}

// checkDamaged damages one file after the other.
func checkDamaged(t *testing.T, folder string) {
	t.Helper()
	info, err := os.Stat(filepath.Join(folder, "ca.json"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the CA's file has mode %o", info.Mode().Perm())
	}
	for _, name := range []string{"issuer.json", "ca.json"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := pki.OpenEMV(folder); !errors.Is(err, pki.ErrDamaged) {
			t.Errorf("%s is {}: %v", name, err)
		}
	}
	if err := os.Remove(filepath.Join(folder, "ca.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := pki.OpenEMV(folder); !errors.Is(err, pki.ErrDamaged) {
		t.Errorf("without a CA: %v", err)
	}
}

// TestOpenEMVFrom draws the same keys from the same seed, and leaves those that are there.
func TestOpenEMVFrom(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keys := make(map[string]string)
	for _, name := range []string{"one", "again"} {
		k, err := pki.OpenEMVFrom(filepath.Join(dir, name), "ci")
		if err != nil || !k.Drawn {
			t.Fatal(err)
		}
		for _, file := range []string{"ca.json", "issuer.json"} {
			raw, err := os.ReadFile(filepath.Join(k.Dir, file))
			if err != nil {
				t.Fatal(err)
			}
			keys[name] += string(raw)
		}
	}
	if keys["one"] != keys["again"] {
		t.Error("the same seed drew other keys")
	}
	k, err := pki.OpenEMVFrom(filepath.Join(dir, "one"), "CI")
	if err != nil || k.Drawn {
		t.Errorf("drawn again: %v, %v", k.Drawn, err)
	}
}
