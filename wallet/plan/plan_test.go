package plan_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/wallet/plan"
)

// The tests' moment: in the middle of an epoch, in the middle of an hour.
const epoch message.Epoch = 2900

func middle() time.Time { return epoch.End().Add(-message.EpochLength/2 + 30*time.Minute) }

func schedule() plan.Schedule { return plan.Schedule{Seed: []byte("seed")} }

// calm is a phone that lacks nothing: cards until the next epoch, two accounts of two banks.
func calm() plan.Outlook {
	o := plan.Outlook{
		Now: middle(),
		Accounts: []plan.Account{
			{Slot: 0, Bank: "A", Active: true, Limit: 10000, Expiry: epoch + 9},
			{Slot: 1, Bank: "B", Active: true, Limit: 10000, Expiry: epoch + 9},
		},
		Banks: []plan.Bank{
			{Bank: "A", Granted: true, Expiry: epoch + 9}, {Bank: "B", Granted: true, Expiry: epoch + 9},
		},
	}
	for range wire.CardSlots {
		o.Cards = append(o.Cards, plan.Card{State: wire.CardReady, Expiry: epoch + 1})
	}
	return o
}

func cards(o *plan.Outlook, n int, c plan.Card) {
	for i := range n {
		o.Cards[i] = c
	}
}

// lasting gives the phone one card until expiry, and nothing else.
func lasting(o *plan.Outlook, c plan.Card) {
	o.Kind, c.Kind, c.State = wire.CardUntilExpiry, wire.CardUntilExpiry, wire.CardReady
	cards(o, wire.CardSlots, plan.Card{State: wire.CardEmpty})
	cards(o, 1, c)
}

// tokens gives the phone a stock of one token of each class, and what is in its slots.
func tokens(o *plan.Outlook, slots ...plan.Token) {
	o.Stock, o.Classes, o.Tokens = 1, []uint8{1, 5}, slots
}

// TestNext has a row for each reason to act, and what comes first then.
func TestNext(t *testing.T) {
	policy := plan.DefaultPolicy()
	slot := schedule().Slot(middle(), policy.Slot)
	renewal := schedule().Instant("renew", epoch+1, policy.Window)
	newAccount := schedule().Instant("account/B", epoch+1, policy.Window)
	nextWindow := schedule().Instant("register/B", epoch+1, policy.Window)
	spent := plan.Card{State: wire.CardSpent}
	for _, row := range []struct {
		name   string
		change func(o *plan.Outlook)
		want   []plan.Step
	}{
		{"no account", func(o *plan.Outlook) { o.Accounts, o.Banks = nil, nil }, []plan.Step{
			{Act: plan.Tell, At: middle(), Why: "no account reaches the floor: open one at another bank"},
		}},
		{"there was no token yet", func(o *plan.Outlook) {
			tokens(o, plan.Token{}, plan.Token{})
		}, []plan.Step{
			{Act: plan.Refill, At: slot, From: epoch + 1, Why: "offline tokens are used up"},
		}},
		{"a token was used", func(o *plan.Outlook) {
			tokens(o, plan.Token{State: wire.TokenUsed, Unit: 1, Epoch: epoch + 1},
				plan.Token{State: wire.TokenReady, Unit: 5, Epoch: epoch + 1})
		}, []plan.Step{
			{Act: plan.Refill, At: slot, From: epoch + 1, Why: "offline tokens are used up"},
		}},
		{"a token has expired", func(o *plan.Outlook) {
			tokens(o, plan.Token{State: wire.TokenReady, Unit: 5, Epoch: epoch - 1})
		}, []plan.Step{
			{Act: plan.Refill, At: slot, From: epoch + 1, Why: "offline tokens are used up"},
		}},
		{"tokens of all classes are there", func(o *plan.Outlook) {
			tokens(o, plan.Token{State: wire.TokenReady, Unit: 1, Epoch: epoch},
				plan.Token{State: wire.TokenReady, Unit: 5, Epoch: epoch})
		}, []plan.Step{
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"no tokens are wanted", func(o *plan.Outlook) {
			tokens(o, plan.Token{State: wire.TokenUsed, Unit: 1, Epoch: epoch})
			o.Stock = 0
		}, []plan.Step{
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"the bank hasn't granted", func(o *plan.Outlook) {
			o.Accounts, o.Banks[1].Granted = o.Accounts[:1], false
		}, []plan.Step{
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"the bank account has expired", func(o *plan.Outlook) {
			o.Accounts, o.Banks[1].Expiry = o.Accounts[:1], epoch-1
		}, []plan.Step{
			{
				Act: plan.Renew, At: newAccount, Bank: "B", Why: "the bank account ID ends with this epoch",
			},
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"the bank account ends with this epoch", func(o *plan.Outlook) {
			o.Banks[1].Expiry = epoch
		}, []plan.Step{
			{
				Act: plan.Renew, At: newAccount, Bank: "B", Why: "the bank account ID ends with this epoch",
			},
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"no room for another account", func(o *plan.Outlook) {
			o.Banks = append(o.Banks, plan.Bank{Bank: "C", Granted: true, Expiry: epoch + 9})
		}, []plan.Step{
			{Act: plan.Tell, At: middle(), Why: "no room in the element for an account paid from C"},
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"the account has expired", func(o *plan.Outlook) {
			o.Accounts[1].Expiry = epoch - 1
		}, []plan.Step{
			{Act: plan.Free, At: middle(), Bank: "B", Why: "an account has expired"},
			{
				Act: plan.Register, At: nextWindow, Bank: "B",
				Why: "no TSM account is paid from this bank yet",
			},
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"the account has expired within a tap", func(o *plan.Outlook) {
			o.Accounts[1].Expiry, o.Banks[1].Granted = epoch-1, false
			o.Arm, o.ArmedAt = wire.ArmBound, middle()
		}, []plan.Step{
			{Act: plan.Disarm, At: middle().Add(time.Minute), Why: "the consent to a tap has run out"},
			{
				Act: plan.Free, At: middle().Add(time.Minute), Bank: "B", Why: "an account has expired",
			},
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"the account ends with this epoch", func(o *plan.Outlook) {
			o.Accounts[1].Expiry = epoch
		}, []plan.Step{
			{Act: plan.Tell, At: middle(), Why: "the account paid from B ends with this epoch"},
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"a closing without answer", func(o *plan.Outlook) {
			o.Accounts[1].Closing, o.Banks[1].Granted = true, false
		}, []plan.Step{
			{Act: plan.Close, At: middle(), Why: "the closing of an account was broken off"},
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"a bank account's closing without answer", func(o *plan.Outlook) {
			o.Banks[1] = plan.Bank{Bank: "B", Closing: true, Expiry: epoch + 9}
		}, []plan.Step{
			{
				Act: plan.Close, At: middle(), Bank: "B", Why: "the closing of an account was broken off",
			},
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"a renewal without answer", func(o *plan.Outlook) {
			o.Banks[1] = plan.Bank{Bank: "B", Renewing: true, Expiry: epoch - 1}
		}, []plan.Step{
			{
				Act: plan.Renew, At: middle(), Bank: "B",
				Why: "the renewal of a bank account ID was broken off",
			},
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"nothing", func(*plan.Outlook) {}, []plan.Step{
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"four ready", func(o *plan.Outlook) { cards(o, 4, spent) }, []plan.Step{
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"three ready", func(o *plan.Outlook) { cards(o, 5, spent) }, []plan.Step{
			{Act: plan.Refill, At: slot, From: epoch + 1, Why: "3 cards ready, fewer than 4"},
		}},
		{"none ready", func(o *plan.Outlook) { cards(o, 8, spent) }, []plan.Step{
			{Act: plan.Refill, At: slot, From: epoch + 1, Why: "0 cards ready, fewer than 4"},
		}},
		{"an instant has passed since the last look", func(o *plan.Outlook) {
			cards(o, 5, spent)
			o.Now = slot.Add(time.Second)
			o.Since = slot.Add(-time.Minute)
		}, []plan.Step{
			{
				Act: plan.Refill, At: slot.Add(time.Second), From: epoch + 1,
				Why: "3 cards ready, fewer than 4",
			},
		}},
		{"never a card", func(o *plan.Outlook) { cards(o, 8, plan.Card{}) }, []plan.Step{
			{Act: plan.Refill, At: middle(), From: epoch + 1, Why: "there was no card yet"},
		}},
		{"a card ends with this epoch", func(o *plan.Outlook) { o.Cards[3].Expiry-- }, []plan.Step{
			{Act: plan.Refill, At: middle(), From: epoch + 1, Why: "cards end with the epoch"},
		}},
		{"a card has expired", func(o *plan.Outlook) { o.Cards[3].Expiry -= 2 }, []plan.Step{
			{Act: plan.Refill, At: middle(), From: epoch + 1, Why: "cards have expired"},
		}},
		{"an account under the floor", func(o *plan.Outlook) {
			o.Accounts[0].Spent = 9001
		}, []plan.Step{
			{
				Act: plan.Refill, At: slot, From: epoch + 1,
				Why: "an account is under the floor, another one isn't",
			},
		}},
		{"both under the floor", func(o *plan.Outlook) {
			o.Accounts[0].Spent, o.Accounts[1].Spent = 9001, 12000
		}, []plan.Step{
			{Act: plan.Tell, At: middle(), Why: "no account reaches the floor: open one at another bank"},
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"the second bank has no account", func(o *plan.Outlook) {
			o.Accounts = o.Accounts[:1]
		}, []plan.Step{
			{
				Act: plan.Register, At: nextWindow, Bank: "B",
				Why: "no TSM account is paid from this bank yet",
			},
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"a funding without answer", func(o *plan.Outlook) { o.Accounts[1].Active = false }, []plan.Step{
			{Act: plan.Resume, At: middle(), Bank: "B", Why: "the answer to a funding is missing"},
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"armed just now", func(o *plan.Outlook) {
			cards(o, 5, spent)
			o.Cards[6].Expiry -= 2
			o.Arm, o.ArmedAt = wire.ArmReady, middle()
		}, []plan.Step{
			{Act: plan.Disarm, At: middle().Add(time.Minute), Why: "the consent to a tap has run out"},
			{
				Act: plan.Refill, At: middle().Add(time.Minute), From: epoch + 1,
				Why: "cards have expired",
			},
		}},
		{"armed, nobody knows when", func(o *plan.Outlook) { o.Arm = wire.ArmBound }, []plan.Step{
			{Act: plan.Disarm, At: middle(), Why: "the consent to a tap has run out"},
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"armed in the future", func(o *plan.Outlook) {
			o.Arm, o.ArmedAt = wire.ArmReady, middle().Add(time.Hour)
		}, []plan.Step{
			{Act: plan.Disarm, At: middle(), Why: "the consent to a tap has run out"},
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"one card until expiry is enough", func(o *plan.Outlook) {
			lasting(o, plan.Card{Expiry: epoch + 1, Limit: 5000})
		}, []plan.Step{
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"little is left of its limit", func(o *plan.Outlook) {
			lasting(o, plan.Card{Expiry: epoch + 1, Limit: 5000, Shown: 4001})
		}, []plan.Step{
			{Act: plan.Refill, At: slot, From: epoch + 1, Why: "little is left of the card's limit"},
		}},
		{"its limit is a small one, and half is left", func(o *plan.Outlook) {
			lasting(o, plan.Card{Expiry: epoch + 1, Limit: 1000, Shown: 500})
		}, []plan.Step{
			{Act: plan.Refill, At: renewal, From: epoch + 2, Why: "cards end with the epoch"},
		}},
		{"it has expired", func(o *plan.Outlook) {
			lasting(o, plan.Card{Expiry: epoch - 1, Limit: 5000})
		}, []plan.Step{
			{Act: plan.Refill, At: middle(), From: epoch + 1, Why: "cards have expired"},
		}},
		{"the batch is to be one card until expiry", func(o *plan.Outlook) {
			o.Kind = wire.CardUntilExpiry
		}, []plan.Step{
			{Act: plan.Refill, At: slot, From: epoch + 1, Why: "0 cards ready, fewer than 1"},
		}},
		{"one-show cards are left beside it", func(o *plan.Outlook) {
			o.Kind = wire.CardUntilExpiry
			cards(o, 1, plan.Card{
				State: wire.CardReady, Kind: wire.CardUntilExpiry, Expiry: epoch + 1, Limit: 5000,
			})
		}, []plan.Step{
			{Act: plan.Refill, At: slot, From: epoch + 1, Why: "cards of another kind are left"},
		}},
		{"its replacement waits while it is armed", func(o *plan.Outlook) {
			lasting(o, plan.Card{Expiry: epoch - 1, Limit: 5000})
			o.Arm, o.ArmedAt = wire.ArmReady, middle()
		}, []plan.Step{
			{
				Act: plan.Disarm, At: middle().Add(policy.ArmTimeout),
				Why: "the consent to a tap has run out",
			},
			{
				Act: plan.Refill, At: middle().Add(policy.ArmTimeout), From: epoch + 1,
				Why: "cards have expired",
			},
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := calm()
			row.change(&o)
			want := row.want
			slices.SortStableFunc(want, func(a, b plan.Step) int { return a.At.Compare(b.At) })
			if diff := cmp.Diff(want, plan.Next(o, policy, schedule())); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestInstants: instants lie in their windows, evenly, and the same seed gives the same ones.
func TestInstants(t *testing.T) {
	const wallets, window = 2000, 24 * time.Hour
	var sum time.Duration
	for i := range wallets {
		s := plan.Schedule{Seed: []byte{byte(i >> 8), byte(i & 0xFF)}}
		at := s.Instant("renew", epoch, window)
		after := at.Sub((epoch - 1).End())
		if after < 0 || after >= window || at != s.Instant("renew", epoch, window) {
			t.Fatalf("wallet %d: %v after the epoch's start", i, after)
		}
		sum += after
		slot := s.Slot(middle(), time.Hour)
		if wait := slot.Sub(middle()); wait <= 0 || wait > 90*time.Minute {
			t.Fatalf("wallet %d: refills after %v", i, wait)
		}
	}
	if mean := sum / wallets; mean < window*45/100 || mean > window*55/100 {
		t.Errorf("the mean is %v after the epoch's start", mean)
	}
}

// TestWindow goes through an epoch: before the instant, after it while the window is open, and
// after that.
func TestWindow(t *testing.T) {
	s, window, start := schedule(), 24*time.Hour, (epoch - 1).End()
	at := s.Instant("x", epoch, window)
	for _, row := range []struct {
		name      string
		now, want time.Time
	}{
		{"at the start", start, at},
		{"behind the instant", at.Add(time.Second), at.Add(time.Second)},
		{"at the window's end", start.Add(window), s.Instant("x", epoch+1, window)},
		{"at the epoch's end", epoch.End().Add(-1), s.Instant("x", epoch+1, window)},
	} {
		if got := s.Window("x", row.now, window); !got.Equal(row.want) {
			t.Errorf("%s: got %v, want %v", row.name, got, row.want)
		}
	}
}
