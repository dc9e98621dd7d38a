package emulator

import (
	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// aidClose is AID CLOSE. While the slot is CLOSED it says so again, under the next counter.
func (c *Card) aidClose(r request, next *state) ([]byte, error) {
	bank := &next.banks[r.p1]
	to, err := bank.next(wire.InsAIDClose)
	if err != nil {
		return nil, err
	}
	th := message.NewTranscript(2, wire.RoleUser, wire.RoleBank, bank.id)
	var m message.AIDClose
	digest := m.Digest(th, bank.id, bank.account)
	c.meter.hash(transcriptLen)
	if m.Signature, err = c.sign(bank.signKeys, wire.MsgAIDClose, digest); err != nil {
		return nil, err
	}
	bank.state = to
	return c.sendCounted(&bank.sent, bank.toBank, th, message.Encode(wire.MsgAIDClose, m))
}

// tidClose is TID CLOSE. While the slot is CLOSED it says so again, under the next counter.
func (c *Card) tidClose(r request, next *state) ([]byte, error) {
	slot := &next.tids[r.p1]
	to, err := slot.next(wire.InsTIDClose)
	if err != nil {
		return nil, err
	}
	if slot.state != to && next.arm.state != wire.ArmNone {
		return nil, wire.SWConditionsNotSatisfied
	}
	th := message.NewTranscript(3, wire.RoleUser, wire.RoleTSM, slot.id)
	var m message.TIDClose
	digest := m.Digest(th, slot.id, slot.tid())
	c.meter.hash(transcriptLen, 2*wire.PointLen)
	if m.Signature, err = c.sign(slot.signKeys, wire.MsgTIDClose, digest); err != nil {
		return nil, err
	}
	slot.state = to
	next.dropCards(r.p1)
	next.dropTokens(r.p1)
	return c.send(slot, th, message.Encode(wire.MsgTIDClose, m))
}

// dropCards empties the card slots of a TSM account that aren't spent. Of what is in them only the
// state changes, so that eight cards fit one transaction; CARD REQUEST overwrites the rest.
func (s *state) dropCards(tid byte) {
	for i := range s.cards {
		card := &s.cards[i]
		if card.tid == tid && (card.state == wire.CardRequested || card.state == wire.CardReady) {
			card.state = wire.CardEmpty
		}
	}
}
