package emvcard_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"regexp"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// documented are the status words that EMV.md names, as it writes them.
func documented(t testing.TB) map[string]bool {
	t.Helper()
	page, err := os.ReadFile("../EMV.md")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	pattern := regexp.MustCompile(`\b(9000|6[1-9A-F][0-9A-Fx]{2})\b`)
	for _, sw := range pattern.FindAllString(string(page), -1) {
		named[sw] = true
	}
	return named
}

// exchange sends a command, fetches the rest of its answer and looks at both.
func (d *driver) exchange(command []byte) {
	if len(command) < apdu.MinCommand {
		return // no connection carries it
	}
	answer, ok := d.one(command)
	if !ok {
		d.afterCut(command)
		return
	}
	data := answer.Data
	for range 3 {
		waiting, more := answer.SW.Waiting()
		if !more {
			break
		}
		if answer, ok = d.one([]byte{0x00, 0xC0, 0x00, 0x00, byte(waiting & 0xFF)}); !ok {
			d.afterCut(command)
			return
		}
		data = append(data, answer.Data...)
	}
	d.last = command
	whole := apdu.Response{Data: data, SW: answer.SW}
	d.remember(whole)
	if parsed, err := apdu.ParseCommand(command); err == nil {
		d.look(parsed, whole)
	}
}

// afterCut takes up what a command has left that had no answer: all of its effect, or none.
func (d *driver) afterCut(command []byte) {
	d.t.Helper()
	d.open()
	d.given = nil
	parsed, err := apdu.ParseCommand(command)
	if err != nil {
		d.t.Fatalf("%X did something", command)
	}
	begun, left := d.counters()
	once := parsed.CLA == 0x80 && parsed.INS == 0xA8
	if begun != d.begun && (!once || begun != d.begun+1) {
		d.t.Fatalf("%X was cut: the counter went from %d to %d", command, d.begun, begun)
	}
	tried := parsed.CLA == 0x00 && parsed.INS == 0x20
	if left != d.left && (!tried || left != d.left-1 && left != 3) {
		d.t.Fatalf("%X was cut: the PIN's tries went from %d to %d", command, d.left, left)
	}
	d.begun, d.left = begun, left
}

// one sends one C-APDU. It is false if the power was cut.
func (d *driver) one(command []byte) (apdu.Response, bool) {
	d.t.Helper()
	raw := d.card.Process(bytes.Clone(command))
	if len(raw) == 0 {
		return apdu.Response{}, false
	}
	answer, err := apdu.ParseResponse(raw)
	switch {
	case err != nil:
		d.t.Fatalf("%X: %v", command, err)
	case !d.page[generic(answer.SW)] || answer.SW == apdu.SWUnknown:
		d.t.Fatalf("%X: %s isn't in EMV.md, or means that the card can't go on", command, answer.SW)
	case len(answer.Data) > 0 && !answer.SW.IsNormal() && answer.SW != apdu.SWFileDeactivated:
		d.t.Fatalf("%X: %d bytes with %s", command, len(answer.Data), answer.SW)
	}
	return answer, true
}

// look holds an answer to what was before.
func (d *driver) look(c apdu.Command, answer apdu.Response) {
	d.t.Helper()
	carriedOut := answer.SW == apdu.SWNormal
	switch {
	case c.CLA == 0x80 && c.INS == 0xA8 && carriedOut:
		d.begun++
		d.given = nil
	case c.CLA == 0x80 && c.INS == 0xAE && carriedOut:
		d.lookAtCryptogram(c, answer.Data)
	case c.CLA == 0x00 && c.INS == 0x20:
		d.lookAtPIN(c, answer.SW)
	case c.CLA&0x04 != 0 && carriedOut:
		d.t.Fatalf("%02X%02X was carried out without the issuer's key", c.CLA, c.INS)
	}
}

// cryptogramOf reads kind and counter of an answer, in either format.
func (d *driver) cryptogramOf(answer []byte) (kind byte, atc int) {
	d.t.Helper()
	cid, err := tlv.Find(answer, emv.TagFormat2, emv.TagCID)
	if err == nil {
		counter, err := tlv.Find(answer, emv.TagFormat2, emv.TagATC)
		if err != nil || len(counter) != 2 || len(cid) != 1 {
			d.t.Fatalf("%X is no answer to GENERATE AC", answer)
		}
		return cid[0], int(binary.BigEndian.Uint16(counter))
	}
	plain, err := tlv.Find(answer, emv.TagFormat1)
	if err != nil || len(plain) < 11 {
		d.t.Fatalf("%X is no answer to GENERATE AC", answer)
	}
	return plain[0], int(binary.BigEndian.Uint16(plain[1:]))
}

func (d *driver) lookAtCryptogram(c apdu.Command, answer []byte) {
	d.t.Helper()
	app := d.fixture.App()
	kind, atc := d.cryptogramOf(answer)
	list := app.CDOL1
	if len(d.given) > 0 {
		list = app.CDOL2
	}
	switch {
	case atc != d.begun:
		d.t.Fatalf("counter %d in transaction %d", atc, d.begun)
	case len(d.given) > 1 || len(d.given) == 1 && d.given[0] != emv.CIDARQC:
		d.t.Fatalf("a cryptogram %02X after %X", kind, d.given)
	case len(d.given) == 1 && kind == emv.CIDARQC:
		d.t.Fatal("a second ARQC")
	case kind == emv.CIDTC && c.P1&0xC0 != emv.CIDTC, kind != 0 && c.P1&0xC0 == 0:
		d.t.Fatalf("%02X was asked for, %02X was answered", c.P1, kind)
	}
	d.given = append(d.given, kind)
	if kind == emv.CIDTC {
		d.approvals++
		d.sum += amountOf(list, c.Data)
	}
	d.lookAtLimits(kind)
}

// lookAtLimits holds what was approved so far to the limits.
func (d *driver) lookAtLimits(kind byte) {
	d.t.Helper()
	risk := d.fixture.App().Risk
	ofItself := len(d.given) == 1 && kind == emv.CIDTC
	if ofItself && (d.approvals > int(*risk.Lower) || d.sum > *risk.LowerAmount) {
		d.t.Fatalf("%d approvals of %d in all, the last one by the card alone", d.approvals, d.sum)
	}
	if d.approvals > int(*risk.Upper) || d.sum > *risk.UpperAmount {
		d.t.Fatalf("%d approvals of %d in all without the issuer", d.approvals, d.sum)
	}
}

// amountOf reads 9F02 of a list's data, if 5F2A is the currency of the limits.
func amountOf(list, data []byte) uint64 {
	entries, err := tlv.ParseDOL(list)
	if err != nil {
		return 0
	}
	var amount uint64
	counts := false
	for _, e := range entries {
		value := data[:e.Len]
		data = data[e.Len:]
		switch e.Tag {
		case emv.TagAmount:
			for _, b := range value {
				amount = amount*100 + uint64(b>>4)*10 + uint64(b&0x0F)
			}
		case emv.TagCurrency:
			counts = bytes.Equal(value, []byte{0x09, 0x78})
		}
	}
	if !counts {
		return 0
	}
	return amount
}

func (d *driver) lookAtPIN(c apdu.Command, sw apdu.SW) {
	d.t.Helper()
	right, err := cryptogram.PINBlock(emvcardtest.PIN)
	if err != nil {
		d.t.Fatal(err)
	}
	left, wrong := sw.Counter()
	switch {
	case sw == apdu.SWNormal && (!bytes.Equal(c.Data, right[:]) || d.left == 0):
		d.t.Fatalf("%X was taken, %d tries were left", c.Data, d.left)
	case sw == apdu.SWNormal:
		d.left = 3
	case wrong && left != d.left-1:
		d.t.Fatalf("%d tries were left, now there are %d", d.left, left)
	case wrong:
		d.left = left
	case sw == apdu.SWAuthMethodBlocked && d.left > 0:
		d.t.Fatalf("blocked with %d tries left", d.left)
	}
}

// finish looks at what stays.
func (d *driver) finish() {
	d.t.Helper()
	d.open()
	begun, left := d.counters()
	if begun != d.begun || left != d.left {
		d.t.Errorf("%d transactions and %d tries are left, want %d and %d", begun, left, d.begun, d.left)
	}
}

// counters are transactions and PIN tries of a card without a session; tries that it doesn't have
// are those that are expected.
func (d *driver) counters() (begun, left int) {
	d.t.Helper()
	aid := d.fixture.App().AID
	d.one(append([]byte{0x00, 0xA4, 0x04, 0x00, byte(len(aid))}, aid...))
	if begun, left = d.number(0x36), d.left; d.fixture.App().PIN != nil {
		left = d.number(0x17)
	}
	d.card.Reset()
	return begun, left
}

// number is what GET DATA of 9Fxx answers.
func (d *driver) number(low byte) (n int) {
	d.t.Helper()
	answer, _ := d.one([]byte{0x80, 0xCA, 0x9F, low, 0x00})
	if le, wrong := answer.SW.CorrectNe(); wrong {
		answer, _ = d.one([]byte{0x80, 0xCA, 0x9F, low, byte(le)})
	}
	if answer.SW != apdu.SWNormal {
		d.t.Fatalf("9F%02X: %s", low, answer.SW)
	}
	for _, b := range answer.Data[min(3, len(answer.Data)):] {
		n = n<<8 | int(b)
	}
	return n
}
