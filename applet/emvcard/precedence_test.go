package emvcard_test

import (
	"fmt"
	"slices"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc/apdu"
)

// fault is one thing that is wrong with a command, in the order in which the card looks for it.
type fault int

const (
	faultClass fault = iota
	faultInstruction
	faultMessaging
	faultParams
	faultLength
	faultState
	faultData
	faults
)

// probe is a command that would be answered, and what it takes to spoil it.
type probe struct {
	name    string
	command func(d *dialogue) apdu.Command // in the state that before makes
	before  func(d *dialogue)              // makes the state in which it works
	astray  func(d *dialogue)              // makes one in which it doesn't; nil: it always works
	params  [2]byte                        // P1-P2 that aren't its own; both zero: all are
	spoil   func(c *apdu.Command)          // spoils its data; nil: it can't
	want    apdu.SW                        // for spoilt data
}

func selected(d *dialogue) { d.send(0x00, 0xA4, 0x04, 0x00, emvcardtest.AID()) }

func initiated(d *dialogue) { d.open() }

// requested is after a first ARQC.
func requested(d *dialogue) {
	d.open()
	d.said[emv.TagARC] = []byte("00")
	d.online(d.generate(emv.CIDARQC, d.fixture.App().CDOL1), "00", []byte{0, 0x82, 0, 0})
}

func plain(c apdu.Command) func(*dialogue) apdu.Command {
	return func(*dialogue) apdu.Command { return c }
}

// script is a command with a MAC of this transaction.
func script(cla, ins, p1, p2 byte, data []byte) func(*dialogue) apdu.Command {
	return func(d *dialogue) apdu.Command {
		app := d.fixture.App()
		m := app.Scheme.Messaging(app.Keys, d.atc, d.arqc, 0)
		return order{cla: cla, ins: ins, p1: p1, p2: p2, data: data}.command(d.t, m)
	}
}

func spoilFirst(c *apdu.Command) { c.Data[0] ^= 0x01 }

func spoilLast(c *apdu.Command) { c.Data[len(c.Data)-1] ^= 0x01 }

func probes() []probe {
	generate := func(p1 byte, list func(*image.Application) []byte) func(*dialogue) apdu.Command {
		return func(d *dialogue) apdu.Command {
			data := d.said.fill(d.t, list(d.fixture.App()))
			return apdu.Command{CLA: 0x80, INS: 0xAE, P1: p1, Data: data}
		}
	}
	first := func(a *image.Application) []byte { return a.CDOL1 }
	second := func(a *image.Application) []byte { return a.CDOL2 }
	return []probe{
		{
			"GET PROCESSING OPTIONS", plain(apdu.Command{CLA: 0x80, INS: 0xA8, Data: []byte{0x83, 0}}),
			selected, initiated,
			[2]byte{0, 1},
			spoilFirst, apdu.SWWrongData,
		},
		{
			"READ RECORD", plain(apdu.Command{INS: 0xB2, P1: 1, P2: 0x0C}), selected, nil,
			[2]byte{1, 0x0D},
			func(c *apdu.Command) { c.P1 = 9 }, apdu.SWRecordNotFound,
		},
		{
			"READ RECORD of no file", plain(apdu.Command{INS: 0xB2, P1: 1, P2: 0x0C}), selected, nil,
			[2]byte{0, 0x0C},
			func(c *apdu.Command) { c.P2 = 9<<3 | 4 }, apdu.SWFileNotFound,
		},
		{
			"INTERNAL AUTHENTICATE", plain(apdu.Command{INS: 0x88, Data: make([]byte, 4)}), initiated,
			selected,
			[2]byte{1, 0},
			nil, 0,
		},
		{
			"first GENERATE AC", generate(emv.CIDTC, first), initiated, selected,
			[2]byte{0xC0, 0},
			func(c *apdu.Command) { c.Data[0] = 0xA0 }, apdu.SWWrongData,
		},
		{
			"second GENERATE AC", generate(emv.CIDTC, second), requested, nil,
			[2]byte{0x41, 0},
			func(c *apdu.Command) { c.Data[12] = 0xA0 }, apdu.SWWrongData,
		},
		{
			"EXTERNAL AUTHENTICATE", func(d *dialogue) apdu.Command {
				return apdu.Command{INS: 0x82, Data: slices.Clone(d.said[emv.TagIssuerAuth])}
			}, requested, selected, [2]byte{0, 1}, spoilFirst, apdu.SWWarningChanged,
		},
		{
			"GET CHALLENGE", plain(apdu.Command{INS: 0x84}), selected, nil, [2]byte{1, 0}, nil, 0,
		},
		{
			"VERIFY", func(*dialogue) apdu.Command {
				return apdu.Command{INS: 0x20, P2: 0x80, Data: []byte("\x24\x12\x34\xFF\xFF\xFF\xFF\xFF")}
			}, initiated, selected, [2]byte{0, 0x81}, spoilLast, 0x63C2,
		},
		{
			"GET DATA", plain(apdu.Command{CLA: 0x80, INS: 0xCA, P1: 0x9F, P2: 0x36}), selected, nil,
			[2]byte{},
			func(c *apdu.Command) { c.P2 = 0x99 }, apdu.SWReferenceNotFound,
		},
		{
			"APPLICATION BLOCK", script(0x80, 0x1E, 0, 0, nil), requested, selected,
			[2]byte{0, 1},
			spoilLast, apdu.SWSMIncorrect,
		},
		{
			"APPLICATION UNBLOCK", script(0x80, 0x18, 0, 0, nil), requested, selected,
			[2]byte{0, 1},
			spoilLast, apdu.SWSMIncorrect,
		},
		{
			"CARD BLOCK", script(0x80, 0x16, 0, 0, nil), requested, selected,
			[2]byte{1, 0},
			spoilLast,
			apdu.SWSMIncorrect,
		},
		{
			"PIN CHANGE/UNBLOCK", script(0x80, 0x24, 0, 0, nil), requested, selected,
			[2]byte{0, 9},
			spoilLast, apdu.SWSMIncorrect,
		},
		{
			"PUT DATA", script(0x00, 0xDA, 0x9F, 0x14, []byte{9}), requested, selected,
			[2]byte{},
			spoilLast, apdu.SWSMIncorrect,
		},
	}
}

// put puts a fault on a command and returns the status word that it brings.
func (p *probe) put(f fault, c *apdu.Command, class byte) (apdu.SW, bool) {
	secure := c.CLA&0x04 != 0
	switch f {
	case faultClass:
		c.CLA |= 0x10
		return apdu.SWCLANotSupported, true
	case faultInstruction:
		c.CLA ^= 0x80
		return apdu.SWINSNotSupported, true
	case faultMessaging:
		c.CLA ^= class
		if secure {
			return apdu.SWSMObjectsMissing, true
		}
		return apdu.SWSecureMessagingNotSupported, true
	case faultParams:
		c.P1, c.P2 = p.params[0], p.params[1]
		return apdu.SWIncorrectP1P2, p.params != [2]byte{}
	case faultLength:
		if c.Data = make([]byte, 254); c.INS == 0xDA { // which takes as many
			c.Data = nil
		}
		return apdu.SWWrongLength, true
	case faultState:
		return apdu.SWConditionsNotSatisfied, p.astray != nil
	default:
		if p.spoil != nil {
			p.spoil(c)
		}
		return p.want, p.spoil != nil
	}
}

func TestTheFirstFaultGivesTheStatusWord(t *testing.T) {
	put := func(a *image.Application) {
		a.Objects = []image.Object{{Tag: 0x9F14, Value: []byte{3}, Put: true}}
	}
	for _, p := range probes() {
		t.Run(p.name, func(t *testing.T) {
			for _, scheme := range []cryptogram.Scheme{cryptogram.VersionCVN18, cryptogram.VersionCCD} {
				p.judgeAll(t, emvcardtest.New(t, emvcardtest.Contact, put, ofScheme(scheme)))
			}
		})
	}
}

// judgeAll sends the command with each fault, with each two of them, and with none.
func (p *probe) judgeAll(t *testing.T, fixture *emvcardtest.Fixture) {
	t.Helper()
	for i := range faults {
		for j := i; j < faults; j++ {
			d := begin(t, fixture, fixture.Card(t, nil))
			p.judge(d, i, j)
		}
	}
	d := begin(t, fixture, fixture.Card(t, nil))
	p.before(d)
	d.wantStatus("without a fault", p.command(d), apdu.SWNormal)
}

// judge sends the command with one fault, if i is j, or two of them.
func (p *probe) judge(d *dialogue, i, j fault) {
	d.t.Helper()
	p.before(d)
	c := p.command(d)
	if (i == faultState || j == faultState) && p.astray != nil {
		d.reset()
		selected(d)
		p.astray(d)
	}
	// The later fault first: it may look at what the earlier one changes.
	c.Data = slices.Clone(c.Data)
	class := d.fixture.App().Scheme.SecureClass()
	want, both := p.put(j, &c, class)
	if i != j && both {
		want, both = p.put(i, &c, class)
	}
	if both {
		d.wantStatus(fmt.Sprintf("faults %d and %d", i, j), c, want)
	}
}

func TestCommandsThatAreNotKnown(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact)
	record := apdu.Command{INS: 0xB2, P1: 1, P2: 0x0C}
	options := apdu.Command{CLA: 0x80, INS: 0xA8, Data: []byte{0x83, 0}}
	d := begin(t, fixture, fixture.Card(t, nil))
	d.wantStatus("READ RECORD with nothing selected", record, apdu.SWINSNotSupported)
	d.send(0x00, 0xA4, 0x04, 0x00, []byte("2PAY.SYS.DDF01"))
	d.wantStatus("READ RECORD in the PPSE", record, apdu.SWINSNotSupported)
	d.send(0x00, 0xA4, 0x04, 0x00, []byte("1PAY.SYS.DDF01"))
	d.wantStatus("READ RECORD in the PSE", record, apdu.SWNormal)
	d.wantStatus("GET PROCESSING OPTIONS in the PSE", options, apdu.SWINSNotSupported)
	selected(d)
	d.wantStatus("a command of nobody", apdu.Command{INS: 0x77}, apdu.SWINSNotSupported)
	d.wantStatus("GET RESPONSE with nothing waiting", apdu.Command{INS: 0xC0},
		apdu.SWConditionsNotSatisfied)

	bare := emvcardtest.New(t, emvcardtest.Contactless, func(a *image.Application) { a.ODA = nil })
	d = begin(t, bare, bare.Card(t, nil))
	d.open()
	for name, c := range map[string]apdu.Command{
		"INTERNAL AUTHENTICATE without a key": {INS: 0x88, Data: make([]byte, 4)},
		"VERIFY without a PIN":                {INS: 0x20, P2: 0x80, Data: make([]byte, 8)},
		"GET CHALLENGE without a PIN":         {INS: 0x84},
		"EXTERNAL AUTHENTICATE":               {INS: 0x82, Data: make([]byte, 8)},
		"PUT DATA without objects":            {CLA: 0x04, INS: 0xDA, Data: make([]byte, 9)},
		"APPLICATION BLOCK":                   {CLA: 0x84, INS: 0x1E, Data: make([]byte, 8)},
		"APPLICATION UNBLOCK":                 {CLA: 0x84, INS: 0x18, Data: make([]byte, 8)},
		"CARD BLOCK":                          {CLA: 0x84, INS: 0x16, Data: make([]byte, 8)},
	} {
		d.wantStatus(name, c, apdu.SWINSNotSupported)
	}
}

func TestWhatIsNoCommand(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact)
	card := fixture.Card(t, nil)
	for _, raw := range [][]byte{
		{0, 0xA4}, {0, 0xA4, 4, 0, 5, 1}, {0x80, 0xAE, 0x40, 0, 0, 0},
	} {
		answer := card.Process(slices.Clone(raw))
		if len(answer) != 2 || answer[0] != 0x67 || answer[1] != 0x00 {
			t.Errorf("% X: answered % X, expected 67 00", raw, answer)
		}
	}
	card.PowerOff()
	if answer := card.Process([]byte{0, 0xC0, 0, 0, 0}); answer != nil {
		t.Errorf("without power: answered % X", answer)
	}
}
