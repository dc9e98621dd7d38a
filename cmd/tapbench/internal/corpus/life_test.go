package corpus_test

import (
	"testing"

	"tapbench/applet/wire"
	"tapbench/backend/money"
)

// life is what a wallet does with a card.
func life() []scenario {
	return []scenario{
		{
			name: "open-account",
			comment: "a wallet personalises a new card, opens an account at a bank and gets a bank " +
				"account ID: phases 0 to 2",
			play: func(t *testing.T, s *stand, _ *recording) { check(t, s.open(t, "alice")) },
		},
		{
			name:    "register",
			comment: "the card registers with a TSM and pays for the account there: phase 3",
			play:    func(t *testing.T, s *stand, _ *recording) { check(t, s.register(t)) },
		},
		{
			name:    "refill",
			comment: "two virtual cards are asked for and put into the card: phase 4",
			play:    func(t *testing.T, s *stand, _ *recording) { check(t, s.refill(t, 2)) },
		},
		{
			name:    "refill-full",
			comment: "a card with two virtual cards, of which two are wanted: the status says so",
			play:    func(t *testing.T, s *stand, _ *recording) { check(t, s.refill(t, 2)) },
		},
		{
			name:    "status-arm-disarm",
			comment: "the status before, after ARM for 20.00 EUR, and after DISARM",
			play:    statusArmDisarm,
		},
	}
}

func statusArmDisarm(t *testing.T, s *stand, _ *recording) {
	want := func(arm wire.ArmState) {
		t.Helper()
		status, err := s.NewWallet(t).Status(t.Context())
		check(t, err)
		if status.Arm != arm {
			t.Errorf("arm state %v, want %v", status.Arm, arm)
		}
	}
	want(wire.ArmNone)
	check(t, s.arm(t, "20.00"))
	want(wire.ArmReady)
	check(t, s.NewWallet(t).Disarm(t.Context()))
	want(wire.ArmNone)
}

// ends is what is shown last: a whole life once more, on a card of its own.
func ends() []scenario {
	return []scenario{{
		name: "demo",
		comment: "all that a card is asked in a demo: a new card is opened, registered, refilled and " +
			"armed, then taken off the phone and tapped for 12.50 EUR",
		before: another,
		play: func(t *testing.T, s *stand, r *recording) {
			check(t, s.open(t, "bob"))
			check(t, s.register(t))
			check(t, s.refill(t, 1))
			check(t, s.arm(t, "20.00"))
			r.away()
			approved(t, s.till(t, r, shop), "12.50")
			r.away()
			s.again(r)
			status, err := s.NewWallet(t).Status(t.Context())
			check(t, err)
			if status.Arm != wire.ArmNone {
				t.Errorf("arm state %v after the tap", status.Arm)
			}
		},
	}}
}

// euros is an amount.
func euros(text string) money.Amount { return money.Must("EUR:" + text) }
