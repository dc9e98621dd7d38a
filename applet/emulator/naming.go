package emulator

import (
	"fmt"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
)

// Naming is how terminals find the payment application, so that one with a fixed list finds it. It
// is the same for many cards: a name of its own would tell a card from others.
type Naming struct {
	// AID is the application identifier, 5 to 16 bytes. Default: wire.AIDPayment, which then selects
	// nothing more.
	AID []byte
	// Label is the application label, at most 16 characters. Default: emv.Label.
	Label string
	// Priority is 1, the highest, to 15. Default: emv.Priority.
	Priority byte
}

// Bounds of names (EMV 4.3 Book 1, 12.2.1 and annex B).
const (
	minAID      = 5
	maxAID      = 16
	maxLabel    = 16
	maxPriority = 15
)

// named are the answers that follow from a naming.
type named struct {
	payment   wire.AID
	fci, ppse []byte
}

// answers encodes them. An error says what no card is named.
func (n Naming) answers() (named, error) {
	fci := emv.PaymentFCI()
	if len(n.AID) > 0 {
		fci.Name = append([]byte(nil), n.AID...)
	}
	if n.Label != "" {
		fci.Label = n.Label
	}
	if n.Priority != 0 {
		fci.Priority = n.Priority
	}
	aid := wire.AID(fci.Name)
	switch {
	case len(aid) < minAID || len(aid) > maxAID:
		return named{}, fmt.Errorf("naming the card: AID of %d bytes, expected %d to %d", len(aid),
			minAID, maxAID)
	case aid == wire.AIDManagement || aid == wire.AIDOffline || aid == wire.AIDPPSE:
		return named{}, fmt.Errorf("naming the card: another application of the card has AID %X", aid)
	case len(fci.Label) > maxLabel || fci.Priority > maxPriority:
		return named{}, fmt.Errorf("naming the card: label of %d characters, priority %d; expected %d "+
			"and %d at most", len(fci.Label), fci.Priority, maxLabel, maxPriority)
	}
	return named{
		payment: aid, fci: fci.Encode(),
		ppse: emv.PPSE(emv.Candidate{AID: fci.Name, Label: fci.Label, Priority: fci.Priority}),
	}, nil
}
