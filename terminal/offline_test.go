package terminal_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/backend/money"
	"tapbench/pcsc"
	"tapbench/terminal"
	"tapbench/terminal/kernel"
	"tapbench/terminal/offline"
	"tapbench/terminal/terminaltest"
)

// small is what the tests pay by token: 25 units of 0.05.
func small() money.Amount { return money.Must("EUR:1.25") }

// unitsOf returns how many units a tap of small gives out: the smallest class that pays it.
const unitsOf, slotOf = 125, 4

func TestOfflineConfig(t *testing.T) {
	s := newStall(t)
	for name, change := range map[string]func(*terminal.Config){
		"no key":       func(c *terminal.Config) { c.MerchantKey = nil },
		"no verifier":  func(c *terminal.Config) { c.Offline.Verifier = nil },
		"no deny list": func(c *terminal.Config) { c.Offline.Denied = nil },
		"no table":     func(c *terminal.Config) { c.Offline.Seen = nil },
		"no claims":    func(c *terminal.Config) { c.Offline.Claims = nil },
		"no mode":      func(c *terminal.Config) { c.Offline.Mode = "" },
	} {
		c := s.config(t)
		change(&c)
		if _, err := terminal.Open(c); !errors.Is(err, kernel.ErrConfig) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestFallsBack: a terminal goes offline when there is no TSM, and not because the TSM says no.
func TestFallsBack(t *testing.T) {
	for _, row := range []struct {
		name    string
		mode    terminal.OfflineMode
		echo    error
		offline bool
		echoes  int
	}{
		{"it is there", terminal.OfflineAuto, nil, false, 1},
		{"it refuses the terminal", terminal.OfflineAuto, acquirer.ErrRefused, false, 1},
		{"refused dial", terminal.OfflineAuto, acquirer.ErrUnreachable, true, 1},
		{"TLS", terminal.OfflineAuto, acquirer.ErrTLS, true, 1},
		{"no answer", terminal.OfflineAuto, acquirer.ErrNoAnswer, true, 1},
		{"only", terminal.OfflineOnly, nil, true, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newStall(t)
			s.mode, s.echo = row.mode, row.echo
			s.purse.Arm(0)
			r, err := s.open(t).Pay(t.Context(), small())
			if err != nil || (r.Offline != nil) != row.offline || r.Approved() != row.offline {
				t.Errorf("got %+v, %v", r, err) // online, the issuer doesn't know this card: declined
			}
			if s.echoes != row.echoes || len(s.claimed(t)) != count(row.offline) {
				t.Errorf("%d echoes, %d claims", s.echoes, len(s.claimed(t)))
			}
		})
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// TestOfflineAsksNoCard: what can't be taken costs the card nothing.
func TestOfflineAsksNoCard(t *testing.T) {
	stale := errors.New("made too long ago")
	for name, row := range map[string]struct {
		amount   string
		unusable error
		want     error
	}{
		"above the floor":   {"EUR:20.01", nil, terminal.ErrAboveFloor},
		"another currency":  {"USD:1.00", nil, terminal.ErrAboveFloor},
		"no deny list":      {"EUR:1.25", stale, offline.ErrDenyList},
		"deny list's error": {"EUR:1.25", stale, stale},
	} {
		s := newStall(t)
		s.list.unusable = row.unusable
		s.purse.Arm(0)
		_, err := s.open(t).Pay(t.Context(), money.Must(row.amount))
		if !errors.Is(err, row.want) || s.taps != 0 {
			t.Errorf("%s: got %v after %d taps", name, err, s.taps)
		}
	}
}

// TestTornOffline tears a tap at each exchange, once and twice, before the command and after it,
// and takes it again: there is one claim, one payment, and the token moves once.
func TestTornOffline(t *testing.T) {
	const exchanges = 6 // SELECT, GPO, the exchange, READ RECORD, GENERATE AC, PUT DATA
	for _, before := range []bool{true, false} {
		for first := range exchanges {
			for second := first; second < 2*exchanges; second++ {
				t.Run(fmt.Sprintf("before %t, at %d and %d", before, first, second), func(t *testing.T) {
					s := newStall(t)
					s.tear(before, first, second)
					s.purse.Arm(0)
					s.takesOnce(t)
				})
			}
		}
	}
}

// takesOnce pays until a receipt says approved, as people do.
func (s *stall) takesOnce(t *testing.T) {
	t.Helper()
	pos := s.open(t)
	var r terminal.Receipt
	var err error
	for range 3 {
		if r, err = pos.Pay(t.Context(), small()); err == nil {
			break
		}
		if !errors.Is(err, pcsc.ErrCardRemoved) || r.Approved() {
			t.Fatalf("got %+v, %v", r, err)
		}
	}
	if err != nil || !r.Approved() || r.Offline.To-r.Offline.From != unitsOf {
		t.Fatalf("got %+v, %v", r, err)
	}
	kept, err := pos.Receipts()
	must(t, err)
	if n := len(s.claimed(t)); n != 1 || len(kept) != 1 {
		t.Errorf("%d claims, %d receipts", n, len(kept))
	}
	if at := s.purse.Closed(slotOf); at != unitsOf {
		t.Errorf("the card has given out %d units", at)
	}
}

// TestCardGoneForGood: nothing is taken, and nothing is claimed.
func TestCardGoneForGood(t *testing.T) {
	s := newStall(t)
	s.away = 1
	s.tear(false, 3) // the answer to READ RECORD
	s.purse.Arm(0)
	r, err := s.open(t).Pay(t.Context(), small())
	if !errors.Is(err, pcsc.ErrNoCard) || r.Result != kernel.Unfinished || len(s.claimed(t)) != 0 {
		t.Errorf("got %+v, %v", r, err)
	}
}

// TestReversalWaits: what is open online waits while the terminal is offline.
func TestReversalWaits(t *testing.T) {
	s := newStall(t)
	s.mode = terminal.OfflineAuto
	down := func(string) error { return fmt.Errorf("%w: time-out", acquirer.ErrNoAnswer) }
	s.issuer.Before = down
	s.purse.Arm(0)
	pos := s.open(t)
	if _, err := pos.Pay(t.Context(), small()); !errors.Is(err, terminal.ErrReversalPending) {
		t.Fatalf("online: got %v", err)
	}
	s.echo = acquirer.ErrUnreachable
	s.purse.Arm(0)
	r, err := pos.Pay(t.Context(), small())
	if err != nil || !r.Approved() || len(pos.Journal().Pending()) != 1 {
		t.Errorf("offline: got %+v, %v, %d pending", r, err, len(pos.Journal().Pending()))
	}
	s.issuer.Before, s.echo = nil, nil
	done, err := pos.Recover(t.Context())
	if err != nil || done.Reversed != 1 || len(pos.Journal().Pending()) != 0 {
		t.Errorf("back: got %+v, %v", done, err)
	}
}

// TestSeenAfterRestart: a terminal knows after a restart which tokens it has seen.
func TestSeenAfterRestart(t *testing.T) {
	s := newStall(t)
	for i, want := range []error{nil, offline.ErrReuse} {
		s.purse.Arm(wire.ArmReuse)
		r, err := s.open(t).Pay(t.Context(), small())
		if err != nil || r.Approved() != (want == nil) ||
			want != nil && !strings.Contains(r.Reason, want.Error()) {
			t.Errorf("payment %d: got %+v, %v", i+1, r, err)
		}
	}
}

// TestKilledBeforeTheReceipt: the claim is kept, the terminal ends, and the customer taps again.
func TestKilledBeforeTheReceipt(t *testing.T) {
	s := newStall(t)
	s.purse.Arm(0)
	s.tear(true, 5) // PUT DATA
	lost, err := s.open(t).Pay(t.Context(), small())
	if err != nil || !lost.Approved() || lost.Offline.Received {
		t.Fatalf("got %+v, %v", lost, err)
	}
	s.kept = new(terminaltest.Archive) // the receipt wasn't written
	pos := s.open(t)
	r := pos.Restored()
	if r == nil || !r.Approved() || !r.Amount.Equal(small()) || !r.Offline.Restored ||
		r.Offline.Claim != lost.Offline.Claim || !r.Time.Equal(lost.Time) {
		t.Fatalf("restored: %+v", r)
	}
	// The card is bound to the terms of the payment that stands. It pays nothing twice.
	if _, err := pos.Pay(t.Context(), small()); !errors.Is(err, kernel.ErrNoToken) {
		t.Errorf("tapped again: got %v", err)
	}
	if again := s.open(t).Restored(); again != nil {
		t.Errorf("restored twice: %+v", again)
	}
	if n := len(s.claimed(t)); n != 1 {
		t.Errorf("%d claims", n)
	}
}

// TestReceiptNotKept: the payment stands, and the merchant is told so.
func TestReceiptNotKept(t *testing.T) {
	s := newStall(t)
	s.purse.Arm(0)
	s.kept.Fail = errors.New("disk is full")
	r, err := s.open(t).Pay(t.Context(), small())
	if err != nil || !r.Approved() || !strings.Contains(s.log.String(), "disk is full") {
		t.Errorf("got %+v, %v", r, err)
	}
	s.kept.Fail = nil
	if s.open(t).Restored() == nil {
		t.Error("no receipt at the next start")
	}
}

// TestClaimNotKept: no approval, and no receipt for the card.
func TestClaimNotKept(t *testing.T) {
	s := newStall(t)
	s.purse.Arm(0)
	pos := s.open(t)
	s.claims.Full = 200 // little more than the header
	r, err := pos.Pay(t.Context(), small())
	if err == nil || r.Approved() || len(s.purse.Commands()) != 5 {
		t.Errorf("got %+v, %v, %d commands", r, err, len(s.purse.Commands()))
	}
}
