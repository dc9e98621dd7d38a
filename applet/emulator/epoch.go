package emulator

import (
	"tapbench/applet/message"
	"tapbench/applet/wire"
)

const putEpochLen = prefixLen + wire.PartyIDLen + wire.EpochLen + wire.SignatureLen

// putEpoch is PUT EPOCH: the CA's word for the current epoch. The first one may name any, a later
// one the same or the next.
func (c *Card) putEpoch(r request, next *state) ([]byte, error) {
	slot := &next.tids[r.p1]
	if _, err := slot.next(wire.InsPutEpoch); err != nil {
		return nil, err
	}
	m, err := message.Decode[message.EpochCertificate](wire.CertEpoch, r.data)
	if err != nil || m.Issuer != next.ca {
		return nil, wire.SWWrongData
	}
	if slot.hasTime == 1 && (m.Epoch < slot.time || m.Epoch-slot.time > 1) {
		return nil, wire.SWWrongData
	}
	if err := c.verify(next.caKey, wire.CertEpoch, m.Digest(), m.Signature); err != nil {
		return nil, err
	}
	slot.hasTime, slot.time = 1, m.Epoch
	return nil, nil
}
