package emulator

import (
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/saved"
	"tapbench/applet/wire"
)

// What the tests of this package see of a card's state and no command tells: the sizes, for the
// Java Card's budget, and keys that no command uses yet.

// StateSizes returns the persistent bytes of each part of the state.
func StateSizes() map[string]int {
	var s state
	return map[string]int{
		"card":       walked(s.walkCard),
		"launch":     walked(s.launch.walk),
		"bank slot":  walked(s.banks[0].walk),
		"TID slot":   walked(s.tids[0].walk),
		"card slot":  walked(s.cards[0].walk),
		"token slot": walked(s.tokens[0].walk),
		"arming":     walked(s.arm.walk),
		"all":        walked(s.walk),
	}
}

func walked(walk func(walker)) (n int) {
	walk(func(field []byte) { n += len(field) })
	return n
}

// TransactionLen returns the bytes of the fields that differ between two encoded states: what a
// card has to write in one transaction. Before may be nil: a new card's.
func TransactionLen(t testing.TB, before, after []byte) int {
	t.Helper()
	store := &saved.Memory{}
	if before != nil {
		if err := store.Commit(before); err != nil {
			t.Fatal(err)
		}
	}
	old, err := load(store)
	if err != nil {
		t.Fatal(err)
	}
	now, err := decodeState(after)
	if err != nil {
		t.Fatal(err)
	}
	return changed(&old.state, &now)
}

// AccountKeys returns a bank slot's KEM key, its transcript and K_AID,B's keys in both directions.
func (c *Card) AccountKeys(slot int) (kem, th, toBank, toSE []byte) {
	b := &c.persistent.state.banks[slot]
	return b.kemKeys.private[:], b.th[:], b.toBank[:], b.toSE[:]
}

// ExhaustCounter uses up the counter of a TSM account slot towards the TSM.
func (c *Card) ExhaustCounter(slot int) { c.persistent.state.tids[slot].sent = 1<<32 - 1 }

// OffersAt says whether a card until expiry of 50.00 with this ATC and total may be shown to a
// payment of an amount; all in cents, n12.
func OffersAt(atc uint16, total, amount [wire.AmountLen]byte) bool {
	c := cardSlot{
		state: wire.CardReady, atc: atc, total: total,
		class: message.Class{Limit: [wire.AmountLen]byte{4: 0x50}, Kind: wire.CardUntilExpiry},
	}
	_, ok := c.offers(terms{amount: amount})
	return ok
}

// Prove selects the management application as a host that has shown the pairing key.
func (c *Card) Prove() { c.session = session{selected: management, proven: true} }
