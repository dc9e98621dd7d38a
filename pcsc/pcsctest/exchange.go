package pcsctest

import (
	"bytes"
	"errors"
	"testing"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

func holdsBackMalformedCommands(t *testing.T, b Backend) {
	card := b.open(t)
	before := b.Contract.Commands()
	for _, command := range malformed() {
		_, err := card.Transmit(t.Context(), command)
		refused(t, "Transmit", err, pcsc.ErrBadCommand)
	}
	if after := b.Contract.Commands(); after != before {
		t.Errorf("%d of them reached the card", after-before)
	}
}

// numbered returns a command of the contract card whose P1-P2 is n.
func numbered(ins byte, n, ne int) apdu.Command {
	return apdu.Command{CLA: 0x80, INS: ins, P1: byte(n >> 8 & 0xFF), P2: byte(n & 0xFF), Ne: ne}
}

// exchange expects 9000 and the data.
func exchange(t *testing.T, s *pcsc.Session, c apdu.Command, want []byte) {
	t.Helper()
	response, err := s.Exchange(t.Context(), c)
	if err != nil {
		t.Fatalf("Exchange: %v", err)
	}
	if !bytes.Equal(response.Data, want) || response.SW != apdu.SWNormal {
		t.Fatalf("Exchange: got %d bytes and %s, want %d bytes and 9000: the same ones",
			len(response.Data), response.SW, len(want))
	}
}

// rounds expects that act sends so many APDUs.
func (b Backend) rounds(t *testing.T, want int, act func()) {
	t.Helper()
	before := b.Contract.Commands()
	act()
	if got := b.Contract.Commands() - before; got != want {
		t.Errorf("%d APDUs reached the card, want %d", got, want)
	}
}

func follows61xx(t *testing.T, b Backend) {
	session := pcsc.NewSession(b.open(t))
	for _, row := range []struct{ bytes, apdus int }{{1, 2}, {255, 2}, {256, 2}, {257, 3}, {1000, 5}} {
		b.rounds(t, row.apdus, func() {
			exchange(t, session, numbered(InsPieces, row.bytes, 256), pattern(row.bytes))
		})
	}
}

func endsEndless61xx(t *testing.T, b Backend) {
	session := pcsc.NewSession(b.open(t))
	const piece = 256
	b.rounds(t, 1+pcsc.MaxCollected/piece+1, func() {
		_, err := session.Exchange(t.Context(), numbered(InsEndless, piece, 256))
		refused(t, "Exchange", err, pcsc.ErrBadAnswer)
	})
	exchange(t, session, numbered(InsExact, 4, 4), pattern(4))
}

func follows6Cxx(t *testing.T, b Backend) {
	card := b.open(t)
	session := pcsc.NewSession(card)
	for _, n := range []int{1, 10, 255, 256} {
		b.rounds(t, 2, func() {
			exchange(t, session, numbered(InsExact, n, n%256+1), pattern(n))
		})
	}
	b.rounds(t, 2, func() {
		_, err := session.Exchange(t.Context(), numbered(InsStatus, 0x6C05, 256))
		if !errors.Is(err, apdu.SW(0x6C05)) {
			t.Errorf("6Cxx in answer to the second try: got %v, want it as a StatusError", err)
		}
	})
}

func chains(t *testing.T, b Backend) {
	card := b.open(t)
	for _, row := range []struct{ chunk, bytes, links int }{
		{0, 255, 1}, {0, 256, 2}, {0, 1000, 4}, {100, 1000, 10}, {1, 7, 7},
	} {
		session := pcsc.NewSessionWith(card, pcsc.Options{ChunkLen: row.chunk})
		fetches := (row.bytes - 1) / 256 // what doesn't fit into the first answer
		b.rounds(t, row.links+fetches, func() {
			data := pattern(row.bytes)
			exchange(t, session, apdu.Command{CLA: 0x80, INS: InsEcho, Data: data, Ne: 256}, data)
		})
	}
}

func endsRefusedChain(t *testing.T, b Backend) {
	session := pcsc.NewSession(b.open(t))
	b.rounds(t, 1, func() {
		c := apdu.Command{CLA: 0x80, INS: InsCount, Data: make([]byte, 600)}
		_, err := session.Exchange(t.Context(), c)
		if !errors.Is(err, apdu.SWChainingNotSupported) {
			t.Errorf("Exchange: got %v, want 6884", err)
		}
	})
	exchange(t, session, numbered(InsExact, 4, 4), pattern(4))
}

func reachesShortLimits(t *testing.T, b Backend) {
	session := pcsc.NewSession(b.open(t))
	b.rounds(t, 4, func() {
		exchange(t, session, numbered(InsStatus, 0x9000, 0), nil)
		exchange(t, session, numbered(InsExact, 256, 256), pattern(256))
		exchange(t, session,
			apdu.Command{CLA: 0x80, INS: InsEcho, Data: pattern(255), Ne: 255}, pattern(255))
		exchange(t, session, apdu.Command{CLA: 0x80, INS: InsEcho, Data: []byte{7}, Ne: 1}, []byte{7})
	})
}

func movesExtendedLength(t *testing.T, b Backend) {
	session := pcsc.NewSessionWith(b.open(t), pcsc.Options{Extended: true})
	for _, n := range []int{255, 256, 257, 2000, 32000} {
		b.rounds(t, 1, func() {
			data := pattern(n)
			exchange(t, session, apdu.Command{CLA: 0x80, INS: InsEcho, Data: data, Ne: 65536}, data)
		})
	}
}

// counters asks for the volatile and the persistent counter; see COUNT for P1.
func counters(t *testing.T, card pcsc.Card, p1 byte) (volatile, persistent int) {
	t.Helper()
	c := apdu.Command{CLA: 0x80, INS: InsCount, P1: p1, Ne: 4}
	response, err := pcsc.NewSession(card).Exchange(t.Context(), c)
	if err != nil || len(response.Data) != 4 {
		t.Fatalf("COUNT: got %d bytes, %v, want 4", len(response.Data), err)
	}
	d := response.Data
	return int(d[0])<<8 | int(d[1]), int(d[2])<<8 | int(d[3])
}

func resetLosesVolatileState(t *testing.T, b Backend) {
	card := b.open(t)
	counters(t, card, 2)
	counters(t, card, 1)
	if v, p := counters(t, card, 1); v != 2 || p != 2 {
		t.Fatalf("counters: got %d and %d, want 2 and 2", v, p)
	}
	if err := card.Reset(t.Context()); err != nil {
		t.Fatalf("Reset: %v", err)
	}
	if v, p := counters(t, card, 0); v != 0 || p != 2 {
		t.Errorf("after the reset: volatile %d, persistent %d, want 0 and 2", v, p)
	}
	counters(t, card, 1)
	if err := card.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	if _, p := counters(t, b.open(t), 0); p != 3 {
		t.Errorf("on the next connection: persistent %d, want 3", p)
	}
}
