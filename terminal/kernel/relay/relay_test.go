package relay_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"tapbench/applet/message"
	"tapbench/terminal/kernel/relay"
)

func TestJudge(t *testing.T) {
	const ms = time.Millisecond
	card := message.RelayTimes{Min: 50, Max: 100, Transmission: 20}
	limits := relay.Default()
	limits.MaxGrace = 5 * ms // 1.8 + 2.0 on the way, 5 to 10 in the card
	for _, row := range []struct {
		name               string
		took               time.Duration
		change             func(*relay.Limits, *message.RelayTimes)
		far, soon, inexact bool
	}{
		{name: "too late", took: 18*ms + 801*time.Microsecond, far: true},
		{name: "too soon", took: 6*ms + 799*time.Microsecond, soon: true},
		{
			name: "no clock runs backwards", took: -ms, soon: true,
		},
		{
			name: "the card hopes for a slower way than the terminal", took: 19*ms + 201*time.Microsecond,
			change: func(_ *relay.Limits, c *message.RelayTimes) { c.Transmission = 1000 }, far: true,
			inexact: true,
		},
		{
			name: "inexact", took: 39 * ms, inexact: true,
			change: func(l *relay.Limits, _ *message.RelayTimes) { l.MaxGrace = 50 * ms },
		},
		{name: "just in time", took: 18*ms + 800*time.Microsecond},
		{name: "as soon as can be", took: 6*ms + 800*time.Microsecond},
		{
			name: "a card without a minimum", took: 0,
			change: func(_ *relay.Limits, c *message.RelayTimes) { c.Min = 0 },
		},
	} {
		l, c := limits, card
		if row.change != nil {
			row.change(&l, &c)
		}
		v := l.Judge(row.took, c)
		if v.Far() != row.far || v.Soon() != row.soon || v.Inexact != row.inexact {
			t.Errorf("%s: got %+v, far %t, soon %t", row.name, v, v.Far(), v.Soon())
		}
	}
	zero, standard := relay.Limits{}.Judge(ms, card), relay.Default().Judge(ms, card)
	if zero != standard {
		t.Errorf("without limits: got %+v, want %+v", zero, standard)
	}
}

// FuzzJudge: longer is never nearer, and no answer is both too late and too soon.
func FuzzJudge(f *testing.F) {
	f.Add(int64(4e6), int64(1e6), uint16(0), uint16(100), uint16(20))
	f.Add(int64(math.MaxInt64/2), int64(1), uint16(math.MaxUint16), uint16(0), uint16(0))
	f.Fuzz(func(t *testing.T, took, more int64, least, most, way uint16) {
		if took < 0 || more < 0 || took > math.MaxInt64/2 || more > math.MaxInt64/2 {
			return
		}
		card := message.RelayTimes{Min: min(least, most), Max: max(least, most), Transmission: way}
		l := relay.Default()
		v, later := l.Judge(time.Duration(took), card), l.Judge(time.Duration(took+more), card)
		if v.Far() && v.Soon() || v.Far() && !later.Far() || later.Soon() && !v.Soon() {
			t.Errorf("%+v and then %+v", v, later)
		}
	})
}

func TestModes(t *testing.T) {
	if _, err := relay.ParseMode("maybe"); err == nil {
		t.Error("accepted maybe")
	}
	for _, name := range relay.Modes() {
		if m, err := relay.ParseMode(name); err != nil || m.String() != name {
			t.Errorf("%s: got %v, %v", name, m, err)
		}
	}
	if relay.Mode(9).String() != "unknown" {
		t.Error("a mode that there isn't has a name")
	}
}

func TestFarError(t *testing.T) {
	const ms = time.Millisecond
	far := &relay.FarError{Verdict: relay.Verdict{Took: 231400 * time.Microsecond, AtMost: 64 * ms}}
	if got := far.Error(); got != "card is too far away: 231.4 ms, at most 64.0 ms" {
		t.Errorf("got %q", got)
	}
	soon := &relay.FarError{Verdict: relay.Verdict{Took: ms, Least: 3 * ms, AtMost: 9 * ms}}
	if got := soon.Error(); got != "card answers sooner than it can: 1.0 ms, at least 3.0 ms" {
		t.Errorf("got %q", got)
	}
	if !errors.Is(far, relay.ErrFar) {
		t.Error("it isn't ErrFar")
	}
}
