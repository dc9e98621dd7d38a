package terminal_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tapbench/applet/message"
	"tapbench/backend/acquirer"
	"tapbench/backend/money"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/terminal"
	"tapbench/terminal/journal"
	"tapbench/terminal/kernel"
	"tapbench/terminal/terminaltest"
)

func noon() time.Time { return time.Date(2026, time.November, 21, 12, 0, 0, 0, time.UTC) }

// shop is a point of sale with all that it meets.
type shop struct {
	issuer *terminaltest.Issuer
	disk   *terminaltest.Disk
	kept   *terminaltest.Archive
	card   *terminaltest.Card
	log    bytes.Buffer
}

func newShop(t testing.TB) *shop {
	t.Helper()
	s := &shop{issuer: terminaltest.NewIssuer(t, noon), disk: new(terminaltest.Disk)}
	s.kept = &terminaltest.Archive{Disk: s.disk}
	s.card = s.issuer.Card(t)
	return s
}

// open starts the point of sale, as after a power cut.
func (s *shop) open(t testing.TB) *terminal.POS {
	t.Helper()
	j, err := journal.Open(s.disk)
	if err != nil {
		t.Fatal(err)
	}
	c := s.config(t)
	c.Journal = j
	pos, err := terminal.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return pos
}

func (s *shop) config(t testing.TB) terminal.Config {
	t.Helper()
	merchant, err := acquirer.NewMerchant("MERTEST1SHOP01")
	if err != nil {
		t.Fatal(err)
	}
	pos, err := acquirer.NewTerminal("POS1")
	if err != nil {
		t.Fatal(err)
	}
	return terminal.Config{
		Merchant: merchant, Terminal: pos, Country: [2]byte{0x02, 0x76}, CA: s.issuer.CA,
		EpochKeys: []message.Certificate{s.issuer.EpochCert}, Acquirer: s.issuer, Archive: s.kept,
		Cards: terminal.CardSourceFunc(func(context.Context) (pcsc.Card, error) {
			return pcsc.NewDirect(s.card), nil
		}),
		Now: noon, Rand: rand.Reader, Log: zerolog.New(&s.log),
	}
}

// pull takes the card away at the n-th command.
func (s *shop) pull(n int) {
	s.card.Answer = func(i int, _ apdu.Command, answer []byte) []byte {
		if i == n {
			return nil
		}
		return answer
	}
}

const secondAC = 8 // the number of the second GENERATE AC

func amount() money.Amount { return money.Must("EUR:12.50") }

func TestOpenRefuses(t *testing.T) {
	s := newShop(t)
	j, err := journal.Open(s.disk)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*terminal.Config){
		"no acquirer":  func(c *terminal.Config) { c.Acquirer = nil },
		"no archive":   func(c *terminal.Config) { c.Archive = nil },
		"no journal":   func(c *terminal.Config) { c.Journal = nil },
		"no reader":    func(c *terminal.Config) { c.Cards = nil },
		"no epoch key": func(c *terminal.Config) { c.EpochKeys = nil },
	} {
		c := s.config(t)
		c.Journal = j
		change(&c)
		if _, err := terminal.Open(c); !errors.Is(err, kernel.ErrConfig) {
			t.Errorf("%s: got error %v, want %v", name, err, kernel.ErrConfig)
		}
	}
}

// Each row breaks one payment. What is booked, what was reversed, and what waits in the journal
// must agree with what the merchant is told.
func TestPayEndings(t *testing.T) {
	silent := fmt.Errorf("%w: time-out", acquirer.ErrNoAnswer)
	down := fmt.Errorf("%w: refused", acquirer.ErrUnreachable)
	at := func(what string, err error) func(string) error {
		return func(is string) error {
			if is == what {
				return err
			}
			return nil
		}
	}
	tests := []struct {
		name     string
		change   func(s *shop)
		err      error
		result   kernel.Result
		reversed bool
		pending  int // payments left in the journal
		booked   int
	}{
		{
			name: "no card comes", change: func(s *shop) { s.pull(0) }, err: pcsc.ErrCardRemoved,
		},
		{
			name: "card not armed", change: func(s *shop) { s.card.Armed = false },
			err: kernel.ErrNotArmed,
		},
		{
			name:   "TSM down before the request",
			change: func(s *shop) { s.issuer.Before = at("authorise", down) },
			err:    acquirer.ErrUnreachable,
		},
		{
			name:   "journal can't be written before the request",
			change: func(s *shop) { s.disk.FailAt = 1 }, err: terminaltest.ErrPower,
		},
		{
			name:   "TSM gone after the request, never decided",
			change: func(s *shop) { s.issuer.Before = at("authorise", silent) },
			err:    terminal.ErrReversed, reversed: true,
		},
		{
			name:   "TSM gone after its decision",
			change: func(s *shop) { s.issuer.After = at("authorise", silent) },
			err:    terminal.ErrReversed, reversed: true,
		},
		{
			name: "TSM gone after its decision, for longer",
			change: func(s *shop) {
				s.issuer.After = at("authorise", silent)
				s.issuer.Before = at("reverse", down)
			},
			err: terminal.ErrReversalPending, pending: 1, booked: 1,
		},
		{
			name: "reversal's answer lost",
			change: func(s *shop) {
				s.pull(secondAC)
				s.issuer.After = at("reverse", silent)
			},
			err: terminal.ErrReversalPending, pending: 1,
		},
		{
			name:   "card gone after the approval",
			change: func(s *shop) { s.pull(secondAC) },
			err:    terminal.ErrReversed, reversed: true,
		},
		{
			name:   "card's AAC after the approval",
			change: func(s *shop) { s.card.AAC = 2 }, result: kernel.Declined, reversed: true,
		},
		{
			name:   "TSM doesn't know what it did",
			change: func(s *shop) { s.card.Code = acquirer.CodeMalfunction },
			result: kernel.Declined, reversed: true,
		},
		{
			name:   "TSM declines",
			change: func(s *shop) { s.card.Code = acquirer.CodeInsufficientFunds },
			result: kernel.Declined,
		},
		{
			name:   "journal can't be cleared after a decline",
			change: func(s *shop) { s.card.Code, s.disk.FailAt = acquirer.CodeExpiredCard, 2 },
			result: kernel.Declined, pending: 1,
		},
		{
			name:   "journal can't be cleared after the TC",
			change: func(s *shop) { s.disk.FailAt = 2 },
			err:    terminal.ErrUnrecorded, pending: 1, booked: 1,
		},
		{name: "nothing breaks", change: func(*shop) {}, result: kernel.Approved, booked: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newShop(t)
			test.change(s)
			r, err := s.open(t).Pay(t.Context(), amount())
			if !errors.Is(err, test.err) || test.err == nil && err != nil {
				t.Fatalf("Pay: got error %v, want %v", err, test.err)
			}
			if r.Result != test.result || r.Reversed != test.reversed {
				t.Errorf("receipt: got %+v", r)
			}
			j, err := journal.Open(s.disk)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(j.Pending()); got != test.pending || s.issuer.Booked() != test.booked {
				t.Errorf("%d pending, %d booked, want %d and %d", got, s.issuer.Booked(), test.pending,
					test.booked)
			}
			s.settles(t, test.result == kernel.Approved)
			s.showsNoPAN(t, r)
		})
	}
}

// settles lets everything work again and starts anew: what was pending is reversed, and only what
// the merchant was told to be paid is booked.
func (s *shop) settles(t *testing.T, approved bool) {
	t.Helper()
	s.disk.Restore()
	s.issuer.Before, s.issuer.After = nil, nil
	pos := s.open(t)
	if _, err := pos.Recover(t.Context()); err != nil {
		t.Errorf("Recover: %v", err)
	}
	if n, err := pos.Recover(t.Context()); err != nil || n != (terminal.Recovered{}) {
		t.Errorf("Recover again: got %v, %v", n, err)
	}
	if want := map[bool]int{true: 1, false: 0}[approved]; s.issuer.Booked() != want {
		t.Errorf("after recovery %d booked, want %d", s.issuer.Booked(), want)
	}
}

func (s *shop) showsNoPAN(t *testing.T, r terminal.Receipt) {
	t.Helper()
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	state, err := s.disk.Load()
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join([]string{
		r.String(), string(raw), fmt.Sprintf("%+v", r), s.log.String(),
		string(state),
	}, "\n")
	pan := s.card.PAN.Reveal()
	if strings.Contains(all, pan[6:15]) {
		t.Errorf("the PAN shows in:\n%s", all)
	}
	if r.PAN != "" && !strings.HasSuffix(r.PAN, pan[15:]) {
		t.Errorf("the receipt shows %s", r.PAN)
	}
}

// Power fails at every commit of the journal, before or after it has reached the disk, in a payment
// that goes well and in one whose card leaves. After the next start the journal is empty, and the
// payment is booked only if the journal had forgotten it as approved.
func TestPowerFailsAtEachCommit(t *testing.T) {
	for _, pulled := range []bool{false, true} {
		for _, kept := range []bool{false, true} {
			for at := 1; ; at++ {
				s := newShop(t)
				s.disk.FailAt, s.disk.Kept = at, kept
				if pulled {
					s.pull(secondAC)
				}
				r, err := s.open(t).Pay(t.Context(), amount())
				if !s.disk.Dead() {
					if at < 3 {
						t.Fatalf("only %d commits", s.disk.Commits)
					}
					break
				}
				if err == nil || r.Approved() {
					t.Errorf("at %d, kept %v: got receipt %+v, %v", at, kept, r, err)
				}
				s.settles(t, errors.Is(err, terminal.ErrUnrecorded) && kept)
				if n, _ := s.issuer.Reversed(); n > 1 {
					t.Errorf("at %d, kept %v: %d payments reversed", at, kept, n)
				}
			}
		}
	}
}

// The process dies at any moment that the issuer sees: nothing after it takes place.
func TestProcessDies(t *testing.T) {
	for _, moment := range []string{
		"before authorise", "after authorise", "before reverse", "after reverse",
	} {
		s := newShop(t)
		s.pull(secondAC)
		die := func(when string) func(string) error {
			return func(what string) error {
				if when+" "+what == moment {
					s.disk.FailAt = s.disk.Commits + 1 // whatever would be written isn't
					return fmt.Errorf("%w: killed", acquirer.ErrNoAnswer)
				}
				return nil
			}
		}
		s.issuer.Before, s.issuer.After = die("before"), die("after")
		if _, err := s.open(t).Pay(t.Context(), amount()); err == nil {
			t.Errorf("%s: got no error", moment)
		}
		s.settles(t, false)
		authorisations, times := s.issuer.Reversed()
		if authorisations != 1 || times > 2 {
			t.Errorf("%s: %d authorisations reversed, %d times", moment, authorisations, times)
		}
	}
}

// A pending reversal goes before the next payment, and holds it up while the TSM is gone.
func TestPendingGoesFirst(t *testing.T) {
	s := newShop(t)
	s.pull(secondAC)
	s.issuer.Before = func(what string) error {
		if what == "reverse" {
			return acquirer.ErrUnreachable
		}
		return nil
	}
	pos := s.open(t)
	for range 2 {
		if _, err := pos.Pay(t.Context(), amount()); !errors.Is(err, terminal.ErrReversalPending) {
			t.Fatalf("got error %v, want %v", err, terminal.ErrReversalPending)
		}
	}
	if s.card.Commands() != secondAC+1 {
		t.Errorf("the card was asked %d commands", s.card.Commands())
	}
	s.issuer.Before = nil
	s.card = s.issuer.Card(t)
	r, err := pos.Pay(t.Context(), amount())
	if err != nil || !r.Approved() || s.issuer.Booked() != 1 {
		t.Errorf("got %+v, %v, %d booked", r, err, s.issuer.Booked())
	}
}

func TestReversalIsRefused(t *testing.T) {
	s := newShop(t)
	s.pull(secondAC)
	c := s.config(t)
	c.Acquirer = refuser{s.issuer}
	var err error
	if c.Journal, err = journal.Open(s.disk); err != nil {
		t.Fatal(err)
	}
	pos, err := terminal.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	_, err = pos.Pay(t.Context(), amount())
	if !errors.Is(err, terminal.ErrReversalPending) || !strings.Contains(err.Error(), "12") {
		t.Errorf("got error %v, want %v with the TSM's code", err, terminal.ErrReversalPending)
	}
}

// refuser declines reversals.
type refuser struct{ acquirer.Decider }

func (refuser) Reverse(
	context.Context, acquirer.ReversalRequest,
) (acquirer.ReversalResponse, error) {
	return acquirer.ReversalResponse{Code: acquirer.CodeInvalidTransaction}, nil
}

// The customer gives up after the TSM was asked: the reversal is sent all the same.
func TestCancelledPaymentIsReversed(t *testing.T) {
	s := newShop(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.issuer.After = func(what string) error {
		if what == "authorise" {
			cancel()
		}
		return nil
	}
	_, err := s.open(t).Pay(ctx, amount())
	if !errors.Is(err, terminal.ErrReversed) || !errors.Is(err, context.Canceled) ||
		s.issuer.Booked() != 0 {
		t.Errorf("got error %v, %d booked", err, s.issuer.Booked())
	}
}

func TestReceipt(t *testing.T) {
	s := newShop(t)
	r, err := s.open(t).Pay(t.Context(), amount())
	if err != nil {
		t.Fatal(err)
	}
	got := strings.NewReplacer(r.PAN, "CARD", r.Cryptogram, "TC").Replace(r.String())
	want := `MERCHANT                  MERTEST1SHOP01
TERMINAL                            POS1
DATE                 2026-11-21 12:00:00
STAN                              000001
RRN                         000000000001
APPLICATION                     TAPBENCH
AID                 F054415042454E434802
CARD                 CARD
CRYPTOGRAM           TC
APPROVAL                          A1B2C3
AMOUNT                         EUR 12.50
----------------------------------------
APPROVED
`
	if got != want {
		t.Errorf("receipt: got\n%s\nwant\n%s", got, want)
	}
	declined := terminal.Receipt{
		Result: kernel.Declined, Reason: "declined by the card", Reversed: true, Amount: amount(),
	}
	text := declined.String()
	if !strings.HasSuffix(text, "DECLINED: declined by the card (taken back)\n") {
		t.Errorf("receipt: got\n%s", text)
	}
}
