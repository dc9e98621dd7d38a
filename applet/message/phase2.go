package message

import "tapbench/applet/wire"

// Phase 2 (bank account ID). Transcript: user to bank, phase 2, ID_B; th_1 to th_3 run over the
// sealed messages 1, 2 and 3 as the SE sends and gets them.

// AIDRequest is message 1, SE to bank, sealed to PK_B with ad th_0.
type AIDRequest struct {
	User      UserID
	Nonce     Nonce // n_S
	MAC       [wire.MACLen]byte
	Signature Signature // SK_U, aid-req
}

// Digest returns what SK_U signs; th is th_0.
func (m AIDRequest) Digest(th Transcript, bank PartyID) Hash {
	type fields struct {
		User  UserID
		Bank  PartyID
		Nonce Nonce
	}
	return SumTranscript(wire.MsgAIDRequest, th, fields{m.User, bank, m.Nonce})
}

// AIDOffer is what the bank offers in message 2.
type AIDOffer struct {
	Session SessionID
	Account AccountID
	Nonce   Nonce // n_B
	Limit   Limit
	Expiry  Epoch
}

// AIDReply is message 2, bank to SE, sealed with [SharedKey.ReplyKeys] of th_1, counter 0, ad
// th_1.
type AIDReply struct {
	Offer     AIDOffer
	Signature Signature // SK_B, aid-rep
}

// Digest returns what SK_B signs; th is th_1.
func (m AIDReply) Digest(th Transcript) Hash {
	return SumTranscript(wire.MsgAIDReply, th, m.Offer)
}

// AccountKeys is X: what the SE says of a new bank account ID.
type AccountKeys struct {
	Bank    PartyID
	User    Hash // SHA-256(PK_U)
	SE      PublicKey
	Account AccountID
	Sign    PublicKey
	KEM     PublicKey
	Nonce   Nonce // n_B
	Limit   Limit
	Expiry  Epoch
}

// Digest returns what is signed as aid-pop (SK_AID), aid-key (SK_SE) or aid-bind (SK_U); th is
// th_2.
func (x AccountKeys) Digest(t wire.MessageType, th Transcript) Hash {
	return SumTranscript(t, th, x)
}

// AIDKeys is message 3, SE to bank, sealed to PK_B with ad th_2.
type AIDKeys struct {
	X           AccountKeys
	Pop         Signature // SK_AID, aid-pop
	Certificate [wire.CertificateLen]byte
	Key         Signature // SK_SE, aid-key
	Bind        Signature // SK_U, aid-bind
}

// AccountCertificate is what CERT_AID^B says; its signature is made by SK_B and has no
// transcript.
type AccountCertificate struct {
	Bank    PartyID
	Account AccountID
	Sign    PublicKey
	KEM     PublicKey
	Limit   Limit
	Expiry  Epoch
}

// Digest returns what SK_B signs.
func (c AccountCertificate) Digest() Hash { return SumHash(wire.CertAccount, c) }

// AIDGrant is message 4, bank to SE, sealed to PK_AID,kem with ad th_3. From its exporter come
// K_AID,B's keys ([wire.KeyAIDToBank], [wire.KeyAIDToSE]).
type AIDGrant struct {
	Account     AccountID
	Expiry      Epoch
	Limit       Limit
	Certificate Signature // CERT_AID^B's signature
	Signature   Signature // SK_B, aid-grant
}

// Digest returns what SK_B signs; th is th_3, enc the message's own encapsulation.
func (m AIDGrant) Digest(th Transcript, enc PublicKey) Hash {
	type fields struct {
		Enc         PublicKey
		Account     AccountID
		Expiry      Epoch
		Limit       Limit
		Certificate Signature
	}
	return SumTranscript(wire.MsgAIDGrant, th,
		fields{enc, m.Account, m.Expiry, m.Limit, m.Certificate})
}
