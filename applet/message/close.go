package message

import "tapbench/applet/wire"

// The end of an account. Each message stands alone: its transcript is th_0 of the phase in which
// the account was made, and the channel's counter tells one from the next.

// AIDClose closes a bank account ID: SE to bank, sealed with K_AID,B (to the bank) and ad th_0 of
// phase 2 (user to bank).
type AIDClose struct {
	Signature Signature // SK_AID, aid-close
}

// Digest returns what SK_AID signs; th is th_0 of phase 2.
func (m AIDClose) Digest(th Transcript, bank PartyID, account AccountID) Hash {
	type fields struct {
		Bank    PartyID
		Account AccountID
	}
	return SumTranscript(wire.MsgAIDClose, th, fields{bank, account})
}

// TIDClose closes a TSM account: SE to TSM, sealed with K_TID,TSM (to the TSM) and ad th_0 of phase
// 3 (user to TSM).
type TIDClose struct {
	Signature Signature // SK_TID, tid-close
}

// Digest returns what SK_TID signs; th is th_0 of phase 3.
func (m TIDClose) Digest(th Transcript, tsm PartyID, tid TID) Hash {
	type fields struct {
		TSM PartyID
		TID TID
	}
	return SumTranscript(wire.MsgTIDClose, th, fields{tsm, tid})
}
