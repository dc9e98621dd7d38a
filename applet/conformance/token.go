package conformance

import (
	"encoding/binary"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// currentEpoch is the epoch that the suite's CA certifies.
const currentEpoch message.Epoch = 2940

// tokenSlot is the token slot that a host uses.
const tokenSlot = 5

// epochCertificate has the CA say which epoch it is.
func (p *parties) epochCertificate(t TB, e message.Epoch) message.EpochCertificate {
	t.Helper()
	m := message.EpochCertificate{Issuer: p.caID, Epoch: e}
	m.Signature = p.ca.sign(t, m.Digest())
	return m
}

// tokenRun is the TSM's side of one token slot.
type tokenRun struct {
	tid         *tidRun
	unit, units byte
	key         message.PublicKey // PK_t
	root        message.Hash
	th          message.Transcript
	token       message.Token
}

// request checks TOKEN REQUEST.
func (r *tokenRun) request(t TB, sealed []byte) {
	t.Helper()
	p := r.tid.p
	th := message.NewTranscript(4, wire.RoleUser, wire.RoleTSM, p.tsm.id)
	m := take[message.TokenRequest](t, r.tid, wire.MsgTokenRequest, th, sealed)
	covered := message.TokenKey{
		TSM: p.tsm.id, TID: r.tid.tid(), Key: m.Key, Root: m.Root, Unit: m.Unit,
	}
	verify(t, "token-roll", r.tid.sign, covered.Digest(wire.MsgTokenRoll, th), m.Roll)
	verify(t, "token-pop", m.Key, covered.Digest(wire.MsgTokenPop, th), m.Pop)
	if m.Unit != r.unit {
		t.Errorf("a token of unit %d was asked for, want %d", m.Unit, r.unit)
	}
	r.key, r.root, r.th = m.Key, m.Root, th.Next(sealed)
}

// fields are what the TSM signs.
func (r *tokenRun) fields() message.TokenFields {
	whole := uint16(r.unit) * uint16(r.units)
	return message.TokenFields{
		Version: message.TokenVersion, Issuer: r.tid.p.tsm.id, Epoch: currentEpoch + 1,
		Unit: r.unit, Length: r.units, Key: r.key, Root: r.root,
		Policy: message.TokenPolicy{
			Currency: euro(), PerTap: 5000, PerToken: whole, Offline: 20000, Taps: 250, Grace: 1,
		},
	}
}

// issue signs a token.
func (r *tokenRun) issue(t TB, f message.TokenFields) message.Token {
	t.Helper()
	m := message.Token{Fields: f}
	m.Signature = r.tid.p.tsm.sign.sign(t, m.ID())
	return m
}

// seal seals a token.
func (r *tokenRun) seal(m message.Token) []byte {
	return r.tid.send(r.th, message.Encode(wire.MsgTokenPut, message.TokenPut{Token: m}))
}

// putEpoch is PUT EPOCH.
func (h *Host) putEpoch(e message.Epoch) step {
	return step{
		ins: wire.InsPutEpoch, p1: tidSlot,
		data: func() []byte { return message.Encode(wire.CertEpoch, h.p.epochCertificate(h.t, e)) },
	}
}

// newToken is TOKEN NEW.
func (h *Host) newToken(slot, unit, units byte) step {
	h.tokens[slot] = tokenRun{tid: &h.tid, unit: unit, units: units}
	return step{
		ins: wire.InsTokenNew, p1: slot, p2: tidSlot,
		data: func() []byte { return []byte{unit, units} },
	}
}

// extendChain is TOKEN CHAIN, until the chain is whole.
func (h *Host) extendChain(slot byte) {
	h.t.Helper()
	for left := h.tokens[slot].units; left > 0; {
		want := left - min(left, wire.ChainSlice)
		left = h.send(wire.InsTokenChain, slot, 0, nil, 1)[0]
		if left != want {
			h.t.Fatalf("TOKEN CHAIN: %d steps left, want %d", left, want)
		}
	}
}

// requestToken is TOKEN REQUEST.
func (h *Host) requestToken(slot byte) step {
	return step{
		ins: wire.InsTokenRequest, p1: slot, answer: 260,
		check: func(_, sealed []byte) { h.tokens[slot].request(h.t, sealed) },
	}
}

// putToken is TOKEN PUT.
func (h *Host) putToken(slot byte) step {
	r := &h.tokens[slot]
	return step{
		ins: wire.InsTokenPut, p1: slot,
		data: func() []byte {
			r.token = r.issue(h.t, r.fields())
			return r.seal(r.token)
		},
	}
}

// closeToken is TOKEN CLOSE; at is the unit behind which the token must be closed.
func (h *Host) closeToken(slot, at byte) step {
	return step{
		ins: wire.InsTokenClose, p1: slot, answer: 1 + wire.SignatureLen,
		check: func(_, answer []byte) {
			r := &h.tokens[slot]
			if answer[0] != at {
				h.t.Errorf("TOKEN CLOSE: at %d, want %d", answer[0], at)
			}
			m := message.TokenClose{Token: r.token.ID(), At: at}
			verify(h.t, "token-close", r.key, m.Digest(), message.Signature(answer[1:]))
		},
	}
}

// NewToken takes a token slot through all steps until it is READY. The TSM account's epoch is put
// first if it isn't known.
func (h *Host) NewToken(slot, unit, units byte) {
	h.t.Helper()
	h.askForToken(slot, unit, units)
	h.run(h.putToken(slot))
}

// askForToken takes a token slot through all steps until it is REQUESTED.
func (h *Host) askForToken(slot, unit, units byte) {
	h.t.Helper()
	if !h.timed {
		h.run(h.putEpoch(currentEpoch))
		h.timed = true
	}
	h.run(h.newToken(slot, unit, units))
	h.extendChain(slot)
	h.run(h.requestToken(slot))
}

// CloseToken closes a token that was never shown.
func (h *Host) CloseToken(slot byte) {
	h.t.Helper()
	h.run(h.closeToken(slot, 0))
}

// tokenStatus is what DF07 tells of one token slot, comparable.
type tokenStatus struct {
	State             wire.SlotState
	TID, Unit, Length byte
	Index, Ticks      byte
	Kind              wire.TokenKind
	Taps              byte
	Epoch             message.Epoch
	Flags             byte
}

// tokenData reads DF07.
func (h *Host) tokenData() (tokens [wire.TokenSlots]tokenStatus) {
	h.t.Helper()
	raw := h.data(uint16(wire.DataTokens))
	if n, err := binary.Decode(raw, binary.BigEndian, &tokens); err != nil || n != len(raw) {
		h.t.Fatalf("DF07 of %d bytes, want %d: %v", len(raw), n, err)
	}
	return tokens
}

// shown opens TOKEN SHOW's answer.
type shown struct {
	Token           message.Token
	Kind            wire.TokenKind
	From, To, Ticks byte
	Amount          [wire.AmountLen]byte
	Merchant        [wire.MerchantLen]byte
	Certificate     message.Hash
	Time            uint32
	UN              [wire.UNLen]byte
	Relay           message.Relay
	Sigma, Receipt  message.Signature
}

// showToken is TOKEN SHOW.
func (h *Host) showToken(slot byte) (s shown) {
	h.t.Helper()
	raw := h.send(wire.InsTokenShow, slot, 0, nil, binary.Size(s))
	if _, err := binary.Decode(raw, binary.BigEndian, &s); err != nil {
		h.t.Fatal(err)
	}
	return s
}
