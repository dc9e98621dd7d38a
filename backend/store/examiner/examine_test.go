package examiner_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/ledger"
	"tapbench/backend/store"
	"tapbench/backend/store/examiner"
)

// Each row plants what a fault in ledger, bank, TSM or terminal would leave behind.
func TestExamineFindsPlantedFaults(t *testing.T) {
	sql := func(role, query string, args ...any) func(*testing.T, world) {
		return func(t *testing.T, w world) {
			t.Helper()
			w.step(t, role, func(tx store.Tx) error { exec(t, tx, query, args...); return nil })
		}
	}
	inTSM := func(act func(t *testing.T, w world, tx store.Tx)) func(*testing.T, world) {
		return func(t *testing.T, w world) {
			t.Helper()
			w.step(t, "tsm", func(tx store.Tx) error { act(t, w, tx); return nil })
		}
	}
	for name, test := range map[string]struct {
		plant func(t *testing.T, w world)
		want  string
	}{
		"a balance that the postings don't say": {
			sql("bank", `UPDATE ledger_account SET credits_posted = credits_posted + 1
				WHERE id = 'customer/alice'`), "its postings say",
		},
		"a posting gone": {
			sql("tsm", `DROP TRIGGER ledger_posting_remains; DELETE FROM ledger_posting
				WHERE account LIKE 'merchant/%' AND side = 'credit' AND minor = 500`),
			"transfers have",
		},
		"a posting of another amount": {
			sql("tsm", `DROP TRIGGER ledger_posting_stays; UPDATE ledger_posting SET minor = 501
				WHERE account LIKE 'merchant/%' AND minor = 500`), "has no transfer of its own",
		},
		"a deposit raised":           {sql("bank", `UPDATE users SET deposit = 30000`), "the rows say"},
		"a funding that moved less":  {sql("bank", `UPDATE fundings SET amount = 9000`), "the rows say"},
		"a funding gone at the bank": {sql("bank", `DELETE FROM fundings`), "no bank moved it"},
		"a funding never booked": {
			inTSM(func(t *testing.T, _ world, tx store.Tx) {
				exec(t, tx, `UPDATE runs SET auth = NULL, handle = NULL`)
			}), "never booked",
		},
		"a remainder that came back at the bank alone": {
			sql("bank", `UPDATE fundings SET returned = 8000`), "came back here",
		},
		"a payment without its movement": {
			sql("tsm", `INSERT INTO payments (payment, pan, merchant, amount, tap, day)
				VALUES (x'09', x'01', 'MRC00001', 100, x'', 1)`), "differ by",
		},
		"a movement without its payment": {
			inTSM(func(t *testing.T, _ world, tx store.Tx) {
				move(t, tx, "twice", "payment", "account/"+tidText, "merchant/"+shop, 1250)
			}), "differ by",
		},
		"a one-show card that paid twice": {
			inTSM(func(t *testing.T, w world, tx store.Tx) { w.pay(t, tx, 9, 1, 100) }),
			"the card is for one",
		},
		"a payment above its card's limit": {
			inTSM(func(t *testing.T, w world, tx store.Tx) { w.pay(t, tx, 9, 9, 6000) }),
			"above the card's limit",
		},
		"a reversal booked twice": {
			inTSM(func(t *testing.T, _ world, tx store.Tx) {
				move(t, tx, "again", "reversal", "merchant/"+shop, "account/"+tidText, 700)
			}), "differ by",
		},
		"a reversal lost": {sql("tsm", `DELETE FROM reversals`), "differ by"},
		"refunds above the payment": {
			inTSM(func(t *testing.T, _ world, tx store.Tx) {
				exec(t, tx, `INSERT INTO refunds (refund, payment, amount) VALUES (x'02', $1, 400)`, stan(2))
				exec(t, tx, `INSERT INTO refunds (refund, payment, amount) VALUES (x'03', $1, 400)`, stan(2))
				move(t, tx, "r2", "refund", "merchant/"+shop, "account/"+tidText, 400)
				move(t, tx, "r3", "refund", "merchant/"+shop, "account/"+tidText, 400)
			}), "800 refunded",
		},
		"a draw at the bank alone": {
			sql("bank", `INSERT INTO draws (tsm, slot, lots, draw) VALUES ('TSM00001', 7, 1, $1)`,
				message.Encode(wire.SigDraw, message.Draw{
					TSM: message.NewPartyID(tsmName), Bank: message.NewPartyID(bankName), Slot: 7, Lots: 1,
				})), "were drawn in slot 7",
		},
		"a payout without its movement": {
			sql("tsm", `INSERT INTO payouts (merchant, slot, amount) VALUES ('MRC00001', 7, 100)`),
			"the rows say",
		},
		"cash that came from nowhere": {
			inTSM(func(t *testing.T, _ world, tx store.Tx) {
				open(t, tx, ledger.Asset, "cash")
				move(t, tx, "found", "found", "cash", "merchant/"+shop, 100)
			}), "the rows say",
		},
		"a claim without its batch": {
			sql("tsm", `INSERT INTO claims (tokid, claim, from_unit, to_unit, ticked, merchant, statement,
				paid) VALUES (x'01', x'02', 0, 5, 5, 'MRC00001', x'', 25)`), "more than their batches",
		},
		"a claim of a token that isn't there": {
			sql("tsm", `INSERT INTO claims (tokid, claim, from_unit, to_unit, ticked, merchant, statement,
				paid) VALUES (x'01', x'02', 0, 5, 5, 'MRC00001', x'', 25)`), "that aren't there",
		},
		"a unit that was claimed twice": {
			sql("tsm", `DROP TRIGGER claims_apart; INSERT INTO claims (tokid, claim, from_unit, to_unit,
				ticked, merchant, statement, paid) VALUES (x'01', x'02', 0, 5, 5, 'MRC00001', x'', 25),
				(x'01', x'03', 4, 6, 5, 'MRC00001', x'', 5)`), "was claimed twice",
		},
		"a batch without its movement": {
			sql("tsm", `INSERT INTO batches (batch, merchant, sequence, claims, amount, loss)
				VALUES (x'01', 'MRC00001', 1, 1, 25, 0)`), "movements and batches differ",
		},
		"a loss without its evidence": {
			inTSM(func(t *testing.T, _ world, tx store.Tx) {
				open(t, tx, ledger.Expense, "loss")
				move(t, tx, "lost", "double-spending", "loss", "merchant/"+shop, 100)
				exec(t, tx, `INSERT INTO batches (batch, merchant, sequence, claims, amount, loss)
					VALUES (x'01', 'MRC00001', 1, 1, 0, 100)`)
			}), "out of the loss more than",
		},
		"an account for nobody": {
			inTSM(func(t *testing.T, _ world, tx store.Tx) { open(t, tx, 2, "suspense") }),
			"has no purpose",
		},
		"a receipt that isn't booked": {
			func(t *testing.T, w world) { t.Helper(); w.receipt(t, 9, "EUR:1.00", "") },
			"isn't booked at the TSM",
		},
		"a receipt over more than was booked": {
			func(t *testing.T, w world) { t.Helper(); w.receipt(t, 2, "EUR:5.01", "") },
			"isn't booked at the TSM",
		},
		"a receipt of a payment that was reversed": {
			func(t *testing.T, w world) { t.Helper(); w.receipt(t, 3, "EUR:7.00", "") },
			"isn't booked at the TSM",
		},
		"a booked payment that no terminal has": {
			func(t *testing.T, w world) {
				t.Helper()
				check(t, os.Remove(filepath.Join(w.dir, "terminal", "receipts", "receipt-2.json")))
			}, "no terminal has it",
		},
		"a reversal that the TSM never booked": {
			func(t *testing.T, w world) {
				t.Helper()
				w.receipt(t, 2, "EUR:5.00", `, "reversed": true`)
			}, "stands at the TSM",
		},
		"a booked refund that no terminal has": {
			func(t *testing.T, w world) {
				t.Helper()
				check(t, os.Remove(filepath.Join(w.dir, "terminal", "receipts", "receipt-4.json")))
			}, "a refund of 200 is booked",
		},
		"a refund that isn't booked": {
			func(t *testing.T, w world) { t.Helper(); w.keep(t, 5, receipt("refund", 5, "EUR:1.00", "")) },
			"the refund 000005",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			test.plant(t, w)
			r, err := examiner.Examine(t.Context(), w.files())
			check(t, err)
			var found []string
			for _, f := range r.Findings {
				found = append(found, f.String())
			}
			if all := strings.Join(found, "\n"); !strings.Contains(all, test.want) {
				t.Errorf("want a finding with %q, got:\n%s", test.want, all)
			}
		})
	}
}

func TestExamineSaysWhereEveryUnitIs(t *testing.T) {
	w := newWorld(t)
	r, err := examiner.Examine(t.Context(), w.files())
	check(t, err)
	want := examiner.Report{
		HandedIn: 20000, Payments: 2, Reversed: 1, Findings: []examiner.Finding{},
		Places: []examiner.Place{
			{Name: examiner.PlaceCustomer, Minor: 10000},
			{Name: examiner.PlaceAccount, Minor: 8450},
			{Name: examiner.PlaceMerchant, Minor: 1550},
		},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
}

// What a killed terminal's journal still has to end may be booked or not.
func TestExamineLetsTheJournalEndWhatIsPending(t *testing.T) {
	w := newWorld(t)
	check(t, os.Remove(filepath.Join(w.dir, "terminal", "receipts", "receipt-2.json")))
	w.journal(t, `{"amount": "EUR:5.00", "merchant": "MRC00001-SHOP  ", "terminal": "POS00001",
		"stan": 2, "sent": "1121101010"}`)
	r, err := examiner.Examine(t.Context(), w.files())
	check(t, err)
	if !r.Sound() {
		t.Error(r.Findings)
	}
}

// A refund without an answer may be booked, too.
func TestExamineLetsTheJournalAskForARefund(t *testing.T) {
	w := newWorld(t)
	check(t, os.Remove(filepath.Join(w.dir, "terminal", "receipts", "receipt-4.json")))
	check(t, os.WriteFile(filepath.Join(w.dir, "terminal", "journal"), []byte(`{"refund": {
		"amount": "EUR:2.00", "merchant": "MRC00001-SHOP  ", "terminal": "POS00001", "stan": 4,
		"sent": "1121101010"}}`), 0o600))
	r, err := examiner.Examine(t.Context(), w.files())
	check(t, err)
	if !r.Sound() {
		t.Error(r.Findings)
	}
}

// A funding whose answer was lost is under way, not lost.
func TestExamineKnowsWhatIsUnderWay(t *testing.T) {
	w := newWorld(t)
	files := examiner.Files{Stores: w.files().Stores[:1]}
	r, err := examiner.Examine(t.Context(), files)
	check(t, err)
	if !r.Sound() || r.Places[1] != (examiner.Place{Name: examiner.PlaceUnderWay, Minor: 10000}) {
		t.Errorf("got %+v", r)
	}
}

func TestExamineRefusesForeignFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes.db")
	check(t, os.WriteFile(path, []byte("notes"), 0o600))
	_, err := examiner.Examine(t.Context(), examiner.Files{Stores: []string{path}})
	if err == nil {
		t.Error("notes were taken for a store")
	}
	w := newWorld(t)
	check(t, os.WriteFile(filepath.Join(w.dir, "terminal", "journal"), []byte("notes"), 0o600))
	_, err = examiner.Examine(t.Context(), w.files())
	if !errors.Is(err, examiner.ErrForeign) {
		t.Errorf("got %v", err)
	}
}
