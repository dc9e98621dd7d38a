package message

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"tapbench/applet/wire"
)

// PartyID names a server party (ID_B, ID_TSM, ID_CA) or a merchant: 8 bytes of ASCII, padded with
// spaces.
type PartyID [wire.PartyIDLen]byte

// String returns the name without its padding.
func (id PartyID) String() string { return strings.TrimRight(string(id[:]), " ") }

// NewPartyID returns a name of at most 8 bytes, padded; what is longer is cut off.
func NewPartyID(name string) PartyID {
	id := PartyID([]byte("        "))
	copy(id[:], name)
	return id
}

// UserID is ID_U: 16 bytes of ASCII, padded with spaces. Only banks, the CA and the judge know it.
type UserID [wire.UserIDLen]byte

// String returns the name without its padding.
func (id UserID) String() string { return strings.TrimRight(string(id[:]), " ") }

// NewUserID returns a name of at most 16 bytes, padded; what is longer is cut off.
func NewUserID(name string) UserID {
	id := UserID([]byte("                "))
	copy(id[:], name)
	return id
}

// AccountID is the bank account ID, which the papers call AID: 16 random bytes that the bank
// chooses. The TSM must never learn it.
type AccountID [wire.AccountIDLen]byte

// String returns 32 hexadecimal digits.
func (id AccountID) String() string { return hex.EncodeToString(id[:]) }

// TID is the TSM account ID: SHA-256 over the account's two public keys. The bank must never
// learn it.
type TID [wire.HashLen]byte

// String returns 64 hexadecimal digits.
func (id TID) String() string { return hex.EncodeToString(id[:]) }

// NewTID returns the TSM account ID of a pair of keys.
func NewTID(sign, kem PublicKey) TID {
	h := sha256.New()
	h.Write(sign[:])
	h.Write(kem[:])
	return TID(h.Sum(nil))
}

// SessionID is SID: 16 random bytes that the bank chooses, one per run.
type SessionID [wire.SessionIDLen]byte

// Nonce is n_B, n_T or n_S: 16 random bytes with one owner.
type Nonce [wire.NonceLen]byte

// Handle is h: 16 random bytes by which bank and TSM name a reservation.
type Handle [wire.HandleLen]byte

// String returns 32 hexadecimal digits.
func (h Handle) String() string { return hex.EncodeToString(h[:]) }

// Hash is a SHA-256 value.
type Hash [wire.HashLen]byte

// Limit is a credit limit L in minor units of the bench's currency.
type Limit uint64

// Epoch is an expiry: the number of the epoch at whose end something expires.
type Epoch uint32
