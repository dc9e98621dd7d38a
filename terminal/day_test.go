package terminal_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"tapbench/backend/acquirer"
	"tapbench/backend/money"
	"tapbench/terminal"
	"tapbench/terminal/journal"
	"tapbench/terminal/kernel"
	"tapbench/terminal/terminaltest"
)

func euros(text string) money.Amount { return money.Must("EUR:" + text) }

func left() money.Amount { return money.Zero(money.EUR) }

// paid takes a payment of 12.50 with a new card.
func (s *shop) paid(t *testing.T, pos *terminal.POS) terminal.Receipt {
	t.Helper()
	s.card = s.issuer.Card(t)
	r, err := pos.Pay(t.Context(), amount())
	if err != nil || !r.Approved() {
		t.Fatalf("Pay: got %+v, %v", r, err)
	}
	return r
}

// agrees starts the terminal anew with everything working, finishes what is open, and compares what
// it has counted with what the TSM has.
func (s *shop) agrees(t *testing.T) *terminal.POS {
	t.Helper()
	s.disk.Restore()
	s.issuer.Before, s.issuer.After = nil, nil
	pos := s.open(t)
	if _, err := pos.Recover(t.Context()); err != nil {
		t.Fatalf("Recover: %v", err)
	}
	if _, err := pos.Advise(t.Context()); err != nil {
		t.Fatalf("Advise: %v", err)
	}
	if got, want := pos.Journal().Totals(), s.issuer.Totals(); got != want {
		t.Errorf("totals: the terminal has %+v, the TSM %+v", got, want)
	}
	return pos
}

func TestRefundRefuses(t *testing.T) {
	s := newShop(t)
	pos := s.open(t)
	voided := s.paid(t, pos)
	if _, err := pos.Void(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := s.paid(t, pos)
	for _, test := range []struct {
		name, rrn string
		amount    money.Amount
		want      error
	}{
		{"unknown number", "000000000000", left(), terminal.ErrNoReceipt},
		{"voided payment", voided.RRN, left(), terminal.ErrNotRefundable},
		{"more than was paid", r.RRN, euros("12.51"), terminal.ErrNotRefundable},
		{"another currency", r.RRN, money.Must("USD:1.00"), terminal.ErrNotRefundable},
	} {
		if _, err := pos.Refund(t.Context(), test.rrn, test.amount); !errors.Is(err, test.want) {
			t.Errorf("%s: got error %v, want %v", test.name, err, test.want)
		}
	}
	for _, text := range []string{"3.00", "9.00", "0.50"} {
		back, err := pos.Refund(t.Context(), r.RRN, euros(text))
		if err != nil || !back.Approved() || back.Original != r.RRN || back.RRN == r.RRN {
			t.Errorf("%s: got %+v, %v", text, back, err)
		}
	}
	if _, err := pos.Refund(t.Context(), r.RRN, left()); !errors.Is(err, terminal.ErrNotRefundable) {
		t.Errorf("nothing left: got error %v, want %v", err, terminal.ErrNotRefundable)
	}
	s.agrees(t)
}

// Another payment's receipt that can't be read keeps no refund from finding its own.
func TestRefundReadsItsOwnReceipts(t *testing.T) {
	s := newShop(t)
	pos := s.open(t)
	r := s.paid(t, pos)
	if err := s.kept.Save("receipt-1121101010-000099-000000000099", []byte("torn")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if back, err := pos.Refund(t.Context(), r.RRN, euros("0.01")); err != nil || !back.Approved() {
			t.Fatalf("got %+v, %v", back, err)
		}
	}
	if _, refunded, err := pos.Find(r.RRN); err != nil || refunded != 2 {
		t.Errorf("got %d given back, %v", refunded, err)
	}
	s.agrees(t)
}

// The TSM has the last word on a refund: a terminal that has lost its receipts can't have more
// given back than was paid.
func TestRefundDeclined(t *testing.T) {
	s := newShop(t)
	pos := s.open(t)
	r := s.paid(t, pos)
	mine := *s.kept
	s.kept = &terminaltest.Archive{Disk: s.disk}
	elsewhere := s.open(t)
	for _, name := range []string{"receipt-" + string(r.Sent) + "-000001-" + r.RRN} {
		raw, err := mine.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.kept.Save(name, raw); err != nil {
			t.Fatal(err)
		}
	}
	if back, err := elsewhere.Refund(t.Context(), r.RRN, left()); err != nil || !back.Approved() {
		t.Fatalf("got %+v, %v", back, err)
	}
	s.kept = &mine
	back, err := s.open(t).Refund(t.Context(), r.RRN, euros("0.01"))
	if err != nil || back.Approved() || back.Code != string(acquirer.CodeInvalidAmount) {
		t.Errorf("got %+v, %v", back, err)
	}
	s.agrees(t)
}

func TestVoidRefuses(t *testing.T) {
	s := newShop(t)
	pos := s.open(t)
	void := func(when string) {
		t.Helper()
		if _, err := pos.Void(t.Context()); !errors.Is(err, journal.ErrNothingToVoid) {
			t.Errorf("%s: got error %v, want %v", when, err, journal.ErrNothingToVoid)
		}
	}
	void("nothing paid")
	r := s.paid(t, pos)
	if r, err := pos.Void(t.Context()); err != nil || !r.Reversed || s.issuer.Booked() != 0 {
		t.Errorf("Void: got %+v, %v, %d booked", r, err, s.issuer.Booked())
	}
	void("voided before")
	r = s.paid(t, pos)
	if _, err := pos.Refund(t.Context(), r.RRN, euros("1.00")); err != nil {
		t.Fatal(err)
	}
	void("refunded")
	s.paid(t, pos)
	if d, err := pos.CloseDay(t.Context()); err != nil || !d.Balanced {
		t.Fatalf("CloseDay: got %+v, %v", d, err)
	}
	void("day closed")
	s.agrees(t)
}

// A void that the TSM refuses for good leaves the payment as it is, and holds nothing up.
func TestVoidIsRefused(t *testing.T) {
	s := newShop(t)
	pos := s.open(t)
	s.paid(t, pos)
	c := s.config(t)
	c.Acquirer = refuser{s.issuer}
	var err error
	if c.Journal, err = journal.Open(s.disk); err != nil {
		t.Fatal(err)
	}
	refused, err := terminal.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := refused.Void(t.Context()); !errors.Is(err, terminal.ErrVoidRefused) {
		t.Errorf("got error %v, want %v", err, terminal.ErrVoidRefused)
	}
	s.paid(t, s.agrees(t))
}

func TestCloseDay(t *testing.T) {
	s := newShop(t)
	pos := s.open(t)
	s.paid(t, pos)
	if _, err := pos.Void(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := s.paid(t, pos)
	if _, err := pos.Refund(t.Context(), r.RRN, euros("2.50")); err != nil {
		t.Fatal(err)
	}
	d, err := pos.CloseDay(t.Context())
	want := acquirer.Totals{
		Payments:  acquirer.Tally{Count: 2, Minor: 2500},
		Reversals: acquirer.Tally{Count: 1, Minor: 1250},
		Refunds:   acquirer.Tally{Count: 1, Minor: 250},
	}
	if err != nil || !d.Balanced || d.Totals != want || d.TSM != want || s.issuer.Advised() != 1 {
		t.Errorf("got %+v, %v, %d advised", d, err, s.issuer.Advised())
	}
	if text := d.String(); !strings.HasSuffix(text, "IN BALANCE\n") ||
		!strings.Contains(text, "NET                                10.00\n") {
		t.Errorf("report: got\n%s", text)
	}
}

// A terminal that has lost its memory closes a day that is out of balance; the one after it isn't.
func TestCloseDayOutOfBalance(t *testing.T) {
	s := newShop(t)
	s.paid(t, s.open(t))
	s.disk = new(terminaltest.Disk)
	s.kept.Disk = s.disk
	d, err := s.open(t).CloseDay(t.Context())
	if err != nil || d.Balanced || !strings.Contains(d.String(), "OUT OF BALANCE") {
		t.Errorf("memory lost: got %+v, %v", d, err)
	}
	s.paid(t, s.open(t))
	if d, err = s.open(t).CloseDay(t.Context()); err != nil || !d.Balanced {
		t.Errorf("the day after: got %+v, %v", d, err)
	}
	days, err := s.open(t).Days()
	if err != nil || len(days) != 2 {
		t.Errorf("Days: got %d, %v", len(days), err)
	}
}

// acts are what a merchant does after a payment.
func acts() map[string]func(*testing.T, *terminal.POS, terminal.Receipt) error {
	return map[string]func(*testing.T, *terminal.POS, terminal.Receipt) error{
		"void": func(t *testing.T, pos *terminal.POS, _ terminal.Receipt) error {
			_, err := pos.Void(t.Context())
			return err
		},
		"refund": func(t *testing.T, pos *terminal.POS, r terminal.Receipt) error {
			_, err := pos.Refund(t.Context(), r.RRN, euros("5.00"))
			return err
		},
		"close": func(t *testing.T, pos *terminal.POS, _ terminal.Receipt) error {
			_, err := pos.CloseDay(t.Context())
			return err
		},
	}
}

// Power fails at every commit of every act, before or after it has reached the disk. After the next
// start both sides have the same totals, and the act was carried out once or not at all.
func TestPowerFailsInEachAct(t *testing.T) {
	for name, act := range acts() {
		for _, kept := range []bool{false, true} {
			for at := 1; ; at++ {
				s := newShop(t)
				pos := s.open(t)
				r := s.paid(t, pos)
				s.disk.FailAt, s.disk.Kept = s.disk.Commits+at, kept
				err := act(t, pos, r)
				dead := s.disk.Dead()
				if dead == (err == nil) {
					t.Errorf("%s at %d, kept %v: power failed %v, error %v", name, at, kept, dead, err)
				}
				s.once(t, fmt.Sprintf("%s at %d, kept %v", name, at, kept), name, r)
				if !dead {
					break
				}
			}
		}
	}
}

// once finishes what is open, asks for the act once more as a merchant would who saw no answer, and
// checks that it was carried out once.
func (s *shop) once(t *testing.T, when, name string, r terminal.Receipt) {
	t.Helper()
	pos := s.agrees(t)
	totals := s.issuer.Totals()
	switch name {
	case "void":
		if totals.Reversals.Count > 1 || int64(s.issuer.Booked()) != 1-totals.Reversals.Count {
			t.Errorf("%s: %+v, %d booked", when, totals, s.issuer.Booked())
		}
	case "refund":
		if totals.Refunds.Count > 1 {
			t.Errorf("%s: %+v", when, totals)
		}
		_, refunded, err := pos.Find(r.RRN)
		if err != nil || refunded != totals.Refunds.Minor {
			t.Errorf("%s: %d given back by the receipts, %v; by the TSM %+v", when, refunded, err, totals)
		}
	case "close":
		days, err := pos.Days()
		if err != nil || len(days) > 1 || len(days) == 1 && totals != (acquirer.Totals{}) {
			t.Errorf("%s: %d days, %v, then %+v", when, len(days), err, totals)
		}
		for _, d := range days {
			if !d.Balanced {
				t.Errorf("%s: out of balance", when)
			}
		}
	}
}

// The TSM's answer is lost, or the TSM never heard: nothing else happens before the act has ended,
// and whoever repeats it doesn't have it carried out twice.
func TestNoAnswerToAnAct(t *testing.T) {
	what := map[string]string{"void": "reverse", "refund": "refund", "close": "reconcile"}
	for name, act := range acts() {
		for _, decided := range []bool{false, true} {
			s := newShop(t)
			pos := s.open(t)
			r := s.paid(t, pos)
			silent := func(is string) error {
				if is == what[name] {
					return acquirer.ErrNoAnswer
				}
				return nil
			}
			if s.issuer.After = silent; !decided {
				s.issuer.Before, s.issuer.After = silent, nil
			}
			for range 2 {
				err := act(t, pos, r)
				if !errors.Is(err, terminal.ErrUnanswered) && !errors.Is(err, terminal.ErrReversalPending) {
					t.Errorf("%s, decided %v: got error %v", name, decided, err)
				}
			}
			if _, err := pos.Pay(t.Context(), amount()); !errors.Is(err, acquirer.ErrNoAnswer) {
				t.Errorf("%s, decided %v: a payment got error %v", name, decided, err)
			}
			s.issuer.Before, s.issuer.After = nil, nil
			if err := act(t, pos, r); name == "void" != errors.Is(err, journal.ErrNothingToVoid) {
				t.Errorf("%s, decided %v: once more: got error %v", name, decided, err)
			}
			s.once(t, fmt.Sprintf("%s, decided %v", name, decided), name, r)
			if name == "refund" && s.issuer.Totals().Refunds.Count != 1 {
				t.Errorf("refunds: got %+v", s.issuer.Totals().Refunds)
			}
		}
	}
}

// A refund or close that was never sent leaves nothing behind.
func TestActNeverSent(t *testing.T) {
	for name, act := range acts() {
		if name == "void" {
			continue // it stays, and is sent again
		}
		s := newShop(t)
		pos := s.open(t)
		r := s.paid(t, pos)
		s.issuer.Before = func(string) error { return acquirer.ErrUnreachable }
		if err := act(t, pos, r); !errors.Is(err, acquirer.ErrUnreachable) ||
			errors.Is(err, terminal.ErrUnanswered) {
			t.Errorf("%s: got error %v", name, err)
		}
		s.issuer.Before = nil
		if j := pos.Journal(); j.Refund() != nil || j.Closing() != nil {
			t.Errorf("%s: something waits", name)
		}
		s.paid(t, pos)
		s.agrees(t)
	}
}

// A receipt that can't be kept is no receipt: the payment is taken back.
func TestReceiptCannotBeKept(t *testing.T) {
	s := newShop(t)
	s.kept.Fail = errors.New("no space left on device")
	r, err := s.open(t).Pay(t.Context(), amount())
	if !errors.Is(err, terminal.ErrReversed) || r.Result == kernel.Approved || s.issuer.Booked() != 0 {
		t.Errorf("got %+v, %v, %d booked", r, err, s.issuer.Booked())
	}
	s.kept.Fail = nil
	s.agrees(t)
}

// No number comes twice on a day, and there is always one left to close it.
func TestDayRunsOutOfNumbers(t *testing.T) {
	s := newShop(t)
	const state = `{"format":"tapbench-journal","version":2,"stan":%d,"first":%d,"pending":[]}`
	full := fmt.Appendf(nil, state, 998_000, 1)
	if err := s.disk.Commit(full); err != nil {
		t.Fatal(err)
	}
	pos := s.open(t)
	if _, err := pos.Pay(t.Context(), amount()); !errors.Is(err, journal.ErrDayFull) {
		t.Errorf("got error %v, want %v", err, journal.ErrDayFull)
	}
	if d, err := pos.CloseDay(t.Context()); err != nil || !d.Balanced {
		t.Errorf("CloseDay: got %+v, %v", d, err)
	}
	s.paid(t, pos)
}
