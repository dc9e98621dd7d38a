package conformance

import (
	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// testOfflineOrder asks the offline payment application's commands with one and two faults, at each
// stage of a tap: the first in the card's order gives the status word.
func testOfflineOrder(t T, b Backend) {
	h, _ := b.withTokens(t)
	m := h.p.merchant(t, "MERCHANT-000001")
	p := h.newPurchase(m, 1250).begin()
	p.orderOfOptions(refused)
	p.orderOfStages(false, false, false)
	h.authenticate()
	h.ArmFor(0)
	p.begin()
	p.orderOfOptions(wire.SWWrongData)
	p.orderOfStages(false, false, false)
	wantSW(t, "GET PROCESSING OPTIONS", p.options(), wire.SWNormal)
	p.orderOfStages(true, false, false)
	record := p.shown()
	p.orderOfStages(true, true, false)
	other := *p
	other.d.UN[0]++
	wantSW(t, "GENERATE AC with another UN", other.generate(wire.P1TC).SW, wire.SWWrongData)
	wantSW(t, "AAC with another UN", other.generate(wire.P1AAC).SW, wire.SWWrongData)
	wantSW(t, "ARQC with another UN", other.generate(wire.P1ARQC).SW, refused)
	p.signed(record)
	p.orderOfStages(true, false, true)
	wantSW(t, "TICK of a payment", p.tick(1).SW, refused)
	wantSW(t, "PUT DATA", p.receipt(p.signReceipt(record)), wire.SWNormal)
	for _, ins := range []wire.INS{wire.InsArm, wire.InsTokenClose, wire.InsTokenShow} {
		wantSW(t, "management's command", h.transmit(ownCommand(ins, 0, 0, nil)).SW,
			wire.SWInstructionNotSupported)
	}
}

func (p *purchase) orderOfOptions(data apdu.SW) {
	p.h.t.Helper()
	good := p.optionsCommand()
	change := func(f func(*apdu.Command)) apdu.Command { return changed(good, f) }
	p.h.expect(append(optionsOrder(good, data),
		row{
			"the other application's length", change(func(c *apdu.Command) { c.Data = c.Data[:33] }),
			wire.SWWrongLength,
		},
		row{"cash", change(func(c *apdu.Command) { c.Data[10] = 0x01 }), data},
		row{"a unit that is no class", change(func(c *apdu.Command) { c.Data[66] = 2 }), data},
	))
}

// orderOfStages wants refusals only, at a stage: accepted GET PROCESSING OPTIONS, record read,
// signature given.
func (p *purchase) orderOfStages(offered, read, signed bool) {
	t := p.h.t
	t.Helper()
	ac, receipt := make([]byte, 4), make([]byte, wire.SignatureLen)
	const tick, put, generate = wire.InsTick, wire.InsPutData, wire.InsGenerateAC
	p.h.expect([]row{
		{"record: class and P2", apduOf(0x04, wire.InsReadRecord, 1, 0x0F), wire.SWClassNotSupported},
		{"record: P2 and SFI", apduOf(0, wire.InsReadRecord, 1, 0x10), wire.SWIncorrectP1P2},
		{"record: SFI and record", apduOf(0, wire.InsReadRecord, 4, 0x14), wire.SWFileNotFound},
		{"record 2 and data", apduOf(0, wire.InsReadRecord, 2, 0x0C, 0), wire.SWRecordNotFound},
		{"record 0", apduOf(0, wire.InsReadRecord, 0, 0x0C), wire.SWRecordNotFound},
		{"record: data", apduOf(0, wire.InsReadRecord, 1, 0x0C, 0), wire.SWWrongLength},
		{"AC: class", apduOf(0, generate, 0x40, 0, ac...), wire.SWInstructionNotSupported},
		{"AC: P1 and length", apduOf(0x80, generate, 0xC0, 0), wire.SWIncorrectP1P2},
		{"AC: P2", apduOf(0x80, generate, 0x40, 1, ac...), wire.SWIncorrectP1P2},
		{"AC: length", apduOf(0x80, generate, 0x40, 0, ac[:3]...), wire.SWWrongLength},
		{"tick: P2 and data", apduOf(0x80, tick, 1, 1, 0), wire.SWIncorrectP1P2},
		{"tick: data", apduOf(0x80, tick, 1, 0, 0), wire.SWWrongLength},
		{"receipt: tag and length", apduOf(0x80, put, 0xDF, 0x2B), wire.SWReferenceNotFound},
		{"receipt: length", apduOf(0x80, put, 0xDF, 0x2C, receipt[:63]...), wire.SWWrongLength},
		{"proof: P1 and length", apduOf(0, wire.InsExternalAuthenticate, 1, 0), wire.SWIncorrectP1P2},
		{
			"proof: the host's", apduOf(0, wire.InsExternalAuthenticate, 0, 0, make([]byte, 16)...),
			wire.SWWrongLength,
		},
		{
			"proof that wasn't asked for",
			apduOf(0, wire.InsExternalAuthenticate, 0, 0, make([]byte, emv.MerchantAuthLen)...), refused,
		},
	})
	if !offered {
		wantSW(t, "a record before GPO", p.read().SW, refused)
	}
	if !read {
		wantSW(t, "GENERATE AC that isn't due", p.generate(wire.P1TC).SW, refused)
		wantSW(t, "AAC that isn't due", p.generate(wire.P1AAC).SW, refused)
	}
	if !signed {
		wantSW(t, "a tick that isn't due", p.tick(1).SW, refused)
		wantSW(t, "a receipt that isn't due", p.receipt(message.Signature{1}), refused)
	}
}
