package storedata

import (
	"bytes"
	"encoding/binary"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emvcard/image"
)

// Application returns the application that groupings which a card has taken make, without its RSA
// key and account number: those no grouping has.
func Application(name []byte, groups []Group) image.Application {
	options, limits := Find(groups, Options), Find(groups, Limits)
	a := image.Application{
		AID: bytes.Clone(name), FCI: FCI(name, Find(groups, Selection)), Scheme: image.CVN18,
		PDOL: Find(groups, PDOL), CDOL1: Find(groups, CDOL1), DDOL: Find(groups, DDOL),
		AIP: [2]byte(options[2:4]), AFL: options[6:],
		Keys: cryptogram.Keys{AC: cryptogram.Key(Find(groups, MasterKey))},
		Risk: riskOf(limits), KeyIndex: limits[keyIndexAt],
	}
	if times := Find(groups, Relay); times != nil {
		a.Relay = &image.Relay{
			Min: binary.BigEndian.Uint16(times), Max: binary.BigEndian.Uint16(times[2:]),
			Transmission: binary.BigEndian.Uint16(times[4:]),
		}
	}
	for _, g := range groups {
		if sfi, number, ok := g.ID.Place(); ok {
			a.Records = append(a.Records, image.Record{SFI: sfi, Number: number, Data: g.Value})
		}
	}
	return a
}

// riskOf reads limits that limitsOf has written.
func riskOf(limits []byte) image.Risk {
	r := image.Risk{
		Currency: [2]byte(limits[15:]), OnlineNew: limits[0]&onlineNew != 0,
		MandatoryAuth: limits[0]&mandatoryAuth != 0,
	}
	for i, to := range []**byte{&r.Lower, &r.Upper} {
		if limits[0]&(hasLower<<i) != 0 {
			limit := limits[1+i]
			*to = &limit
		}
	}
	for i, to := range []**uint64{&r.LowerAmount, &r.UpperAmount} {
		if limits[0]&(hasLowerAmount<<i) != 0 {
			limit, _ := emv.ParseN12([6]byte(limits[3+6*i:])) // isValue has looked at the digits
			*to = &limit
		}
	}
	return r
}
