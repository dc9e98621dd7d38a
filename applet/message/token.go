package message

import (
	"fmt"

	"tapbench/applet/wire"
)

// Offline tokens (paper B). A token is a run of n units of one class; its hash chain is package
// token's. Nothing here but request and put is sealed, and nothing has a transcript.

// TokenVersion is the only version of a token that there is.
const TokenVersion = 1

// TokenPolicy is what the TSM allows with every token of one epoch and class: 12 bytes, the same
// for all users.
type TokenPolicy struct {
	Currency [wire.CurrencyLen]byte // n3, ISO 4217
	PerTap   uint16                 // minor units at most in one payment
	PerToken uint16                 // minor units at most from one token
	Offline  uint32                 // minor units at most between two withdrawals
	Taps     uint8                  // payments at most from one token
	Grace    uint8                  // epochs after expiry in which claims are taken
}

// TokenFields is the signed part of a token, 124 bytes.
type TokenFields struct {
	Version byte
	Issuer  PartyID // ID_TSM
	Epoch   Epoch   // the last one in which it is good
	Unit    uint8   // minor units: 1, 5 or 50
	Length  uint8   // n, 1 to [wire.TokenUnits]
	Key     PublicKey
	Root    Hash // w_0
	Policy  TokenPolicy
}

// Token is an offline token T, 188 bytes and its prefix.
type Token struct {
	Fields    TokenFields
	Signature Signature // SK_TSM, token
}

// ID returns tokID, which is what SK_TSM signs: SHA-256 over the signed part. Two signatures of
// one token make one token.
func (t Token) ID() Hash { return SumHash(wire.SigToken, t.Fields) }

// TokenRequest is SE to TSM, sealed with K_TID,TSM (to the TSM) and ad th_0 of phase 4.
type TokenRequest struct {
	Key  PublicKey // PK_t
	Root Hash      // w_0
	Unit uint8
	Roll Signature // SK_TID, token-roll
	Pop  Signature // SK_t, token-pop
}

// TokenKey is what a token's roll and pop cover.
type TokenKey struct {
	TSM  PartyID
	TID  TID
	Key  PublicKey
	Root Hash
	Unit uint8
}

// Digest returns what SK_TID (token-roll) or SK_t (token-pop) signs; th is th_0.
func (m TokenKey) Digest(t wire.MessageType, th Transcript) Hash {
	return SumTranscript(t, th, m)
}

// TokenPut is TSM to SE, sealed with K_TID,TSM (to the SE) and ad th_1.
type TokenPut struct {
	Token Token
}

// Spend is what SK_t signs in one offline payment: sigma's fields. The payment takes the units
// From+1 to To, and shows w_To.
type Spend struct {
	Token       Hash // tokID
	From, To    uint8
	Merchant    [wire.MerchantLen]byte
	Certificate Hash // SHA-256 over the merchant's compact certificate
	Amount      [wire.AmountLen]byte
	Currency    [wire.CurrencyLen]byte
	Time        uint32 // the terminal's, seconds since 1970 UTC
	UN          [wire.UNLen]byte
	Relay       Relay // the last exchange before the record, or zero
}

// Digest returns what SK_t signs, and the claim's key: no signature is an identity.
func (m Spend) Digest() Hash { return SumHash(wire.SigSpend, m) }

// Meter is what SK_t signs once before the ticks From+1 to Max.
type Meter struct {
	Token       Hash // tokID
	From, Max   uint8
	Merchant    [wire.MerchantLen]byte
	Certificate Hash // SHA-256 over the merchant's compact certificate
	Unit        uint8
	Currency    [wire.CurrencyLen]byte
	Time        uint32 // the terminal's, seconds since 1970 UTC
	UN          [wire.UNLen]byte
	Relay       Relay // the last exchange before the record, or zero
}

// Digest returns what SK_t signs, and the key of the account of its ticks.
func (m Meter) Digest() Hash { return SumHash(wire.SigMeter, m) }

// TokenClose is what SK_t signs when the SE closes a token for good: units above At come back.
type TokenClose struct {
	Token Hash // tokID
	At    uint8
}

// Digest returns what SK_t signs.
func (m TokenClose) Digest() Hash { return SumHash(wire.SigTokenClose, m) }

// MerchantAuth is what SK_M signs in a mutual payment, before the SE shows a token.
type MerchantAuth struct {
	Challenge   Nonce // the SE's
	Certificate Hash  // SHA-256 over the merchant's compact certificate
	Amount      [wire.AmountLen]byte
	Currency    [wire.CurrencyLen]byte
	Time        uint32
	UN          [wire.UNLen]byte
}

// Digest returns what SK_M signs.
func (m MerchantAuth) Digest() Hash { return SumHash(wire.MsgMerchantAuth, m) }

// MerchantReceipt says that a merchant accepted one payment or metering commitment.
type MerchantReceipt struct {
	Statement Hash      // [Spend.Digest] or [Meter.Digest]
	To        uint8     // the last unit that was taken
	Signature Signature // SK_M, merchant-receipt
}

// Digest returns what SK_M signs.
func (m MerchantReceipt) Digest() Hash {
	m.Signature = Signature{}
	return SumHash(wire.SigMerchantReceipt, m)
}

// SpendClaim claims one payment. Its key is [Spend.Digest].
type SpendClaim struct {
	Token     Token
	Spend     Spend
	Signature Signature // SK_t, spend
}

// MeterClaim claims the ticks up to To. Its key is [Meter.Digest]: one account of To a commitment.
type MeterClaim struct {
	Token     Token
	Meter     Meter
	Signature Signature // SK_t, meter
	To        uint8
	Value     Hash // w_To
}

// Payout is what a merchant signs over a batch of claims: merchant to TSM.
type Payout struct {
	TSM         PartyID
	Merchant    [wire.MerchantLen]byte
	Certificate Hash   // SHA-256 over the merchant's compact certificate
	Sequence    uint32 // the batch's number
	Count       uint32 // how many claims
	Claims      Hash   // SHA-256 over the encoded claims, in their order
	Signature   Signature
}

// Digest returns what SK_M signs.
func (m Payout) Digest() Hash {
	m.Signature = Signature{}
	return SumHash(wire.SigPayout, m)
}

// EpochCertificate is the CA's word for the current epoch, common to all: an SE has no clock.
type EpochCertificate struct {
	Issuer    PartyID
	Epoch     Epoch
	Signature Signature // SK_CA, epoch
}

// Digest returns what SK_CA signs.
func (m EpochCertificate) Digest() Hash {
	m.Signature = Signature{}
	return SumHash(wire.CertEpoch, m)
}

// Check verifies the CA's signature. It returns [ErrCertificate] for another issuer's certificate,
// and [ErrSignature] and its kin.
func (m EpochCertificate) Check(ca PartyID, key PublicKey) error {
	if m.Issuer != ca {
		return fmt.Errorf("%w: epoch certificate of %s", ErrCertificate, m.Issuer)
	}
	if err := Verify(key, m.Digest(), m.Signature); err != nil {
		return fmt.Errorf("epoch certificate: %w", err)
	}
	return nil
}
