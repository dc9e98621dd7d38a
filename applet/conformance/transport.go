package conformance

import (
	"bytes"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

func testTransport(t T, b Backend) {
	t.Run("selection", func(t T) { testSelection(t, b) })
	t.Run("channels", func(t T) { testChannels(t, b) })
	t.Run("get response", func(t T) { testGetResponse(t, b) })
	t.Run("chaining", func(t T) { testChaining(t, b) })
	t.Run("bytes", func(t T) { testBytes(t, b) })
	t.Run("extended length", func(t T) {
		if !b.Caps.NoExtended {
			testExtended(t, b)
		}
	})
}

// fresh returns a host at a stage.
func (b Backend) fresh(t TB, stage Stage) *Host {
	t.Helper()
	h := NewHost(t, b.Open(t))
	t.Cleanup(func() {
		if err := h.card.Close(); err != nil {
			t.Error(err)
		}
	})
	return h.Advance(stage)
}

func testSelection(t T, b Backend) {
	h := b.fresh(t, Selectable)
	if err := h.card.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	lifeCycle := apdu.Command{INS: byte(wire.InsGetData), P1: 0xDF, P2: 0x02, Ne: 256}
	wrong := func(p1, p2 byte, aid wire.AID) apdu.Command {
		return apdu.Command{INS: byte(wire.InsSelect), P1: p1, P2: p2, Data: []byte(aid), Ne: 256}
	}
	for _, row := range []row{
		{
			"nothing is selected: another class",
			apdu.Command{CLA: 0xA0, INS: 0xCA},
			wire.SWClassNotSupported,
		},
		{"nothing is selected: chaining", apdu.Command{CLA: 0x90, INS: 0x16}, wire.SWClassNotSupported},
		{"nothing is selected: GET DATA", lifeCycle, wire.SWInstructionNotSupported},
		{
			"nothing is selected: GET RESPONSE",
			apdu.Command{INS: 0xC0, Ne: 256},
			wire.SWInstructionNotSupported,
		},
		{"unknown AID", wrong(4, 0, "\xA0\x00\x00\x00\x03"), wire.SWFileNotFound},
		{"no AID", wrong(4, 0, ""), wire.SWFileNotFound},
		{"still nothing is selected", lifeCycle, wire.SWInstructionNotSupported},
		{"management application", selectCommand(wire.AIDManagement), wire.SWNormal},
		{"part of an AID", wrong(4, 0, wire.AIDPackage), wire.SWFileNotFound},
		{"longer than an AID", wrong(4, 0, wire.AIDPPSE+"\x00"), wire.SWFileNotFound},
		{"by file identifier", wrong(0, 0, wire.AIDPayment), wire.SWIncorrectP1P2},
		{"next occurrence", wrong(4, 2, wire.AIDPayment), wire.SWIncorrectP1P2},
		{"wrong P1-P2 and an unknown AID", wrong(4, 2, "\xA0"), wire.SWIncorrectP1P2},
		{
			"in the proprietary class",
			apdu.Command{CLA: 0x80, INS: 0xA4, P1: 4},
			wire.SWInstructionNotSupported,
		},
		{"the application stays selected", lifeCycle, wire.SWNormal},
		{"PPSE", selectCommand(wire.AIDPPSE), wire.SWNormal},
		{"management's commands are gone", lifeCycle, wire.SWInstructionNotSupported},
		{"payment application", selectCommand(wire.AIDPayment), wire.SWNormal},
		{"and here too", lifeCycle, wire.SWInstructionNotSupported},
		{"back", selectCommand(wire.AIDManagement), wire.SWNormal},
		{"after a reset nothing is selected", apdu.Command{}, 0},
		{"GET DATA", lifeCycle, wire.SWInstructionNotSupported},
	} {
		if row.want == 0 {
			if err := h.card.Reset(t.Context()); err != nil {
				t.Fatal(err)
			}
			continue
		}
		wantSW(t, row.name, h.transmit(row.c).SW, row.want)
	}
	h.answersOf(lifeCycle)
}

// answersOf selects each application, and asks all but management for something that is its alone.
func (h *Host) answersOf(management apdu.Command) {
	h.t.Helper()
	for aid, want := range map[wire.AID][]byte{
		wire.AIDManagement: nil,
		wire.AIDPayment:    emv.PaymentFCI().Encode(),
		wire.AIDOffline:    emv.OfflineFCI().Encode(),
		wire.AIDPPSE:       emv.PaymentPPSE(),
	} {
		if got := h.selectApplication(aid); !bytes.Equal(got, want) {
			h.t.Errorf("SELECT %x answers %x, want %x", aid, got, want)
		}
		if aid != wire.AIDManagement {
			wantSW(h.t, "GET DATA there", h.transmit(management).SW, wire.SWInstructionNotSupported)
		}
	}
}

// testChannels: there is one logical channel, and asking for others costs no proof.
func testChannels(t T, b Backend) {
	h := b.fresh(t, Personalised)
	manage := func(p1, p2 byte) apdu.Command { return apdu.Command{INS: 0x70, P1: p1, P2: p2} }
	status := apdu.Command{INS: byte(wire.InsGetData), P1: 0xDF, P2: 0x04, Ne: 256}
	on := func(class byte) apdu.Command {
		c := status
		c.CLA = class
		return c
	}
	h.expect([]row{
		{"channel 1", on(0x01), wire.SWClassNotSupported},
		{"channel 3", on(0x03), wire.SWClassNotSupported},
		{"channel 4", on(0x40), wire.SWClassNotSupported},
		{"channel 19", on(0x4F), wire.SWClassNotSupported},
		{"channel 1 in the proprietary class", on(0x81), wire.SWClassNotSupported},
		{"MANAGE CHANNEL, open", manage(0, 0), wire.SWInstructionNotSupported},
		{"MANAGE CHANNEL, close", manage(0x80, 1), wire.SWInstructionNotSupported},
		{"the host is still proven", status, wire.SWNormal},
	})
}

func testGetResponse(t T, b Backend) {
	h := b.fresh(t, Selectable)
	want := emv.PaymentPPSE()
	fetch := func(ne int) apdu.Response {
		return h.transmit(apdu.Command{INS: byte(wire.InsGetResponse), Ne: ne})
	}
	ppse := selectCommand(wire.AIDPPSE)
	ppse.Ne = 10
	first := h.transmit(ppse)
	rest := len(want) - 10
	wantSW(t, "SELECT with Le 10", first.SW, waiting(rest))
	wantSW(t, "GET RESPONSE with P1", h.transmit(apdu.Command{INS: 0xC0, P1: 1, Ne: 256}).SW,
		wire.SWIncorrectP1P2)
	wantSW(t, "GET RESPONSE with data",
		h.transmit(apdu.Command{INS: 0xC0, Data: []byte{0}, Ne: 256}).SW, wire.SWWrongLength)
	second := fetch(5)
	wantSW(t, "GET RESPONSE with Le 5", second.SW, waiting(rest-5))
	third := fetch(256)
	wantSW(t, "the rest", third.SW, wire.SWNormal)
	if got := concat(first.Data, second.Data, third.Data); !bytes.Equal(got, want) {
		t.Errorf("got %x in three parts, want %x", got, want)
	}
	wantSW(t, "nothing waits", fetch(256).SW, wire.SWConditionsNotSatisfied)

	ppse.Ne = 0
	first = h.transmit(ppse)
	wantSW(t, "SELECT without Le", first.SW, waiting(len(want)))
	if len(first.Data) != 0 {
		t.Errorf("without Le: %d bytes", len(first.Data))
	}
	wantSW(t, "another command", h.transmit(apdu.Command{CLA: 0xA0}).SW, wire.SWClassNotSupported)
	wantSW(t, "has dropped what waited", fetch(256).SW, wire.SWConditionsNotSatisfied)

	h.selectApplication(wire.AIDManagement)
	h.Advance(Replied)
	long := h.transmit(ownCommand(wire.InsAIDKeys, bankSlot, 0, nil))
	wantSW(t, "AID KEYS", long.SW, wire.SWBytesRemaining)
	middle := fetch(256)
	wantSW(t, "the second part", middle.SW, waiting(737-512))
	last := fetch(256)
	wantSW(t, "the last part", last.SW, wire.SWNormal)
	h.account.keys(t, h.cert, concat(long.Data, middle.Data, last.Data))
}

func testChaining(t T, b Backend) {
	h := b.fresh(t, UserCreated)
	certs := h.p.bank.certs
	link := func(ins wire.INS, p1 byte, data []byte) apdu.Command {
		return apdu.Command{CLA: 0x90, INS: byte(ins), P1: p1, Data: data}
	}
	end := ownCommand(wire.InsOpenAccount, bankSlot, 0, certs[200:])
	begin := link(wire.InsOpenAccount, bankSlot, certs[:200])
	full := link(wire.InsOpenAccount, bankSlot, make([]byte, 255))
	otherP1, otherP2, otherClass := end, end, end
	otherP1.P1, otherP2.P2, otherClass.CLA = 0, 1, 0x00
	h.expect([]row{
		{"CREATE USER doesn't chain", link(wire.InsCreateUser, 0, nil), wire.SWClassNotSupported},
		{"an unknown command doesn't either", link(0x00, 0, nil), wire.SWClassNotSupported},
		{"begin", begin, wire.SWNormal},
		{"another P1", otherP1, wire.SWLastCommandExpected},
		{"the chain is gone", end, wire.SWWrongLength},
		{"begin", begin, wire.SWNormal},
		{"another P2", otherP2, wire.SWLastCommandExpected},
		{"begin", begin, wire.SWNormal},
		{"another class", otherClass, wire.SWLastCommandExpected},
		{"begin", begin, wire.SWNormal},
		{"another instruction", link(wire.InsAIDGrant, bankSlot, nil), wire.SWLastCommandExpected},
		{
			"which hasn't begun a chain", ownCommand(wire.InsAIDGrant, bankSlot, 0, nil),
			wire.SWWrongLength,
		},
		{"begin", begin, wire.SWNormal},
		{"GET RESPONSE", apdu.Command{INS: 0xC0, Ne: 256}, wire.SWLastCommandExpected},
		{"begin", begin, wire.SWNormal},
		{"another class altogether", apdu.Command{CLA: 0xA0}, wire.SWClassNotSupported},
		{"the chain is gone", end, wire.SWWrongLength},
		{"begin", begin, wire.SWNormal},
		{"SELECT of nothing", selectCommand("\xA0"), wire.SWFileNotFound},
		{"the chain is gone", end, wire.SWWrongLength},
		{"255 bytes", full, wire.SWNormal},
		{"510 bytes", full, wire.SWNormal},
		{"765 bytes", full, wire.SWNormal},
		{"768 bytes", link(wire.InsOpenAccount, bankSlot, make([]byte, 3)), wire.SWNormal},
		{"769 bytes", link(wire.InsOpenAccount, bankSlot, make([]byte, 1)), wire.SWWrongLength},
		{"the chain is gone", end, wire.SWWrongLength},
		{"a slot out of range begins", link(wire.InsOpenAccount, 9, certs[:200]), wire.SWNormal},
		{
			"and is refused at the end", ownCommand(wire.InsOpenAccount, 9, 0, certs[200:]),
			wire.SWIncorrectP1P2,
		},
		{"begin", begin, wire.SWNormal},
		{"a link without data", link(wire.InsOpenAccount, bankSlot, nil), wire.SWNormal},
	})
	h.account.accept(t, [wire.PointLen]byte(h.transmit(end).Data))
	if got := h.status().banks[bankSlot]; got != wire.AccountOpen {
		t.Errorf("the slot is in state %v", got)
	}
}
