package main_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tapbench/cmd/tapbench/internal/audit"
	"tapbench/cmd/tapbench/internal/audit/dossier"
)

// plant is something that a party must not have, put into a copy of a bench.
type plant struct {
	name string
	// from is whose column has the secret, as "tsm: SELECT pan FROM cards".
	from string
	// key, if set, is a column of the party's own that makes the secret unrecognisable.
	key   string
	write func(secret, key []byte) any
	// into takes it, as "bank-a: UPDATE users SET ek_serial = $1", or the name of a file.
	into string
	want string // of the finding
}

// TestAuditFindsWhatIsPlanted keeps a bench, and has the audit find what it holds too much.
func TestAuditFindsWhatIsPlanted(t *testing.T) {
	kept := keptBench(t)
	const tid, pan = "tsm: SELECT tid FROM runs", "tsm: SELECT pan FROM cards"
	const serial = "bank-a: UPDATE users SET ek_serial = $1"
	for _, p := range []plant{
		{
			"a card number at a bank, in hex", pan, "",
			func(s, _ []byte) any { return strings.ToUpper(hex.EncodeToString(s)) }, serial,
			"bank-a holds the card number: bank-a.db, users.ek_serial, row 1, offset 0, hex, once",
		},
		{
			"its digits, grouped, with words around", pan, "", func(s, _ []byte) any {
				d := hex.EncodeToString(s)
				return "card " + d[:4] + " " + d[4:8] + " " + d[8:12] + " " + d[12:16] + " " + d[16:19]
			}, serial, "bank-a holds the card number: bank-a.db, users.ek_serial, row 1",
		},
		{
			"a TSM account ID inside evidence", tid, "",
			func(s, _ []byte) any { return append([]byte("some evidence"), s...) },
			"bank-a: UPDATE fundings SET binfo = $1",
			"bank-a holds the TSM account ID: bank-a.db, fundings.binfo, row 1, offset 13, plain, once",
		},
		{
			"its hash, truncated, in base64", tid, "", func(s, _ []byte) any {
				sum := sha256.Sum256(s)
				return base64.RawURLEncoding.EncodeToString(sum[:8])
			}, serial,
			"bank-a holds the TSM account ID: bank-a.db, users.ek_serial, row 1, offset 0, base64 > SHA-256",
		},
		{
			"eight bytes of its hash as a number", tid, "", func(s, _ []byte) any {
				sum := sha256.Sum256(s)
				return int64(binary.BigEndian.Uint64(sum[:]))
			}, "bank-a: UPDATE users SET deposit = $1",
			"bank-a holds the TSM account ID: bank-a.db, users.deposit, row 1, offset 0, SHA-256, once",
		},
		{
			"a bank account ID at the TSM, under a key of the TSM's",
			"bank-a: SELECT account FROM accounts", "tsm: SELECT to_tsm FROM runs",
			func(s, key []byte) any {
				mac := hmac.New(sha256.New, key)
				mac.Write(s)
				return mac.Sum(nil)
			}, "tsm: UPDATE runs SET request = $1",
			"tsm holds the bank account ID: tsm.db, runs.request, row 1, offset 0, HMAC-SHA-256",
		},
		{
			"a user's name in the TSM's log, spelled backwards", "bank-a: SELECT user_id FROM users", "",
			func(s, _ []byte) any {
				slices.Reverse(s)
				return []byte("INF registered user=" + string(s) + "\n")
			}, "logs/tsm.log", "tsm holds the user: logs/tsm.log, offset 20, reversed, once",
		},
		{
			"a bank's name in a terminal's journal",
			"bank-b: SELECT value FROM store_meta WHERE name = 'party'", "", func(s, _ []byte) any {
				return []byte(`{"pending":[{"rrn":"` + hex.EncodeToString(s) + `"}]}`)
			}, "terminal/journal", "merchant holds the bank: terminal/journal, journal pending[].rrn, row 1",
		},
		{
			"a session at a bank, beside the person", "tsm: SELECT session FROM runs", "",
			func(s, _ []byte) any { return hex.EncodeToString(s) }, serial,
			"bank-a can be joined: bank-a.db, users.ek_serial and tsm runs.session match in 1 value, equal",
		},
		{
			"its hash", "tsm: SELECT session FROM runs", "",
			func(s, _ []byte) any {
				sum := sha256.Sum256(s)
				return hex.EncodeToString(sum[:16])
			}, serial,
			"bank-a can be joined: bank-a.db, users.ek_serial and tsm runs.session match in 1 value, " +
				"the one is a digest of the other",
		},
		{
			"a new column for purchases", tid, "", func([]byte, []byte) any { return nil },
			"bank-a: ALTER TABLE users ADD COLUMN spent INTEGER",
			"bank-a holds what nobody has classified: bank-a.db, users.spent",
		},
	} {
		t.Run(p.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "bench")
			if err := os.CopyFS(dir, os.DirFS(kept)); err != nil {
				t.Fatal(err)
			}
			p.put(t, dir)
			report := audited(t, dir)
			for _, f := range report.Findings {
				if strings.HasPrefix(f.String(), p.want) {
					return
				}
			}
			t.Errorf("findings %v, none begins with %q", report.Findings, p.want)
		})
	}
	t.Run("nothing", func(t *testing.T) {
		if report := audited(t, kept); !report.Clean() || len(report.Joins) == 0 {
			t.Errorf("findings %v, joins %v", report.Findings, report.Joins)
		}
	})
}

// keptBench returns the folder of a demo that has ended.
func keptBench(t *testing.T) string {
	t.Helper()
	if has, err := has(t.Context(), "", required())("has:swtpm"); err != nil {
		t.Fatal(err)
	} else if !has {
		t.Skip("light path: swtpm is missing")
	}
	dir := filepath.Join(t.TempDir(), "bench")
	out, err := exec.CommandContext(t.Context(), build(t), "demo", "--link", "process",
		"--payments", "3", "--keep", dir).CombinedOutput()
	if err != nil {
		t.Fatalf("running the demo: %v\n%s", err, out)
	}
	return dir
}

func audited(t *testing.T, dir string) audit.Report {
	t.Helper()
	b, err := dossier.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	report, err := audit.Run(t.Context(), b.Bench)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// put plants p into a bench.
func (p plant) put(t *testing.T, dir string) {
	t.Helper()
	var key []byte
	if p.key != "" {
		key = planted(t, dir, p.key)
	}
	var args []any
	if value := p.write(planted(t, dir, p.from), key); value != nil {
		args = append(args, value)
	}
	if !strings.Contains(p.into, ": ") {
		log := filepath.Join(dir, p.into)
		if err := os.WriteFile(log, args[0].([]byte), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	db, statement := openPlanted(t, dir, p.into)
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

// planted returns the first value of a query.
func planted(t *testing.T, dir, query string) []byte {
	t.Helper()
	db, statement := openPlanted(t, dir, query)
	defer db.Close()
	var value []byte
	if err := db.QueryRowContext(context.Background(), statement).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func openPlanted(t *testing.T, dir, text string) (*sql.DB, string) {
	t.Helper()
	name, statement, _ := strings.Cut(text, ": ")
	db, err := sql.Open("sqlite", filepath.Join(dir, name+".db"))
	if err != nil {
		t.Fatal(err)
	}
	return db, statement
}
