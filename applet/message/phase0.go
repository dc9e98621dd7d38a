package message

import "tapbench/applet/wire"

// UserKey is what SK_SE signs as user-key (phase 0): PK_U was made in this SE for ID_U.
type UserKey struct {
	CA   PartyID
	User UserID
	SE   PublicKey
	Key  PublicKey
}

// Digest returns what is signed.
func (m UserKey) Digest() Hash {
	return SumTranscript(wire.MsgUserKey, NewTranscript(0, wire.RoleUser, wire.RoleCA, m.CA), m)
}

// AKBind is what SK_SE signs as ak-bind (phase 1): this SE lives in the phone of that TPM, and
// K_B,U was agreed by it.
type AKBind struct {
	Bank PartyID
	SE   PublicKey
	AK   PublicKey
}

// AKBindTranscript returns th_1 of user and bank in phase 1: message 1 is enc, from which K_B,U is
// exported.
func AKBindTranscript(bank PartyID, enc PublicKey) Transcript {
	return NewTranscript(1, wire.RoleUser, wire.RoleBank, bank).Next(enc[:])
}

// Digest returns what is signed; th is th_1.
func (m AKBind) Digest(th Transcript) Hash { return SumTranscript(wire.MsgAKBind, th, m) }

// HostAuthMAC returns the proof of EXTERNAL AUTHENTICATE: AES-CMAC under the pairing key over
// type || label || challenge.
func HostAuthMAC(key [wire.KeyLen]byte, challenge Nonce) [wire.MACLen]byte {
	return CMAC(key, Encode(wire.MsgHostAuth, challenge))
}
