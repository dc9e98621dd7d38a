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
	verdict, err := b.verify(raw, row, quote.Binding{
		Purpose: purpose, Nonce: nonce[:], SID: sid, AID: accountKey[:],
	})
	return verdict.Clock, err
}

// verify is judge for any question; its software id and the element's key are filled in.
func (b *Bank) verify(raw []byte, row user, question quote.Binding) (quote.Verdict, error) {
	evidence, err := quote.ParseEvidence(raw)
	if err != nil {
		return quote.Verdict{}, api.Refuse(api.CodeAttestation, "evidence: %v", err)
	}
	se, err := message.ParseCertificate(row.se)
	if err != nil {
		return quote.Verdict{}, err
	}
	question.SoftwareID, question.SE = b.Software, se.Key[:]
	verdict, err := quote.Verify(evidence, quote.Expect{
		AK: row.ak, Binding: question, PCRs: b.PCRs, Released: b.Released, Revoked: b.Revoked,
		Last: row.clock,
	})
	if err != nil {
		return quote.Verdict{}, api.Refuse(api.CodeAttestation, "evidence: %v", err)
	}
	return verdict, nil
}
