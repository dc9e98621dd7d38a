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

	"github.com/google/go-cmp/cmp"

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
	kept := keptBench(t, "--payments", "3")
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
		t.Run(p.name, func(t *testing.T) { p.isFound(t, kept) })
	}
	t.Run("nothing", func(t *testing.T) {
		if report := audited(t, kept); !report.Clean() || len(report.Joins) == 0 {
			t.Errorf("findings %v, joins %v", report.Findings, report.Joins)
		}
	})
}

// TestAuditFindsWhatIsPlantedOffline does the same with a bench whose payments were by tokens, and
// with the places that only those have.
func TestAuditFindsWhatIsPlantedOffline(t *testing.T) {
	kept := keptBench(t, "--payments", "3", "--offline")
	const token, key = "tsm: SELECT tokid FROM tokens", "tsm: SELECT key FROM tokens"
	const tid, account = "tsm: SELECT tid FROM tokens", "bank-a: SELECT account FROM accounts"
	asIs := func(s, _ []byte) any { return s }
	for _, p := range []plant{
		{
			"a token at a bank, in hex", token, "",
			func(s, _ []byte) any { return hex.EncodeToString(s) },
			"bank-a: UPDATE users SET ek_serial = $1",
			"bank-a holds the offline token: bank-a.db, users.ek_serial, row 1, offset 0, hex, once",
		},
		{
			"a token's key, hashed, in a bank's log", key, "", func(s, _ []byte) any {
				sum := sha256.Sum256(s)
				return []byte("INF paid " + hex.EncodeToString(sum[:8]))
			}, "logs/bank-b.log", "bank-b holds the token key: logs/bank-b.log, offset 9, hex > SHA-256",
		},
		{
			"a token's key with the judge", key, "", asIs, "pki/judge/opened",
			"judge holds the token key: pki/judge/opened, offset 1, plain, once",
		},
		{
			"the account in the terminal's deny list", tid, "", asIs, "terminal/denylist",
			"merchant holds the TSM account ID: terminal/denylist, row 1, offset 0, plain",
		},
		{
			"its hash beside the terminal's claims", tid, "", func(s, _ []byte) any {
				sum := sha256.Sum256(s)
				return sum[:12]
			}, "terminal/claims/customers", "merchant holds the TSM account ID: terminal/claims/customers",
		},
		{
			"the account in a receipt's offline part", tid, "", func(s, _ []byte) any {
				return []byte(`{"offline":{"claim":"` + base64.StdEncoding.EncodeToString(s) + `"}}`)
			}, "terminal/receipts/receipt-1-000001.json",
			"merchant holds the TSM account ID: terminal/receipts/receipt-1-000001.json, " +
				"receipt offline.claim, row 1, offset 0, base64, once",
		},
		{
			"the account in the answer to a payout", tid, "", func(s, _ []byte) any {
				answer := base64.StdEncoding.EncodeToString(
					[]byte(`{"answers":[{"reason":"` + hex.EncodeToString(s) + `"}]}`))
				return []byte(`{"at":"/v1/merchant/payout","data":"` + answer + `"}` + "\n")
			}, "received/merchant.jsonl",
			"merchant holds the TSM account ID: received/merchant.jsonl, /v1/merchant/payout answers[].reason",
		},
		{
			"a bank account ID beside a frozen account", account, "", asIs,
			"tsm: INSERT INTO frozen (tid, evidence) SELECT tid, $1 FROM runs",
			"tsm holds the bank account ID: tsm.db, frozen.evidence, row 1, offset 0, plain",
		},
		{
			"one with what it has paid, under a key of its own", account, "tsm: SELECT to_se FROM runs",
			func(s, key []byte) any {
				mac := hmac.New(sha256.New, key)
				mac.Write(s)
				return mac.Sum(nil)
			}, "tsm: UPDATE batches SET batch = $1 WHERE rowid = 1",
			"tsm holds the bank account ID: tsm.db, batches.batch, row 1, offset 0, HMAC-SHA-256",
		},
		{
			"a column for the tokens' owner", tid, "", func([]byte, []byte) any { return nil },
			"tsm: ALTER TABLE tokens ADD COLUMN customer TEXT",
			"tsm holds what nobody has classified: tsm.db, tokens.customer",
		},
		{
			"a purchase's claim at the bank", "tsm: SELECT claim FROM claims", "",
			func(s, _ []byte) any { return hex.EncodeToString(s) },
			"bank-a: UPDATE users SET ek_serial = $1",
			"bank-a can be joined: bank-a.db, users.ek_serial and tsm claims.claim match in 1 value",
		},
	} {
		t.Run(p.name, func(t *testing.T) { p.isFound(t, kept) })
	}
	t.Run("nothing", func(t *testing.T) {
		report := audited(t, kept)
		want := []audit.Shown{{Party: "merchant", Payments: 3, Tokens: 3}}
		if diff := cmp.Diff(want, report.Shown); diff != "" || !report.Clean() {
			t.Errorf("findings %v; shown, -want +got:\n%s", report.Findings, diff)
		}
	})
}

// isFound plants p into a copy of a bench and has the audit find it.
func (p plant) isFound(t *testing.T, kept string) {
	t.Helper()
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
}

// keptBench returns the folder of a demo that has ended.
func keptBench(t *testing.T, options ...string) string {
	t.Helper()
	if has, err := has(t, "", required())("has:swtpm"); err != nil {
		t.Fatal(err)
	} else if !has {
		t.Skip("light path: swtpm is missing")
	}
	dir := filepath.Join(t.TempDir(), "bench")
	args := append([]string{"demo", "--link", "process", "--keep", dir}, options...)
	out, err := exec.CommandContext(t.Context(), build(t), args...).CombinedOutput()
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
