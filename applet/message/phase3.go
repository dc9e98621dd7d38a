package message

import (
	"crypto/sha256"

	"tapbench/applet/wire"
)

// Phase 3 (TSM account ID) has three transcripts, all of phase 3: user to TSM (th_1 to th_3 run
// over messages 1, 2 and TSMINFO), user to bank (th_0 only: BINFO) and TSM to bank (th_0 only:
// TSMBINFO and AUTH name each other by their hashes).

// TIDRegister is message 1, SE to TSM, sealed to PK_TSM with ad th_0.
type TIDRegister struct {
	Sign      PublicKey
	KEM       PublicKey
	Signature Signature // SK_TID, tid-reg
}

// Digest returns what SK_TID signs; th is th_0.
func (m TIDRegister) Digest(th Transcript, nonce Nonce, tsm PartyID) Hash {
	type fields struct {
		TID       TID
		Sign, KEM PublicKey
		Nonce     Nonce // n_T
		TSM       PartyID
	}
	return SumTranscript(wire.MsgTIDRegister, th,
		fields{NewTID(m.Sign, m.KEM), m.Sign, m.KEM, nonce, tsm})
}

// TIDReply is message 2, TSM to SE, sealed to PK_TID,kem with ad th_1. From its exporter come
// K_TID,TSM's keys ([wire.KeyTIDToTSM], [wire.KeyTIDToSE]).
type TIDReply struct {
	Signature Signature // SK_TSM, tid-rep
}

// TIDReplyFields are the fields that tid-rep covers; the SE knows them all.
type TIDReplyFields struct {
	Enc       PublicKey
	Session   SessionID
	TID       TID
	Sign, KEM PublicKey
	NonceTSM  Nonce
	NonceBank Nonce
}

// Digest returns what SK_TSM signs; th is th_1.
func (f TIDReplyFields) Digest(th Transcript) Hash {
	return SumTranscript(wire.MsgTIDReply, th, f)
}

// Funding names one funding run: all that bank and TSM must see alike.
type Funding struct {
	Session    SessionID
	TSM        PartyID
	Bank       PartyID
	NonceBank  Nonce // n_B
	NonceSE    Nonce // n_S
	Commitment Hash  // c_T
	Limit      Limit
	Expiry     Epoch
}

// Commit returns c_T = SHA-256(type || label || TID || both keys || rho).
func Commit(sign, kem PublicKey, rho Hash) Hash {
	type fields struct {
		TID       TID
		Sign, KEM PublicKey
		Rho       Hash
	}
	return SumHash(wire.MsgCommitment, fields{NewTID(sign, kem), sign, kem, rho})
}

// BINFO is BINFO's inner part, SE to bank, sealed to PK_B with ad th_0 (user to bank).
type BINFO struct {
	Funding     Funding
	Evidence    Hash // SHA-256 of the attestation evidence
	Account     AccountID
	Certificate Signature // CERT_AID^B's signature
	Signature   Signature // SK_AID, binfo
}

// Digest returns what SK_AID signs; th is th_0 (user to bank).
func (m BINFO) Digest(th Transcript) Hash {
	type fields struct {
		Funding  Funding
		Evidence Hash
	}
	return SumTranscript(wire.MsgBINFO, th, fields{m.Funding, m.Evidence})
}

// TSMINFO is SE to TSM, sealed with K_TID,TSM (to the TSM) and ad th_2 (user to TSM).
type TSMINFO struct {
	Bank      PartyID
	NonceSE   Nonce
	Limit     Limit
	Expiry    Epoch
	Rho       Hash
	BINFO     Hash      // SHA-256 of BINFO as sent
	Signature Signature // SK_TID, tsminfo
}

// Digest returns what SK_TID signs; th is th_2 (user to TSM). Session, TSM and nonces are those of
// the run, which the message itself doesn't repeat.
func (m TSMINFO) Digest(th Transcript, sid SessionID, tsm PartyID, bank, own Nonce) Hash {
	type fields struct {
		Session                      SessionID
		TSM, Bank                    PartyID
		NonceBank, NonceSE, NonceTSM Nonce
		Limit                        Limit
		Expiry                       Epoch
		Rho, BINFO                   Hash
	}
	return SumTranscript(wire.MsgTSMINFO, th, fields{
		sid, tsm, m.Bank, bank, m.NonceSE, own, m.Limit, m.Expiry, m.Rho, m.BINFO,
	})
}

// TSMBINFO is TSM to bank, over mutual TLS.
type TSMBINFO struct {
	Funding   Funding
	NonceTSM  Nonce
	BINFO     Hash      // SHA-256 of BINFO as sent
	Signature Signature // SK_TSM, tsmbinfo
}

// Digest returns what SK_TSM signs; th is th_0 (TSM to bank).
func (m TSMBINFO) Digest(th Transcript) Hash {
	type fields struct {
		Funding  Funding
		NonceTSM Nonce
		BINFO    Hash
	}
	return SumTranscript(wire.MsgTSMBINFO, th, fields{m.Funding, m.NonceTSM, m.BINFO})
}

// Sum returns H(TSMBINFO) over its encoding as sent.
func (m TSMBINFO) Sum() Hash { return sha256.Sum256(Encode(wire.MsgTSMBINFO, m)) }

// AuthOK is AUTH's result when the limit was reserved.
const AuthOK = 1

// Auth is AUTH, bank to TSM, over mutual TLS: L has moved into the TSM's escrow.
type Auth struct {
	Session    SessionID
	Handle     Handle
	Commitment Hash
	Limit      Limit
	Expiry     Epoch
	OK         byte // AuthOK
	TSMBINFO   Hash
	Signature  Signature // SK_B, auth
}

// Digest returns what SK_B signs; th is th_0 (TSM to bank).
func (m Auth) Digest(th Transcript) Hash {
	m.Signature = Signature{}
	return SumTranscript(wire.MsgAuth, th, m)
}

// TIDStatusOK says that the account is active.
const TIDStatusOK = 1

// TIDStatus is message 6, TSM to SE, sealed with K_TID,TSM (to the SE) and ad th_3 (user to TSM).
// Of AUTH it carries what the SE doesn't know.
type TIDStatus struct {
	Handle        Handle
	AuthSignature Signature
	TSMBINFO      Hash
	Status        byte // TIDStatusOK
	Expiry        Epoch
	Limit         Limit
	Signature     Signature // SK_TSM, tid-status
}

// Digest returns what SK_TSM signs; th is th_3 (user to TSM).
func (m TIDStatus) Digest(th Transcript) Hash {
	type fields struct {
		Status byte
		Expiry Epoch
		Limit  Limit
	}
	return SumTranscript(wire.MsgTIDStatus, th, fields{m.Status, m.Expiry, m.Limit})
}
