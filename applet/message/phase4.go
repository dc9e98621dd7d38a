package message

import "tapbench/applet/wire"

// Phase 4 (virtual cards): each card is a run of its own with the transcript user to TSM, phase
// 4, ID_TSM; th_1 runs over the card request as sent, counter and all.

// CardRequest is SE to TSM, sealed with K_TID,TSM (to the TSM) and ad th_0.
type CardRequest struct {
	Key  PublicKey // PK_V
	Kind wire.CardKind
	Roll Signature // SK_TID, roll
	Pop  Signature // SK_V, pop
}

// CardKey is what roll and pop cover.
type CardKey struct {
	TSM  PartyID
	TID  TID
	Key  PublicKey
	Kind wire.CardKind
}

// Digest returns what SK_TID (roll) or SK_V (pop) signs; th is th_0.
func (m CardKey) Digest(t wire.MessageType, th Transcript) Hash {
	return SumTranscript(t, th, m)
}

// Class is what all cards of one class and epoch have in common, 13 bytes.
type Class struct {
	Limit    [wire.AmountLen]byte   // n12
	Currency [wire.CurrencyLen]byte // n3, ISO 4217
	Expiry   Epoch
	Kind     wire.CardKind // Limit is for one tap, or for all of them
}

// VCard is what the TSM's epoch key signs: the card's certificate.
type VCard struct {
	PAN   [wire.PANLen]byte
	Key   PublicKey
	Class Class
}

// Digest returns what SK_TSM,epoch signs.
func (c VCard) Digest() Hash { return SumHash(wire.SigVCard, c) }

// CardPut is TSM to SE, sealed with K_TID,TSM (to the SE) and ad th_1.
type CardPut struct {
	PAN        [wire.PANLen]byte
	Expiration [wire.DateLen]byte // YYMMDD, tag 5F24
	Sequence   byte               // PAN sequence number, tag 5F34
	Class      Class
	Signature  Signature         // SK_TSM,epoch, vcard
	MasterKey  [wire.KeyLen]byte // the card's cryptogram master key
}

// Tap is what the card key signs in a payment, with the data as the terminal sent them.
type Tap struct {
	Amount   [wire.AmountLen]byte
	Currency [wire.CurrencyLen]byte
	Date     [wire.DateLen]byte
	UN       [wire.UNLen]byte
	Merchant [wire.MerchantLen]byte
	ATC      [wire.ATCLen]byte
	PAN      Hash  // SHA-256 over the 10 bytes of the PAN
	Relay    Relay // the last exchange before the records, or zero
}

// Digest returns what SK_V signs.
func (m Tap) Digest() Hash { return SumHash(wire.SigTap, m) }

// SealCounted seals a body with an explicit counter: counter 4 || ciphertext || MAC. The receiver
// accepts only counters above the last one that it accepted, so that a message lost on the way
// doesn't stop the channel.
func (k Keys) SealCounted(counter uint32, ad, body []byte) []byte {
	head := []byte{byte(counter >> 24), byte(counter >> 16), byte(counter >> 8), byte(counter)}
	return append(head, k.Seal(counter, ad, body)...)
}

// OpenCounted is the inverse of [Keys.SealCounted]. It refuses counters below next with
// [ErrSealed] and returns the counter that it found.
func (k Keys) OpenCounted(next uint32, ad, sealed []byte) (uint32, []byte, error) {
	if len(sealed) < wire.CounterLen {
		return 0, nil, ErrSealed
	}
	counter := uint32(sealed[0])<<24 | uint32(sealed[1])<<16 | uint32(sealed[2])<<8 | uint32(sealed[3])
	if counter < next || counter == 1<<32-1 {
		return 0, nil, ErrSealed
	}
	body, err := k.Open(counter, ad, sealed[wire.CounterLen:])
	return counter, body, err
}
