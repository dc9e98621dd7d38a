package conformance

import (
	"bytes"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// testProof is about GET CHALLENGE and EXTERNAL AUTHENTICATE.
func testProof(t T, b Backend) {
	h := b.fresh(t, Personalised)
	ask := func() message.Nonce {
		r := h.transmit(apdu.Command{INS: byte(wire.InsGetChallenge), Ne: wire.NonceLen})
		if r.SW != wire.SWNormal || len(r.Data) != wire.NonceLen {
			t.Fatalf("GET CHALLENGE: %x, %v", r.Data, r.SW)
		}
		return message.Nonce(r.Data)
	}
	prove := func(challenge message.Nonce) apdu.SW {
		mac := message.HostAuthMAC(h.p.pairing, challenge)
		return h.transmit(apdu.Command{INS: byte(wire.InsExternalAuthenticate), Data: mac[:]}).SW
	}
	proven := func(what string, want apdu.SW) {
		t.Helper()
		state := apdu.Command{INS: byte(wire.InsGetData), P1: 0xDF, P2: 0x04, Ne: 256}
		wantSW(t, what, h.transmit(state).SW, want)
	}
	const no = wire.SWSecurityStatusNotSatisfied
	proven("after EXTERNAL AUTHENTICATE", wire.SWNormal)
	if first, second := ask(), ask(); first == second || bytes.Equal(first[:], make([]byte, 16)) {
		t.Errorf("challenges %x and %x", first, second)
	}
	proven("a challenge alone changes nothing", wire.SWNormal)
	wantSW(t, "after another command", prove(ask2(ask, h)), wire.SWConditionsNotSatisfied)
	proven("and without a challenge nothing changes", wire.SWNormal)
	old := ask()
	ask()
	wantSW(t, "the MAC of an earlier challenge", prove(old), no)
	proven("a wrong MAC voids the proof", no)
	fresh := ask()
	wrong := fresh
	wrong[15] ^= 1
	wantSW(t, "a wrong MAC", prove(wrong), no)
	wantSW(t, "and its challenge is gone", prove(fresh), wire.SWConditionsNotSatisfied)
	proven("not proven", no)
	wantSW(t, "right", prove(ask()), wire.SWNormal)
	proven("proven", wire.SWNormal)

	wantSW(t, "SELECT of nothing", h.call(selectCommand("\xA0")), wire.SWFileNotFound)
	proven("a failed SELECT keeps the proof", wire.SWNormal)
	h.selectApplication(wire.AIDManagement)
	proven("a selection ends it", no)
	fresh = ask()
	h.selectApplication(wire.AIDManagement)
	wantSW(t, "and the challenge", prove(fresh), wire.SWConditionsNotSatisfied)
	h.authenticate()
	if err := h.card.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.selectApplication(wire.AIDManagement)
	proven("a reset ends it", no)

	r := h.transmit(apdu.Command{INS: byte(wire.InsGetChallenge)})
	wantSW(t, "GET CHALLENGE without Le", r.SW, waiting(wire.NonceLen))
	r = h.transmit(apdu.Command{INS: byte(wire.InsGetResponse), Ne: 256})
	wantSW(t, "GET RESPONSE keeps the challenge", prove(message.Nonce(r.Data)), wire.SWNormal)
	short := apdu.Command{INS: byte(wire.InsExternalAuthenticate), Data: make([]byte, 15)}
	fresh = ask()
	wantSW(t, "a MAC of 15 bytes", h.transmit(short).SW, wire.SWWrongLength)
	wantSW(t, "keeps it too", prove(fresh), wire.SWNormal)
}

// ask2 asks for a challenge and lets another command come between.
func ask2(ask func() message.Nonce, h *Host) message.Nonce {
	challenge := ask()
	h.transmit(apdu.Command{INS: byte(wire.InsGetData), P1: 0xDF, P2: 0x02, Ne: 1})
	return challenge
}
