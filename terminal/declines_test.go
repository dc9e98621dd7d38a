package terminal_test

import (
	"testing"

	"tapbench/backend/acquirer"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/store"
	"tapbench/terminal"
)

// sale is a payment at the TSM, and the messages that could follow it.
type sale struct {
	*market
	paid    acquirer.Key
	receipt terminal.Receipt
	stan    uint32
}

func newSale(t *testing.T) *sale {
	t.Helper()
	m := newMarket(t)
	m.newCard(t)
	r, err := m.start(t).Pay(t.Context(), amount())
	if err != nil || !r.Approved() {
		t.Fatalf("Pay: got %+v, %v", r, err)
	}
	merchant, err := acquirer.NewMerchant(r.Merchant)
	if err != nil {
		t.Fatal(err)
	}
	name, err := acquirer.NewTerminal(r.Terminal)
	if err != nil {
		t.Fatal(err)
	}
	k, err := acquirer.NewKey(string(merchant[:]), string(name[:]), r.STAN, string(r.Sent))
	if err != nil {
		t.Fatal(err)
	}
	k.Party = m.merchant
	return &sale{market: m, paid: k, receipt: r, stan: 1000}
}

// next returns the key of a further message.
func (s *sale) next() acquirer.Key {
	k := s.paid
	s.stan++
	k.STAN = s.stan
	return k
}

func (s *sale) refund(change func(q *acquirer.RefundRequest)) func(*testing.T) acquirer.Code {
	q := acquirer.RefundRequest{
		Key: s.next(), Original: s.paid, RRN: s.receipt.RRN, Amount: euros("1.00"),
	}
	if change != nil {
		change(&q)
	}
	return func(t *testing.T) acquirer.Code {
		a, err := s.tsm.Refund(t.Context(), q)
		if err != nil || (a.RRN != "") != a.Code.Approved() {
			t.Errorf("refund: got %+v, %v", a, err)
		}
		return a.Code
	}
}

func (s *sale) advise(change func(q *acquirer.AdviceRequest)) func(*testing.T) acquirer.Code {
	return func(t *testing.T) acquirer.Code {
		j := s.start(t).Journal()
		q := acquirer.AdviceRequest{
			Key: s.next(), Original: s.paid, RRN: s.receipt.RRN, Amount: amount(),
			Completion: j.Advices()[0].Completion,
		}
		if change != nil {
			change(&q)
		}
		a, err := s.tsm.Advise(t.Context(), q)
		if err != nil {
			t.Errorf("advice: %v", err)
		}
		return a.Code
	}
}

func (s *sale) reverse() func(*testing.T) acquirer.Code {
	return func(t *testing.T) acquirer.Code {
		a, err := s.tsm.Reverse(t.Context(), acquirer.ReversalRequest{
			Key: s.next(), Original: s.paid, Amount: amount(),
		})
		if err != nil {
			t.Errorf("reversal: %v", err)
		}
		return a.Code
	}
}

func (s *sale) reconcile(change func(q *acquirer.ReconcileRequest)) func(*testing.T) acquirer.Code {
	q := acquirer.ReconcileRequest{Key: s.next(), Date: "1121", Currency: money.EUR}
	if change != nil {
		change(&q)
	}
	return func(t *testing.T) acquirer.Code {
		a, err := s.tsm.Reconcile(t.Context(), q)
		if err != nil {
			t.Errorf("reconciliation: %v", err)
		}
		return a.Code
	}
}

// emptied has the merchant's balance paid out.
func (s *sale) emptied(t *testing.T) {
	t.Helper()
	s.step(t, func(tx store.Tx) error {
		_, err := ledger.Execute(t.Context(), tx, ledger.Transfer{
			ID: ledger.NewTransferID([]byte("out")), Amount: amount(), Reason: "out",
			Debit:  ledger.AccountID("merchant/" + s.merchant.String()),
			Credit: "escrow/BKTEST01",
		})
		return err
	})
}

// Each reason that the TSM has to decline what follows a payment, and that the same request gets
// the same answer once more.
func TestTSMDeclines(t *testing.T) {
	t.Parallel()
	type ask = func(*testing.T) acquirer.Code
	const (
		stale   = acquirer.CodeInvalidTransaction
		amounts = acquirer.CodeInvalidAmount
	)
	for name, test := range map[string]struct {
		before func(t *testing.T, s *sale)
		ask    func(s *sale) ask
		want   acquirer.Code
	}{
		"refund of another number": {nil, func(s *sale) ask {
			return s.refund(func(q *acquirer.RefundRequest) { q.RRN = "000000000000" })
		}, stale},
		"refund of no payment": {nil, func(s *sale) ask {
			return s.refund(func(q *acquirer.RefundRequest) { q.Original.STAN++ })
		}, stale},
		"refund of another merchant's payment": {nil, func(s *sale) ask {
			return s.refund(func(q *acquirer.RefundRequest) { q.Original.Party[0]++ })
		}, stale},
		"refund of more": {nil, func(s *sale) ask {
			return s.refund(func(q *acquirer.RefundRequest) { q.Amount = euros("12.51") })
		}, amounts},
		"refund in another currency": {nil, func(s *sale) ask {
			return s.refund(func(q *acquirer.RefundRequest) { q.Amount = money.Must("USD:1.00") })
		}, amounts},
		"refund after a reversal": {
			func(t *testing.T, s *sale) { s.reverse()(t) },
			func(s *sale) ask { return s.refund(nil) }, stale,
		},
		"refund without a balance": {
			func(t *testing.T, s *sale) { s.emptied(t) },
			func(s *sale) ask { return s.refund(nil) }, acquirer.CodeInsufficientFunds,
		},
		"refund": {nil, func(s *sale) ask { return s.refund(nil) }, acquirer.CodeApproved},
		"reversal after a refund": {
			func(t *testing.T, s *sale) { s.refund(nil)(t) },
			func(s *sale) ask { return s.reverse() }, stale,
		},
		"reversal on the next day": {
			func(t *testing.T, s *sale) { s.reconcile(nil)(t) },
			func(s *sale) ask { return s.reverse() }, stale,
		},
		"reversal": {nil, func(s *sale) ask { return s.reverse() }, acquirer.CodeApproved},
		"advice of another number": {nil, func(s *sale) ask {
			return s.advise(func(q *acquirer.AdviceRequest) { q.RRN = "000000000000" })
		}, stale},
		"advice of another amount": {nil, func(s *sale) ask {
			return s.advise(func(q *acquirer.AdviceRequest) { q.Amount = euros("12.51") })
		}, stale},
		"advice with another TC": {nil, func(s *sale) ask {
			return s.advise(func(q *acquirer.AdviceRequest) { q.Completion.TC[0]++ })
		}, acquirer.CodeSecurity},
		"advice of an AAC": {nil, func(s *sale) ask {
			return s.advise(func(q *acquirer.AdviceRequest) { q.Completion.CID = 0 })
		}, acquirer.CodeSecurity},
		"advice of another tap": {nil, func(s *sale) ask {
			return s.advise(func(q *acquirer.AdviceRequest) { q.Completion.Terminal.UN[0]++ })
		}, acquirer.CodeSecurity},
		"advice after a reversal": {
			func(t *testing.T, s *sale) { s.reverse()(t) },
			func(s *sale) ask { return s.advise(nil) }, stale,
		},
		"advice": {nil, func(s *sale) ask { return s.advise(nil) }, acquirer.CodeApproved},
		"reconciliation in another currency": {nil, func(s *sale) ask {
			return s.reconcile(func(q *acquirer.ReconcileRequest) { q.Currency = money.USD })
		}, stale},
		"reconciliation of nothing": {
			nil, func(s *sale) ask { return s.reconcile(nil) }, acquirer.CodeReconcile,
		},
		"reconciliation": {nil, func(s *sale) ask {
			return s.reconcile(func(q *acquirer.ReconcileRequest) { q.Totals.Payments.Add(amount()) })
		}, acquirer.CodeApproved},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // it waits for disks
			s := newSale(t)
			if test.before != nil {
				test.before(t, s)
			}
			ask := test.ask(s)
			for range 2 {
				if got := ask(t); got != test.want {
					t.Errorf("got %s (%s), want %s", string(got), got, string(test.want))
				}
			}
		})
	}
}

// A key that was used for one request is refused for another.
func TestTSMRefusesAnotherRequestUnderAKey(t *testing.T) {
	t.Parallel()
	s := newSale(t)
	k := s.next()
	same := func(q *acquirer.RefundRequest) { q.Key = k }
	if got := s.refund(same)(t); !got.Approved() {
		t.Fatalf("refund: got %s", string(got))
	}
	more := func(q *acquirer.RefundRequest) { q.Key, q.Amount = k, euros("2.00") }
	if got := s.refund(more)(t); got != acquirer.CodeDuplicate {
		t.Errorf("another refund: got %s", string(got))
	}
	day := func(q *acquirer.ReconcileRequest) { q.Key = k }
	s.reconcile(day)(t)
	other := func(q *acquirer.ReconcileRequest) { q.Key, q.Date = k, "1122" }
	if got := s.reconcile(other)(t); got != acquirer.CodeDuplicate {
		t.Errorf("another close: got %s", string(got))
	}
}
