package terminal_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"tapbench/backend/money"
	"tapbench/pcsc"
	"tapbench/terminal"
	"tapbench/terminal/kernel"
	"tapbench/terminal/offline"
	"tapbench/terminal/terminaltest"
)

// delivery counts what a meter has delivered.
type delivery struct {
	terminal.Meter
	asked, ticked int
}

// deliver returns a meter of 0.05 a tick that wants so many units of at most 0.40.
func deliver(wanted int) *delivery {
	d := &delivery{}
	d.Meter = terminal.Meter{
		Max: money.Must("EUR:0.40"), Unit: money.Must("EUR:0.05"),
		Next: func(ctx context.Context) bool {
			if d.asked == wanted || ctx.Err() != nil {
				return false
			}
			d.asked++
			return true
		},
		Ticked: func(ticks int) { d.ticked = ticks },
	}
	return d
}

// wantTicks checks that what was delivered is what the receipt says, what is claimed, and at most
// one less than what the card has given out.
func (s *stall) wantTicks(t *testing.T, r terminal.Receipt, d *delivery, want int) {
	t.Helper()
	if d.ticked != want || r.Approved() != (want > 0) {
		t.Errorf("%d ticks, want %d; receipt %+v", d.ticked, want, r)
	}
	if want > 0 && r.Amount.Minor() != int64(want)*5 {
		t.Errorf("%s for %d ticks", r.Amount, want)
	}
	claimed := s.claimed(t)
	for _, to := range claimed {
		if int(to) != want {
			t.Errorf("%d units are claimed, %d were ticked", to, want)
		}
	}
	if (len(claimed) == 1) != (want > 0) || len(claimed) > 1 {
		t.Errorf("%d accounts are claimed", len(claimed))
	}
	if at := int(s.purse.Closed(terminaltest.PurseSlot)); at < want || at > want+1 {
		t.Errorf("the card has given out %d units for %d ticks", at, want)
	}
}

func TestMeterRefuses(t *testing.T) {
	for name, row := range map[string]struct {
		most, unit string
		want       error
	}{
		"above the floor": {"EUR:20.05", "EUR:0.05", terminal.ErrAboveFloor},
		"not a multiple":  {"EUR:1.03", "EUR:0.05", offline.ErrRequest},
		"no class":        {"EUR:1.02", "EUR:0.02", offline.ErrRequest},
		"no unit":         {"EUR:1.00", "EUR:0.00", offline.ErrRequest},
		"a dear unit":     {"EUR:10.00", "EUR:5.00", offline.ErrRequest},
		"two currencies":  {"EUR:1.00", "USD:0.05", offline.ErrRequest},
	} {
		s := newStall(t)
		s.purse.Arm(0)
		d := deliver(1)
		d.Max, d.Unit = money.Must(row.most), money.Must(row.unit)
		r, err := s.open(t).Meter(t.Context(), d.Meter)
		if !errors.Is(err, row.want) || r.Approved() || len(s.purse.Commands()) != 0 {
			t.Errorf("%s: got %+v, %v", name, r, err)
		}
	}
	s := newStall(t)
	c := s.config(t)
	c.Offline = nil
	pos, err := terminal.Open(c)
	must(t, err)
	if _, err := pos.Meter(t.Context(), deliver(1).Meter); !errors.Is(err, terminal.ErrNoOffline) {
		t.Errorf("no key: got %v", err)
	}
}

func TestMeterStops(t *testing.T) {
	for wanted, want := range map[int]int{0: 0, 3: 3, 8: 8, 99: 8} {
		s := newStall(t)
		s.purse.Arm(0)
		d := deliver(wanted)
		r, err := s.open(t).Meter(t.Context(), d.Meter)
		must(t, err)
		if want > 0 && !r.Offline.Received {
			t.Errorf("%d wanted: the card has no receipt", wanted)
		}
		s.wantTicks(t, r, d, want)
	}
}

// TestTornMeter tears the card away at each exchange, once and twice, and lays it on again.
func TestTornMeter(t *testing.T) {
	const exchanges = 9 // SELECT, GPO, the exchange, READ RECORD, GENERATE AC, three ticks, PUT DATA
	for _, before := range []bool{true, false} {
		for first := range exchanges {
			for _, second := range []int{first, first + 1, first + 3, first + 5} {
				t.Run(fmt.Sprintf("before %t, at %d and %d", before, first, second), func(t *testing.T) {
					s := newStall(t)
					s.tear(before, first, second)
					s.purse.Arm(0)
					pos, d := s.open(t), deliver(3)
					var r terminal.Receipt
					var err error
					for range 3 { // torn before the card has shown anything, it is a new tap
						if r, err = pos.Meter(t.Context(), d.Meter); err == nil {
							break
						}
					}
					must(t, err)
					s.wantTicks(t, r, d, 3)
					if d.asked != 3 {
						t.Errorf("%d units were asked for", d.asked)
					}
				})
			}
		}
	}
}

// TestMeterCardGone: what was ticked until then is the merchant's.
func TestMeterCardGone(t *testing.T) {
	for _, before := range []bool{true, false} {
		for at := range 9 {
			s := newStall(t)
			s.away = 1
			s.tear(before, at)
			s.purse.Arm(0)
			d := deliver(3)
			r, err := s.open(t).Meter(t.Context(), d.Meter)
			want := min(max(0, at-5), 3)
			if (err == nil) != (want > 0) || err != nil && !errors.Is(err, pcsc.ErrNoCard) && at > 1 &&
				!errors.Is(err, pcsc.ErrCardRemoved) {
				t.Errorf("torn at %d: got %v", at, err)
			}
			s.wantTicks(t, r, d, want)
		}
	}
}

// TestMeterGivenUp: ctx ends between two ticks, and within one.
func TestMeterGivenUp(t *testing.T) {
	s := newStall(t)
	s.purse.Arm(0)
	ctx, cancel := context.WithCancel(t.Context())
	d := deliver(8)
	d.Ticked = func(ticks int) {
		if d.ticked = ticks; ticks == 2 {
			cancel()
		}
	}
	r, err := s.open(t).Meter(ctx, d.Meter)
	must(t, err)
	s.wantTicks(t, r, d, 2)
	if !r.Offline.Received {
		t.Error("the card has no receipt")
	}

	s = newStall(t)
	s.purse.Arm(0)
	ctx, cancel = context.WithCancel(t.Context())
	d = deliver(8)
	s.purse.Before = func(n int) bool {
		if n == 7 {
			cancel()
		}
		return false
	}
	r, err = s.open(t).Meter(ctx, d.Meter)
	must(t, err)
	<-s.tap.Done() // the card is still at the command that nobody waits for
	// The tick may have come in before the end was noticed.
	s.wantTicks(t, r, d, min(max(d.ticked, 2), 3))
}

// TestMeterJournalFull: a tick that can't be kept isn't delivered, and ends it.
func TestMeterJournalFull(t *testing.T) {
	s := newStall(t)
	s.purse.Arm(0)
	pos, d := s.open(t), deliver(8)
	s.claims.Full = 192 + 2*500
	r, err := pos.Meter(t.Context(), d.Meter)
	must(t, err)
	s.wantTicks(t, r, d, 2)
	if !r.Offline.Received {
		t.Error("the card has no receipt")
	}
}

// TestMeterKilled: the next start gives the receipt of what was ticked.
func TestMeterKilled(t *testing.T) {
	s := newStall(t)
	s.purse.Arm(0)
	_, err := s.open(t).Meter(t.Context(), deliver(3).Meter)
	must(t, err)
	s.kept = new(terminaltest.Archive)
	r := s.open(t).Restored()
	if r == nil || r.Result != kernel.Approved || !r.Amount.Equal(money.Must("EUR:0.15")) ||
		r.Offline.To != 3 {
		t.Errorf("restored: %+v", r)
	}
}
