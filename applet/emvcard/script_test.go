package emvcard_test

import (
	"fmt"
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

// order is a script command without its MAC, and without its class's bits of secure messaging.
type order struct {
	cla, ins, p1, p2 byte
	data             []byte
	pin              string
	secret           bool // the data are enciphered
}

var (
	orderBlock     = order{cla: 0x80, ins: 0x1E}
	orderUnblock   = order{cla: 0x80, ins: 0x18}
	orderCardBlock = order{cla: 0x80, ins: 0x16}
	orderTries     = order{cla: 0x80, ins: 0x24}
	orderPIN       = order{cla: 0x80, ins: 0x24, p2: 2, pin: "987654"}
	orderPut       = order{ins: 0xDA, p1: 0x9F, p2: 0x14, data: []byte{0}}
)

func allOrders() []order {
	return []order{orderBlock, orderUnblock, orderCardBlock, orderTries, orderPIN, orderPut}
}

// messaging is that of a card, in the transaction of a cryptogram that it has answered.
func messaging(a *image.Application, answer map[tlv.Tag][]byte) *cryptogram.Messaging {
	return a.Scheme.Messaging(a.Keys, [2]byte(answer[emv.TagATC]),
		cryptogram.AC(answer[emv.TagCryptogram]), int(a.ScriptMAC))
}

// command is the order as the next command of a script.
func (o order) command(t testing.TB, m *cryptogram.Messaging) apdu.Command {
	t.Helper()
	c := cryptogram.Message{CLA: o.cla, INS: o.ins, P1: o.p1, P2: o.p2, Data: o.data, Secret: o.secret}
	if o.pin != "" {
		var err error
		if c.Data, err = m.PINData(o.pin); err != nil {
			t.Fatal(err)
		}
		c.Secret = true
	}
	raw, err := m.Seal(c)
	if err != nil {
		t.Fatal(err)
	}
	command, err := apdu.ParseCommand(raw)
	if err != nil {
		t.Fatal(err)
	}
	return command
}

// script sends an order and wants a status word.
func (d *dialogue) script(sw apdu.SW, o order, m *cryptogram.Messaging) {
	d.t.Helper()
	c := o.command(d.t, m)
	d.want(sw, c.CLA, c.INS, c.P1, c.P2, c.Data)
}

// scripted is a card whose scripts have something to change.
func scripted(t testing.TB, changes ...func(*image.Application)) *emvcardtest.Fixture {
	t.Helper()
	objects := func(a *image.Application) {
		a.Objects = []image.Object{
			{Tag: 0x9F14, Value: []byte{3}, Put: true}, {Tag: 0x9F7A, Value: []byte{1, 2}},
		}
	}
	return emvcardtest.New(t, emvcardtest.Contact, append(changes, objects)...)
}

// eachScheme runs a test with a card of each scheme.
func eachScheme(t *testing.T, test func(t *testing.T, fixture *emvcardtest.Fixture)) {
	t.Helper()
	for _, scheme := range cryptogram.Schemes() {
		t.Run(scheme.String(), func(t *testing.T) { test(t, scripted(t, ofScheme(scheme))) })
	}
}

// requested opens a transaction up to its ARQC.
func (d *dialogue) requested() map[tlv.Tag][]byte {
	d.t.Helper()
	d.open()
	return d.generate(emv.CIDARQC, d.fixture.App().CDOL1)
}

// secured opens one and returns the secure messaging of its scripts.
func (d *dialogue) secured() *cryptogram.Messaging {
	d.t.Helper()
	return messaging(d.fixture.App(), d.requested())
}

// The rows stand in the order of the checks. Classes have the scheme's bits of secure messaging but
// where a row says another class.
func TestScriptsRefuseInOrder(t *testing.T) {
	eachScheme(t, func(t *testing.T, fixture *emvcardtest.Fixture) {
		app := fixture.App()
		none := make([]byte, app.Scheme.FieldLen(0, false, 0))
		pin := make([]byte, app.Scheme.FieldLen(8, true, 0))
		class := app.Scheme.SecureClass()
		for _, tt := range []struct {
			name   string
			class  byte
			ins    byte
			p1, p2 byte
			data   []byte
			before bool // without a cryptogram
			want   apdu.SW
		}{
			{"class", 0x90 | class, 0x1E, 1, 1, nil, true, apdu.SWCLANotSupported},
			{"chained", 0x90, 0x1E, 1, 1, nil, true, apdu.SWCLANotSupported},
			{"the other format", 0x80 | class ^ 8, 0x1E, 1, 1, nil, true, apdu.SWCLANotSupported},
			{"headers without a MAC", 0x88, 0x1E, 1, 1, nil, true, apdu.SWCLANotSupported},
			{"another instruction", 0x80 | class, 0x1F, 1, 1, nil, true, apdu.SWINSNotSupported},
			{"PUT DATA as a proprietary command", 0x80 | class, 0xDA, 1, 1, nil, true, 0x6D00},
			{"in the clear", 0x80, 0x1E, 1, 1, nil, true, apdu.SWSMObjectsMissing},
			{"PUT DATA in the clear", 0x00, 0xDA, 1, 1, nil, true, apdu.SWSMObjectsMissing},
			{"P1", 0x80 | class, 0x1E, 1, 0, nil, true, apdu.SWIncorrectP1P2},
			{"P2", 0x80 | class, 0x18, 0, 1, nil, true, apdu.SWIncorrectP1P2},
			{"PIN change, old PIN", 0x80 | class, 0x24, 0, 1, nil, true, apdu.SWIncorrectP1P2},
			{"no MAC", 0x80 | class, 0x16, 0, 0, nil, true, apdu.SWWrongLength},
			{"a byte less", 0x80 | class, 0x1E, 0, 0, none[1:], true, apdu.SWWrongLength},
			{"a byte more", 0x80 | class, 0x18, 0, 0, append(none, 0), true, apdu.SWWrongLength},
			{"PIN unblock with data", 0x80 | class, 0x24, 0, 0, pin, true, apdu.SWWrongLength},
			{"PIN change without", 0x80 | class, 0x24, 0, 2, none, true, apdu.SWWrongLength},
			{"PIN change, a byte less", 0x80 | class, 0x24, 0, 2, pin[1:], true, apdu.SWWrongLength},
			{"PUT DATA without", class, 0xDA, 0x9F, 0x14, none, true, apdu.SWWrongLength},
			{"no cryptogram", 0x80 | class, 0x1E, 0, 0, none, true, apdu.SWConditionsNotSatisfied},
		} {
			t.Run(tt.name, func(t *testing.T) {
				d := begin(t, fixture, fixture.Card(t, nil))
				d.open()
				if !tt.before {
					d.generate(emv.CIDARQC, d.fixture.App().CDOL1)
				}
				d.want(tt.want, tt.class, tt.ins, tt.p1, tt.p2, tt.data)
			})
		}
	})
}

func TestScriptsRefuseWhatTheyCarry(t *testing.T) {
	eachScheme(t, func(t *testing.T, fixture *emvcardtest.Fixture) {
		for name, tt := range map[string]struct {
			order order
			want  apdu.SW
		}{
			"unknown object":     {order{ins: 0xDA, p1: 0x9F, p2: 0x15, data: []byte{1}}, 0x6A88},
			"not to be changed":  {order{ins: 0xDA, p1: 0x9F, p2: 0x7A, data: []byte{1, 2}}, 0x6A88},
			"the card's counter": {order{ins: 0xDA, p1: 0x9F, p2: 0x36, data: []byte{0, 0}}, 0x6A88},
			"another length":     {order{ins: 0xDA, p1: 0x9F, p2: 0x14, data: []byte{1, 2}}, 0x6A80},
			"no PIN": {
				order{cla: 0x80, ins: 0x24, p2: 2, data: make([]byte, 8), secret: true}, 0x6A80,
			},
		} {
			t.Run(name, func(t *testing.T) {
				d := begin(t, fixture, fixture.Card(t, nil))
				m := d.secured()
				d.script(tt.want, tt.order, m)
				d.script(apdu.SWConditionsNotSatisfied, orderTries, m) // one has failed
				done, failed := d.lastScripts()
				if done != 0 || !failed {
					t.Errorf("%d scripts done, one failed: %t", done, failed)
				}
			})
		}
	})
}

// lastScripts are the results that the next cryptogram tells.
func (d *dialogue) lastScripts() (done byte, failed bool) {
	d.t.Helper()
	d.want(apdu.SWNormal, 0, 0xA4, 4, 0, emvcardtest.AID())
	d.send(0x80, 0xA8, 0, 0, []byte{0x83, 0})
	return scriptResults(d.generate(emv.CIDARQC, d.fixture.App().CDOL1)[emv.TagIAD])
}

// scriptResults reads issuer application data.
func scriptResults(iad []byte) (done byte, failed bool) {
	results := iad[len(iad)-1]
	if d, err := cryptogram.ParseCCDIAD(iad); err == nil {
		results = d.CVR[3]
	}
	return results >> 4, results&0x08 != 0
}

func TestScriptsAct(t *testing.T) { eachScheme(t, testScriptsAct) }

func testScriptsAct(t *testing.T, fixture *emvcardtest.Fixture) {
	card := fixture.Card(t, nil)
	d := begin(t, fixture, card)
	d.want(apdu.SWFileNotFound, 0, 0xA4, 4, 0, []byte("\xF0OTHER"))
	d.open()
	d.want(0x63C2, 0, 0x20, 0, verifyPlain, make([]byte, 8))
	m := messaging(fixture.App(), d.generate(emv.CIDARQC, fixture.App().CDOL1))
	d.script(apdu.SWNormal, orderTries, m)
	if n := d.tries(); n != 3 {
		t.Errorf("%d tries behind PIN UNBLOCK", n)
	}
	d.script(apdu.SWNormal, orderPIN, m)
	d.script(apdu.SWNormal, orderPut, m)
	if got := d.send(0x80, 0xCA, 0x9F, 0x14, nil)[3]; got != 0 {
		t.Errorf("9F14 is %d behind PUT DATA", got)
	}
	d.script(apdu.SWNormal, orderBlock, m)
	if second := d.generate(emv.CIDTC, fixture.App().CDOL2); second[emv.TagCID][0] != emv.CIDAAC {
		t.Errorf("a blocked application answers %02X", second[emv.TagCID])
	}

	d.want(apdu.SWFileDeactivated, 0, 0xA4, 4, 0, emvcardtest.AID())
	d.send(0x80, 0xA8, 0, 0, []byte{0x83, 0})
	d.want(0x63C2, 0, 0x20, 0, verifyPlain, pinBlock(t, emvcardtest.PIN))
	d.want(apdu.SWNormal, 0, 0x20, 0, verifyPlain, pinBlock(t, orderPIN.pin))
	aac := d.generate(emv.CIDTC, fixture.App().CDOL1)
	done, failed := scriptResults(aac[emv.TagIAD])
	if aac[emv.TagCID][0] != emv.CIDAAC || done != 4 || failed {
		t.Errorf("%02X, %d scripts, %t, expected an AAC and four", aac[emv.TagCID], done, failed)
	}
	d.script(apdu.SWNormal, orderUnblock, messaging(fixture.App(), aac))

	m = d.secured() // the limit is 0 now: it asks for TC below
	d.script(apdu.SWNormal, orderCardBlock, m)
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
	d.script(apdu.SWNormal, orderPut, d.secured())
	d.generate(emv.CIDTC, fixture.App().CDOL2)
	d.open()
	if got := d.generate(emv.CIDTC, fixture.App().CDOL1); got[emv.TagCID][0] != emv.CIDARQC {
		t.Errorf("%02X above the limit", got[emv.TagCID])
	}
}

// A script whose power is cut has happened or not: the state is never between the two, and what was
// written is counted. The command that is torn is the first of its script, or hangs on another.
func TestPowerCutsInScripts(t *testing.T) {
	eachScheme(t, func(t *testing.T, fixture *emvcardtest.Fixture) {
		for _, o := range allOrders() {
			for _, after := range []bool{false, true} {
				for _, ahead := range []int{0, 1} {
					t.Run(fmt.Sprintf("%02X after %t behind %d", o.ins, after, ahead), func(t *testing.T) {
						cutScript(t, fixture, o, after, ahead)
					})
				}
			}
		}
	})
}

// cutScript cuts the power at the write of an order, before or after it, with so many orders ahead.
func cutScript(t *testing.T, fixture *emvcardtest.Fixture, o order, after bool, ahead int) {
	store := &saved.Memory{}
	card := fixture.Card(t, store)
	d := begin(t, fixture, card)
	m := d.secured()
	for range ahead {
		d.script(apdu.SWNormal, orderUnblock, m)
	}
	raw, err := o.command(t, m).Encode()
	if err != nil {
		t.Fatal(err)
	}
	before := memory(t, store)
	tear(card, 1, after)
	for _, when := range []string{"at the cut", "without power"} {
		if answer := card.Process(raw); len(answer) != 0 {
			t.Errorf("%s: answer % X", when, answer)
		}
	}
	if changed := !slices.Equal(before, memory(t, store)); changed != after {
		t.Errorf("the state has changed: %t", changed)
	}
	left := begin(t, fixture, fixture.Card(t, store))
	want := apdu.SWNormal
	switch {
	case after && o.ins == orderCardBlock.ins:
		left.want(apdu.SWFunctionNotSupported, 0, 0xA4, 4, 0, emvcardtest.AID())
		return
	case after && o.ins == orderBlock.ins:
		want = apdu.SWFileDeactivated
	}
	left.want(want, 0, 0xA4, 4, 0, emvcardtest.AID())
	left.send(0x80, 0xA8, 0, 0, []byte{0x83, 0})
	done, failed := scriptResults(left.generate(emv.CIDARQC, fixture.App().CDOL1)[emv.TagIAD])
	if wanted := byte(ahead) + map[bool]byte{true: 1}[after]; done != wanted || failed {
		t.Errorf("%d scripts done, expected %d; one failed: %t", done, wanted, failed)
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
