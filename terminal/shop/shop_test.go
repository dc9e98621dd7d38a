package shop_test

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"tapbench/applet/message"
	"tapbench/backend/acquirer"
	"tapbench/backend/money"
	"tapbench/pcsc"
	"tapbench/terminal"
	"tapbench/terminal/journal"
	"tapbench/terminal/shop"
	"tapbench/terminal/terminaltest"
)

func noon() time.Time { return time.Date(2026, time.November, 21, 12, 0, 0, 0, time.UTC) }

// stall is a shop with what it meets, and what it has shown.
type stall struct {
	*shop.Shop
	issuer *terminaltest.Issuer
	disk   *terminaltest.Disk
	card   *terminaltest.Card
	shown  []shop.Kind
	asked  []acquirer.Network
	line   error // what network management ends with
}

func open(t *testing.T) *stall {
	t.Helper()
	return openWith(t, func(*terminal.Config) {})
}

// openWith opens a shop whose configuration a test has changed.
func openWith(t *testing.T, change func(*terminal.Config)) *stall {
	t.Helper()
	s := &stall{issuer: terminaltest.NewIssuer(t, noon), disk: new(terminaltest.Disk)}
	s.card = s.issuer.Card(t)
	merchant, err := acquirer.NewMerchant("MERTEST1SHOP01")
	if err != nil {
		t.Fatal(err)
	}
	name, err := acquirer.NewTerminal("POS1")
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(s.disk)
	if err != nil {
		t.Fatal(err)
	}
	c := terminal.Config{
		Merchant: merchant, Terminal: name, Country: [2]byte{0x02, 0x76}, CA: s.issuer.CA,
		EpochKeys: []message.Certificate{s.issuer.EpochCert}, Acquirer: s.issuer, Journal: j,
		Archive: new(terminaltest.Archive),
		Cards: terminal.CardSourceFunc(func(context.Context) (pcsc.Card, error) {
			if s.card == nil {
				return nil, pcsc.ErrNoCard
			}
			return pcsc.NewDirect(s.card), nil
		}),
		Manage: func(_ context.Context, _ acquirer.Key, n acquirer.Network) error {
			s.asked = append(s.asked, n)
			return s.line
		},
		Now: noon, Rand: rand.Reader, Log: zerolog.Nop(),
	}
	change(&c)
	s.Shop, err = shop.Open(c, func(e shop.Event) { s.shown = append(s.shown, e.Kind) })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// inputs are orders, one after the other.
func inputs(orders ...shop.Order) <-chan shop.Input {
	in := make(chan shop.Input, len(orders))
	for _, o := range orders {
		i := shop.Input{Order: o}
		if o.Act == "" {
			i.Err = shop.ErrOrder
		}
		in <- i
	}
	close(in)
	return in
}

func pay() shop.Order { return shop.Order{Act: shop.Pay, Amount: money.Must("EUR:12.50")} }

func TestRunShows(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*stall)
		orders []shop.Order
		want   []shop.Kind
		booked int
	}{
		{"nothing ordered", nil, nil, []shop.Kind{shop.Ready}, 0},
		{
			"no order", nil, []shop.Order{{}}, []shop.Kind{shop.Ready, shop.Failed, shop.Ready}, 0,
		},
		{
			"no card comes", func(s *stall) { s.card = nil },
			[]shop.Order{pay()},
			[]shop.Kind{shop.Ready, shop.Tap, shop.Failed, shop.Ready},
			0,
		},
		{
			"card not armed", func(s *stall) { s.card.Armed = false },
			[]shop.Order{pay()},
			[]shop.Kind{shop.Ready, shop.Tap, shop.Hold, shop.Remove, shop.Failed, shop.Ready},
			0,
		},
		{
			"TSM declines", func(s *stall) { s.card.Code = acquirer.CodeInsufficientFunds },
			[]shop.Order{pay()},
			[]shop.Kind{shop.Ready, shop.Tap, shop.Hold, shop.Remove, shop.Result, shop.Ready},
			0,
		},
		{
			"TSM isn't there",
			func(s *stall) { s.line = acquirer.ErrUnreachable },
			[]shop.Order{{Act: shop.Echo}},
			[]shop.Kind{shop.Offline, shop.Ready, shop.Failed, shop.Ready},
			0,
		},
		{
			"approved", nil,
			[]shop.Order{pay(), {Act: shop.Quit}, pay()},
			[]shop.Kind{shop.Ready, shop.Tap, shop.Hold, shop.Remove, shop.Result, shop.Ready},
			1,
		},
		{
			"voided, and the day closed twice", nil,
			[]shop.Order{pay(), {Act: shop.Void}, {Act: shop.Close}, {Act: shop.Close}},
			[]shop.Kind{
				shop.Ready, shop.Tap, shop.Hold, shop.Remove, shop.Result, shop.Ready, shop.Result,
				shop.Ready, shop.Closed, shop.Ready, shop.Closed, shop.Ready,
			},
			0,
		},
		{
			"day closed at the end", func(s *stall) { s.CloseAtEnd = true },
			[]shop.Order{pay()},
			[]shop.Kind{
				shop.Ready, shop.Tap, shop.Hold, shop.Remove, shop.Result, shop.Ready, shop.Closed,
			},
			1,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t)
			if test.change != nil {
				test.change(s)
			}
			if err := s.Run(t.Context(), inputs(test.orders...), nil); err != nil {
				t.Fatalf("Run: %v", err)
			}
			if !cmp.Equal(s.shown, test.want) || s.issuer.Booked() != test.booked {
				t.Errorf("shown %v, want %v; %d booked, want %d", s.shown, test.want, s.issuer.Booked(),
					test.booked)
			}
			if s.asked[0] != acquirer.NetworkSignOn {
				t.Errorf("it began with %s", s.asked[0])
			}
			if last := s.asked[len(s.asked)-1]; s.line == nil && last != acquirer.NetworkSignOff {
				t.Errorf("it ended with %s", last)
			}
			if s.issuer.Advised() < test.booked {
				t.Errorf("%d advised, %d booked", s.issuer.Advised(), test.booked)
			}
		})
	}
}

// On a tick the shop asks whether the TSM is there, and says when that changes.
func TestTicks(t *testing.T) {
	s := open(t)
	tick, in := make(chan time.Time), make(chan shop.Input)
	done := make(chan error, 1)
	go func() { done <- s.Run(t.Context(), in, tick) }()
	tick <- noon()
	in <- shop.Input{Err: shop.ErrOrder} // the tick before it was worked off
	close(in)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	want := []acquirer.Network{
		acquirer.NetworkSignOn, acquirer.NetworkEcho, acquirer.NetworkSignOff,
	}
	if !cmp.Equal(s.asked, want) {
		t.Errorf("asked %v, want %v", s.asked, want)
	}
}

// Ended in the middle of a payment, the shop takes it back, closes the day and signs off.
func TestEndedDuringAPayment(t *testing.T) {
	s := open(t)
	s.CloseAtEnd = true
	ctx, cancel := context.WithCancel(t.Context())
	s.issuer.After = func(what string) error {
		if what == "authorise" {
			cancel()
			return acquirer.ErrNoAnswer
		}
		return nil
	}
	if err := s.Run(ctx, inputs(pay(), pay()), nil); err != nil {
		t.Fatalf("Run: %v", err)
	}
	if s.issuer.Booked() != 0 || s.shown[len(s.shown)-1] != shop.Closed {
		t.Errorf("%d booked, shown %v", s.issuer.Booked(), s.shown)
	}
	if s.asked[len(s.asked)-1] != acquirer.NetworkSignOff {
		t.Errorf("asked %v", s.asked)
	}
}

// A payment that can neither be recorded nor reversed ends the shop.
func TestDiskFailsForGood(t *testing.T) {
	s := open(t)
	s.issuer.After = func(what string) error {
		if what == "authorise" {
			s.disk.FailAt = s.disk.Commits + 1
		}
		return nil
	}
	err := s.Run(t.Context(), inputs(pay(), pay()), nil)
	if !errors.Is(err, terminal.ErrUnrecorded) {
		t.Errorf("Run: got error %v, want %v", err, terminal.ErrUnrecorded)
	}
}

// What an earlier run left is finished first and shown; who repeats the order gets that answer.
func TestRepeatedRefund(t *testing.T) {
	s := open(t)
	e, err := s.Turn(t.Context(), pay())
	if err != nil {
		t.Fatal(err)
	}
	order := shop.Order{
		Act: shop.Refund, RRN: e.Receipt.RRN, Amount: money.Must("EUR:1.00"),
	}
	s.issuer.After = func(string) error { return acquirer.ErrNoAnswer }
	if _, err := s.Turn(t.Context(), order); !errors.Is(err, terminal.ErrUnanswered) {
		t.Fatalf("got error %v, want %v", err, terminal.ErrUnanswered)
	}
	s.issuer.After = nil
	s.shown = nil
	e, err = s.Turn(t.Context(), order)
	if err != nil || e.Receipt == nil || e.Receipt.Amount != order.Amount {
		t.Errorf("got %+v, %v", e, err)
	}
	want := []shop.Kind{shop.Recovered}
	if n := s.issuer.Totals().Refunds.Count; n != 1 || !cmp.Equal(s.shown, want) {
		t.Errorf("%d refunds, shown %v", n, s.shown)
	}
}
