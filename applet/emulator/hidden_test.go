package emulator

import (
	"fmt"
	"testing"

	"tapbench/applet/wire"
)

// TestStateDoesNotPrint prints each part of the state that holds keys, alone and within others.
func TestStateDoesNotPrint(t *testing.T) {
	var s state
	fill := byte(0)
	s.walk(func(field []byte) {
		for i := range field {
			fill++
			field[i] = fill | 1
		}
	})
	s.life = wire.LifeCyclePersonalized
	for want, secret := range map[string]any{
		"state(hidden)": s, "user(hidden)": s.user, "keyPair(hidden)": s.se,
		"bankSlot(hidden)": s.banks[0], "tidSlot(hidden)": s.tids[0], "cardSlot(hidden)": s.cards[0],
		"[keyPair(hidden)]": []keyPair{s.se}, "persistent(hidden)": persistent{state: s},
	} {
		for _, verb := range []string{"%v", "%+v", "%s", "%x", "%d"} {
			if got := fmt.Sprintf(verb, secret); got != want {
				t.Errorf("%s prints %.60s, want %s", verb, got, want)
			}
		}
	}
}
