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

// AKBind is what SK_SE signs as ak-bind (phase 1): this SE lives in the phone of that TPM.
type AKBind struct {
	Bank PartyID
	SE   PublicKey
	AK   PublicKey
}

// Digest returns what is signed.
func (m AKBind) Digest() Hash {
	return SumTranscript(wire.MsgAKBind, NewTranscript(1, wire.RoleUser, wire.RoleBank, m.Bank), m)
}

// HostAuthMAC returns the proof of EXTERNAL AUTHENTICATE: AES-CMAC under the pairing key over
// type || label || challenge.
func HostAuthMAC(key [wire.KeyLen]byte, challenge Nonce) [wire.MACLen]byte {
	return CMAC(key, Encode(wire.MsgHostAuth, challenge))
}
