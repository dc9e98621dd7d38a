package main_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tapbench/backend/bank"
	"tapbench/backend/pki"
	"tapbench/backend/store"
	"tapbench/backend/tsm"
	"tapbench/wallet"
)

// TestNoSecretsInOutput runs the whole demo at the lowest log level, takes the keys and PANs from
// the stores that it leaves, and looks for them in everything that was printed, the page among it.
func TestNoSecretsInOutput(t *testing.T) {
	if has, err := has(t, "", required())("has:swtpm"); err != nil {
		t.Fatal(err)
	} else if !has {
		t.Skip("light path: swtpm is missing")
	}
	dir, page := filepath.Join(t.TempDir(), "bench"), filepath.Join(t.TempDir(), "demo.html")
	out, err := exec.CommandContext(t.Context(), build(t), "demo", "--link", "process",
		"--log-level", "trace", "--keep", dir, "--report", page).CombinedOutput()
	if err != nil {
		t.Fatalf("running the demo: %v\n%s", err, out)
	}
	report, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	out = append(out, report...)
	secrets := readColumn(t, dir, "tsm", tsm.Migrations(), `SELECT pan FROM cards`)
	for _, put := range readColumn(t, dir, "tsm", tsm.Migrations(), `SELECT put FROM cards`) {
		secrets = append(secrets, put[len(put)-16:]) // the card's cryptogram master key
	}
	secrets = append(secrets,
		readColumn(t, dir, "tsm", tsm.Migrations(), `SELECT to_se FROM runs`)...)
	secrets = append(secrets,
		readColumn(t, dir, "bank-a", bank.Migrations(), `SELECT kbu FROM users`)...)
	state, err := wallet.Folder(filepath.Join(dir, "wallet")).Load()
	if err != nil {
		t.Fatal(err)
	}
	secrets = append(secrets, state.Pairing)
	if len(secrets) < 19 {
		t.Errorf("only %d secrets to look for", len(secrets))
	}
	for _, secret := range secrets {
		for _, form := range forms(secret) {
			if bytes.Contains(out, []byte(form)) {
				t.Errorf("printed: %q", form)
			}
		}
	}
	if !bytes.Contains(out, []byte("APPROVED")) {
		t.Error("there was no payment")
	}
}

// forms returns how a secret might be written: raw, hexadecimal, spaced, decimal, base64.
func forms(secret []byte) []string {
	text := hex.EncodeToString(secret)
	var spaced []string
	for i := 0; i < len(text); i += 2 {
		spaced = append(spaced, text[i:i+2])
	}
	return []string{
		string(secret), text, strings.ToUpper(text), strings.TrimRight(text, "f"),
		strings.Join(spaced, " "), strings.ToUpper(strings.Join(spaced, " ")),
		base64.RawStdEncoding.EncodeToString(secret),
	}
}

func readColumn(t *testing.T, dir, name string, migrations []string, query string) [][]byte {
	t.Helper()
	party, err := pki.OpenParty(filepath.Join(dir, "pki", name), nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Config{
		Path: filepath.Join(dir, name+".db"), Role: string(party.Role), Party: party.ID.String(),
		Migrations: migrations,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var values [][]byte
	err = s.View(t.Context(), func(tx store.Tx) error {
		rows, err := tx.QueryContext(t.Context(), query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var value []byte
			if err := rows.Scan(&value); err != nil {
				return err
			}
			values = append(values, value)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return values
}
