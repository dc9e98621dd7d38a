package emvcard_test

import (
	"bytes"
	"fmt"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/saved"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// The commands of a stream, one byte each, with what follows as their arguments.
const (
	opSelect = iota
	opOptions
	opFirst
	opSecond
	opDynamic
	opVerify
	opGetData
	opRead
	opChallenge
	opExternal
	opForged
	opRaw
	opReset
	opAmount
	opPower
	opMutate
	opCode
	opTear
	ops
)

// mostCommands bounds a stream: each may cost a signature.
const mostCommands = 48

// FuzzHostileTerminal has a stream of bytes drive a card as a terminal, and holds the card to what
// no terminal may bring about:
//
//   - each answer is an R-APDU with a status word of EMV.md other than 6F00, and data only where the
//     command was carried out;
//   - the transaction counter is the number of transactions, whatever was sent and wherever the power
//     was cut: the command that was cut has had its effect, or none;
//   - no transaction has a cryptogram after a TC or an AAC, or more than two;
//   - without the issuer, no more TCs and no higher sum than the upper limits, and none by the card
//     alone above the lower ones;
//   - a PIN other than the right one is never taken and always counted;
//   - without the issuer's key the application isn't blocked, nor the card.
func FuzzHostileTerminal(f *testing.F) {
	page := documented(f)
	for kind := range byte(5) {
		f.Add([]byte{kind, opSelect, opOptions, opFirst, 1})
		f.Add([]byte{kind, opSelect, opOptions, opFirst, 2, opCode, 3, opSecond, 1, opSelect, opOptions})
		f.Add([]byte{kind, opSelect, opOptions, opVerify, 0, 0, opVerify, 12, 34, opDynamic, opFirst, 3})
		f.Add([]byte{
			kind, opSelect, opOptions, opFirst, 2, opForged, 1, opExternal, 1, 2, 3, 4, 5, 6, 7, 8,
			opSecond, 0,
		})
		f.Add([]byte{kind, opSelect, opChallenge, opGetData, 0, opRead, 1, 2, opReset, opMutate, 3, 1})
		f.Add(bytes.Repeat([]byte{opSelect, opOptions, opFirst, 1}, 8))
		f.Add(append([]byte{kind}, bytes.Repeat([]byte{
			opSelect, opOptions, opFirst, 2, opCode, 3, opSecond, 1, opPower,
		}, 7)...))
		f.Add([]byte{
			kind, opSelect, opOptions, opAmount, 0, 1, opFirst, 2, opAmount, 255, 255, opCode, 3,
			opSecond, 1,
		})
		f.Add([]byte{
			kind, opSelect, opTear, 0, opOptions, opSelect, opTear, 1, opOptions, opSelect, opOptions,
			opTear, 2, opVerify, 0, 0, opSelect, opOptions, opTear, 1, opFirst, 1,
		})
		f.Add([]byte{kind, opRaw, 9, 0x00, 0xA4, 0x04, 0x00, 0x05, 0xF0, 0x54, 0x41, 0x50})
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		d := newDriver(t, stream, page)
		for range mostCommands {
			if !d.step() {
				break
			}
		}
		d.finish()
	})
}

// driver is a terminal that a stream drives, and what it must hold of its card.
type driver struct {
	*hostile
	stream []byte
	store  *saved.Memory
	page   map[string]bool

	begun, approvals, left int
	sum                    uint64
	given                  []byte // kinds of the transaction's cryptograms
}

func newDriver(t *testing.T, stream []byte, page map[string]bool) *driver {
	d := &driver{stream: stream, store: &saved.Memory{}, page: page, left: 3}
	mandatory := func(a *image.Application) { a.Risk.MandatoryAuth = true }
	var fixture *emvcardtest.Fixture
	switch d.next() % 5 {
	case 1:
		fixture = emvcardtest.New(t, emvcardtest.Contactless)
	case 2:
		fixture = emvcardtest.New(t, emvcardtest.Contact, mandatory)
		fixture.Image.T0 = true
	case 3:
		fixture = emvcardtest.New(t, emvcardtest.Contact, mandatory, puttable,
			ofScheme(cryptogram.VersionCCD))
	case 4:
		fixture = emvcardtest.New(t, emvcardtest.Contact, mandatory,
			func(a *image.Application) { a.Format1 = true }, ofScheme(cryptogram.VersionCVN10))
	default:
		fixture = emvcardtest.New(t, emvcardtest.Contact, mandatory)
	}
	d.hostile = newHostile(t, fixture)
	d.card = fixture.Card(t, d.store)
	return d
}

func (d *driver) next() byte {
	if len(d.stream) == 0 {
		return 0
	}
	b := d.stream[0]
	d.stream = d.stream[1:]
	return b
}

func (d *driver) take(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = d.next()
	}
	return b
}

// step sends the next command of the stream; false at its end.
func (d *driver) step() bool {
	if len(d.stream) == 0 {
		return false
	}
	app := d.fixture.App()
	switch op := d.next() % ops; op {
	case opSelect:
		d.command([4]byte{0x00, 0xA4, 0x04, 0x00}, app.AID)
	case opOptions:
		d.command([4]byte{0x80, 0xA8}, tlv.Append(nil, emv.TagCommandTemplate, d.fill(app.PDOL)))
	case opFirst:
		d.command([4]byte{0x80, 0xAE, d.kind()}, d.fill(app.CDOL1))
	case opSecond:
		d.command([4]byte{0x80, 0xAE, d.kind()}, d.fill(app.CDOL2))
	case opDynamic:
		d.command([4]byte{0x00, 0x88}, d.take(4))
	case opVerify:
		block, _ := cryptogram.PINBlock(fmt.Sprintf("%02d%02d", d.next()%100, d.next()%100))
		d.command([4]byte{0x00, 0x20, 0x00, 0x80}, block[:])
	case opGetData:
		tags := []uint16{0x9F36, 0x9F13, 0x9F17, 0x9F4F, 0x9F50, 0x9F51}
		tag := tags[int(d.next())%len(tags)]
		d.command([4]byte{0x80, 0xCA, byte(tag >> 8), byte(tag)}, nil)
	case opExternal:
		d.command([4]byte{0x00, 0x82}, d.take(8))
	case opForged:
		d.forge()
	case opRaw:
		d.exchange(d.take(int(d.next())))
	case opMutate:
		d.mutate()
	default:
		d.other(op)
	}
	return true
}

func (d *driver) other(op byte) {
	switch op {
	case opRead:
		d.command([4]byte{0x00, 0xB2, d.next(), d.next()}, nil)
	case opChallenge:
		d.command([4]byte{0x00, 0x84}, nil)
	case opReset:
		d.card.Reset()
	case opAmount:
		for i, b := range d.take(2) {
			d.said[emv.TagAmount][4+i] = b%10<<4 | b/10%10
		}
	case opPower:
		d.open()
	case opTear:
		if n := int(d.next()); n%2 == 0 {
			d.card.Tear(1 + n/2%3)
		} else {
			d.card.TearAfter(1 + n/2%3)
		}
	case opCode:
		codes := []string{"00", "05", "Y1", "Y3", "Z3", "\x00\x00"}
		d.said[emv.TagARC] = []byte(codes[int(d.next())%len(codes)])
	}
}

// open takes the card out of its store again, which disarms a cut.
func (d *driver) open() {
	d.t.Helper()
	card, err := emvcard.New(emvcard.Config{Image: d.fixture.Image, Store: d.store})
	if err != nil {
		d.t.Fatalf("the state can't be read again: %v", err)
	}
	card.PowerOn()
	d.card = card
}

// kind is P1 of GENERATE AC.
func (d *driver) kind() byte {
	return []byte{0x00, 0x40, 0x80, 0x50, 0x90}[d.next()%5]
}

// forge sends a script's command with a MAC that is wrong.
func (d *driver) forge() {
	headers := [][4]byte{
		{0x80, 0x1E},
		{0x80, 0x18},
		{0x80, 0x16},
		{0x80, 0x24},
		{0x80, 0x24, 0, 2},
		{0x00, 0xDA, 0x9F, 0x50},
	}
	header := headers[int(d.next())%len(headers)]
	app := d.fixture.App()
	data := make([]byte, map[[4]byte]int{{0x80, 0x24, 0, 2}: 8, {0x00, 0xDA, 0x9F, 0x50}: 2}[header])
	command, err := app.Scheme.Messaging(app.Keys, d.atc, d.ac, 0).Seal(cryptogram.Message{
		CLA: header[0], INS: header[1], P1: header[2], P2: header[3], Data: data,
		Secret: len(data) == 8,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	command[len(command)-1-int(d.next()%8)] ^= 1 << (d.next() % 8)
	d.exchange(command)
}

// mutate sends the last command again with one byte changed, or one missing.
func (d *driver) mutate() {
	command := bytes.Clone(d.last)
	at, with := int(d.next()), d.next()
	switch {
	case len(command) == 0:
		return
	case with == 0:
		command = command[:max(4, min(at, len(command)))]
	default:
		command[at%len(command)] ^= with
	}
	d.exchange(command)
}

func (d *driver) command(header [4]byte, data []byte) {
	command, err := apdu.Command{
		CLA: header[0], INS: header[1], P1: header[2], P2: header[3], Data: data, Ne: 256,
	}.Encode()
	if err != nil {
		d.t.Fatal(err)
	}
	d.exchange(command)
}
