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
	if m.Signature, err = bank.signKeys.sign(m.Digest(th, bank.id, bank.account)); err != nil {
		return nil, err
	}
	bank.state = to
	return sendCounted(&bank.sent, bank.toBank, th, message.Encode(wire.MsgAIDClose, m))
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
	if m.Signature, err = slot.signKeys.sign(m.Digest(th, slot.id, slot.tid())); err != nil {
		return nil, err
	}
	slot.state = to
	next.dropCards(r.p1)
	return slot.send(th, message.Encode(wire.MsgTIDClose, m))
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
