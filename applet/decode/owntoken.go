package decode

import (
	"strings"

	"tapbench/applet/wire"
)

// epochCertificate takes the CA's word for the current epoch (message.EpochCertificate).
func (r *reading) epochCertificate() {
	r.take("type and label", 1+len(wire.Label), trait{Binary, Constant, Clear})
	r.take("issuer", wire.PartyIDLen, trait{Alphanumeric, FreshIdentity, Clear})
	r.take("current epoch", wire.EpochLen, trait{Integer, DateTime, Clear})
	r.signature("signature epoch")
}

// tokenFields takes a token's signed part without prefix (message.TokenFields).
func (r *reading) tokenFields() {
	public := trait{Integer, Constant, Clear}
	r.take("version", 1, public)
	r.take("issuer", wire.PartyIDLen, trait{Alphanumeric, FreshIdentity, Clear})
	r.take(nameExpiry, wire.EpochLen, trait{Integer, DateTime, Clear})
	r.take("unit in minor units", 1, public)
	r.take("units", 1, public)
	r.key("token key")
	r.take("chain root", wire.HashLen, trait{Binary, FreshIdentity, Clear})
	r.take("currency", wire.CurrencyLen, trait{Currency, Constant, Clear})
	r.take("limit per tap", 2, public)
	r.take("limit per token", 2, public)
	r.take("limit offline", 4, public)
	r.take("taps", 1, public)
	r.take("epochs of grace", 1, public)
}

// tokenRecord takes TOKEN SHOW's answer: a token and its last statement.
func (r *reading) tokenRecord() {
	status := trait{Integer, ProtocolStatus, Clear}
	r.tokenFields()
	r.signature("token signature by the TSM")
	r.take(nameTokenKind, 1, trait{Coded, ProtocolStatus, Clear})
	r.take("from", 1, status)
	r.take("to", 1, status)
	r.take("ticks", 1, status)
	r.take("amount", wire.AmountLen, trait{Amount, Constant, Clear})
	r.take("merchant", wire.MerchantLen, trait{Alphanumeric, Constant, Clear})
	r.take("hash of the merchant's certificate", wire.HashLen, trait{Binary, Cryptogram, Clear})
	r.take("terminal's time", 4, trait{Integer, DateTime, Clear})
	r.take("unpredictable number", wire.UNLen, trait{Binary, Challenge, Clear})
	r.signature("signature of the statement")
	r.signature("merchant's receipt")
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
