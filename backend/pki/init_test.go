package pki_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/backend/pki"
)

// start is when the benches of these tests are made.
var start = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// bench makes a bench of two banks.
func bench(t *testing.T) *pki.Bench {
	t.Helper()
	b, err := pki.Init(filepath.Join(t.TempDir(), "pki"), pki.Config{Banks: 2, Now: at(start)})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func openParty(t *testing.T, b *pki.Bench, name string, now time.Time) *pki.Party {
	t.Helper()
	p, err := pki.OpenParty(filepath.Join(b.Dir, name), at(now))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestInitRefuses(t *testing.T) {
	made := bench(t)
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "thesis.txt"), []byte("dear"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(foreign, "thesis.txt")
	tests := []struct {
		name, dir string
		cfg       pki.Config
		want      error // nil for any
	}{
		{"no bank", t.TempDir(), pki.Config{}, nil},
		{"more banks than letters", t.TempDir(), pki.Config{Banks: 27}, nil},
		{"more merchants than letters", t.TempDir(), pki.Config{Banks: 1, Merchants: 27}, nil},
		{"negative lifetime", t.TempDir(), pki.Config{Banks: 1, Lifetime: -1}, nil},
		{"a host that is no name", t.TempDir(), pki.Config{Banks: 1, Hosts: []string{"ä"}}, nil},
		{"no parent folder", filepath.Join(foreign, "a", "b"), pki.Config{Banks: 1}, fs.ErrNotExist},
		{"a file", file, pki.Config{Banks: 1, Force: true}, nil},
		{"an earlier bench", made.Dir, pki.Config{Banks: 1}, pki.ErrExists},
		{"a stranger's folder", foreign, pki.Config{Banks: 1}, pki.ErrExists},
		{"a stranger's folder, forced", foreign, pki.Config{Banks: 1, Force: true}, pki.ErrNotPKI},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before := tree(t, filepath.Dir(test.dir))
			_, err := pki.Init(test.dir, test.cfg)
			if err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
			if diff := cmp.Diff(before, tree(t, filepath.Dir(test.dir))); diff != "" {
				t.Errorf("refused, and yet files changed (-before +after):\n%s", diff)
			}
		})
	}
}

// tree lists the files below a folder with mode and content.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		raw, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path) // both are absolute
		files[name] = info.Mode().String() + " " + string(raw)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return files
}

func TestInit(t *testing.T) {
	b := bench(t)
	var got []string
	for name, content := range tree(t, b.Dir) {
		got = append(got, name)
		wantMode := "-rw-r--r--"
		if strings.HasSuffix(name, ".key") {
			wantMode = "-rw-------"
		}
		if !strings.HasPrefix(content, wantMode) {
			t.Errorf("%s has mode %.10s, want %s", name, content, wantMode)
		}
	}
	slices.Sort(got)
	var want []string
	add := func(folder string, files ...string) {
		for _, f := range files {
			want = append(want, filepath.Join(folder, f))
		}
	}
	servers := []string{
		"party.json", "ca.crt", "tls.key", "tls.crt", "sign.key", "sign.crt", "kem.key", "kem.crt",
	}
	add("public", "ca.crt", "ca.sign.crt", "sp.sign.crt", "judge.tls.crt")
	for _, name := range []string{"bank-a", "bank-b", "tsm", "merchant"} {
		add("public", name+".tls.crt", name+".sign.crt", name+".kem.crt")
		add(name, servers...)
		add(name+"/peers", "ca.sign.crt")
	}
	for _, name := range []string{"bank-a", "bank-b", "tsm"} {
		add(name, "sign.compact", "kem.compact")
	}
	add("tsm", "epoch.key", "epoch.compact")
	add("merchant", "sign.compact", "epoch.compact")
	add("public", "epochs.pem")
	add("wallet", "epochs.pem")
	for _, name := range []string{"bank-a", "bank-b"} {
		add(name+"/peers", "tsm.sign.crt", "tsm.kem.crt", "sp.sign.crt")
		add("tsm/peers", name+".sign.crt", name+".kem.crt")
		add("wallet/peers", name+".sign.crt", name+".kem.crt")
		add("judge/peers", name+".sign.crt", name+".kem.crt")
	}
	add("tsm/peers", "merchant.sign.crt", "merchant.kem.crt")
	add("merchant/peers", "tsm.sign.crt", "tsm.kem.crt")
	add("wallet", "party.json", "ca.crt")
	add("wallet/peers", "ca.sign.crt", "tsm.sign.crt", "tsm.kem.crt", "sp.sign.crt")
	add("ca", "party.json", "ca.crt", "ca.key", "sign.key", "sign.crt")
	add("sp", "party.json", "ca.crt", "sign.key", "sign.crt")
	add("judge", "party.json", "ca.crt", "tls.key", "tls.crt")
	add("judge/peers", "ca.sign.crt", "tsm.sign.crt", "tsm.kem.crt")
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if rest := tree(t, filepath.Dir(b.Dir)); len(rest) != len(want) {
		t.Errorf("%d files beside the bench", len(rest)-len(want))
	}
}

func TestInitForce(t *testing.T) {
	b := bench(t)
	before := openParty(t, b, "tsm", start)
	again, err := pki.Init(b.Dir, pki.Config{Banks: 1, Now: at(start), Force: true})
	if err != nil {
		t.Fatal(err)
	}
	after := openParty(t, again, "tsm", start)
	if before.ID == after.ID {
		t.Errorf("both benches have a TSM called %s", after.ID)
	}
	if _, err := os.Stat(filepath.Join(b.Dir, "bank-b")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the second bank is still there: %v", err)
	}
	if entries, err := os.ReadDir(filepath.Dir(b.Dir)); err != nil || len(entries) != 1 {
		t.Errorf("beside the bench: %v, %v", entries, err)
	}
}

// TestNobodyLearns searches each folder for the IDs that its party must never see.
func TestNobodyLearns(t *testing.T) {
	b := bench(t)
	ids := make(map[pki.Role][]string)
	for _, m := range b.Members {
		ids[m.Role] = append(ids[m.Role], string(m.ID[:]))
	}
	never := map[string][]pki.Role{
		"merchant": {pki.RoleBank, pki.RoleWallet, pki.RoleSP},
		"bank-a":   {pki.RoleMerchant, pki.RoleWallet},
		"tsm":      {pki.RoleWallet},
		"wallet":   {pki.RoleMerchant},
		"public":   {pki.RoleWallet},
	}
	for folder, roles := range never {
		for name, content := range tree(t, filepath.Join(b.Dir, folder)) {
			for _, role := range roles {
				for _, id := range ids[role] {
					if strings.Contains(decoded(content), id) {
						t.Errorf("%s/%s names the %s %s", folder, name, role, id)
					}
				}
			}
		}
	}
}
