package conformance

import (
	"encoding/binary"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// steps are the commands that lead to each stage.
func (h *Host) steps() map[Stage]step {
	return map[Stage]step{
		Keyed:         h.generateKey(),
		Personalised:  h.personalise(),
		UserCreated:   h.createUser(),
		AccountOpen:   h.openAccount(),
		Requested:     h.aidRequest(),
		Replied:       h.aidReply(),
		KeysSent:      h.aidKeys(),
		Granted:       h.aidGrant(),
		Registering:   h.tidRegister(),
		TIDReplied:    h.tidReply(),
		BINFOMade:     h.makeBINFO(),
		InfoMade:      h.makeTSMINFO(),
		Active:        h.tidStatus(),
		EpochKnown:    h.putEpochKey(),
		CardRequested: h.requestCard(cardSlot),
		CardReady:     h.putCard(cardSlot),
		Armed:         {ins: wire.InsArm, data: armData},
	}
}

func (h *Host) generateKey() step {
	return step{
		ins: wire.InsGenerateSEKey, answer: wire.PointLen,
		check: func(_, answer []byte) { h.seKey = message.PublicKey(answer) },
	}
}

func (h *Host) personalise() step {
	return step{
		ins: wire.InsPersonalise,
		data: func() []byte {
			subject := message.UserID([]byte("secure element 1"))
			h.cert = h.p.certificate(h.t, wire.CertSE, subject, h.seKey)
			return h.personalisation(h.cert)
		},
		check: func(_, _ []byte) {
			h.account.seKey = h.seKey
			h.authenticate()
		},
	}
}

func (h *Host) personalisation(cert message.Certificate) []byte {
	return concat(h.p.caID[:], h.p.ca.public[:], cert.Encode(), h.p.pairing[:])
}

func (h *Host) createUser() step {
	return step{
		ins: wire.InsCreateUser, data: func() []byte { return h.p.user[:] },
		answer: wire.PointLen + wire.SignatureLen,
		check: func(_, raw []byte) {
			m := message.UserKey{
				CA: h.p.caID, User: h.p.user, SE: h.seKey, Key: message.PublicKey(raw),
			}
			verify(h.t, "user-key", h.seKey, m.Digest(), message.Signature(raw[wire.PointLen:]))
			h.account.user = m.Key
		},
	}
}

// openAccount is OPEN ACCOUNT, and BIND AK behind it.
func (h *Host) openAccount() step {
	return step{
		ins: wire.InsOpenAccount, p1: bankSlot, data: func() []byte { return h.p.bank.certs },
		answer: wire.PointLen,
		check: func(_, raw []byte) {
			enc := message.PublicKey(raw)
			h.account.accept(h.t, enc)
			h.ak = newPair(h.t)
			ak := h.ak.public
			raw = h.send(wire.InsBindAK, bankSlot, 0, ak[:], wire.SignatureLen)
			m := message.AKBind{Bank: h.p.bank.id, SE: h.seKey, AK: ak}
			th := message.AKBindTranscript(h.p.bank.id, enc)
			verify(h.t, "ak-bind", h.seKey, m.Digest(th), message.Signature(raw))
		},
	}
}

func (h *Host) aidRequest() step {
	return step{
		ins: wire.InsAIDRequest, p1: bankSlot, answer: 209,
		check: func(_, sealed []byte) { h.account.request(h.t, sealed) },
	}
}

func (h *Host) aidReply() step {
	var m message.AIDReply
	return step{
		ins: wire.InsAIDReply, p1: bankSlot, answer: 60 + 2*wire.PointLen,
		data: func() []byte {
			m = h.account.makeOffer(h.t)
			return h.account.sealReply(m)
		},
		check: func(sealed, answer []byte) { h.account.replied(h.t, m.Offer, sealed, answer) },
	}
}

func (h *Host) aidKeys() step {
	return step{
		ins: wire.InsAIDKeys, p1: bankSlot, answer: 737,
		check: func(_, sealed []byte) { h.account.keys(h.t, h.cert, sealed) },
	}
}

func (h *Host) aidGrant() step {
	return step{
		ins: wire.InsAIDGrant, p1: bankSlot,
		data: func() []byte { return h.account.sealGrant(h.t, nil, nil) },
	}
}

func (h *Host) tidRegister() step {
	return step{
		ins: wire.InsTIDRegister, p1: tidSlot, p2: bankSlot, answer: 289,
		data:  func() []byte { return h.tid.start(h.t) },
		check: func(_, sealed []byte) { h.tid.register(h.t, sealed) },
	}
}

func (h *Host) tidReply() step {
	var e message.Exporter
	return step{
		ins: wire.InsTIDReply, p1: tidSlot,
		data: func() (sealed []byte) {
			sealed, e = h.tid.sealReply(h.t, nil)
			return sealed
		},
		check: func(sealed, _ []byte) { h.tid.replied(h.t, sealed, e) },
	}
}

// The TSM account's terms in the suite.
const (
	tidLimit  message.Limit = 40000
	tidExpiry message.Epoch = 2945
)

// binfoData is what BINFO takes.
func binfoData(limit message.Limit, expiry message.Epoch, evidence message.Hash) []byte {
	data := binary.BigEndian.AppendUint64(nil, uint64(limit))
	return append(binary.BigEndian.AppendUint32(data, uint32(expiry)), evidence[:]...)
}

func (h *Host) makeBINFO() step {
	evidence := hashOf([]byte("evidence"))
	return step{
		ins: wire.InsBINFO, p1: tidSlot, answer: 385,
		data: func() []byte { return binfoData(tidLimit, tidExpiry, evidence) },
		check: func(_, inner []byte) {
			f := h.account.funding(h.t, evidence, inner)
			if f.Limit != tidLimit || f.Expiry != tidExpiry {
				h.t.Errorf("BINFO's terms: %v", f)
			}
			h.tid.funding = f
		},
	}
}

func (h *Host) makeTSMINFO() step {
	binfo := hashOf([]byte("BINFO as sent"))
	return step{
		ins: wire.InsTSMINFO, p1: tidSlot, answer: 196, data: func() []byte { return binfo[:] },
		check: func(_, sealed []byte) { h.tid.tsminfo(h.t, binfo, h.tid.funding, sealed) },
	}
}

func (h *Host) tidStatus() step {
	return step{
		ins: wire.InsTIDStatus, p1: tidSlot,
		data: func() []byte {
			auth, m := h.tid.status(h.t)
			return h.tid.sealStatus(h.t, auth, m)
		},
	}
}

func (h *Host) putEpochKey() step {
	return step{
		ins: wire.InsPutEpochKey, p1: tidSlot,
		data: func() []byte { return h.p.epochCert.Encode() },
	}
}

func (h *Host) requestCard(slot byte) step {
	h.cards[slot].tid, h.cards[slot].class = &h.tid, class(euro())
	h.cards[slot].class.Kind = h.kind
	return step{
		ins: wire.InsCardRequest, p1: slot, p2: byte(h.kind)<<4 | tidSlot, answer: 228,
		check: func(_, sealed []byte) { h.cards[slot].request(h.t, sealed) },
	}
}

func (h *Host) putCard(slot byte) step {
	return step{
		ins: wire.InsCardPut, p1: slot,
		data: func() []byte { return h.cards[slot].seal(h.cards[slot].issue(h.t)) },
	}
}
