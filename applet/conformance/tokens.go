package conformance

import (
	"bytes"

	"tapbench/applet/wire"
)

// testTokens is about the management of offline tokens.
func testTokens(t T, b Backend) {
	for _, part := range []struct {
		name string
		run  func(T, Backend)
	}{
		{"the way to a token", testTokenWalk},
		{"every length", testTokenLengths},
		{"life of a slot", testTokenLife},
		{"precedence", testTokenPrecedence},
		{"refusals", testTokenRefusals},
		{"room for a token", testTokenRoom},
		{"arming", testTokenArm},
		{"the account is closed", testTokenTIDClose},
		{"tearing", testTokenTearing},
	} {
		t.Run(part.name, func(t T) { part.run(t, b) })
	}
}

// testTokenWalk takes one slot from EMPTY to CLOSED and looks at DF07 at each step.
func testTokenWalk(t T, b Backend) {
	h := b.fresh(t, CardReady)
	var want [wire.TokenSlots]tokenStatus
	look := func(what string) {
		t.Helper()
		if diff := difference(want, h.tokenData()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	look("before")
	h.run(h.putEpoch(currentEpoch))
	h.timed = true
	h.run(h.newToken(tokenSlot, 5, 250))
	one := &want[tokenSlot]
	*one = tokenStatus{State: wire.TokenBuilding, TID: tidSlot, Unit: 5, Length: 250}
	look("TOKEN NEW")
	h.extendChain(tokenSlot)
	one.State = wire.TokenBuilt
	look("TOKEN CHAIN")
	h.run(h.requestToken(tokenSlot))
	one.State = wire.TokenRequested
	look("TOKEN REQUEST")
	first := h.tokens[tokenSlot]
	h.run(h.requestToken(tokenSlot))
	if again := h.tokens[tokenSlot]; again.key != first.key || again.root != first.root {
		t.Error("asked again: another key or root")
	}
	h.run(h.putToken(tokenSlot))
	one.State, one.Epoch = wire.TokenReady, currentEpoch+1
	look("TOKEN PUT")
	closing := h.closeToken(tokenSlot, 0)
	h.run(closing)
	one.State = wire.TokenClosed
	look("TOKEN CLOSE")
	bytes1 := h.send(closing.ins, closing.p1, 0, nil, closing.answer)
	if bytes2 := h.send(closing.ins, closing.p1, 0, nil, closing.answer); !bytes.Equal(bytes1, bytes2) {
		t.Error("TOKEN CLOSE again: other bytes")
	}
	if diff := difference(shown{Token: h.tokens[tokenSlot].token}, h.showToken(tokenSlot)); diff != "" {
		t.Errorf("TOKEN SHOW (-want +got):\n%s", diff)
	}
	h.NewToken(tokenSlot, 1, 9)
	*one = tokenStatus{
		State: wire.TokenReady, TID: tidSlot, Unit: 1, Length: 9, Epoch: currentEpoch + 1,
	}
	look("a new token in the slot")
}

// testTokenLengths makes chains of all lengths that differ in slices or checkpoints.
func testTokenLengths(t T, b Backend) {
	h := b.fresh(t, CardReady)
	lengths := []byte{1, 9, 10, 63, 64, 126, 249, 250}
	if b.Caps.Far || b.Caps.Slow {
		lengths = []byte{1, 64}
	}
	for i, n := range lengths {
		h.NewToken(byte(i), 50, n)
		if h.tokens[i].root == h.tokens[(i+1)%len(lengths)].root {
			t.Errorf("%d units: the root of another", n)
		}
	}
}
