package dossier_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emulator"
	"tapbench/backend/bank"
	"tapbench/backend/pki"
	"tapbench/backend/store"
	"tapbench/backend/store/columns"
	"tapbench/cmd/tapbench/internal/audit"
	"tapbench/cmd/tapbench/internal/audit/dossier"
	"tapbench/cmd/tapbench/internal/received"
)

func TestOpenRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  error
	}{
		"an empty folder":            {nil, dossier.ErrNotBench},
		"a party without a role":     {map[string]string{"pki/tsm/party.json": `{}`}, dossier.ErrNotBench},
		"a party's name that's none": {map[string]string{"pki/tsm/party.json": `x`}, dossier.ErrNotBench},
		"a store that isn't one": {
			map[string]string{
				"pki/tsm/party.json": `{"role":"tsm","id":"TSMTEST1"}`, "tsm.db": "nothing of the kind",
			}, columns.ErrNotStore,
		},
		"a card that isn't one": {
			map[string]string{
				"pki/tsm/party.json": `{"role":"tsm","id":"TSMTEST1"}`, "card.state": "nothing",
			}, emulator.ErrForeign,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := dossier.Open(t.Context(), bench(t, c.files)); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// bench writes files into a new folder.
func bench(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// parties are the names of four parties.
func parties(files map[string]string) map[string]string {
	for name, card := range map[string]string{
		"bank-a": `{"role":"bank","id":"BKTEST01"}`, "tsm": `{"role":"tsm","id":"TSMTEST1"}`,
		"merchant": `{"role":"merchant","id":"MRCTEST1"}`,
		"wallet":   `{"role":"wallet","id":"WLTTEST1"}`,
	} {
		files["pki/"+name+"/party.json"] = card
	}
	return files
}

// pieces returns what a party holds, a line each: field or file, and value or bytes.
func pieces(t *testing.T, b dossier.Bench, name string) []string {
	t.Helper()
	i := slices.IndexFunc(b.Parties, func(p audit.Party) bool { return p.Name == name })
	if i < 0 {
		t.Fatalf("no %s", name)
	}
	var all []string
	err := b.Parties[i].Visit(t.Context(), func(p audit.Piece) error {
		line := string(p.Medium) + " " + p.File
		if p.Field != "" {
			line += " " + p.Field
		}
		if p.Stream == nil {
			if strings.HasSuffix(p.File, "party.json") {
				return nil // it is as short as a key
			}
			line += fmt.Sprintf(" %d %q", p.Row, p.Value)
		}
		all = append(all, line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestOpenSharesFiles(t *testing.T) {
	line := func(at, data string) string {
		text := base64.StdEncoding.EncodeToString([]byte(data))
		return fmt.Sprintf("{\"at\":%q,\"data\":%q}\n", at, text)
	}
	b, err := dossier.Open(t.Context(), bench(t, parties(map[string]string{
		"till/journal":                   `{"pending":[{"stan":7,"done":true,"why":null}]}`,
		"till/receipts/receipt-1-2.json": `{"pan":"*1234"}`,
		"till/journal.lock":              "",
		"received/tsm.jsonl": line("/v1/tid/hello", `{"bank":"B"}`) + line(received.AtCard, "\x90\x00") +
			line(received.AtISO8583, "junk"),
		"logs/bank-a.log":       "INF",
		"my-wallet/wallet.json": `{"user":"anna"}`,
		"my-wallet/ak.seed":     "a seed of 32 bytes, all of it,..",
		"notes.txt":             "mine", "other/file": "", "tpm/state": "", "env": "",
		"pki/public/sp.crt": "", "pcscd-1/socket-file": "",
	})))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"notes.txt", "other/file"}, b.Unclaimed); diff != "" {
		t.Errorf("nobody's: -want +got:\n%s", diff)
	}
	for name, want := range map[string][]string{
		"bank-a": {"log logs/bank-a.log", "file pki/bank-a/party.json"},
		"tsm": {
			"file pki/tsm/party.json",
			`received received/tsm.jsonl /v1/tid/hello bank 1 "B"`,
			"received received/tsm.jsonl", "received received/tsm.jsonl",
		},
		"merchant": {
			"file pki/merchant/party.json",
			`document till/journal journal pending[].done 1 "true"`,
			`document till/journal journal pending[].stan 1 "7"`,
			`document till/journal journal pending[].why 1 ""`,
			`file till/journal 1 "{\"pending\":[{\"stan\":7,\"done\":true,\"why\":null}]}"`,
			"file till/journal", `file till/journal.lock 1 ""`, "file till/journal.lock",
			`document till/receipts/receipt-1-2.json receipt pan 1 "*1234"`,
			`file till/receipts/receipt-1-2.json 1 "{\"pan\":\"*1234\"}"`,
			"file till/receipts/receipt-1-2.json",
		},
		"wallet": {
			`file my-wallet/ak.seed 1 "a seed of 32 bytes, all of it,.."`, "file my-wallet/ak.seed",
			`document my-wallet/wallet.json wallet user 1 "anna"`,
			`file my-wallet/wallet.json 1 "{\"user\":\"anna\"}"`, "file my-wallet/wallet.json",
			"file pki/wallet/party.json",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, pieces(t, b, name)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestOpenTakesSecrets verifies that a bank's secrets come from its store, and keys from key files.
func TestOpenTakesSecrets(t *testing.T) {
	dir := t.TempDir()
	if _, err := pki.Init(filepath.Join(dir, "pki"), pki.Config{Banks: 1}); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Config{
		Path: filepath.Join(dir, "bank-a.db"), Role: "bank", Party: "BKTEST01",
		Migrations: bank.Migrations(),
	})
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := os.ReadFile(filepath.Join(dir, "pki", "bank-a", "sign.compact"))
	if err != nil {
		t.Fatal(err)
	}
	err = s.Tx(t.Context(), func(tx store.Tx) error {
		_, err := tx.ExecContext(t.Context(), `INSERT INTO users
			(user_id, certificate, user_key, se, kbu, ak, ak_bind, ek_serial, secret, deposit)
			VALUES ('user-of-a-bank', $1, x'', x'', x'', x'', x'', '', x'', 1)`, certificate)
		return err
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := dossier.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, secret := range b.Secrets {
		got = append(got, fmt.Sprintf("%s, %d bytes", secret.Kind, len(secret.Value)))
	}
	want := []string{"bank, 8 bytes", "user, 14 bytes", "merchant, 8 bytes"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	keys := 0
	for _, line := range pieces(t, b, "bank-a") {
		if strings.HasPrefix(line, "file pki/bank-a/sign.key 1 ") {
			keys++
		}
	}
	if keys != 1 {
		t.Errorf("%d keys in sign.key", keys)
	}
}

func TestVisitEndsWithItsContext(t *testing.T) {
	b, err := dossier.Open(t.Context(), bench(t, parties(map[string]string{})))
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	err = b.Parties[0].Visit(gone, func(audit.Piece) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
