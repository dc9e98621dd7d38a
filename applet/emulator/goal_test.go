package emulator_test

import (
	"strings"
	"testing"
	"time"

	"tapbench/applet/conformance"
	"tapbench/applet/emulator"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/link"
)

// worst is the amount whose last unit lies 8 steps below a checkpoint of a token of 250 x 0.05.
const worst = 5 * 242

// taps are the payments whose time is predicted, each the worst of its kind. The tap is what is
// counted; the host proves itself behind it.
func taps() []struct {
	name    string
	goal    time.Duration
	prepare func(*conformance.Host)
	tap     func(*conformance.Host)
} {
	const ms = time.Millisecond
	fresh := func(flags wire.ArmFlags) func(*conformance.Host) {
		return func(h *conformance.Host) { h.NewToken(0, 5, 250); h.ArmFor(flags) }
	}
	// A token that has paid 0.05 before: what it keeps of that is written over.
	used := func(flags wire.ArmFlags) func(*conformance.Host) {
		return func(h *conformance.Host) {
			h.NewToken(0, 5, 250)
			h.ArmFor(0)
			h.PayOffline(5, false)
			h.ArmFor(flags)
		}
	}
	return []struct {
		name    string
		goal    time.Duration
		prepare func(*conformance.Host)
		tap     func(*conformance.Host)
	}{
		{"offline fast", 165 * ms, fresh(0), func(h *conformance.Host) { h.PayOffline(worst, false) }},
		{"offline fast, a used token", 165 * ms, used(wire.ArmReuse), func(h *conformance.Host) {
			h.PayOffline(worst-5, false)
		}},
		{"offline mutual", 300 * ms, fresh(wire.ArmMutual), func(h *conformance.Host) {
			h.PayOffline(worst, true)
		}},
		{
			"offline mutual, a used token", 300 * ms, used(wire.ArmMutual | wire.ArmReuse),
			func(h *conformance.Host) { h.PayOffline(worst-5, true) },
		},
		{"metering, without ticks", 165 * ms, fresh(0), func(h *conformance.Host) {
			h.MeterOffline(worst, 5, 0)
		}},
		{"online", 250 * ms, (*conformance.Host).Arm, func(h *conformance.Host) { h.TapWhole(false) }},
		{
			"online mutual", 300 * ms, func(h *conformance.Host) { h.ArmFor(wire.ArmMutual) },
			func(h *conformance.Host) { h.TapWhole(true) },
		},
	}
}

// counted returns what the commands of a tap cost.
func counted(
	t *testing.T, prepare, tap func(*conformance.Host),
) []emulator.Cost {
	t.Helper()
	meter := &emulator.Meter{}
	card := newCard(t, emulator.Config{Meter: meter})
	h := conformance.NewHost(t, pcsc.NewDirect(card)).Advance(conformance.CardReady)
	prepare(h)
	meter.Reset()
	tap(h)
	costs := meter.Commands()
	const proof = 3 // SELECT, GET CHALLENGE, EXTERNAL AUTHENTICATE
	if len(costs) <= proof {
		t.Fatalf("%d commands", len(costs))
	}
	return costs[:len(costs)-proof]
}

// predicted returns what commands take on a card of a name, over 106 kbit/s.
func predicted(t *testing.T, model string, costs []emulator.Cost) (sum link.Parts, work link.Work) {
	t.Helper()
	card, ok := link.CardNamed(model)
	channel, err := link.NewChannel(106)
	if !ok || err != nil {
		t.Fatalf("no card %s, %v", model, err)
	}
	for _, c := range costs {
		if c.SW != wire.SWNormal {
			t.Errorf("INS %02X: %v", c.INS, c.SW)
		}
		sum.Add(link.Predict(card, channel, c.Exchanges, c.Work))
		work.Add(c.Work)
	}
	return sum, work
}

// TestGoals predicts each kind of payment on a J3R180: counts and a model, the same on each
// machine.
func TestGoals(t *testing.T) {
	for _, row := range taps() {
		t.Run(row.name, func(t *testing.T) {
			sum, work := predicted(t, "j3r180", counted(t, row.prepare, row.tap))
			t.Logf("%.1f ms: link %.1f, signatures %.1f, verifications %.1f, hashes %.1f, AES %.1f, "+
				"writes %.1f", inMS(sum.Total()), inMS(sum.Link), inMS(sum.Signatures),
				inMS(sum.Verifications), inMS(sum.Hashes), inMS(sum.Ciphers), inMS(sum.Writes))
			if sum.Total() > row.goal {
				t.Errorf("%.1f ms predicted, at most %v", inMS(sum.Total()), row.goal)
			}
			if work.Signatures != 1 || work.KeyPairs+work.Agreements != 0 {
				t.Errorf("%d signatures, %d new keys, %d agreements: want one signature",
					work.Signatures, work.KeyPairs, work.Agreements)
			}
		})
	}
}

func inMS(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// TestTickGoal: a charger asks for a tick each second; eight hashes and a write take a card a part
// of that.
func TestTickGoal(t *testing.T) {
	costs := counted(t, func(h *conformance.Host) { h.NewToken(0, 5, 250); h.ArmFor(0) },
		func(h *conformance.Host) { h.MeterOffline(worst, 5, 20) })
	var longest time.Duration
	for _, c := range costs {
		if wire.INS(c.INS) != wire.InsTick {
			continue
		}
		sum, _ := predicted(t, "j3r180", []emulator.Cost{c})
		longest = max(longest, sum.Total())
		if c.Work.Hashes >= wire.CheckpointGap {
			t.Errorf("TICK %d: %d hashes", c.P1, c.Work.Hashes)
		}
	}
	t.Logf("the longest tick takes %.1f ms", inMS(longest))
	if longest > 50*time.Millisecond || longest == 0 {
		t.Errorf("the longest tick takes %v", longest)
	}
}

// costRows reads PROTOCOL.md's table: the bytes up to a comma, and the counts.
func costRows(page string) map[string]string {
	rows := map[string]string{}
	for line := range strings.Lines(page) {
		if cells := strings.Split(line, "|"); len(cells) == 8 {
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			bytes, _, _ := strings.Cut(cells[2], ",")
			rows[cells[1]] = strings.Join(append([]string{bytes}, cells[3:7]...), "|")
		}
	}
	return rows
}
