package conformance

import (
	"bytes"
	"crypto/sha256"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// terminal is one payment's side of a merchant: 12.50 EUR.
type terminal struct {
	h     *Host
	pdol  emv.PDOLData
	cdol1 emv.CDOL1Data
	relay message.Relay // the last exchange of the tap
}

// newTerminal begins a payment with a new unpredictable number.
func (h *Host) newTerminal() *terminal {
	h.t.Helper()
	d := emv.PDOLData{
		Amount: [6]byte{4: 0x12, 5: 0x50}, Currency: euro(),
		Date: [3]byte{0x26, 0x11, 0x21}, Merchant: [15]byte([]byte("MERCHANT-000001")),
	}
	fill(h.t, d.UN[:])
	tm := &terminal{h: h, pdol: d}
	tm.follow()
	return tm
}

// follow makes the CDOL1 data say what the PDOL data say.
func (tm *terminal) follow() {
	d := tm.pdol
	tm.cdol1 = emv.CDOL1Data{
		Amount: d.Amount, Country: [2]byte{0x02, 0x80}, TVR: [5]byte{4: 0x80},
		Currency: d.Currency, Date: d.Date, UN: d.UN, TerminalType: 0x22, Merchant: d.Merchant,
	}
}

// changed returns the same payment with other data.
func (tm *terminal) changed(f func(*emv.PDOLData)) *terminal {
	other := *tm
	f(&other.pdol)
	other.follow()
	return &other
}

// begin selects the payment application as a terminal does.
func (tm *terminal) begin() *terminal {
	tm.h.t.Helper()
	tm.h.selectApplication(wire.AIDPPSE)
	tm.h.selectApplication(wire.AIDPayment)
	return tm
}

func optionsCommand(d emv.PDOLData) apdu.Command {
	return ownCommand(wire.InsGetProcessingOptions, 0, 0,
		concat([]byte{0x83, emv.PDOLDataLen}, d.Encode()))
}

func recordCommand(n byte) apdu.Command {
	return apdu.Command{INS: byte(wire.InsReadRecord), P1: n, P2: 0x0C, Ne: 256}
}

// options is GET PROCESSING OPTIONS.
func (tm *terminal) options() apdu.SW { return tm.h.call(optionsCommand(tm.pdol)) }

// read is READ RECORD.
func (tm *terminal) read(n byte) apdu.Response { return tm.h.transmit(recordCommand(n)) }

// first and second are GENERATE AC.
func (tm *terminal) first(p1 byte) apdu.Response {
	return tm.h.transmit(ownCommand(wire.InsGenerateAC, p1, 0, tm.cdol1.Encode()))
}

func (tm *terminal) second(p1 byte, auth [8]byte) apdu.Response {
	return tm.h.transmit(ownCommand(wire.InsGenerateAC, p1, 0, tm.cdol2(auth)))
}

func (tm *terminal) cdol2(auth [8]byte) []byte {
	return emv.CDOL2Data{
		ARC: [2]byte{'0', '0'}, IssuerAuth: auth, TVR: tm.cdol1.TVR, UN: tm.pdol.UN,
	}.Encode()
}

// released reads record 1 and returns the PAN, which the tap is about to spend.
func (tm *terminal) released() [wire.PANLen]byte {
	tm.h.t.Helper()
	r := tm.read(1)
	if r.SW != wire.SWNormal {
		tm.h.t.Fatalf("READ RECORD 1: %v", r.SW)
	}
	pan, err := tlv.Find(r.Data, emv.TagRecord, emv.TagPAN)
	if err != nil || len(pan) != wire.PANLen {
		tm.h.t.Fatalf("record 1: %d bytes of PAN, %v", len(pan), err)
	}
	return [wire.PANLen]byte(pan)
}

func testTap(t T, b Backend) {
	t.Run("records", func(t T) { testRecords(t, b) })
	t.Run("outcomes", func(t T) { testOutcomes(t, b) })
	t.Run("order", func(t T) { testTapOrder(t, b) })
	t.Run("first cryptogram's data", func(t T) { testCDOL1(t, b) })
	t.Run("relay", func(t T) { testRelay(t, b) })
}

func testRecords(t T, b Backend) {
	h := b.fresh(t, Armed)
	put, key := h.cards[cardSlot].put, h.cards[cardSlot].key
	tm := h.newTerminal().begin()
	answer := h.transmit(optionsCommand(tm.pdol))
	want := []byte{0x77, 0x0A, 0x82, 0x02, 0x18, emv.AIPRelay, 0x94, 0x04, 0x08, 0x01, 0x03, 0x00}
	if answer.SW != wire.SWNormal || !bytes.Equal(answer.Data, want) {
		t.Errorf("GET PROCESSING OPTIONS: got %x, %v", answer.Data, answer.SW)
	}
	track2 := emv.Track2(put.PAN, put.Expiration)
	for n, objects := range map[byte]map[tlv.Tag][]byte{
		1: {
			0x57: track2[:], 0x5A: put.PAN[:], 0x5F24: put.Expiration[:],
			0x5F34: {put.Sequence}, 0x9F42: put.Class.Currency[:],
		},
		2: {
			0x8C: emv.CDOL1(), 0x8D: emv.CDOL2(), 0x8E: nil, 0x9F07: nil,
			0x9F0D: nil, 0x9F0E: nil, 0x9F0F: nil,
		},
		3: {0xDF20: key[:], 0xDF21: emv.EncodeClass(put.Class), 0xDF22: put.Signature[:]},
	} {
		r := tm.read(n)
		wantSW(t, "READ RECORD", r.SW, wire.SWNormal)
		if err := tlv.Check(r.Data); err != nil {
			t.Errorf("record %d: %v", n, err)
		}
		for tag, value := range objects {
			got, err := tlv.Find(r.Data, emv.TagRecord, tag)
			if err != nil || (value != nil && !bytes.Equal(got, value)) {
				t.Errorf("record %d: %X is %x, %v, want %x", n, uint32(tag), got, err, value)
			}
		}
	}
	signed := message.VCard{PAN: put.PAN, Key: key, Class: put.Class}
	verify(t, "vcard", h.p.epoch.public, signed.Digest(), put.Signature)
}

// cryptogram is what an answer to GENERATE AC must hold.
func (tm *terminal) cryptogram(cvr uint32, atc uint16, data ...[]byte) emv.ACAnswer {
	run := tm.h.cards[cardSlot]
	aip, iad := emv.AIP(), emv.IAD(cvr)
	counter := []byte{byte(atc >> 8), byte(atc & 0xFF)}
	return emv.ACAnswer{
		ATC: atc, IAD: iad[:],
		AC: emv.Cryptogram(emv.SessionKey(run.master, atc),
			append(data, aip[:], counter, iad[:])...),
	}
}

// wantAC compares an answer to GENERATE AC, without its signature.
func wantAC(t TB, what string, got apdu.Response, want emv.ACAnswer) emv.ACAnswer {
	t.Helper()
	wantSW(t, what, got.SW, wire.SWNormal)
	answer, err := emv.ParseACAnswer(got.Data)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if answer.CID != want.CID || answer.ATC != want.ATC || answer.AC != want.AC ||
		!bytes.Equal(answer.IAD, want.IAD) {
		t.Errorf("%s: got %+v, want %+v", what, answer, want)
	}
	return answer
}

// requested asks for the first cryptogram, checks it and the card key's signature, and returns it.
func (tm *terminal) requested(p1 byte, atc uint16) emv.ACAnswer {
	tm.h.t.Helper()
	t, run := tm.h.t, tm.h.cards[cardSlot]
	want := tm.cryptogram(emv.CVRNone, atc, tm.cdol1.Encode())
	want.CID = emv.CIDARQC
	got := wantAC(t, "first GENERATE AC", tm.first(p1), want)
	if got.Tap == nil {
		t.Fatal("an ARQC without the card key's signature")
	}
	d := tm.pdol
	tap := message.Tap{
		Amount: d.Amount, Currency: d.Currency, Date: d.Date, UN: d.UN, Merchant: d.Merchant,
		ATC: [2]byte{byte(atc >> 8), byte(atc & 0xFF)}, PAN: sha256.Sum256(run.put.PAN[:]),
		Relay: tm.relay,
	}
	verify(t, "tap", run.key, tap.Digest(), *got.Tap)
	return got
}

// authorised is the issuer's answer to an ARQC.
func (tm *terminal) authorised(arqc emv.ACAnswer, csu [4]byte) [8]byte {
	sk := emv.SessionKey(tm.h.cards[cardSlot].master, arqc.ATC)
	return emv.IssuerAuth(emv.ARPC(sk, arqc.AC, csu), csu)
}

func testOutcomes(t T, b Backend) {
	const yes, no = emv.CVRIssuerAuthenticated, emv.CVRIssuerAuthFailed
	for _, row := range []struct {
		name          string
		first, second byte
		csu           [4]byte
		spoil         byte // on the ARPC
		cid           byte
		cvr           uint32
	}{
		{"approved", wire.P1ARQC, wire.P1TC, emv.CSUApproved(), 0, emv.CIDTC, yes},
		{"terminal would approve offline", wire.P1TC, wire.P1TC, emv.CSUApproved(), 0, emv.CIDTC, yes},
		{"terminal declines", wire.P1ARQC, wire.P1AAC, emv.CSUApproved(), 0, emv.CIDAAC, yes},
		{"issuer declines", wire.P1ARQC, wire.P1TC, emv.CSUDeclined(), 0, emv.CIDAAC, yes},
		{"ARPC is wrong", wire.P1ARQC, wire.P1TC, emv.CSUApproved(), 1, emv.CIDAAC, no},
	} {
		t.Run(row.name, func(t T) {
			h := b.fresh(t, Armed)
			tm := h.newTerminal().begin()
			wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
			tm.released()
			auth := tm.authorised(tm.requested(row.first, 1), row.csu)
			auth[0] ^= row.spoil
			want := tm.cryptogram(row.cvr, 1, tm.cdol1.Encode(), tm.cdol2(auth))
			want.CID = row.cid
			got := wantAC(t, "second GENERATE AC", tm.second(row.second, auth), want)
			if got.Tap != nil {
				t.Error("the second cryptogram has a signature")
			}
			tm.over(auth)
		})
	}
	t.Run("terminal declines at once", func(t T) {
		h := b.fresh(t, Armed)
		tm := h.newTerminal().begin()
		wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
		tm.released()
		want := tm.cryptogram(emv.CVRNone, 1, tm.cdol1.Encode())
		if got := wantAC(t, "AAC", tm.first(wire.P1AAC), want); got.Tap != nil {
			t.Error("an AAC has a signature")
		}
		tm.over([8]byte{})
	})
}

// over checks that nothing of the tap goes on.
func (tm *terminal) over(auth [8]byte) {
	t, h := tm.h.t, tm.h
	t.Helper()
	const refused = wire.SWConditionsNotSatisfied
	wantSW(t, "first GENERATE AC again", tm.first(wire.P1ARQC).SW, refused)
	wantSW(t, "second GENERATE AC again", tm.second(wire.P1TC, auth).SW, refused)
	for n := byte(1); n <= 3; n++ {
		wantSW(t, "READ RECORD again", tm.read(n).SW, refused)
	}
	wantSW(t, "GET PROCESSING OPTIONS again", tm.options(), refused)
	h.authenticate()
	s := h.status()
	if s.arm != wire.ArmNone || s.tries != 0 || s.cards[cardSlot] != wire.CardSpent {
		t.Errorf("after the tap: %+v", s)
	}
}

// Tap pays 12.50 EUR with an armed card, up to the TC, and authenticates the host again.
func (h *Host) Tap() {
	h.t.Helper()
	tm := h.newTerminal().begin()
	wantSW(h.t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
	tm.released()
	auth := tm.authorised(tm.requested(wire.P1ARQC, 1), emv.CSUApproved())
	want := tm.cryptogram(emv.CVRIssuerAuthenticated, 1, tm.cdol1.Encode(), tm.cdol2(auth))
	want.CID = emv.CIDTC
	wantAC(h.t, "second GENERATE AC", tm.second(wire.P1TC, auth), want)
	h.authenticate()
}
