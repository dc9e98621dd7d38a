package decode

import (
	"strings"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
)

// epochCertificate takes the CA's word for the current epoch (message.EpochCertificate).
func (r *reading) epochCertificate() {
	r.take("type and label", 1+len(wire.Label), trait{Binary, Constant, Clear})
	r.take("issuer", wire.PartyIDLen, trait{Alphanumeric, FreshIdentity, Clear})
	r.take("current epoch", wire.EpochLen, trait{Integer, DateTime, Clear})
	r.signature("signature epoch")
}

// token takes a token: its signed part without prefix (message.TokenFields), and the signature.
func (r *reading) token(depth int) {
	public := trait{Integer, Constant, Clear}
	for _, part := range [...]struct {
		name string
		n    int
		t    trait
	}{
		{"version", 1, public},
		{"issuer", wire.PartyIDLen, trait{Alphanumeric, FreshIdentity, Clear}},
		{nameExpiry, wire.EpochLen, trait{Integer, DateTime, Clear}},
		{"unit in minor units", 1, public},
		{"units", 1, public},
		{"token key", wire.PointLen, trait{Binary, FreshKey, Clear}},
		{"chain root", wire.HashLen, trait{Binary, FreshIdentity, Clear}},
		{"currency", wire.CurrencyLen, trait{Currency, Constant, Clear}},
		{"limit per tap", 2, public},
		{"limit per token", 2, public},
		{"limit offline", 4, public},
		{"taps", 1, public},
		{"epochs of grace", 1, public},
		{"token signature by the TSM", wire.SignatureLen, trait{Binary, Signature, Clear}},
	} {
		r.element(0, part.name, part.n, depth, part.t)
	}
}

// shown takes what an offline payment shows of a token: the interval, and the value at its end.
func (r *reading) shown(n, depth int) {
	status := trait{Integer, ProtocolStatus, Clear}
	r.element(0, "from", 1, depth, status)
	r.element(0, "to", 1, depth, status)
	if n > 2 {
		r.element(0, nameChainValue, n-2, depth, trait{Binary, FreshIdentity, Clear})
	}
}

// merchantProof takes EXTERNAL AUTHENTICATE's data of our payment applications (emv.MerchantAuth),
// and reports whether it has their length.
func (r *reading) merchantProof() bool {
	if len(r.whole) != emv.MerchantAuthLen {
		return false
	}
	r.take(r.name(wire.TagTerminalTime, dataGrammar), 4, trait{Integer, DateTime, Clear})
	r.certificate("merchant's certificate")
	r.signature("signature merchant-auth")
	return true
}

// tokenRecord takes TOKEN SHOW's answer: a token and its last statement.
func (r *reading) tokenRecord() {
	status := trait{Integer, ProtocolStatus, Clear}
	r.token(0)
	r.take(nameTokenKind, 1, trait{Coded, ProtocolStatus, Clear})
	r.take("from", 1, status)
	r.take("to", 1, status)
	r.take("ticks", 1, status)
	r.take("amount", wire.AmountLen, trait{Amount, Constant, Clear})
	r.take("merchant", wire.MerchantLen, trait{Alphanumeric, Constant, Clear})
	r.take("hash of the merchant's certificate", wire.HashLen, trait{Binary, Cryptogram, Clear})
	r.take("terminal's time", 4, trait{Integer, DateTime, Clear})
	r.take("unpredictable number", wire.UNLen, trait{Binary, Challenge, Clear})
	r.relayData()
	r.signature("signature of the statement")
	r.signature("merchant's receipt")
}

// relayData takes what was exchanged against relays: both entropies and the card's times.
func (r *reading) relayData() {
	entropy := trait{Binary, Challenge, Clear}
	r.take("terminal relay resistance entropy", wire.EntropyLen, entropy)
	r.take("device relay resistance entropy", wire.EntropyLen, entropy)
	r.take("relay resistance times", wire.RelayLen-2*wire.EntropyLen, trait{Binary, Constant, Clear})
}

// tokenData takes DF07: what the wallet needs of each token slot.
func (r *reading) tokenData() {
	status, code := trait{Integer, ProtocolStatus, Clear}, trait{Coded, ProtocolStatus, Clear}
	for range wire.TokenSlots {
		r.take(nameTokenState, 1, code)
		r.take("TID slot", 1, status)
		r.take("unit in minor units", 1, trait{Integer, Constant, Clear})
		r.take("units", 1, trait{Integer, Constant, Clear})
		r.take("units given out", 1, status)
		r.take("ticks", 1, status)
		r.take(nameTokenKind, 1, code)
		r.take("payments", 1, status)
		r.take(nameExpiry, wire.EpochLen, trait{Integer, DateTime, Clear})
		r.take(nameTokenFlags, 1, code)
	}
}

// tokenWords explains one byte about tokens, or of the arming that lets them pay.
func tokenWords(name string, b byte) string {
	switch name {
	case nameTokenState:
		return map[wire.SlotState]string{
			wire.TokenEmpty: "EMPTY", wire.TokenBuilding: "BUILDING", wire.TokenBuilt: "BUILT",
			wire.TokenRequested: "REQUESTED", wire.TokenReady: "READY", wire.TokenUsed: "USED",
			wire.TokenClosed: "CLOSED",
		}[wire.SlotState(b)]
	case nameTokenKind:
		return map[wire.TokenKind]string{
			wire.TokenUnused: "unused", wire.TokenSpend: "spend", wire.TokenMeter: "meter",
		}[wire.TokenKind(b)]
	case nameTokenFlags:
		return flagWords(b, "signature", "receipt")
	default:
		return flagWords(b, "mutual", "reuse")
	}
}

// flagWords names the lowest bits.
func flagWords(b byte, bits ...string) string {
	var words []string
	for i, bit := range bits {
		if b&(1<<i) != 0 {
			words = append(words, bit)
		}
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, " and ")
}
