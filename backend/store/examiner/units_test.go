package examiner_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/ledger"
	"tapbench/backend/store"
	"tapbench/backend/store/examiner"
)

// tokens is a world with two offline tokens of 100 x 0.05, and who says what of them. Of the first
// one 10 units were paid, 5 are claimed and 3 were torn; the second one was closed at 40 with 20
// paid.
type tokens struct {
	world
	claims []examiner.Claimed
	held   []examiner.Held
	told   []examiner.Told
}

// spend is a claim of a token's units as a terminal keeps it.
func spend(id byte, from, to uint8, state string) examiner.Claimed {
	m := message.SpendClaim{Spend: message.Spend{Token: message.Hash{id}, From: from, To: to}}
	return examiner.Claimed{
		Terminal: "POS00001", Key: m.Spend.Digest(), State: state,
		Payload: message.Encode(wire.MsgSpendClaim, m),
	}
}

// ticked is a claim of a metering commitment's ticks.
func ticked(id byte, from, last, to uint8, state string) examiner.Claimed {
	m := message.MeterClaim{
		Meter: message.Meter{Token: message.Hash{id}, From: from, Max: last}, To: to,
	}
	return examiner.Claimed{
		Terminal: "POS00001", Key: message.Hash{0xEE, to}, State: state,
		Payload: message.Encode(wire.MsgMeterClaim, m),
	}
}

func newTokens(t *testing.T) *tokens {
	t.Helper()
	w := &tokens{world: newWorld(t)}
	w.claims = []examiner.Claimed{
		spend(1, 0, 10, "paid"), ticked(1, 10, 20, 14, "pending"), ticked(1, 10, 20, 15, "sent"),
		spend(2, 0, 20, "paid"), spend(2, 38, 39, "refused"),
	}
	w.held = []examiner.Held{
		{Element: "card", ID: message.Hash{1}, Given: 18},
		{Element: "card", ID: message.Hash{2}, Given: 40, Closed: true},
	}
	w.step(t, "tsm", func(tx store.Tx) error {
		open(t, tx, ledger.Liability, "tokens")
		for id, closed := range map[byte]any{1: nil, 2: int64(40)} {
			exec(t, tx, `INSERT INTO tokens (tokid, tid, key, root, token, request, unit, length, epoch,
				claims_to, state, closed_at) VALUES ($1, $2, $1, $1, x'', x'', 5, 100, 1, 2, $3, $4)`,
				idOf(id), tid(t), map[bool]string{true: "open", false: "closed"}[closed == nil], closed)
			move(t, tx, fmt.Sprint("w", id), "withdraw", "account/"+tidText, "tokens", 500)
		}
		move(t, tx, "c", "close", "tokens", "account/"+tidText, 300)
		exec(t, tx, `UPDATE tokens SET back = 60 WHERE closed_at = 40`)
		w.book(t, tx, 1, 0, 10)
		w.book(t, tx, 2, 0, 20)
		return nil
	})
	return w
}

func idOf(id byte) []byte { return append([]byte{id}, make([]byte, 31)...) }

func tid(t *testing.T) []byte {
	t.Helper()
	raw, err := hex.DecodeString(tidText)
	check(t, err)
	return raw
}

// book pays units of a token.
func (w *tokens) book(t *testing.T, tx store.Tx, id, from, to uint8) {
	t.Helper()
	key := spend(id, from, to, "").Key
	minor := 5 * (int64(to) - int64(from))
	exec(t, tx, `INSERT INTO claims (tokid, claim, from_unit, to_unit, ticked, merchant, statement,
		paid) VALUES ($1, $2, $3, $4, $4, $5, x'', $6)`, idOf(id), key[:], int64(from), int64(to), shop,
		minor)
	exec(t, tx, `UPDATE tokens SET paid = paid + $1 WHERE tokid = $2`, minor/5, idOf(id))
	exec(t, tx, `INSERT INTO batches (batch, merchant, sequence, claims, amount, loss)
		VALUES ($1, $2, 1, 1, $3, 0)`, key[:], shop, minor)
	move(t, tx, fmt.Sprint("o", id, from), "offline", "tokens", "merchant/"+shop, minor)
}

func (w *tokens) examine(t *testing.T) examiner.Report {
	t.Helper()
	files := w.files()
	files.Claims, files.Held, files.Told = w.claims, w.held, w.told
	r, err := examiner.Examine(t.Context(), files)
	check(t, err)
	return r
}

// Each row plants what a fault in TSM, terminal or element would leave behind.
func TestUnitsInTwoPlaces(t *testing.T) {
	inTSM := func(query string) func(*testing.T, *tokens) {
		return func(t *testing.T, w *tokens) {
			t.Helper()
			w.step(t, "tsm", func(tx store.Tx) error { exec(t, tx, query); return nil })
		}
	}
	claim := func(c examiner.Claimed) func(*testing.T, *tokens) {
		return func(_ *testing.T, w *tokens) { w.claims = append(w.claims, c) }
	}
	for name, test := range map[string]struct {
		plant func(t *testing.T, w *tokens)
		want  string
	}{
		"a unit claimed twice": {
			claim(spend(1, 14, 17, "pending")), "unit 15 of token 01000000 is claimed twice",
		},
		"a unit paid and claimed anew": {
			claim(spend(1, 9, 11, "sent")), "unit 10 of token 01000000 is claimed twice",
		},
		"a unit claimed before its card": {claim(spend(1, 17, 19, "pending")), "card has given out 18"},
		"a unit claimed above the close": {claim(spend(2, 40, 41, "pending")), "card has given out 40"},
		"paid at the terminal alone":     {claim(spend(1, 15, 16, "paid")), "not at the TSM"},
		"a claim of a token of nobody":   {claim(spend(7, 0, 1, "pending")), "nobody has issued"},
		"a token of nobody": {func(_ *testing.T, w *tokens) {
			w.held = append(w.held, examiner.Held{Element: "card", ID: message.Hash{7}})
		}, "nobody has issued"},
		"a token on two cards": {func(_ *testing.T, w *tokens) {
			w.held = append(w.held, examiner.Held{Element: "copy", ID: message.Hash{1}, Given: 18})
		}, "is at card too"},
		"closed at the TSM, not on the card": {func(_ *testing.T, w *tokens) {
			w.held[1].Closed = false
		}, "came back from unit 40 on"},
		"given out behind the close": {func(_ *testing.T, w *tokens) {
			w.held[1].Given = 41
		}, "came back from unit 40 on"},
		"paid before the card has given it out": {func(_ *testing.T, w *tokens) {
			w.held[0].Given = 9
		}, "unit 10 of token 01000000 is paid, card has given out 9"},
		"paid, and no terminal claims it": {func(_ *testing.T, w *tokens) {
			w.claims = w.claims[1:]
		}, "no terminal has claimed them"},
		"come back, and the row says more": {
			inTSM(`UPDATE tokens SET back = 59 WHERE closed_at = 40`), "its row says 20 and 59",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTokens(t)
			test.plant(t, w)
			all := fmt.Sprint(w.examine(t).Findings)
			if !strings.Contains(all, test.want) {
				t.Errorf("want a finding with %q, got %s", test.want, all)
			}
		})
	}
}

func TestEveryUnitIsInOnePlace(t *testing.T) {
	w := newTokens(t)
	r := w.examine(t)
	first, second := hex.EncodeToString(idOf(1)), hex.EncodeToString(idOf(2))
	want := []examiner.Token{
		{ID: first, State: "open", Unit: 5, Units: []examiner.Units{
			{From: 0, To: 10, Place: examiner.UnitPaid},
			{From: 10, To: 15, Place: examiner.UnitClaimed},
			{From: 15, To: 18, Place: examiner.UnitTorn},
			{From: 18, To: 100, Place: examiner.UnitHeld},
		}},
		{ID: second, State: "closed", Unit: 5, Units: []examiner.Units{
			{From: 0, To: 20, Place: examiner.UnitPaid},
			{From: 20, To: 40, Place: examiner.UnitTorn},
			{From: 40, To: 100, Place: examiner.UnitBack},
		}},
	}
	if diff := cmp.Diff(want, r.Tokens); diff != "" {
		t.Error(diff)
	}
	if !r.Sound() {
		t.Error(r.Findings)
	}
	sums := []examiner.Place{
		{Name: examiner.UnitClaimed, Minor: 25},
		{Name: examiner.UnitBack, Minor: 300},
		{Name: examiner.UnitHeld, Minor: 410},
		{Name: examiner.UnitPaid, Minor: 150},
		{Name: examiner.UnitTorn, Minor: 115},
	}
	if diff := cmp.Diff(sums, r.Units); diff != "" {
		t.Error(diff)
	}
}

// A claim that its journal has forgotten is one that a terminal has made.
func TestForgottenClaimsAreKnown(t *testing.T) {
	w := newTokens(t)
	w.claims[0].Payload = nil
	if r := w.examine(t); !r.Sound() {
		t.Error(r.Findings)
	}
}

// Without its card a token's units are on no card; nothing is wrong with that.
func TestCardsThatArentThere(t *testing.T) {
	w := newTokens(t)
	w.held = nil
	r := w.examine(t)
	last := r.Tokens[0].Units[len(r.Tokens[0].Units)-1]
	want := examiner.Units{From: 15, To: 100, Place: examiner.UnitGone}
	if last != want || !r.Sound() {
		t.Errorf("got %+v, %v", last, r.Findings)
	}
}

// What the TSM has proven to be spent twice is in the loss: no finding.
func TestProvenDoubleSpendingIsNoFinding(t *testing.T) {
	w := newTokens(t)
	w.claims = append(w.claims, spend(1, 5, 8, "paid"))
	w.step(t, "tsm", func(tx store.Tx) error {
		key := spend(1, 5, 8, "").Key
		open(t, tx, ledger.Expense, "loss")
		exec(t, tx, `INSERT INTO doublespends (tokid, claim, from_unit, to_unit, ticked, merchant, paid,
			evidence) VALUES ($1, $2, 5, 8, 8, $3, 15, x'')`, idOf(1), key[:], shop)
		exec(t, tx, `INSERT INTO batches (batch, merchant, sequence, claims, amount, loss)
			VALUES ($1, $2, 2, 1, 0, 15)`, key[:], shop)
		move(t, tx, "loss", "double-spending", "loss", "merchant/"+shop, 15)
		return nil
	})
	if r := w.examine(t); !r.Sound() {
		t.Error(r.Findings)
	}
}

// Nobody has a receipt of a payment by token whose claim isn't kept: neither the terminal's own
// folder nor a customer.
func TestReceiptsByTokenNeedAClaim(t *testing.T) {
	receiptOf := func(c examiner.Claimed, to uint8) []byte {
		return receipt("payment", 77, "EUR:0.50", fmt.Sprintf(
			`, "offline": {"claim": "%x", "to": %d}`, c.Key, to))
	}
	meter := message.MeterClaim{Meter: message.Meter{Token: message.Hash{1}, From: 10, Max: 20}}
	account := meter.Meter.Digest()
	for name, test := range map[string]struct {
		raw   []byte
		sound bool
	}{
		"kept":                     {receiptOf(spend(1, 0, 10, ""), 10), true},
		"not kept":                 {receiptOf(spend(1, 20, 30, ""), 30), false},
		"ticks that are kept":      {receiptOf(examiner.Claimed{Key: account}, 15), true},
		"more ticks than are kept": {receiptOf(examiner.Claimed{Key: account}, 16), false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTokens(t)
			w.keep(t, 77, test.raw)
			if r := w.examine(t); r.Sound() != test.sound {
				t.Errorf("of a terminal: %v", r.Findings)
			}
			w = newTokens(t)
			told, acknowledged, err := examiner.ParseTold(test.raw)
			check(t, err)
			if !acknowledged || !told.ByToken() {
				t.Errorf("told: %+v", told)
			}
			w.told = []examiner.Told{told}
			if r := w.examine(t); r.Sound() != test.sound {
				t.Errorf("of a customer: %v", r.Findings)
			}
		})
	}
}
