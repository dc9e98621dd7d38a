package wallet_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/backend/api"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/settlement"
	"tapbench/backend/store"
	"tapbench/backend/store/examiner"
	"tapbench/backend/tsm"
)

// purchase is a payment some days after the account was funded.
type purchase struct {
	day    int
	amount string
}

// season is a shop over the whole life of one account.
type season struct {
	*shop
	start time.Time
	now   time.Time
	heard []string // all that the bank has received: when, and what of it isn't random
}

func newSeason(t *testing.T) *season {
	t.Helper()
	return seasonOf(t, newShop(t))
}

func seasonOf(t *testing.T, shop *shop) *season {
	t.Helper()
	s := &season{shop: shop}
	s.start = time.Now().Truncate(settlement.SlotLength).Add(9 * time.Hour)
	s.now = s.start
	s.Now = func() time.Time { return s.now }
	s.Link.Change = func(path string, raw []byte) ([]byte, error) {
		s.heard = append(s.heard, fmt.Sprintf("%v %s %s", s.now.Sub(s.start), path, said(t, path, raw)))
		return raw, nil
	}
	return s
}

// said is what of a message to the bank isn't random: all but handles, hashes and signatures.
func said(t *testing.T, path string, raw []byte) string {
	t.Helper()
	switch path {
	case api.PathDraw:
		var q api.DrawRequest
		check(t, json.Unmarshal(raw, &q))
		m, err := message.Decode[message.Draw](wire.SigDraw, q.Draw)
		check(t, err)
		return fmt.Sprintf("%d lots, %d bytes", m.Lots, len(raw))
	case api.PathReturn:
		var q api.ReturnRequest
		check(t, json.Unmarshal(raw, &q))
		m, err := message.Decode[message.Return](wire.SigReturn, q.Batch)
		check(t, err)
		rest, err := message.ParseRemainders(q.Remainders)
		check(t, err)
		limits := []message.Limit{}
		for _, r := range rest {
			limits = append(limits, r.Limit)
		}
		return fmt.Sprintf("repays %d, returns %v, %d bytes", m.Repaid, limits, len(raw))
	default:
		return fmt.Sprintf("%d bytes", len(raw))
	}
}

// live lets the account's whole life pass: purchases in the afternoon, the terminal's day closed in
// the evening, settlement at each midnight.
func (s *season) live(t *testing.T, purchases []purchase) {
	t.Helper()
	const days = 6
	for day := range days {
		s.now = s.start.AddDate(0, 0, day)
		for _, p := range purchases {
			if p.day == day {
				s.now = s.now.Add(time.Hour)
				s.authorise(t, s.tap(t, money.Must(p.amount)), acquirer.CodeApproved)
			}
		}
		s.closeDay(t)
		s.now = s.start.Truncate(settlement.SlotLength).AddDate(0, 0, day+1)
		s.settle(t)
	}
	expiry := message.Epoch(s.wallet.State().TIDs[0].Expiry)
	s.now = settlement.ReturnsAt(expiry)
	s.settle(t)
}

func (s *season) closeDay(t *testing.T) {
	t.Helper()
	s.stan++
	answer, err := s.TSM.Reconcile(t.Context(), acquirer.ReconcileRequest{
		Key: s.key(), Date: s.now.Format("0102"), Currency: money.EUR,
	})
	if err != nil || answer.Code != acquirer.CodeApproved && answer.Code != acquirer.CodeReconcile {
		t.Fatalf("closing the day: %v, %v", answer.Code, err)
	}
}

// settle settles twice, since a timer may, and checks the books after it.
func (s *season) settle(t *testing.T) tsm.Settled {
	t.Helper()
	done, err := s.TSM.Settle(t.Context())
	check(t, err)
	for _, d := range done.Draws {
		check(t, d.Err)
	}
	for _, r := range done.Returns {
		check(t, r.Err)
	}
	heard := len(s.heard)
	again, err := s.TSM.Settle(t.Context())
	check(t, err)
	if len(again.Draws)+len(again.Payouts)+len(again.Returns) > 0 || len(s.heard) != heard {
		t.Errorf("settled twice in one slot: %+v", again)
	}
	s.balanced(t)
	return done
}

// balanced checks that every book balances, that both sides agree, and that nothing is lost.
func (s *season) balanced(t *testing.T) {
	t.Helper()
	banks, service := accounts(t, s.BankDB), accounts(t, s.TSMDB)
	held := banks["escrow/"+s.TSM.ID.String()]
	claimed := service["escrow/"+s.Bank.ID.String()]
	if held != claimed {
		t.Errorf("the bank holds %d, the TSM claims %d", held, claimed)
	}
	s.examine(t)
	const deposit = 20000
	inside := banks["cash"] + service["cash"] // what was paid out to merchants is gone
	if want := deposit - s.paidOut(t); inside != want {
		t.Errorf("bank and TSM have %d in cash, want %d", inside, want)
	}
}

// examine holds the parties' rows against their books, where they are in files.
func (s *season) examine(t *testing.T) {
	t.Helper()
	var files []string
	for db, name := range map[store.Store]string{s.BankDB: "bank.db", s.TSMDB: "tsm.db"} {
		if _, ok := db.(store.SQLite); ok {
			files = append(files, filepath.Join(s.Home, name))
		}
	}
	if len(files) == 0 {
		return
	}
	report, err := examiner.Examine(t.Context(), examiner.Files{Stores: files})
	check(t, err)
	for _, finding := range report.Findings {
		t.Error(finding)
	}
}

func (s *season) paidOut(t *testing.T) (minor int64) {
	t.Helper()
	check(t, s.TSMDB.View(context.Background(), func(tx store.Tx) error {
		return tx.QueryRowContext(context.Background(),
			`SELECT coalesce(sum(amount), 0) FROM payouts`).Scan(&minor)
	}))
	return minor
}

// accounts are the balances of a party, after an audit of its books.
func accounts(t *testing.T, db store.Store) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	check(t, db.View(context.Background(), func(tx store.Tx) error {
		if err := ledger.Audit(context.Background(), tx); err != nil {
			return err
		}
		all, err := tx.Accounts(context.Background())
		for _, a := range all {
			out[string(a.ID)] = a.Balance()
		}
		return err
	}))
	return out
}

// TestBankHearsNothingOfPurchases lives one account's life several times, with the same total: all
// that the bank receives is equal, in content and in time. Once tokens are withdrawn beside the
// purchases, of which one is closed and one is left to reclaim.
func TestBankHearsNothingOfPurchases(t *testing.T) {
	const withTokens = "beside tokens"
	var want []string
	for name, purchases := range map[string][]purchase{
		"all on the first day": {{0, "EUR:15.00"}, {0, "EUR:15.00"}},
		"one late":             {{5, "EUR:30.00"}},
		withTokens:             {{2, "EUR:30.00"}},
		"some each day": {
			{0, "EUR:5.00"},
			{1, "EUR:5.00"},
			{2, "EUR:5.00"},
			{3, "EUR:5.00"},
			{4, "EUR:9.99"},
			{5, "EUR:0.01"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSeason(t)
			if name == withTokens {
				s.withdraw(t, 0, 5)
				s.withdraw(t, 1, 1)
				s.giveUp(t, 1)
			}
			s.live(t, purchases)
			if s.paidOut(t) != 3000 {
				t.Errorf("the merchant was paid %d", s.paidOut(t))
			}
			if want == nil {
				want = s.heard
				for _, line := range s.heard {
					t.Log(line)
				}
			}
			if diff := cmp.Diff(want, s.heard); diff != "" {
				t.Errorf("the bank can tell the difference:\n%s", diff)
			}
		})
	}
}

// TestSettlementGoesOnWhereItBroke loses each answer of the bank once.
func TestSettlementGoesOnWhereItBroke(t *testing.T) {
	onBothStores(t, testSettlementGoesOnWhereItBroke)
}

func testSettlementGoesOnWhereItBroke(t *testing.T, shop *shop) {
	s := seasonOf(t, shop)
	lost := errors.New("lost")
	seen := map[string]int{}
	s.Link.Answer = func(path string, raw []byte) ([]byte, error) {
		if seen[path]++; seen[path] == 1 {
			return nil, lost
		}
		return raw, nil
	}
	s.authorise(t, s.tap(t, money.Must("EUR:12.34")), acquirer.CodeApproved)
	s.closeDay(t)
	s.now = s.start.AddDate(0, 0, 1)
	first, err := s.TSM.Settle(t.Context())
	check(t, err)
	if len(first.Draws) != 1 || first.Draws[0].Err == nil || len(first.Payouts) != 0 {
		t.Errorf("with the answer lost: %+v", first)
	}
	second := s.settle(t)
	if len(second.Draws) != 1 || len(second.Payouts) != 1 || second.Payouts[0].Amount.Minor() != 1234 {
		t.Errorf("asked again: %+v", second)
	}
	s.now = settlement.ReturnsAt(message.Epoch(s.wallet.State().TIDs[0].Expiry))
	third, err := s.TSM.Settle(t.Context())
	check(t, err)
	if len(third.Returns) != 1 || third.Returns[0].Err == nil {
		t.Errorf("with the receipt lost: %+v", third)
	}
	s.settle(t)
	if got := accounts(t, s.BankDB)["customer/alice"]; got != 20000-1234 {
		t.Errorf("alice has %d", got)
	}
}

func TestDrawRefused(t *testing.T) {
	s := newSeason(t)
	slot := settlement.SlotAt(s.now)
	draw := func(change func(m *message.Draw)) api.DrawRequest {
		m := message.Draw{TSM: s.TSM.ID, Bank: s.Bank.ID, Slot: slot, Lots: 1}
		change(&m)
		sig, err := message.Sign(s.TSM.SignKey, m.Digest())
		check(t, err)
		m.Signature = sig
		return api.DrawRequest{Draw: message.Encode(wire.SigDraw, m)}
	}
	unsigned := draw(func(*message.Draw) {})
	unsigned.Draw[len(unsigned.Draw)-1]++
	before := accounts(t, s.BankDB)
	for name, row := range map[string]struct {
		tsm  message.PartyID
		ask  api.DrawRequest
		want api.Code
	}{
		"cut off":           {s.TSM.ID, api.DrawRequest{Draw: unsigned.Draw[1:]}, api.CodeMalformed},
		"another signature": {s.TSM.ID, unsigned, api.CodeSignature},
		"another TSM": {
			message.NewPartyID("TSM99999"), draw(func(*message.Draw) {}), api.CodeForbidden,
		},
		"another bank":   {s.TSM.ID, draw(func(m *message.Draw) { m.Bank[0]++ }), api.CodeMismatch},
		"a slot to come": {s.TSM.ID, draw(func(m *message.Draw) { m.Slot++ }), api.CodeState},
		"more than the escrow holds": {
			s.TSM.ID, draw(func(m *message.Draw) { m.Lots = 6 }), api.CodeLimit,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Bank.Draw(t.Context(), row.tsm, row.ask)
			if !errors.Is(err, &api.Problem{Code: row.want}) {
				t.Errorf("got %v, want %s", err, row.want)
			}
			if diff := cmp.Diff(before, accounts(t, s.BankDB)); diff != "" {
				t.Errorf("something moved:\n%s", diff)
			}
		})
	}
	t.Run("the slot twice", func(t *testing.T) {
		for range 2 {
			_, err := s.Bank.Draw(t.Context(), s.TSM.ID, draw(func(*message.Draw) {}))
			check(t, err)
		}
		if got := accounts(t, s.BankDB)["escrow/"+s.TSM.ID.String()]; got != 4000 {
			t.Errorf("the escrow holds %d", got)
		}
		for name, change := range map[string]func(m *message.Draw){
			"with more lots": func(m *message.Draw) { m.Lots = 2 },
			"an earlier one": func(m *message.Draw) { m.Slot-- },
		} {
			if _, err := s.Bank.Draw(t.Context(), s.TSM.ID, draw(change)); err == nil {
				t.Errorf("%s: accepted", name)
			}
		}
	})
}

func TestDrawReceiptRefused(t *testing.T) {
	s := newSeason(t)
	receipt := func(m message.Drawn) []byte {
		raw, err := json.Marshal(api.DrawResponse{Receipt: message.Encode(wire.SigDrawn, m)})
		check(t, err)
		return raw
	}
	for name, row := range map[string]struct {
		answer func(genuine message.Drawn) []byte
		want   api.Code
	}{
		"nothing": {func(message.Drawn) []byte { return []byte("{}") }, api.CodeSignature},
		"the TSM's own signature": {func(m message.Drawn) []byte {
			sig, err := message.Sign(s.TSM.SignKey, m.Digest())
			check(t, err)
			m.Signature = sig
			return receipt(m)
		}, api.CodeSignature},
		"a receipt for another draw": {func(m message.Drawn) []byte {
			m.Draw[0]++
			sig, err := message.Sign(s.Bank.SignKey, m.Digest())
			check(t, err)
			m.Signature = sig
			return receipt(m)
		}, api.CodeMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			s.Link.Answer = func(_ string, raw []byte) ([]byte, error) {
				var answer api.DrawResponse
				check(t, json.Unmarshal(raw, &answer))
				m, err := message.Decode[message.Drawn](wire.SigDrawn, answer.Receipt)
				check(t, err)
				return row.answer(m), nil
			}
			done, err := s.TSM.Settle(t.Context())
			check(t, err)
			if len(done.Draws) != 1 || !errors.Is(done.Draws[0].Err, &api.Problem{Code: row.want}) {
				t.Errorf("got %+v, want %s", done.Draws, row.want)
			}
			if cash := accounts(t, s.TSMDB)["cash"]; cash != 0 {
				t.Errorf("%d are booked", cash)
			}
		})
	}
	s.Link.Answer = nil
	s.settle(t)
	if cash := accounts(t, s.TSMDB)["cash"]; cash != 5000 {
		t.Errorf("with the genuine receipt %d are booked", cash)
	}
}
