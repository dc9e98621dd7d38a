package conformance

import (
	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// testTapOrder asks the payment application's commands with one and two faults, at each stage of a
// tap: the first in the card's order gives the status word.
func testTapOrder(t T, b Backend) {
	h := b.fresh(t, CardReady)
	tm := h.newTerminal().begin()
	tm.orderOfOptions(false)
	tm.orderOfRecords(false)
	tm.orderOfAC(0, 0)
	h.authenticate()
	h.Advance(Armed)
	tm.begin()
	tm.orderOfOptions(true)
	tm.orderOfRecords(false)
	wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
	tm.orderOfRecords(true)
	tm.orderOfAC(0, 0) // nothing was read
	wantSW(t, "record 2", tm.read(2).SW, wire.SWNormal)
	tm.orderOfAC(0, 0) // nor was that enough
	wantSW(t, "record 3", tm.read(3).SW, wire.SWNormal)
	tm.orderOfAC(emv.CDOL1DataLen, wire.SWWrongData)
	auth := tm.authorised(tm.requested(wire.P1ARQC, 1), emv.CSUApproved())
	tm.orderOfRecords(true)
	tm.orderOfAC(emv.CDOL2DataLen, 0)
	wantSW(t, "an ARQC in the second", tm.second(wire.P1ARQC, auth).SW, wire.SWConditionsNotSatisfied)
	want := tm.cryptogram(emv.CVRIssuerAuthenticated, 1, tm.cdol1.Encode(), tm.cdol2(auth))
	want.CID = emv.CIDTC
	wantAC(t, "and yet a TC", tm.second(wire.P1TC, auth), want)
	for _, ins := range []wire.INS{wire.InsArm, wire.InsDisarm, wire.InsGenerateSEKey} {
		wantSW(t, "management's command", h.transmit(ownCommand(ins, 0, 0, nil)).SW,
			wire.SWInstructionNotSupported)
	}
}

func (tm *terminal) orderOfOptions(armed bool) {
	tm.h.t.Helper()
	good := optionsCommand(tm.pdol)
	data := wire.SWWrongData
	if !armed {
		data = wire.SWConditionsNotSatisfied
	}
	tm.h.expect(append(optionsOrder(good, data), row{
		"amount isn't BCD", changed(good, func(c *apdu.Command) { c.Data[7] = 0x0A }), data,
	}))
}

// optionsOrder are the rows of GET PROCESSING OPTIONS that both applications answer alike; data is
// the answer to data that are wrong.
func optionsOrder(good apdu.Command, data apdu.SW) []row {
	change := func(f func(*apdu.Command)) apdu.Command { return changed(good, f) }
	short := func(c *apdu.Command) { c.Data = c.Data[:len(c.Data)-1] }
	return []row{
		{
			"class and length", change(func(c *apdu.Command) { c.CLA = 0x84; short(c) }),
			wire.SWClassNotSupported,
		},
		{"chaining", change(func(c *apdu.Command) { c.CLA = 0x90 }), wire.SWClassNotSupported},
		{
			"other class and P1", change(func(c *apdu.Command) { c.CLA = 0; c.P1 = 1 }),
			wire.SWInstructionNotSupported,
		},
		{"P1 and length", change(func(c *apdu.Command) { c.P1 = 1; short(c) }), wire.SWIncorrectP1P2},
		{"P2", change(func(c *apdu.Command) { c.P2 = 1 }), wire.SWIncorrectP1P2},
		{"length and tag", change(func(c *apdu.Command) { short(c); c.Data[0] = 0 }), wire.SWWrongLength},
		{"tag", change(func(c *apdu.Command) { c.Data[0] = 0x84 }), data},
		{"length in the template", change(func(c *apdu.Command) { c.Data[1]-- }), data},
		{"amount isn't BCD and too much", change(func(c *apdu.Command) { c.Data[2] = 0xFF }), data},
	}
}

// changed is a command with something changed; its data are its own.
func changed(c apdu.Command, change func(*apdu.Command)) apdu.Command {
	c.Data = append([]byte(nil), c.Data...)
	change(&c)
	return c
}

func (tm *terminal) orderOfRecords(offered bool) {
	tm.h.t.Helper()
	record := func(cla, p1, p2 byte, data ...byte) apdu.Command {
		return apdu.Command{CLA: cla, INS: byte(wire.InsReadRecord), P1: p1, P2: p2, Data: data, Ne: 256}
	}
	tm.h.expect([]row{
		{"class and P2", record(0x04, 1, 0x0F), wire.SWClassNotSupported},
		{"other class and P2", record(0x80, 1, 0x0F), wire.SWInstructionNotSupported},
		{"P2's low bits and SFI", record(0, 1, 0x10), wire.SWIncorrectP1P2},
		{"SFI and record", record(0, 4, 0x14), wire.SWFileNotFound},
		{"SFI 0", record(0, 1, 0x04), wire.SWFileNotFound},
		{"record 0", record(0, 0, 0x0C), wire.SWRecordNotFound},
		{"record 4 and data", record(0, 4, 0x0C, 0), wire.SWRecordNotFound},
		{"data", record(0, 2, 0x0C, 0), wire.SWWrongLength},
	})
	if !offered {
		wantSW(tm.h.t, "a record before GPO", tm.read(2).SW, wire.SWConditionsNotSatisfied)
	}
}

// orderOfAC wants refusals only. Due is the length that isn't refused for its stage, with what
// zeros in that length give.
func (tm *terminal) orderOfAC(due int, zeros apdu.SW) {
	tm.h.t.Helper()
	ac := func(cla, p1, p2 byte, n int) apdu.Command {
		return apdu.Command{
			CLA: cla, INS: byte(wire.InsGenerateAC), P1: p1, P2: p2, Data: make([]byte, n), Ne: 256,
		}
	}
	tm.h.expect([]row{
		{"class and P1", ac(0x84, 0xC0, 0, 45), wire.SWClassNotSupported},
		{"other class and P1", ac(0x00, 0xC0, 0, 45), wire.SWInstructionNotSupported},
		{"P1 and length", ac(0x80, 0xC0, 0, 44), wire.SWIncorrectP1P2},
		{"P1 with a CDA request", ac(0x80, 0x90, 0, 45), wire.SWIncorrectP1P2},
		{"P2", ac(0x80, 0x80, 1, 45), wire.SWIncorrectP1P2},
		{"no data", ac(0x80, 0x80, 0, 0), wire.SWWrongLength},
		{"44 bytes", ac(0x80, 0x80, 0, 44), wire.SWWrongLength},
		{"20 bytes", ac(0x80, 0x40, 0, 20), wire.SWWrongLength},
	})
	for _, n := range []int{emv.CDOL1DataLen, emv.CDOL2DataLen} {
		switch {
		case n != due:
			wantSW(tm.h.t, "GENERATE AC that isn't due", tm.h.transmit(ac(0x80, 0x40, 0, n)).SW,
				wire.SWConditionsNotSatisfied)
		case zeros != 0:
			wantSW(tm.h.t, "GENERATE AC with zeros", tm.h.transmit(ac(0x80, 0x40, 0, n)).SW, zeros)
		}
	}
}

// testCDOL1 changes each field that must be as GET PROCESSING OPTIONS said, and each other.
func testCDOL1(t T, b Backend) {
	h := b.fresh(t, Armed)
	tm := h.newTerminal().begin()
	wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
	tm.released()
	good := tm.cdol1
	for name, change := range map[string]func(*emv.CDOL1Data){
		"amount":   func(d *emv.CDOL1Data) { d.Amount[5]++ },
		"currency": func(d *emv.CDOL1Data) { d.Currency[1]++ },
		"date":     func(d *emv.CDOL1Data) { d.Date[2]++ },
		"UN":       func(d *emv.CDOL1Data) { d.UN[0]++ },
		"merchant": func(d *emv.CDOL1Data) { d.Merchant[14]++ },
	} {
		tm.cdol1 = good
		change(&tm.cdol1)
		wantSW(t, "another "+name, tm.first(wire.P1ARQC).SW, wire.SWWrongData)
		wantSW(t, "another "+name+", AAC", tm.first(wire.P1AAC).SW, wire.SWWrongData)
	}
	tm.cdol1 = good
	tm.cdol1.AmountOther[5], tm.cdol1.Country[1], tm.cdol1.TVR[0] = 1, 1, 0xFF
	tm.cdol1.TerminalType = 0x21
	tm.requested(wire.P1ARQC, 1)
}
