package conformance

import (
	"crypto/elliptic"
	"math/big"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// other returns the twin of a signature, with s above n/2: valid for ECDSA, refused here.
func other(sig message.Signature) message.Signature {
	s := new(big.Int).SetBytes(sig[32:])
	new(big.Int).Sub(elliptic.P256().Params().N, s).FillBytes(sig[32:])
	return sig
}

// testSlots is about runs that begin anew, and slots beside each other.
func testSlots(t T, b Backend) {
	t.Run("bank account", func(t T) { testAccountAnew(t, b) })
	t.Run("TSM account", func(t T) { testTIDAnew(t, b) })
	t.Run("cards", func(t T) { testCardSlots(t, b) })
	t.Run("user", func(t T) { testUserAnew(t, b) })
}

// testAccountAnew starts phase 2 again from each of its states; what belongs to the old run is
// refused then.
func testAccountAnew(t T, b Backend) {
	h := b.fresh(t, Requested)
	old := h.account.sealReply(h.account.makeOffer(t))
	h.step(Requested)
	reply := ownCommand(wire.InsAIDReply, bankSlot, 0, old)
	wantSW(t, "message 2 of the run before", h.call(reply), wire.SWWrongData)
	h.Advance(Replied)
	firstKeys := h.account.x
	h.step(Requested)
	h.step(Replied)
	if h.account.x.Sign == firstKeys.Sign || h.account.x.KEM == firstKeys.KEM {
		t.Error("a second run has the keys of the first")
	}
	h.Advance(KeysSent)
	grant := h.account.sealGrant(t, nil, nil)
	h.step(Requested)
	h.step(Replied)
	h.step(KeysSent)
	late := ownCommand(wire.InsAIDGrant, bankSlot, 0, grant)
	wantSW(t, "message 4 of the run before", h.call(late), wire.SWWrongData)
	h.step(AccountOpen) // even the account itself
	if got := h.status().banks[bankSlot]; got != wire.AccountOpen {
		t.Errorf("the slot is in state %v", got)
	}
	h.stage = AccountOpen
	h.Advance(Granted)
	wantSW(t, "message 4 again", h.call(late), wire.SWConditionsNotSatisfied)
	if got := h.status().banks[1-bankSlot]; got != wire.AccountEmpty {
		t.Errorf("the other slot is in state %v", got)
	}
}

func testTIDAnew(t T, b Backend) {
	h := b.fresh(t, Registering)
	old, _ := h.tid.sealReply(t, nil)
	first := h.tid.tid()
	h.step(Registering)
	if h.tid.tid() == first {
		t.Error("a second run has the keys of the first")
	}
	wantSW(t, "message 2 of the run before",
		h.call(ownCommand(wire.InsTIDReply, tidSlot, 0, old)), wire.SWWrongData)
	for _, stage := range []Stage{TIDReplied, BINFOMade, InfoMade} {
		h.Advance(stage)
		h.step(Registering)
		h.stage = Registering
	}
	h.Advance(Active)
	wantSW(t, "TID REGISTER of an active slot",
		h.call(ownCommand(wire.InsTIDRegister, tidSlot, bankSlot, h.tid.start(t))),
		wire.SWConditionsNotSatisfied)
	wantSW(t, "TID REGISTER for an empty bank slot",
		h.call(ownCommand(wire.InsTIDRegister, 1-tidSlot, 1-bankSlot, h.tid.start(t))),
		wire.SWConditionsNotSatisfied)
	wantSW(t, "CARD REQUEST for an empty TID slot",
		h.call(ownCommand(wire.InsCardRequest, cardSlot, 1-tidSlot, nil)),
		wire.SWConditionsNotSatisfied)
}

func testCardSlots(t T, b Backend) {
	h := b.fresh(t, CardRequested)
	first := h.cards[cardSlot].key
	put := h.cards[cardSlot]
	h.run(h.requestCard(cardSlot))
	if h.cards[cardSlot].key == first {
		t.Error("a second request has the key of the first")
	}
	late := ownCommand(wire.InsCardPut, cardSlot, 0, put.seal(put.issue(t)))
	wantSW(t, "the card of the request before", h.call(late), wire.SWWrongData)
	h.Advance(CardReady)
	for slot := range byte(wire.CardSlots) {
		if slot != cardSlot {
			h.run(h.requestCard(slot))
		}
	}
	for slot := byte(wire.CardSlots); slot > 0; slot-- { // in another order
		if slot-1 != cardSlot {
			h.run(h.putCard(slot - 1))
		}
	}
	for slot, state := range h.status().cards {
		if state != wire.CardReady {
			t.Errorf("card slot %d is in state %v", slot, state)
		}
	}
	// The TSM's other key: a new epoch's cards are judged by it, old ones stay.
	h.p.epoch = newPair(t)
	h.p.epochCert = h.p.certificate(t, wire.CertTSMEpoch, message.PartySubject(h.p.tsm.id),
		h.p.epoch.public)
	h.step(EpochKnown)
	if got := h.status().cards[0]; got != wire.CardReady {
		t.Errorf("after a new epoch key card slot 0 is in state %v", got)
	}
}

func testUserAnew(t T, b Backend) {
	h := b.fresh(t, UserCreated)
	first := h.account.user
	h.step(UserCreated)
	if h.account.user == first {
		t.Error("a second user has the key of the first")
	}
	h.Advance(AccountOpen)
	create := ownCommand(wire.InsCreateUser, 0, 0, h.p.user[:])
	wantSW(t, "CREATE USER beside an account", h.call(create), wire.SWConditionsNotSatisfied)
	data := h.personalisation(h.cert)
	again := ownCommand(wire.InsPersonalise, 0, 0, data)
	wantSW(t, "PERSONALISE again", h.call(again), wire.SWConditionsNotSatisfied)
	key := ownCommand(wire.InsGenerateSEKey, 0, 0, nil)
	wantSW(t, "GENERATE SE KEY again", h.call(key), wire.SWConditionsNotSatisfied)
}
