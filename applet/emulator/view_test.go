package emulator

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

func TestHeldTokensRefusesWhatIsNoState(t *testing.T) {
	whole := encodeState(&state{})
	for name, raw := range map[string][]byte{
		"nothing": nil, "another file": []byte("TAPBSE, or so"), "cut off": whole[:len(whole)-1],
	} {
		if _, err := HeldTokens(raw); !errors.Is(err, ErrForeign) {
			t.Errorf("%s: got %v, want %v", name, err, ErrForeign)
		}
	}
}

// TestHeldTokens: of a metering commitment only the ticks were given out, and a token that was
// never put, or has gone with its account, is held by nobody.
func TestHeldTokens(t *testing.T) {
	var s state
	for i, slot := range []tokenSlot{
		{state: wire.TokenReady},
		{state: wire.TokenRequested},
		{state: wire.TokenUsed, kind: wire.TokenSpend, index: 30},
		{state: wire.TokenEmpty, kind: wire.TokenSpend, index: 30},
		{state: wire.TokenUsed, kind: wire.TokenMeter, index: 30, ticks: 7},
		{state: wire.TokenClosed, kind: wire.TokenSpend, index: 30},
	} {
		slot.unit, slot.units, slot.epoch, slot.keys.public[0] = 5, 100, 9, byte(i)
		s.tokens[i] = slot
	}
	got, err := HeldTokens(encodeState(&s))
	if err != nil {
		t.Fatal(err)
	}
	var want []HeldToken
	held := func(slot int, state wire.SlotState, given, bound uint8) {
		want = append(want, HeldToken{
			Slot: byte(slot), ID: s.tokens[slot].token().ID(), State: state, Unit: 5, Length: 100,
			Given: given, Bound: bound, Epoch: 9,
		})
	}
	held(0, wire.TokenReady, 0, 0)
	held(2, wire.TokenUsed, 30, 30)
	held(4, wire.TokenUsed, 7, 30)
	held(5, wire.TokenClosed, 30, 30)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got[0].ID == (message.Hash{}) || got[0].ID == got[1].ID {
		t.Error("tokens of different keys have one ID")
	}
}
