package kernel_test

import (
	"errors"
	"testing"

	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/terminal/kernel"
	"tapbench/terminal/kernel/relay"
	"tapbench/terminal/offline"
	"tapbench/terminal/terminaltest"
)

// meter has the stall's card commit to 0.25 in ticks of 0.05.
func (s *stall) meter(
	t *testing.T, terms kernel.Terms, resumes *kernel.Metering,
) (*kernel.Metering, *pcsc.Direct) {
	t.Helper()
	card := pcsc.NewDirect(s.purse)
	m, out, err := s.Meter(t.Context(), card, terms, resumes)
	if err != nil || m == nil {
		t.Fatalf("Meter: got %+v, %v", out, err)
	}
	return m, card
}

// Each row is a tick that goes wrong. The metering is as it was: asked again, the card answers the
// same, and no more is kept than was ticked.
func TestTickRefused(t *testing.T) {
	full := errors.New("disk is full")
	tests := []struct {
		name   string
		change func([]byte) []byte
		full   error
		want   error
	}{
		{"wrong value", func(a []byte) []byte { a[0] ^= 1; return a }, nil, offline.ErrTick},
		{"value cut short", func([]byte) []byte { return ok(make([]byte, 31)) }, nil, kernel.ErrCardData},
		{"no value", func([]byte) []byte { return ok(nil) }, nil, kernel.ErrCardData},
		{
			"6985", answers(apdu.SWConditionsNotSatisfied), nil, apdu.SWConditionsNotSatisfied,
		},
		{"not kept", func(a []byte) []byte { return a }, full, full},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newStall(t)
			s.purse.Arm(0)
			m, card := s.meter(t, s.terms(t, "EUR:0.25", 5), nil)
			defer func() { _ = card.Close() }()
			if err := m.Tick(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.on(wire.InsTick, test.change)
			s.full = test.full
			if err := m.Tick(t.Context()); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if m.Ticks() != 1 || len(s.kept) != 1 {
				t.Errorf("%d ticks, %d claims", m.Ticks(), len(s.kept))
			}
			s.full = nil
			if err := m.Tick(t.Context()); err != nil || m.Ticks() != 2 || s.kept[1].Meter.To != 2 {
				t.Errorf("again: %d ticks, %v", m.Ticks(), err)
			}
		})
	}
}

func TestMeterEnds(t *testing.T) {
	s := newStall(t)
	s.purse.Arm(0)
	m, card := s.meter(t, s.terms(t, "EUR:0.25", 5), nil)
	for want := 1; m.Left() > 0; want++ {
		if err := m.Tick(t.Context()); err != nil || m.Ticks() != want || len(s.kept) != want {
			t.Fatalf("tick %d: %d ticks, %d claims, %v", want, m.Ticks(), len(s.kept), err)
		}
	}
	if err := m.Tick(t.Context()); !errors.Is(err, offline.ErrTicksEnd) || len(s.kept) != 5 {
		t.Errorf("a sixth tick: got %v", err)
	}
	out := m.Stop(t.Context())
	if out.Result != kernel.Approved || out.From != 0 || out.To != 5 || !out.Received {
		t.Errorf("Stop: got %+v", out)
	}
	_ = card.Close()
	if at := s.purse.Closed(terminaltest.PurseSlot); at != 5 {
		t.Errorf("the card has given out %d units", at)
	}
}

func TestMeterWithoutTicks(t *testing.T) {
	s := newStall(t)
	s.purse.Arm(0)
	m, card := s.meter(t, s.terms(t, "EUR:0.25", 5), nil)
	out := m.Stop(t.Context())
	if out.Result != kernel.Declined || !errors.Is(out.Refused, kernel.ErrNothingTicked) ||
		out.Receipt != nil || len(s.kept) != 0 {
		t.Errorf("got %+v", out)
	}
	_ = card.Close()
	if at := s.purse.Closed(terminaltest.PurseSlot); at != 0 {
		t.Errorf("the card has given out %d units", at)
	}
}

// TestMeterResumes: the ticks go on where they were; only the commitment that was begun does.
func TestMeterResumes(t *testing.T) {
	s := newStall(t)
	s.purse.Arm(0)
	terms := s.terms(t, "EUR:0.25", 5)
	first, card := s.meter(t, terms, nil)
	if err := first.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.on(wire.InsTick, func([]byte) []byte { return nil })
	if err := first.Tick(t.Context()); !errors.Is(err, pcsc.ErrCardRemoved) || first.Ticks() != 1 {
		t.Fatalf("torn tick: %d ticks, %v", first.Ticks(), err)
	}
	_ = card.Close()
	again, card := s.meter(t, terms, first)
	if again.Ticks() != 1 || again.Left() != 4 {
		t.Errorf("resumed with %d ticks", again.Ticks())
	}
	if err := again.Tick(t.Context()); err != nil || again.Ticks() != 2 {
		t.Errorf("the torn tick again: %d ticks, %v", again.Ticks(), err)
	}
	_ = card.Close()

	other := newStall(t)
	other.purse.Arm(0)
	other.Keep = s.Keep
	begun, _ := other.meter(t, terms, nil)
	direct := pcsc.NewDirect(s.purse)
	m, out, err := s.Meter(t.Context(), direct, terms, begun)
	if err != nil || m != nil || !errors.Is(out.Refused, relay.ErrNotProven) {
		t.Errorf("another card: got %+v, %v", out, err)
	}
}
