package emvcard_test

import (
	"slices"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/saved"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// order is a script command without its MAC.
type order struct {
	cla, ins, p1, p2 byte
	data             []byte
	pin              string
}

var (
	orderBlock     = order{cla: 0x84, ins: 0x1E}
	orderUnblock   = order{cla: 0x84, ins: 0x18}
	orderCardBlock = order{cla: 0x84, ins: 0x16}
	orderTries     = order{cla: 0x84, ins: 0x24}
	orderPIN       = order{cla: 0x84, ins: 0x24, p2: 2, pin: "987654"}
	orderPut       = order{cla: 0x04, ins: 0xDA, p1: 0x9F, p2: 0x14, data: []byte{0}}
)

func allOrders() []order {
	return []order{orderBlock, orderUnblock, orderCardBlock, orderTries, orderPIN, orderPut}
}

// command is the order with its MAC for the transaction in which a card has answered.
func (o order) command(t *testing.T, a *image.Application, answer map[tlv.Tag][]byte) apdu.Command {
	t.Helper()
	m := a.Scheme.Messaging(a.Keys, [2]byte(answer[emv.TagATC]),
		cryptogram.AC(answer[emv.TagCryptogram]))
	data := o.data
	if o.pin != "" {
		var err error
		if data, err = m.EncipherPIN(o.pin); err != nil {
			t.Fatal(err)
		}
	}
	mac := m.Sign([5]byte{o.cla, o.ins, o.p1, o.p2, byte(len(data) + 8)}, data)
	return apdu.Command{
		CLA: o.cla, INS: o.ins, P1: o.p1, P2: o.p2, Data: slices.Concat(data, mac[:]),
	}
}

// script sends an order and wants a status word.
func (d *dialogue) script(sw apdu.SW, o order, answer map[tlv.Tag][]byte) {
	d.t.Helper()
	c := o.command(d.t, d.fixture.App(), answer)
	d.want(sw, c.CLA, c.INS, c.P1, c.P2, c.Data)
}

// scripted is a card whose scripts have something to change.
func scripted(t *testing.T) *emvcardtest.Fixture {
	t.Helper()
	return emvcardtest.New(t, emvcardtest.Contact, func(a *image.Application) {
		a.Objects = []image.Object{
			{Tag: 0x9F14, Value: []byte{3}, Put: true}, {Tag: 0x9F7A, Value: []byte{1, 2}},
		}
	})
}

// requested opens a transaction up to its ARQC.
func (d *dialogue) requested() map[tlv.Tag][]byte {
	d.t.Helper()
	d.open()
	return d.generate(emv.CIDARQC, d.fixture.App().CDOL1)
}

// The rows stand in the order of the checks.
func TestScriptsRefuseInOrder(t *testing.T) {
	mac := make([]byte, 8)
	for _, tt := range []struct {
		name   string
		class  byte
		ins    byte
		p1, p2 byte
		data   []byte
		before bool // without a cryptogram
		want   apdu.SW
	}{
		{"class", 0x94, 0x1E, 1, 1, nil, true, apdu.SWCLANotSupported},
		{"chained", 0x90, 0x1E, 1, 1, nil, true, apdu.SWCLANotSupported},
		{"another instruction", 0x84, 0x1F, 1, 1, nil, true, apdu.SWINSNotSupported},
		{"PUT DATA as a proprietary command", 0x84, 0xDA, 1, 1, nil, true, 0x6D00},
		{"in the clear", 0x80, 0x1E, 1, 1, nil, true, apdu.SWSMObjectsMissing},
		{"PUT DATA in the clear", 0x00, 0xDA, 1, 1, nil, true, apdu.SWSMObjectsMissing},
		{"P1", 0x84, 0x1E, 1, 0, nil, true, apdu.SWIncorrectP1P2},
		{"P2", 0x84, 0x18, 0, 1, nil, true, apdu.SWIncorrectP1P2},
		{"PIN change with the old PIN", 0x84, 0x24, 0, 1, nil, true, apdu.SWIncorrectP1P2},
		{"no MAC", 0x84, 0x16, 0, 0, nil, true, apdu.SWWrongLength},
		{"a MAC of 7 bytes", 0x84, 0x1E, 0, 0, mac[:7], true, apdu.SWWrongLength},
		{"PIN unblock with data", 0x84, 0x24, 0, 0, make([]byte, 24), true, apdu.SWWrongLength},
		{"PIN change without", 0x84, 0x24, 0, 2, mac, true, apdu.SWWrongLength},
		{"PUT DATA without", 0x04, 0xDA, 0x9F, 0x14, mac, true, apdu.SWWrongLength},
		{"no cryptogram yet", 0x84, 0x1E, 0, 0, mac, true, apdu.SWConditionsNotSatisfied},
		{"wrong MAC", 0x84, 0x1E, 0, 0, mac, false, apdu.SWSMIncorrect},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fixture := scripted(t)
			d := begin(t, fixture, fixture.Card(t, nil))
			d.open()
			if !tt.before {
				d.generate(emv.CIDARQC, d.fixture.App().CDOL1)
			}
			d.want(tt.want, tt.class, tt.ins, tt.p1, tt.p2, tt.data)
		})
	}
}

func TestScriptsRefuseWhatTheyCarry(t *testing.T) {
	for name, tt := range map[string]struct {
		order order
		want  apdu.SW
	}{
		"unknown object":     {order{cla: 4, ins: 0xDA, p1: 0x9F, p2: 0x15, data: []byte{1}}, 0x6A88},
		"not to be changed":  {order{cla: 4, ins: 0xDA, p1: 0x9F, p2: 0x7A, data: []byte{1, 2}}, 0x6A88},
		"the card's counter": {order{cla: 4, ins: 0xDA, p1: 0x9F, p2: 0x36, data: []byte{0, 0}}, 0x6A88},
		"another length":     {order{cla: 4, ins: 0xDA, p1: 0x9F, p2: 0x14, data: []byte{1, 2}}, 0x6A80},
		"no PIN":             {order{cla: 0x84, ins: 0x24, p2: 2, data: make([]byte, 16)}, 0x6A80},
	} {
		t.Run(name, func(t *testing.T) {
			fixture := scripted(t)
			d := begin(t, fixture, fixture.Card(t, nil))
			arqc := d.requested()
			d.script(tt.want, tt.order, arqc)
			d.script(apdu.SWConditionsNotSatisfied, orderTries, arqc) // one has failed
			cvr := d.requested()[emv.TagIAD][4:]
			if cvr[2]&0xF8 != 0x08 {
				t.Errorf("CVR % X, expected no script done and one failed", cvr)
			}
		})
	}
}

func TestScriptsAct(t *testing.T) {
	fixture := scripted(t)
	card := fixture.Card(t, nil)
	d := begin(t, fixture, card)
	d.want(apdu.SWFileNotFound, 0, 0xA4, 4, 0, []byte("\xF0OTHER"))
	d.open()
	d.want(0x63C2, 0, 0x20, 0, verifyPlain, make([]byte, 8))
	arqc := d.generate(emv.CIDARQC, fixture.App().CDOL1)
	d.script(apdu.SWNormal, orderTries, arqc)
	if n := d.tries(); n != 3 {
		t.Errorf("%d tries behind PIN UNBLOCK", n)
	}
	d.script(apdu.SWNormal, orderPIN, arqc)
	d.script(apdu.SWNormal, orderPut, arqc)
	if got := d.send(0x80, 0xCA, 0x9F, 0x14, nil)[3]; got != 0 {
		t.Errorf("9F14 is %d behind PUT DATA", got)
	}
	d.script(apdu.SWNormal, orderBlock, arqc)
	if second := d.generate(emv.CIDTC, fixture.App().CDOL2); second[emv.TagCID][0] != emv.CIDAAC {
		t.Errorf("a blocked application answers %02X", second[emv.TagCID])
	}

	d.want(apdu.SWFileDeactivated, 0, 0xA4, 4, 0, emvcardtest.AID())
	d.send(0x80, 0xA8, 0, 0, []byte{0x83, 0})
	d.want(0x63C2, 0, 0x20, 0, verifyPlain, pinBlock(t, emvcardtest.PIN))
	d.want(apdu.SWNormal, 0, 0x20, 0, verifyPlain, pinBlock(t, orderPIN.pin))
	aac := d.generate(emv.CIDTC, fixture.App().CDOL1)
	if aac[emv.TagCID][0] != emv.CIDAAC || aac[emv.TagIAD][6]&0xF8 != 0x40 {
		t.Errorf("%02X, CVR % X, expected an AAC and four scripts", aac[emv.TagCID], aac[emv.TagIAD][4:])
	}
	d.script(apdu.SWNormal, orderUnblock, aac)

	arqc = d.requested() // the limit is 0 now: it asks for TC below
	d.script(apdu.SWNormal, orderCardBlock, arqc)
	if second := d.generate(emv.CIDTC, fixture.App().CDOL2); second[emv.TagCID][0] != emv.CIDAAC {
		t.Errorf("a blocked card answers %02X", second[emv.TagCID])
	}
	card.Reset()
	d.want(apdu.SWFunctionNotSupported, 0, 0xA4, 4, 0, emvcardtest.AID())
}

func TestPutDataMovesALimit(t *testing.T) {
	fixture := scripted(t)
	d := begin(t, fixture, fixture.Card(t, nil))
	d.open()
	if got := d.generate(emv.CIDTC, fixture.App().CDOL1); got[emv.TagCID][0] != emv.CIDTC {
		t.Fatalf("%02X below the limit", got[emv.TagCID])
	}
	d.script(apdu.SWNormal, orderPut, d.requested())
	d.generate(emv.CIDTC, fixture.App().CDOL2)
	d.open()
	if got := d.generate(emv.CIDTC, fixture.App().CDOL1); got[emv.TagCID][0] != emv.CIDARQC {
		t.Errorf("%02X above the limit", got[emv.TagCID])
	}
}

// A script whose power is cut has happened or not: the state is never between the two, and what was
// written is counted.
func TestPowerCutsInScripts(t *testing.T) {
	for _, o := range allOrders() {
		for _, after := range []bool{false, true} {
			fixture := scripted(t)
			store := &saved.Memory{}
			card := fixture.Card(t, store)
			d := begin(t, fixture, card)
			command := o.command(t, fixture.App(), d.requested())
			before := memory(t, store)
			tear(card, 1, after)
			raw, err := command.Encode()
			if err != nil {
				t.Fatal(err)
			}
			if answer := card.Process(raw); len(answer) != 0 {
				t.Errorf("%02X: answer % X", o.ins, answer)
			}
			if changed := !slices.Equal(before, memory(t, store)); changed != after {
				t.Errorf("%02X: torn after the write %t, the state has changed %t", o.ins, after, changed)
			}
			if answer := card.Process(raw); len(answer) != 0 {
				t.Errorf("%02X: answer % X without power", o.ins, answer)
			}
			again := fixture.Card(t, store)
			got := apdu.SW(0)
			if answer := again.Process(append([]byte{0, 0xA4, 4, 0, byte(len(emvcardtest.AID()))},
				emvcardtest.AID()...)); len(answer) >= 2 {
				got = apdu.SW(answer[len(answer)-2])<<8 | apdu.SW(answer[len(answer)-1])
			}
			want := apdu.SW(0x6100)
			if after && o.ins == orderBlock.ins {
				want = apdu.SWFileDeactivated
			}
			if after && o.ins == orderCardBlock.ins {
				want = apdu.SWFunctionNotSupported
			}
			if got != want && got.SW1() != want.SW1() {
				t.Errorf("%02X, torn after the write %t: %v, expected %v", o.ins, after, got, want)
			}
		}
	}
}

func memory(t *testing.T, store saved.Store) []byte {
	t.Helper()
	raw, err := store.Load()
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(raw)
}
