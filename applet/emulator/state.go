package emulator

import (
	"encoding/binary"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// state is what stays without power, as on the card: fields of fixed length, no references. Two
// states are equal when nothing changed.
type state struct {
	life    wire.LifeCycle
	se      keyPair // zero: not made yet
	ca      message.PartyID
	caKey   message.PublicKey
	cert    [wire.CertificateLen]byte
	pairing [wire.KeyLen]byte
	user    user
	launch  launch
	banks   [wire.BankSlots]bankSlot
	tids    [wire.TIDSlots]tidSlot
	cards   [wire.CardSlots]cardSlot
	chains  [wire.HashLen]byte // K_SE, the key of all chains; zero: no token was made
	tokens  [wire.TokenSlots]tokenSlot
	arm     arming
}

// user is the user who opened an account.
type user struct {
	present byte // 01: keys and ID are there
	id      message.UserID
	keys    keyPair
}

// bankSlot is one bank account.
type bankSlot struct {
	state       wire.SlotState
	id          message.PartyID
	sign, kem   message.PublicKey // the bank's
	shared      [wire.SharedKeyLen]byte
	th          message.Transcript
	account     message.AccountID
	nonce       message.Nonce // n_B
	limit       message.Limit
	expiry      message.Epoch
	signKeys    keyPair
	kemKeys     keyPair
	certificate message.Signature // CERT_AID^B's
	toBank      [2 * wire.KeyLen]byte
	toSE        [2 * wire.KeyLen]byte
	sent        uint32 // the next counter towards the bank
}

// tidSlot is one TSM account.
type tidSlot struct {
	state     wire.SlotState
	bank      byte // the bank slot that funds it
	id        message.PartyID
	sign      message.PublicKey // the TSM's
	session   message.SessionID
	nonceTSM  message.Nonce
	nonceBank message.Nonce
	nonceSE   message.Nonce
	rho       message.Hash
	limit     message.Limit
	expiry    message.Epoch
	signKeys  keyPair
	kemKeys   keyPair
	th        message.Transcript
	toTSM     [2 * wire.KeyLen]byte
	toSE      [2 * wire.KeyLen]byte
	sent      uint32 // the next counter towards the TSM
	received  uint32 // the next counter that is accepted
	hasEpoch  byte
	epochKey  message.PublicKey
	hasTime   byte          // 01: time is known
	time      message.Epoch // the CA's last word for the current epoch
	offline   uint32        // minor units paid with tokens since the last one was put
}

// cardSlot is one virtual card.
type cardSlot struct {
	state      wire.SlotState
	tid        byte // the TSM slot that it belongs to
	keys       keyPair
	th         message.Transcript
	pan        [wire.PANLen]byte
	expiration [wire.DateLen]byte
	sequence   byte
	class      message.Class
	signature  message.Signature
	masterKey  [wire.KeyLen]byte
	atc        uint16
	total      [wire.AmountLen]byte // n12: of all payments that it was shown to
}

// arming is the wallet's consent to one tap.
type arming struct {
	state    wire.ArmState
	limit    [wire.AmountLen]byte
	currency [wire.CurrencyLen]byte
	flags    wire.ArmFlags
	target   wire.ArmTarget // what a tap has released
	slot     byte           // its slot
	tries    byte
	terms    terms
}

// terms are what a bound tap may not change.
type terms struct {
	amount   [wire.AmountLen]byte
	currency [wire.CurrencyLen]byte
	un       [wire.UNLen]byte
	merchant [wire.MerchantLen]byte
}

// Format hides the keys, whatever the verb; and so below.
func (state) Format(f fmt.State, _ rune)    { hide(f, "state") }
func (launch) Format(f fmt.State, _ rune)   { hide(f, "launch") }
func (user) Format(f fmt.State, _ rune)     { hide(f, "user") }
func (bankSlot) Format(f fmt.State, _ rune) { hide(f, "bankSlot") }
func (tidSlot) Format(f fmt.State, _ rune)  { hide(f, "tidSlot") }
func (cardSlot) Format(f fmt.State, _ rune) { hide(f, "cardSlot") }

// walker sees one field after the other, big-endian, and may change it.
type walker func(field []byte)

func (s *state) walk(w walker) {
	s.walkCard(w)
	s.launch.walk(w)
	for i := range s.banks {
		s.banks[i].walk(w)
	}
	for i := range s.tids {
		s.tids[i].walk(w)
	}
	for i := range s.cards {
		s.cards[i].walk(w)
	}
	w(s.chains[:])
	for i := range s.tokens {
		s.tokens[i].walk(w)
	}
	s.arm.walk(w)
}

// walkCard walks what isn't in a slot.
func (s *state) walkCard(w walker) {
	octet(w, &s.life)
	s.se.walk(w)
	w(s.ca[:])
	w(s.caKey[:])
	w(s.cert[:])
	w(s.pairing[:])
	octet(w, &s.user.present)
	w(s.user.id[:])
	s.user.keys.walk(w)
}

func (l *launch) walk(w walker) {
	w(l.ak[:])
	w(l.software[:])
	w(l.program[:])
	octet(w, &l.policy)
	w(l.bank[:])
	w(l.sign[:])
}

func (k *keyPair) walk(w walker) {
	w(k.private[:])
	w(k.public[:])
}

func (b *bankSlot) walk(w walker) {
	octet(w, &b.state)
	w(b.id[:])
	w(b.sign[:])
	w(b.kem[:])
	w(b.shared[:])
	w(b.th[:])
	w(b.account[:])
	w(b.nonce[:])
	long(w, &b.limit)
	word(w, &b.expiry)
	b.signKeys.walk(w)
	b.kemKeys.walk(w)
	w(b.certificate[:])
	w(b.toBank[:])
	w(b.toSE[:])
	word(w, &b.sent)
}

func (t *tidSlot) walk(w walker) {
	octet(w, &t.state)
	octet(w, &t.bank)
	w(t.id[:])
	w(t.sign[:])
	w(t.session[:])
	w(t.nonceTSM[:])
	w(t.nonceBank[:])
	w(t.nonceSE[:])
	w(t.rho[:])
	long(w, &t.limit)
	word(w, &t.expiry)
	t.signKeys.walk(w)
	t.kemKeys.walk(w)
	w(t.th[:])
	w(t.toTSM[:])
	w(t.toSE[:])
	word(w, &t.sent)
	word(w, &t.received)
	octet(w, &t.hasEpoch)
	w(t.epochKey[:])
	octet(w, &t.hasTime)
	word(w, &t.time)
	word(w, &t.offline)
}

func (c *cardSlot) walk(w walker) {
	octet(w, &c.state)
	octet(w, &c.tid)
	c.keys.walk(w)
	w(c.th[:])
	w(c.pan[:])
	w(c.expiration[:])
	octet(w, &c.sequence)
	w(c.class.Limit[:])
	w(c.class.Currency[:])
	word(w, &c.class.Expiry)
	octet(w, &c.class.Kind)
	w(c.signature[:])
	w(c.masterKey[:])
	half(w, &c.atc)
	w(c.total[:])
}

func (a *arming) walk(w walker) {
	octet(w, &a.state)
	w(a.limit[:])
	w(a.currency[:])
	octet(w, &a.flags)
	octet(w, &a.target)
	octet(w, &a.slot)
	octet(w, &a.tries)
	w(a.terms.amount[:])
	w(a.terms.currency[:])
	w(a.terms.un[:])
	w(a.terms.merchant[:])
}

func octet[T ~byte](w walker, p *T) {
	b := [1]byte{byte(*p)}
	w(b[:])
	*p = T(b[0])
}

func half(w walker, p *uint16) {
	b := binary.BigEndian.AppendUint16(nil, *p)
	w(b)
	*p = binary.BigEndian.Uint16(b)
}

func word[T ~uint32](w walker, p *T) {
	b := binary.BigEndian.AppendUint32(nil, uint32(*p))
	w(b)
	*p = T(binary.BigEndian.Uint32(b))
}

func long(w walker, p *message.Limit) {
	b := binary.BigEndian.AppendUint64(nil, uint64(*p))
	w(b)
	*p = message.Limit(binary.BigEndian.Uint64(b))
}
