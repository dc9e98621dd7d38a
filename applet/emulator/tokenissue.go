package emulator

import (
	"tapbench/applet/message"
	"tapbench/applet/wire"
)

const tokenPutLen = wire.CounterLen + 208 + wire.MACLen

// tokenRequest is TOKEN REQUEST. It can be repeated until the token is there: the same key, under
// the next counter.
func (c *Card) tokenRequest(r request, next *state) ([]byte, error) {
	slot := &next.tokens[r.p1]
	to, err := slot.next(wire.InsTokenRequest)
	if err != nil {
		return nil, err
	}
	tid := &next.tids[slot.tid]
	if _, err := tid.next(wire.InsTokenRequest); err != nil {
		return nil, err
	}
	th := message.NewTranscript(4, wire.RoleUser, wire.RoleTSM, tid.id)
	covered := message.TokenKey{
		TSM: tid.id, TID: tid.tid(), Key: slot.keys.public, Root: slot.value, Unit: slot.unit,
	}
	m := message.TokenRequest{Key: covered.Key, Root: covered.Root, Unit: covered.Unit}
	c.meter.hash(transcriptLen, 2*wire.PointLen)
	digest := covered.Digest(wire.MsgTokenRoll, th)
	if m.Roll, err = c.sign(tid.signKeys, wire.MsgTokenRoll, digest); err != nil {
		return nil, err
	}
	digest = covered.Digest(wire.MsgTokenPop, th)
	c.meter.load()
	if m.Pop, err = c.sign(slot.keys, wire.MsgTokenPop, digest); err != nil {
		return nil, err
	}
	sealed, err := c.send(tid, th, message.Encode(wire.MsgTokenRequest, m))
	slot.state, slot.th = to, th.Next(sealed)
	c.meter.hash(wire.HashLen + len(sealed))
	return sealed, err
}

// tokenPut is TOKEN PUT.
func (c *Card) tokenPut(r request, next *state) ([]byte, error) {
	slot := &next.tokens[r.p1]
	to, err := slot.next(wire.InsTokenPut)
	if err != nil {
		return nil, err
	}
	tid := &next.tids[slot.tid]
	body, err := c.receive(tid, slot.th, r.data)
	if err != nil {
		return nil, err
	}
	m, err := message.Decode[message.TokenPut](wire.MsgTokenPut, body)
	if err != nil {
		return nil, wire.SWWrongData
	}
	f := m.Token.Fields
	slot.issuer, slot.epoch, slot.policy = tid.id, f.Epoch, f.Policy
	slot.signature = m.Token.Signature
	if m.Token != slot.token() || !isBCD(f.Policy.Currency[:]) || f.Epoch < tid.time {
		return nil, wire.SWWrongData
	}
	if err := c.verify(tid.sign, wire.SigToken, m.Token.ID(), m.Token.Signature); err != nil {
		return nil, err
	}
	slot.state, tid.offline = to, 0
	return nil, nil
}
