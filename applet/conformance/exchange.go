package conformance

import (
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// transmit sends one command as it is, without chaining and GET RESPONSE.
func (h *Host) transmit(c apdu.Command) apdu.Response {
	h.t.Helper()
	raw, err := c.Encode()
	if err != nil {
		h.t.Fatal(err)
	}
	return h.transmitRaw(raw)
}

// transmitRaw sends bytes that needn't be a command in its shortest form.
func (h *Host) transmitRaw(raw []byte) apdu.Response {
	h.t.Helper()
	answer, err := h.card.Transmit(h.t.Context(), raw)
	if err != nil {
		h.t.Fatalf("% X: %v", raw, err)
	}
	response, err := apdu.ParseResponse(answer)
	if err != nil {
		h.t.Fatal(err)
	}
	return response
}

// call sends a command, chained if it is long, and returns the status word.
func (h *Host) call(c apdu.Command) apdu.SW {
	h.t.Helper()
	response, err := h.exchange(c)
	if err != nil {
		h.t.Fatalf("INS %02X: %v", c.INS, err)
	}
	return response.SW
}

// ownCommand is one of the element's own commands.
func ownCommand(ins wire.INS, p1, p2 byte, data []byte) apdu.Command {
	return apdu.Command{
		CLA: byte(wire.CLAProprietary), INS: byte(ins), P1: p1, P2: p2, Data: data, Ne: 256,
	}
}

// wantSW compares a status word.
func wantSW(t TB, what string, got, want apdu.SW) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %04X, want %04X", what, uint16(got), uint16(want))
	}
}

// row is a command with the status word that it must get.
type row struct {
	name string
	c    apdu.Command
	want apdu.SW
}

// expect sends rows as they are, one after the other.
func (h *Host) expect(rows []row) {
	h.t.Helper()
	for _, r := range rows {
		wantSW(h.t, r.name, h.transmit(r.c).SW, r.want)
	}
}

// waiting is the status word that says that so many bytes wait.
func waiting(n int) apdu.SW { return wire.SWBytesRemaining | apdu.SW(n&0xFF) }

// unchanged runs f, which mustn't change what the card holds.
func (h *Host) unchanged(what string, f func()) {
	h.t.Helper()
	before := h.status()
	f()
	if diff := difference(before, h.status()); diff != "" {
		h.t.Errorf("%s changed the state (-before +after):\n%s", what, diff)
	}
}
