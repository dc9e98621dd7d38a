package bank

import (
	"tapbench/applet/message"
	"tapbench/backend/api"
	"tapbench/tpm/quote"
)

// judge verifies a phone's evidence: a quote by the enrolled attestation key over this nonce, this
// session, this element and this account, whose measurement list holds released software only.
func (b *Bank) judge(
	raw []byte, purpose quote.Purpose, nonce message.Nonce, sid message.SessionID, row user,
	accountKey message.PublicKey,
) (quote.ClockInfo, error) {
	evidence, err := quote.ParseEvidence(raw)
	if err != nil {
		return quote.ClockInfo{}, api.Refuse(api.CodeAttestation, "evidence: %v", err)
	}
	se, err := message.ParseCertificate(row.se)
	if err != nil {
		return quote.ClockInfo{}, err
	}
	verdict, err := quote.Verify(evidence, quote.Expect{
		AK: row.ak,
		Binding: quote.Binding{
			Purpose: purpose, Nonce: nonce[:], SID: sid, SoftwareID: b.Software,
			SE: se.Key[:], AID: accountKey[:],
		},
		PCRs: b.PCRs, Released: b.Released, Last: row.clock,
	})
	if err != nil {
		return quote.ClockInfo{}, api.Refuse(api.CodeAttestation, "evidence: %v", err)
	}
	return verdict.Clock, nil
}
