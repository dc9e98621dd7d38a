package conformance

import (
	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// tokenPolicy is what the suite's TSM allows with a token where limits matter: 20.00 EUR per tap,
// all of a token, 50.00 EUR between two withdrawals, 5 payments from one token.
func tokenPolicy() message.TokenPolicy {
	return message.TokenPolicy{
		Currency: euro(), PerTap: 2000, PerToken: 12500, Offline: 5000, Taps: 5, Grace: 1,
	}
}

// stock gets a token under a policy into a slot. The management application must be selected and
// the host proven.
func (h *Host) stock(slot, unit, units byte, policy message.TokenPolicy) message.Token {
	h.t.Helper()
	h.askForToken(slot, unit, units)
	r := &h.tokens[slot]
	fields := r.fields()
	fields.Policy = policy
	r.token = r.issue(h.t, fields)
	h.send(wire.InsTokenPut, slot, 0, r.seal(r.token), 0)
	return r.token
}

// ArmFor is ARM for 20.00 EUR under conditions.
func (h *Host) ArmFor(flags wire.ArmFlags) {
	h.t.Helper()
	h.send(wire.InsArm, byte(flags), 0, armData(), 0)
}

// closedAt is TOKEN CLOSE: the unit behind which the token is closed, wherever that is.
func (h *Host) closedAt(slot byte) (at byte) {
	t := h.t
	t.Helper()
	raw := h.send(wire.InsTokenClose, slot, 0, nil, 1+wire.SignatureLen)
	r := &h.tokens[slot]
	m := message.TokenClose{Token: r.token.ID(), At: raw[0]}
	verify(t, "token-close", r.key, m.Digest(), message.Signature(raw[1:]))
	return raw[0]
}
