package conformance

import (
	"bytes"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// testBytes sends bytes that aren't a command: 6700, whatever else is wrong with them.
func testBytes(t T, b Backend) {
	h := b.fresh(t, Selectable)
	for name, raw := range map[string][]byte{
		"a byte after Le":            {0x00, 0xCA, 0xDF, 0x02, 0x00, 0x00},
		"Lc above the data":          {0x80, 0x14, 0x00, 0x00, 0x05, 0x01},
		"two bytes behind the data":  {0x80, 0x14, 0x00, 0x00, 0x01, 0x01, 0x00, 0x00},
		"and a class that isn't one": {0xA0, 0x14, 0x00, 0x00, 0x05, 0x01},
		"extended Lc of 0":           {0x80, 0x78, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00},
		"extended Lc above the data": {0x80, 0x14, 0x00, 0x00, 0x00, 0x00, 0x02, 0x01},
		"extended Lc and a short Le": {0x80, 0x14, 0x00, 0x00, 0x00, 0x00, 0x01, 0x01, 0x00},
	} {
		wantSW(t, name, h.transmitRaw(raw).SW, wire.SWWrongLength)
	}
	wantSW(t, "a command", h.transmitRaw([]byte{0x00, 0xCA, 0xDF, 0x02, 0x00}).SW, wire.SWNormal)
}

// extended encodes a command with extended length fields, also where short ones would do. An Ne of
// 0 leaves Le out.
func extended(c apdu.Command) []byte {
	raw := []byte{c.CLA, c.INS, c.P1, c.P2, 0}
	if n := len(c.Data); n > 0 {
		raw = append(append(raw, byte(n>>8), byte(n&0xFF)), c.Data...)
	}
	if c.Ne > 0 {
		raw = append(raw, byte(c.Ne>>8&0xFF), byte(c.Ne&0xFF))
	}
	return raw
}

// testExtended is about commands in extended length, which are taken like their short forms.
func testExtended(t T, b Backend) {
	h := b.fresh(t, Personalised)
	user := ownCommand(wire.InsCreateUser, 0, 0, h.p.user[:])
	long := func(cla byte, ins wire.INS, n int) []byte {
		return extended(apdu.Command{CLA: cla, INS: byte(ins), Data: make([]byte, n), Ne: 256})
	}
	badSlot := long(0x80, wire.InsOpenAccount, wire.BufferLen+1)
	badSlot[2] = wire.BankSlots
	for _, row := range []struct {
		name string
		raw  []byte
		want apdu.SW
	}{
		{"class", long(0xA0, wire.InsCreateUser, 300), wire.SWClassNotSupported},
		{"a command that doesn't chain", long(0x90, wire.InsCreateUser, 16), wire.SWClassNotSupported},
		{"instruction", long(0x80, 0, 300), wire.SWInstructionNotSupported},
		{"and too long for all", long(0x80, 0, wire.BufferLen+1), wire.SWInstructionNotSupported},
		{"a byte too many", long(0x80, wire.InsCreateUser, 17), wire.SWWrongLength},
		{"the longest", long(0x80, wire.InsOpenAccount, wire.BufferLen), wire.SWWrongLength},
		{"too long for all", long(0x80, wire.InsOpenAccount, wire.BufferLen+1), wire.SWWrongLength},
		{"and a slot that isn't there", badSlot, wire.SWIncorrectP1P2},
		{"GET RESPONSE with data", long(0x00, wire.InsGetResponse, 300), wire.SWWrongLength},
		{"CREATE USER", extended(user), wire.SWNormal},
	} {
		wantSW(t, row.name, h.transmitRaw(row.raw).SW, row.want)
	}
	selected := h.transmitRaw(extended(selectCommand(wire.AIDPayment)))
	wantSW(t, "SELECT", selected.SW, wire.SWNormal)
	if !bytes.Equal(selected.Data, emv.PaymentFCI().Encode()) {
		t.Errorf("SELECT answers %x", selected.Data)
	}
	h.authenticate()
	h.Advance(UserCreated)
	h.longAccount()
	h.longAnswer()
}

// longAccount opens an account by one command, and by a chain of one long link and a short one.
func (h *Host) longAccount() {
	t, certs := h.t, h.p.bank.certs
	t.Helper()
	whole := ownCommand(wire.InsOpenAccount, bankSlot, 0, certs)
	whole.Ne = 1000
	opened := h.transmitRaw(extended(whole))
	wantSW(t, "OPEN ACCOUNT in one piece", opened.SW, wire.SWNormal)
	h.account.accept(t, [wire.PointLen]byte(opened.Data))

	first, last := whole, whole
	first.CLA, first.Data, first.Ne = 0x90, certs[:300], 0
	last.Data, last.Ne = certs[300:], 256
	wantSW(t, "a link of 300 bytes", h.transmitRaw(extended(first)).SW, wire.SWNormal)
	opened = h.transmit(last)
	wantSW(t, "and the last one", opened.SW, wire.SWNormal)
	h.account.accept(t, [wire.PointLen]byte(opened.Data))

	first.Data = make([]byte, wire.BufferLen)
	wantSW(t, "a link of 768 bytes", h.transmitRaw(extended(first)).SW, wire.SWNormal)
	first.Data = first.Data[:1]
	wantSW(t, "and one more byte", h.transmitRaw(extended(first)).SW, wire.SWWrongLength)
	wantSW(t, "the chain is gone", h.transmit(last).SW, wire.SWWrongLength)
	h.step(AccountOpen)
	h.stage = AccountOpen
}

// longAnswer fetches an answer of 737 bytes whole, and in parts of which one is long.
func (h *Host) longAnswer() {
	t := h.t
	t.Helper()
	h.Advance(Replied)
	keys := ownCommand(wire.InsAIDKeys, bankSlot, 0, nil)
	keys.Ne = 10
	first := h.transmitRaw(extended(keys))
	wantSW(t, "AID KEYS with an extended Le of 10", first.SW, wire.SWBytesRemaining)
	if len(first.Data) != 10 {
		t.Errorf("%d bytes, want 10", len(first.Data))
	}
	rest := h.transmitRaw(extended(apdu.Command{INS: byte(wire.InsGetResponse), Ne: 727}))
	wantSW(t, "the rest", rest.SW, wire.SWNormal)
	h.account.keys(t, h.cert, concat(first.Data, rest.Data))
	for _, ne := range []int{737, 1 << 15, apdu.MaxNe} {
		h.step(Requested)
		h.step(Replied)
		keys.Ne = ne
		whole := h.transmitRaw(extended(keys))
		wantSW(t, "AID KEYS in one piece", whole.SW, wire.SWNormal)
		h.account.keys(t, h.cert, whole.Data)
	}
}
