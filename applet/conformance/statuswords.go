package conformance

import (
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// testStatusWords produces every status word of the registry, in the order of its definition. What
// is missing no command can give: SWUnknown needs a platform that fails, SWNoMoreMemory a card that
// chooses slots itself.
func testStatusWords(t T, b Backend) {
	h := b.fresh(t, Personalised)
	own := func(ins wire.INS, p1 byte) apdu.Command { return ownCommand(ins, p1, 0, nil) }
	h.expect([]row{
		{"SWNormal", selectCommand(wire.AIDManagement), wire.SWNormal},
		{"SWBytesRemaining", apdu.Command{INS: 0x84}, waiting(wire.NonceLen)},
		{"SWClassNotSupported", apdu.Command{CLA: 0xA0, INS: 0xA4}, wire.SWClassNotSupported},
		{"the begin of a chain", apdu.Command{CLA: 0x90, INS: 0x16}, wire.SWNormal},
		{"SWLastCommandExpected", own(wire.InsAIDGrant, 0), wire.SWLastCommandExpected},
		{"SWInstructionNotSupported", own(0x7E, 0), wire.SWInstructionNotSupported},
		{"SWIncorrectP1P2", own(wire.InsBindAK, wire.BankSlots), wire.SWIncorrectP1P2},
		{"SWWrongLength", own(wire.InsBindAK, 0), wire.SWWrongLength},
		{"SWSecurityStatusNotSatisfied", own(wire.InsDisarm, 0), wire.SWSecurityStatusNotSatisfied},
	})
	h.authenticate()
	bad := own(wire.InsOpenAccount, 0)
	bad.Data = make([]byte, 316)
	wantSW(t, "SWConditionsNotSatisfied", h.call(bad), wire.SWConditionsNotSatisfied)
	h.Advance(UserCreated)
	wantSW(t, "SWWrongData", h.call(bad), wire.SWWrongData)
	h.expect([]row{
		{"SWFileNotFound", selectCommand("\xA0\x00\x00\x00\x04"), wire.SWFileNotFound},
		{"the payment application", selectCommand(wire.AIDPayment), wire.SWNormal},
		{"SWRecordNotFound", recordCommand(4), wire.SWRecordNotFound},
		{"the management application", selectCommand(wire.AIDManagement), wire.SWNormal},
		{"SWReferenceNotFound", apdu.Command{INS: 0xCA, P1: 0x9F, P2: 0x36}, wire.SWReferenceNotFound},
	})
}
