package emulator

import (
	"encoding/binary"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
)

// tokenSlot is one offline token.
type tokenSlot struct {
	state wire.SlotState
	tid   byte // the TSM slot that it belongs to
	unit  byte // minor units
	units byte // how many: n
	kind  wire.TokenKind
	index byte // the first unit that isn't given out
	ticks byte // the last unit of a metering commitment that was shown
	taps  byte // payments
	keys  keyPair
	// The chain: w_n, w_{n-9} and so on, and what the next step begins with: w_left; w_0 at last.
	checkpoints token.Checkpoints
	left        byte
	value       message.Hash
	// What the TSM gave.
	th        message.Transcript // th_1 of the last request
	issuer    message.PartyID
	epoch     message.Epoch
	policy    message.TokenPolicy
	signature message.Signature
	// The last statement, what was signed of it and what came back.
	said    statement
	sigma   message.Signature // SK_t, spend or meter; zero: none yet
	receipt message.Signature // SK_M's, zero: none
	closing message.Signature // SK_t, token-close; zero: none yet
}

// statement is what a payment has bound a token to.
type statement struct {
	from, to    byte
	amount      [wire.AmountLen]byte
	merchant    [wire.MerchantLen]byte
	certificate message.Hash
	time        uint32
	un          [wire.UNLen]byte
	relay       [wire.RelayLen]byte // what was exchanged against relays before it
}

// Format hides the keys, whatever the verb.
func (tokenSlot) Format(f fmt.State, _ rune) { hide(f, "tokenSlot") }

// there says whether a signature was made or came: an r of 0 isn't one (FIPS 186-5, 6.4).
func there(s message.Signature) bool { return s != message.Signature{} }

// tokenData is data object DF07.
func (s *state) tokenData() []byte {
	var out []byte
	for i := range s.tokens {
		t := &s.tokens[i]
		out = append(out, byte(t.state), t.tid, t.unit, t.units, t.index, t.ticks, byte(t.kind), t.taps)
		out = binary.BigEndian.AppendUint32(out, uint32(t.epoch))
		out = append(out, flag(there(t.sigma))|flag(there(t.receipt))<<1)
	}
	return out
}

func (t *tokenSlot) walk(w walker) {
	octet(w, &t.state)
	octet(w, &t.tid)
	octet(w, &t.unit)
	octet(w, &t.units)
	octet(w, &t.kind)
	octet(w, &t.index)
	octet(w, &t.ticks)
	octet(w, &t.taps)
	t.keys.walk(w)
	for i := range t.checkpoints {
		w(t.checkpoints[i][:])
	}
	octet(w, &t.left)
	w(t.value[:])
	w(t.th[:])
	w(t.issuer[:])
	word(w, &t.epoch)
	walkPolicy(w, &t.policy)
	w(t.signature[:])
	t.said.walk(w)
	w(t.sigma[:])
	w(t.receipt[:])
	w(t.closing[:])
}

func walkPolicy(w walker, p *message.TokenPolicy) {
	w(p.Currency[:])
	half(w, &p.PerTap)
	half(w, &p.PerToken)
	word(w, &p.Offline)
	octet(w, &p.Taps)
	octet(w, &p.Grace)
}

func (s *statement) walk(w walker) {
	octet(w, &s.from)
	octet(w, &s.to)
	w(s.amount[:])
	w(s.merchant[:])
	w(s.certificate[:])
	word(w, &s.time)
	w(s.un[:])
	w(s.relay[:])
}
