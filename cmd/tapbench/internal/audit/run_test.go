package audit_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/cmd/tapbench/internal/audit"
)

// holder is a party that holds these pieces.
func holder(name string, role audit.Role, pieces ...audit.Piece) audit.Party {
	visit := func(_ context.Context, see func(audit.Piece) error) error {
		for _, p := range pieces {
			if err := see(p); err != nil {
				return err
			}
		}
		return nil
	}
	return audit.Party{Name: name, Role: role, Visit: visit}
}

// cell is a value of a store.
func cell(field string, row int, value []byte) audit.Piece {
	return audit.Piece{
		Place: audit.Place{Medium: audit.MediumStore, File: "store.db", Field: field},
		Row:   int64(row), Value: value,
	}
}

// column is a whole column.
func column(field string, values ...string) []audit.Piece {
	var all []audit.Piece
	for i, v := range values {
		all = append(all, cell(field, i+1, []byte(v)))
	}
	return all
}

func run(t *testing.T, secrets []audit.Secret, parties ...audit.Party) audit.Report {
	t.Helper()
	r, err := audit.Run(t.Context(), audit.Bench{Parties: parties, Secrets: secrets})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRunPassesErrorsOn(t *testing.T) {
	broken := errors.New("broken disk")
	p := audit.Party{Name: "bank", Visit: func(context.Context, func(audit.Piece) error) error {
		return broken
	}}
	_, err := audit.Run(t.Context(), audit.Bench{Parties: []audit.Party{p}})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "bank") {
		t.Errorf("got %v, want %v with the party's name", err, broken)
	}
}

// TestRunKnowsEachForm has a TSM hold a bank account ID, and a bank a card number, in each form.
func TestRunKnowsEachForm(t *testing.T) {
	account := []byte{0x91, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xF0}
	pan := []byte{0x99, 0x98, 0x76, 0x54, 0x32, 0x10, 0x12, 0x34, 0x56, 0x7F}
	key := []byte("a key of the TSM")
	upright := slices.Clone(account)
	slices.Reverse(upright)
	sum, old := sha256.Sum256(account), sha1.Sum(account)
	ofText := sha256.Sum256([]byte(hex.EncodeToString(account)))
	salted := sha256.Sum256(append(slices.Clone(key), account...))
	mac := hmac.New(sha256.New, key)
	mac.Write(account)
	tag := message.CMAC([16]byte(key), account)
	for name, c := range map[string]struct {
		value []byte
		want  string // the encoding, or empty: nothing
	}{
		"another one":    {bytes.Repeat([]byte{7}, 16), ""},
		"half of it":     {account[:7], ""},
		"as it is":       {account, "plain"},
		"in hex, spaced": {fmt.Appendf(nil, "% X", account), "hex"},
		"in base64 inside a text": {
			[]byte(`{"a":"` + base64.StdEncoding.EncodeToString(account) + `"}`), "base64",
		},
		"reversed":                         {upright, "reversed"},
		"as a number":                      {[]byte(new(big.Int).SetBytes(account).String()), "decimal"},
		"its SHA-256":                      {sum[:], "SHA-256"},
		"eight bytes of it":                {sum[:8], "SHA-256"},
		"its last eight bytes":             {sum[24:], "SHA-256"},
		"SHA-256 of its hex":               {ofText[:], "SHA-256"},
		"its SHA-1, in hex":                {[]byte(hex.EncodeToString(old[:])), "hex > SHA-1"},
		"seven bytes of its hash":          {sum[:7], ""},
		"HMAC":                             {mac.Sum(nil)[:8], "HMAC-SHA-256"},
		"CMAC":                             {tag[:], "AES-CMAC"},
		"salted hash":                      {salted[:], "salted SHA-256"},
		"a card number, which it may have": {pan, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, []audit.Secret{{audit.Account, account}, {audit.PAN, pan}},
				holder("tsm", audit.RoleTSM, cell("runs.to_tsm", 1, key), cell("runs.info", 1, c.value)))
			var got []string
			for _, f := range r.Findings {
				got = append(got, f.Encoding)
			}
			var want []string
			if c.want != "" {
				want = []string{c.want}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("findings %v, -want +got:\n%s", r.Findings, diff)
			}
		})
	}
	for name, text := range map[string]string{
		"digits": "9998765432101234567", "in groups": "9998 7654 3210 1234 567",
		"behind a digit": "09998765432101234567", "packed": string(pan),
	} {
		t.Run("card number, "+name, func(t *testing.T) {
			r := run(t, []audit.Secret{{audit.PAN, pan}},
				holder("bank", audit.RoleBank, cell("users.ek_serial", 1, []byte(text))))
			if r.Clean() || r.Rows[0].Verdicts["card number"] != audit.Learned {
				t.Errorf("not found in %q", text)
			}
		})
	}
}

func TestRunVerdicts(t *testing.T) {
	user := audit.Secret{Kind: audit.User, Value: []byte("user-7f3k9x2m")}
	received := cell("/v1/account/open user_certificate", 1, user.Value)
	received.Medium = audit.MediumReceived
	log := audit.Piece{Place: audit.Place{Medium: audit.MediumLog, File: "tsm.log"}}
	for name, c := range map[string]struct {
		party audit.Party
		want  audit.Verdict
	}{
		"a bank without it":    {holder("b", audit.RoleBank), audit.Not},
		"a TSM without it":     {holder("t", audit.RoleTSM), audit.Clean},
		"a bank that was told": {holder("b", audit.RoleBank, received), audit.Sees},
		"a bank that wrote it up": {
			holder("b", audit.RoleBank, received, cell("users.user_id", 1, user.Value)), audit.Holds,
		},
		"a merchant that was told": {holder("m", audit.RoleMerchant, received), audit.Learned},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, []audit.Secret{user}, c.party)
			if got := r.Rows[0].Verdicts["user"]; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := r.Rows[0].Verdicts["card number"]; got != audit.NoneYet {
				t.Errorf("a bench without cards has verdict %q", got)
			}
		})
	}
	t.Run("in a log, twice", func(t *testing.T) {
		p := holder("tsm", audit.RoleTSM)
		p.Visit = func(_ context.Context, see func(audit.Piece) error) error {
			log.Stream = strings.NewReader("USER-7F3K9X2M and user-7f3k9x2m")
			return see(log)
		}
		r := run(t, []audit.Secret{user}, p)
		if len(r.Findings) != 1 || r.Findings[0].Count != 2 || r.Findings[0].Offset != 0 {
			t.Errorf("findings %+v", r.Findings)
		}
	})
	t.Run("too short to be looked for", func(t *testing.T) {
		r := run(t, []audit.Secret{{audit.User, []byte("alice")}}, holder("tsm", audit.RoleTSM))
		if r.TooShort["user"] != 1 || r.Secrets["user"] != 0 {
			t.Errorf("%+v", r)
		}
	})
}

func TestRunClassifies(t *testing.T) {
	for name, c := range map[string]struct {
		role  audit.Role
		field string
		known bool
	}{
		"an amount of a purchase":          {audit.RoleBank, "users.spent", false},
		"the TSM's table at a bank":        {audit.RoleBank, "payments.amount", false},
		"a merchant's document at a bank":  {audit.RoleBank, "journal last.amount", false},
		"a message that no bank gets":      {audit.RoleBank, "/v1/tid/hello bank", false},
		"a document that no merchant has":  {audit.RoleMerchant, "customers[].name", false},
		"a field of a receipt":             {audit.RoleMerchant, "receipt amount", true},
		"one deep in a journal":            {audit.RoleMerchant, "journal pending[].amount", true},
		"a column that a bank has":         {audit.RoleBank, "fundings.amount", true},
		"anything on the user's own phone": {audit.RoleWallet, "wallet books.cards[].slot", true},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, nil, holder("p", c.role, cell(c.field, 0, nil)))
			if r.Clean() != c.known {
				t.Errorf("findings %v, want known: %t", r.Findings, c.known)
			}
		})
	}
}

func TestRunJoins(t *testing.T) {
	long := []string{"a session of sixteen", "another long session", "the third of sessions"}
	var hashed []string
	for _, v := range long {
		sum := sha256.Sum256([]byte(v))
		hashed = append(hashed, hex.EncodeToString(sum[:12]))
	}
	short := []string{"aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd"}
	for name, c := range map[string]struct {
		field string
		bank  []string
		other string
		tsm   []string
		want  int // values
	}{
		"nothing in common": {"users.ek_serial", long, "runs.info", []string{"of another's own"}, 0},
		"two short ones":    {"users.ek_serial", short[:2], "runs.info", short[:2], 0},
		"three short ones":  {"users.ek_serial", short[:3], "runs.info", short[:3], 3},
		"four of six": {
			"users.ek_serial", append([]string{"eeeeeeee", "ffffffff"}, short...),
			"runs.info", append([]string{"12345678", "87654321"}, short...), 0,
		},
		"a part of the other's": {"users.ek_serial", short[:3], "runs.info", short, 3},
		"one that is long":      {"users.ek_serial", long[:1], "runs.info", long, 1},
		"in hex": {
			"users.ek_serial", []string{hex.EncodeToString([]byte(long[0]))}, "runs.info", long, 1,
		},
		"behind a prefix": {"users.ek_serial", []string{"account/" + long[0]}, "runs.info", long, 1},
		"behind what looks like a prefix": {
			"users.ek_serial", []string{"\x00/" + long[0]}, "runs.info", long, 0,
		},
		"hashed and cut":              {"users.ek_serial", hashed, "runs.info", long, 3},
		"the other one hashed":        {"users.ek_serial", long, "runs.info", hashed, 3},
		"what is the same for all":    {"store_meta.value", long, "store_meta.value", long, 0},
		"what the table of joins has": {"fundings.handle", long, "runs.handle", long, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, nil, holder("bank-a", audit.RoleBank, column(c.field, c.bank...)...),
				holder("tsm", audit.RoleTSM, column(c.other, c.tsm...)...))
			switch {
			case c.want == 0 && !r.Clean():
				t.Errorf("findings %v", r.Findings)
			case c.want > 0 && (len(r.Findings) != 1 || r.Findings[0].Count != c.want):
				t.Errorf("findings %v, want one of %d values", r.Findings, c.want)
			}
			if listed := c.field == "fundings.handle"; listed != (len(r.Joins) == 1) {
				t.Errorf("joins %v", r.Joins)
			}
		})
	}
}
