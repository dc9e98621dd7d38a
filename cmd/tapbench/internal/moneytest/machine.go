package moneytest

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/store/examiner"
	"tapbench/terminal"
)

// Property is what must hold: whatever is done, in whatever order, and whatever breaks off, every
// unit is in one place. Tb is the test's, for what a run is made of.
func (p *Template) Property(tb testing.TB, bugs Bugs, tally Tally) func(*rapid.T) {
	return func(t *rapid.T) {
		planted := bugs
		w, err := start(tb, p, &planted, tally)
		fatal(t, err)
		defer func() { must(tb, w.end()) }()
		m := machine{w}
		t.Repeat(m.acts())
		fatal(t, m.finish())
		tally["runs"]++
	}
}

// fatal ends a run in which something is wrong. What is said last names no token: these are others
// each time, and rapid shrinks only what fails in the same words.
func fatal(t *rapid.T, err error) {
	switch {
	case err == nil:
	case errors.Is(err, ErrMoney):
		t.Log(err)
		t.Fatal(ErrMoney)
	default:
		t.Log(err)
		t.Fatal("what nothing stands in the way of failed")
	}
}

// machine drives a world.
type machine struct{ *World }

// acts are what anybody may do next. After each of them the cheap checks are made.
func (m machine) acts() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"":            func(t *rapid.T) { fatal(t, m.Check()) },
		"withdraw":    m.withdraw,
		"pay":         m.paying(0),
		"pay mutual":  m.paying(wire.ArmMutual),
		"pay reusing": m.paying(wire.ArmReuse),
		"pay online":  m.payOnline,
		"meter":       m.meter,
		"settle":      m.settle,
		"send again":  m.sendAgain,
		"close token": m.closeToken,
		"put back":    m.putBack,
		"kill":        m.kill,
		"wait":        m.wait,
		"banks":       m.banks,
		"close day":   m.closeDay,
		"examine":     m.examine,
	}
}

// act does something while something goes wrong, and starts again whoever was killed by it. That it
// fails is no fault of anybody's.
func (m machine) act(t *rapid.T, what string, do func() error) {
	m.count("steps")
	kind := rapid.SampledFrom(faults()).Draw(t, "fault")
	if kind != None {
		m.fault.kind, m.fault.at = kind, rapid.IntRange(1, 6).Draw(t, "occasion")
	}
	err := do()
	if kind != None && m.fault.at == 0 {
		m.count(string(kind))
	}
	fatal(t, m.revive())
	if err != nil {
		m.count("broken off: " + what)
		t.Logf("%s: %v", what, err)
	}
}

func (m machine) phone(t *rapid.T) *phone {
	return m.phones[rapid.IntRange(0, len(m.phones)-1).Draw(t, "user")]
}

func (m machine) till(t *rapid.T) *till {
	return m.tills[rapid.IntRange(0, len(m.tills)-1).Draw(t, "terminal")]
}

// visit draws how a card behaves.
func (m machine) visit(t *rapid.T) visit {
	v := visit{tearAt: rapid.SampledFrom([]int{0, 0, 0, 1, 2, 3, 4, 5}).Draw(t, "tear at")}
	if v.tearAt > 0 {
		v.after = rapid.Bool().Draw(t, "after the write")
		v.again = rapid.Bool().Draw(t, "comes again")
	}
	return v
}

func (m machine) withdraw(t *rapid.T) {
	p := m.phone(t)
	stock := rapid.IntRange(1, 2).Draw(t, "of each class")
	m.act(t, "withdraw", func() error { return p.refill(stock) })
}

func (m machine) paying(flags wire.ArmFlags) func(*rapid.T) {
	return func(t *rapid.T) {
		p, at := m.phone(t), m.till(t)
		minor := rapid.SampledFrom([]int64{5, 1, 3, 10, 50, 55, 100, 150, 200, 500}).Draw(t, "cents")
		v := m.visit(t)
		m.act(t, "pay offline", func() error {
			return errors.Join(p.arm(minor, flags), at.pay(p, terminal.OfflineOnly, minor, v))
		})
	}
}

func (m machine) payOnline(t *rapid.T) {
	p, at := m.phone(t), m.till(t)
	minor := int64(rapid.IntRange(1, 500).Draw(t, "cents"))
	v := m.visit(t)
	m.act(t, "pay online", func() error {
		err := errors.Join(p.newCards(), p.arm(minor, 0))
		return errors.Join(err, at.pay(p, terminal.OfflineAuto, minor, v))
	})
}

func (m machine) meter(t *rapid.T) {
	p, at := m.phone(t), m.till(t)
	unit := rapid.SampledFrom([]int64{5, 1, 50}).Draw(t, "unit")
	units := int64(rapid.IntRange(1, 8).Draw(t, "units"))
	ticks := rapid.IntRange(0, 8).Draw(t, "ticks")
	v := m.visit(t)
	m.act(t, "meter", func() error {
		return errors.Join(p.arm(units*unit, 0), at.meter(p, units, unit, ticks, v))
	})
}

func (m machine) settle(t *rapid.T) {
	at := m.till(t)
	size := rapid.IntRange(1, 4).Draw(t, "batch")
	m.act(t, "settle", func() error { return at.settle(size) })
}

func (m machine) sendAgain(t *rapid.T) {
	n := rapid.IntRange(0, 7).Draw(t, "batch")
	m.act(t, "send again", func() error { return m.resend(n) })
}

func (m machine) closeToken(t *rapid.T) {
	p := m.phone(t)
	slot := rapid.IntRange(0, wire.TokenSlots-1).Draw(t, "slot")
	m.act(t, "close token", func() error { return p.closeToken(byte(slot)) })
}

// putBack gives the second user's element an older state; the first one stays honest.
func (m machine) putBack(t *rapid.T) {
	back := rapid.IntRange(0, kept-1).Draw(t, "states back")
	if m.phones[users-1].restore(back) {
		m.count("older state put back")
	}
	m.count("steps")
}

func (m machine) kill(t *rapid.T) {
	m.count("steps")
	switch n := rapid.IntRange(0, tills+1).Draw(t, "party"); n {
	case tills:
		fatal(t, m.restart(&m.bankDB, m.startBank))
	case tills + 1:
		fatal(t, m.restart(&m.tsmDB, m.startTSM))
	default:
		fatal(t, m.tills[n].kill())
	}
}

func (m machine) wait(t *rapid.T) {
	m.count("steps")
	m.World.wait(rapid.SampledFrom([]int{1, 1, 24, 24, 7 * 24, 15 * 24}).Draw(t, "hours"))
}

func (m machine) banks(t *rapid.T) { m.act(t, "banks", m.settleBanks) }

func (m machine) closeDay(t *rapid.T) {
	at := m.till(t)
	m.act(t, "close day", at.closeDay)
}

// examine has the examiner look at everything while it lives. What a rogue element has spent twice
// is settled before: until then two merchants have a claim, and nobody has seen both.
func (m machine) examine(t *rapid.T) {
	m.count("steps")
	fatal(t, m.settleRogue())
	_, err := m.Examine()
	fatal(t, err)
}

func (m machine) settleRogue() error {
	for _, p := range m.phones {
		if p.rogue {
			for _, at := range m.tills {
				if err := at.settle(0); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// finish lets everybody end what is open, and then all tokens expire: whatever has happened, each
// unit is then paid or has come back.
func (m machine) finish() error {
	for _, at := range m.tills {
		if err := errors.Join(at.settle(0), at.closeDay()); err != nil {
			return err
		}
	}
	if err := m.settleBanks(); err != nil {
		return err
	}
	if _, err := m.Examine(); err != nil {
		return err
	}
	m.now = m.now.Add(4 * message.EpochLength)
	if err := m.settleBanks(); err != nil {
		return err
	}
	report, err := m.Examine()
	if err != nil {
		return err
	}
	for _, p := range report.Units {
		if p.Name != examiner.UnitPaid && p.Name != examiner.UnitBack && p.Minor != 0 {
			return errors.Join(ErrMoney, errors.New(p.Name))
		}
	}
	return m.Check()
}
