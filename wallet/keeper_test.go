package wallet_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/wallet"
	"tapbench/wallet/plan"
)

// keptPhone is a phone without element and servers: what a keeper sees and does, by name.
type keptPhone struct {
	outlook plan.Outlook
	start   time.Time
	log     []string
	asked   []time.Time // when a server was
	fail    func(plan.Step) error
}

func newKeptPhone() *keptPhone {
	p := &keptPhone{start: time.Now()}
	e := message.EpochAt(p.start)
	p.outlook = plan.Outlook{
		Accounts: []plan.Account{{Bank: "A", Active: true, Limit: 10000, Expiry: e + 50}},
		Banks:    []plan.Bank{{Bank: "A", Granted: true, Expiry: e + 50}},
	}
	for range wire.CardSlots {
		p.outlook.Cards = append(p.outlook.Cards, plan.Card{State: wire.CardReady, Expiry: e + 1})
	}
	return p
}

// spend taps n cards.
func (p *keptPhone) spend(n int) {
	for i := range p.outlook.Cards {
		if n > 0 && p.outlook.Cards[i].State == wire.CardReady {
			p.outlook.Cards[i].State, n = wire.CardSpent, n-1
		}
	}
}

func (p *keptPhone) keeper(seed byte) wallet.Keeper {
	return wallet.Keeper{
		Look: func(context.Context) (plan.Outlook, plan.Schedule, error) {
			o := p.outlook
			o.Now = time.Now()
			return o, plan.Schedule{Seed: []byte{seed}}, nil
		},
		Carry: func(_ context.Context, step plan.Step) (string, error) {
			if step.Act != plan.Disarm {
				p.asked = append(p.asked, time.Now())
			}
			if p.fail != nil {
				if err := p.fail(step); err != nil {
					return "", err
				}
			}
			e := message.CardExpiry(message.EpochAt(time.Now()))
			for i := range p.outlook.Cards {
				if c := &p.outlook.Cards[i]; step.Act == plan.Refill &&
					(c.State != wire.CardReady || c.Expiry < step.From) {
					*c = plan.Card{State: wire.CardReady, Expiry: e}
				}
			}
			if step.Act == plan.Disarm {
				p.outlook.Arm = wire.ArmNone
			}
			return string(step.Act), nil
		},
		Policy: plan.DefaultPolicy(), Poll: time.Minute, Retry: 10 * time.Second,
		Jitter: func() float64 { return 0.5 },
		Busy:   func(err error) bool { return errors.Is(err, errBusy) },
		Report: func(e wallet.Event) {
			switch e.Kind {
			case wallet.EventFailed:
				p.log = append(p.log, fmt.Sprintf("%s, again in %v", e.Err, time.Until(e.At)))
			case wallet.EventDone, wallet.EventTold:
				p.log = append(p.log, e.Text)
			case wallet.EventNext:
			}
		},
	}
}

// keep runs a keeper for a time, in a bubble with a clock of its own.
func (p *keptPhone) keep(t *testing.T, k wallet.Keeper, life func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- k.Run(ctx) }()
	life()
	stop()
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

// pass lets time pass in a bubble.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

var (
	errOutage = errors.New("no answer")
	errBusy   = errors.New("a terminal has the card")
)

// TestKeeperOutage: a server that is away is tried again, after longer and longer waits, and the
// refill comes when it is back.
func TestKeeperOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newKeptPhone()
		p.spend(wire.CardSlots)
		tries := 0
		p.fail = func(plan.Step) error {
			if tries++; tries <= 12 {
				return errOutage
			}
			return nil
		}
		p.keep(t, p.keeper(1), func() { pass(12 * time.Hour) })
		var want []string
		for _, wait := range []time.Duration{
			10 * time.Second, 20 * time.Second, 40 * time.Second, 80 * time.Second, 160 * time.Second,
			320 * time.Second, 640 * time.Second, 1280 * time.Second, 2560 * time.Second,
			time.Hour, time.Hour, time.Hour,
		} {
			want = append(want, fmt.Sprintf("no answer, again in %v", wait*3/4))
		}
		if diff := cmp.Diff(append(want, "refill"), p.log); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// TestKeeperGoesOn: an act that fails again and again doesn't keep the others from being done, and
// neither does a card that is off the reader for a while.
func TestKeeperGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newKeptPhone()
		p.spend(wire.CardSlots)
		p.outlook.Accounts = append(p.outlook.Accounts, plan.Account{Slot: 1, Bank: "B"})
		p.fail = func(step plan.Step) error {
			if step.Act == plan.Resume {
				return errOutage
			}
			return nil
		}
		k := p.keeper(1)
		look, away := k.Look, true
		k.Look = func(ctx context.Context) (plan.Outlook, plan.Schedule, error) {
			if away {
				return plan.Outlook{}, plan.Schedule{}, errOutage
			}
			return look(ctx)
		}
		p.keep(t, k, func() {
			pass(3 * time.Hour)
			away = false
			pass(3 * time.Hour)
		})
		if p.outlook.Cards[0].State != wire.CardReady {
			t.Errorf("no refill:\n%q", p.log)
		}
		if n := len(p.log); n < 10 || n > 40 {
			t.Errorf("%d lines in six hours of failures", n)
		}
	})
}

// TestKeeperNeverFollowsAPayment: whenever a card is spent, the refill comes at the same instant.
func TestKeeperNeverFollowsAPayment(t *testing.T) {
	asked := map[time.Time]int{}
	const payments = 20
	for n := range payments {
		synctest.Test(t, func(t *testing.T) {
			p := newKeptPhone()
			slot := plan.Schedule{Seed: []byte{1}}.Slot(p.start.Add(time.Hour), time.Hour)
			after := slot.Add(-time.Duration(n+1) * time.Minute)
			p.keep(t, p.keeper(1), func() {
				pass(time.Until(after))
				p.spend(5)
				pass(2 * time.Hour)
			})
			if len(p.asked) != 1 {
				t.Fatalf("%d refills, want 1", len(p.asked))
			}
			asked[p.asked[0].Truncate(time.Second)]++
		})
	}
	if len(asked) != 1 {
		t.Errorf("the refill tells when the payment was: %v", asked)
	}
}

// TestKeeperYear lets a year go by with five taps a day: the phone is never without a card that can
// be armed, and each server call lies at an instant of the schedule.
func TestKeeperYear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newKeptPhone()
		k := p.keeper(7)
		k.Poll = 15 * time.Minute
		p.keep(t, k, func() {
			for day := range 340 {
				pass(24 * time.Hour)
				o := p.outlook
				o.Now = time.Now()
				if o.Ready() < 4 {
					t.Fatalf("day %d: %d cards ready", day, o.Ready())
				}
				p.spend(5)
			}
		})
		if n := len(p.asked); n < 300 || n > 450 {
			t.Errorf("%d refills in a year", n)
		}
	})
}

// TestKeeperEnds: a keeper that waits ends at once, and so does one whose server hangs.
func TestKeeperEnds(t *testing.T) {
	for _, row := range []struct {
		name string
		hang bool
	}{{"while waiting", false}, {"while a server hangs", true}} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newKeptPhone()
				p.spend(wire.CardSlots)
				k := p.keeper(1)
				if row.hang {
					k.Carry = func(ctx context.Context, _ plan.Step) (string, error) {
						<-ctx.Done()
						return "", ctx.Err()
					}
				}
				var at time.Time
				p.keep(t, k, func() { pass(3 * time.Hour); at = time.Now() })
				if late := time.Since(at); late != 0 {
					t.Errorf("ended %v late", late)
				}
				for _, line := range p.log {
					if line != "refill" {
						t.Errorf("said %q", line)
					}
				}
			})
		})
	}
}

// TestKeeperWaitsItsTurn: while a terminal has the card, nothing is said, and nothing waits longer.
func TestKeeperWaitsItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newKeptPhone()
		p.outlook.Arm = wire.ArmReady
		k := p.keeper(1)
		look, end := k.Look, time.Now().Add(30*time.Minute)
		k.Look = func(ctx context.Context) (plan.Outlook, plan.Schedule, error) {
			if time.Now().Before(end) {
				return plan.Outlook{}, plan.Schedule{}, errBusy
			}
			return look(ctx)
		}
		p.keep(t, k, func() { pass(31 * time.Minute) })
		if diff := cmp.Diff([]string{"disarm"}, p.log); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// TestKeeperOnce does what is due and returns; a failure is returned.
func TestKeeperOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newKeptPhone()
		p.outlook.Arm = wire.ArmReady
		for i := range p.outlook.Cards {
			p.outlook.Cards[i].Expiry -= 2
		}
		p.fail = func(plan.Step) error { return errOutage }
		if err := p.keeper(1).Once(t.Context()); !errors.Is(err, errOutage) {
			t.Errorf("got %v", err)
		}
		p.fail = nil
		if err := p.keeper(1).Once(t.Context()); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]string{"disarm", "refill"}, p.log); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// TestKeeperRenews: cards that end with an epoch are replaced at the instant that was drawn for it,
// in the window at that epoch's start and so before its end. Servers hear of it once.
func TestKeeperRenews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newKeptPhone()
		last := message.EpochAt(p.start) + 1 // in which the cards end
		instant := plan.Schedule{Seed: []byte{3}}.Instant("renew", last, plan.DefaultPolicy().Window)
		p.keep(t, p.keeper(3), func() {
			pass(time.Until(instant) - time.Minute)
			if len(p.asked) > 0 {
				t.Errorf("asked at %v, before the instant %v", p.asked, instant)
			}
			pass(3 * time.Minute)
		})
		if len(p.asked) != 1 || p.asked[0].Before(instant) || !p.asked[0].Before(last.End()) {
			t.Fatalf("asked at %v, want once, at %v", p.asked, instant)
		}
		for slot, c := range p.outlook.Cards {
			if c.Expiry <= last {
				t.Errorf("the card of slot %d ends with epoch %d", slot, c.Expiry)
			}
		}
	})
}

// TestKeeperLeavesTheArmed: at the instant a card is armed. It stays until the consent has run out;
// then cards are replaced.
func TestKeeperLeavesTheArmed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newKeptPhone()
		last := message.EpochAt(p.start) + 1
		instant := plan.Schedule{Seed: []byte{3}}.Instant("renew", last, plan.DefaultPolicy().Window)
		p.keep(t, p.keeper(3), func() {
			pass(time.Until(instant) - 10*time.Second)
			p.outlook.Arm, p.outlook.ArmedAt = wire.ArmReady, time.Now()
			armed := time.Now()
			pass(plan.DefaultPolicy().ArmTimeout - time.Second)
			if len(p.asked) > 0 || p.outlook.Cards[0].Expiry != last {
				t.Errorf("a card was replaced %v after it was armed", time.Since(armed))
			}
			pass(3 * time.Minute)
		})
		if diff := cmp.Diff([]string{"disarm", "refill"}, p.log); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if p.outlook.Cards[0].Expiry <= last {
			t.Error("the card wasn't replaced when the consent had run out")
		}
	})
}
