package emvcard_test

import (
	"crypto/rand"
	"errors"
	"testing"

	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/saved"
	"tapbench/pcsc/apdu"
)

// answer returns the status word of a command, whatever it is, and the data.
func (d *dialogue) answer(cla, ins, p1, p2 byte, data []byte) (apdu.SW, []byte) {
	d.t.Helper()
	answer, err := d.session.Exchange(d.t.Context(), apdu.Command{
		CLA: cla, INS: ins, P1: p1, P2: p2, Data: data, Ne: 256,
	})
	var status *apdu.StatusError
	if err != nil && !errors.As(err, &status) {
		d.t.Fatalf("%02X%02X%02X%02X: %v", cla, ins, p1, p2, err)
	}
	return answer.SW, answer.Data
}

// want sends a command and wants a status word.
func (d *dialogue) want(sw apdu.SW, cla, ins, p1, p2 byte, data []byte) {
	d.t.Helper()
	if got, _ := d.answer(cla, ins, p1, p2, data); got != sw {
		d.t.Errorf("%02X%02X%02X%02X: %v, expected %v", cla, ins, p1, p2, got, sw)
	}
}

func pinBlock(t *testing.T, digits string) []byte {
	t.Helper()
	block, err := cryptogram.PINBlock(digits)
	if err != nil {
		t.Fatal(err)
	}
	return block[:]
}

// enciphered fetches a challenge and returns a PIN enciphered for it.
func (d *dialogue) enciphered(digits string) []byte {
	d.t.Helper()
	challenge := d.send(0, 0x84, 0, 0, nil)
	key := d.fixture.App().PINKey
	if key == nil {
		key = d.fixture.App().ODA
	}
	sealed, err := oda.EncipherPIN(rand.Reader, key.Public(), [8]byte(pinBlock(d.t, digits)),
		[8]byte(challenge))
	if err != nil {
		d.t.Fatal(err)
	}
	return sealed
}

// tries reads 9F17.
func (d *dialogue) tries() byte {
	d.t.Helper()
	return d.send(0x80, 0xCA, 0x9F, 0x17, nil)[3]
}

const (
	verifyPlain      = 0x80
	verifyEnciphered = 0x88
)

// The rows stand in the order of the checks: each sends what is wrong in its own way and in all the
// later ones.
func TestVerifyRefusesInOrder(t *testing.T) {
	noKey := func(a *image.Application) { a.ODA = nil }
	noPIN := func(a *image.Application) { a.PIN = nil }
	spent := func(a *image.Application) { a.PIN.Tries = 1 }
	device := func(a *image.Application) { a.PIN.CDCVM = true }
	for _, tt := range []struct {
		name   string
		change func(*image.Application)
		class  byte
		p1, p2 byte
		data   int
		before func(d *dialogue)
		want   apdu.SW
	}{
		{"no PIN", noPIN, 0, 0, 0x80, 8, nil, apdu.SWINSNotSupported},
		{"secure messaging", nil, 4, 1, 0, 7, nil, apdu.SWSecureMessagingNotSupported},
		{"P1", nil, 0, 1, 0x80, 7, nil, apdu.SWIncorrectP1P2},
		{"P2", nil, 0, 0, 0x00, 7, nil, apdu.SWIncorrectP1P2},
		{"no key for enciphered", noKey, 0, 0, 0x88, 7, nil, apdu.SWIncorrectP1P2},
		{"no data", nil, 0, 0, 0x80, 0, nil, apdu.SWWrongLength},
		{"7 bytes", nil, 0, 0, 0x80, 7, nil, apdu.SWWrongLength},
		{"plain, as long as the key", nil, 0, 0, 0x80, 128, nil, apdu.SWWrongLength},
		{"enciphered, 8 bytes", nil, 0, 0, 0x88, 8, nil, apdu.SWWrongLength},
		{"blocked", spent, 0, 0, 0x88, 128, spendTries, apdu.SWAuthMethodBlocked},
		{"no challenge", nil, 0, 0, 0x88, 128, generated, apdu.SWReferenceDataNotUsable},
		{"a command after the challenge", nil, 0, 0, 0x88, 128, challengedBefore, 0x6984},
		{"behind a cryptogram", nil, 0, 0, 0x80, 8, generated, apdu.SWConditionsNotSatisfied},
		{"the device asks for it", device, 0, 0, 0x80, 8, nil, apdu.SWConditionsNotSatisfied},
		{"wrong", nil, 0, 0, 0x80, 8, nil, 0x63C2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			changes := []func(*image.Application){}
			if tt.change != nil {
				changes = append(changes, tt.change)
			}
			fixture := emvcardtest.New(t, emvcardtest.Contact, changes...)
			d := begin(t, fixture, fixture.Card(t, nil))
			d.open()
			if tt.before != nil {
				tt.before(d)
			}
			d.want(tt.want, tt.class, 0x20, tt.p1, tt.p2, make([]byte, tt.data))
		})
	}
}

func spendTries(d *dialogue) { d.want(0x63C0, 0, 0x20, 0, verifyPlain, make([]byte, 8)) }

func generated(d *dialogue) { d.generate(0x80, d.fixture.App().CDOL1) }

func challengedBefore(d *dialogue) {
	d.send(0, 0x84, 0, 0, nil)
	d.tries()
}

func TestVerifyBeforeProcessingOptions(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact)
	d := begin(t, fixture, fixture.Card(t, nil))
	d.send(0, 0xA4, 4, 0, emvcardtest.AID())
	d.want(apdu.SWConditionsNotSatisfied, 0, 0x20, 0, verifyPlain, pinBlock(t, emvcardtest.PIN))
	if n := d.tries(); n != 3 {
		t.Errorf("%d tries are left", n)
	}
}

func TestPINTries(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact)
	card := fixture.Card(t, nil)
	d := begin(t, fixture, card)
	d.open()
	verify := func(sw apdu.SW, p2 byte, digits string) {
		t.Helper()
		data := pinBlock(t, digits)
		if p2 == verifyEnciphered {
			data = d.enciphered(digits)
		}
		d.want(sw, 0, 0x20, 0, p2, data)
	}
	verify(0x63C2, verifyPlain, "4321")
	verify(0x63C1, verifyEnciphered, "1235")
	verify(apdu.SWNormal, verifyEnciphered, emvcardtest.PIN)
	if n := d.tries(); n != 3 {
		t.Errorf("%d tries behind the right PIN", n)
	}
	damaged := d.enciphered(emvcardtest.PIN)
	damaged[100] ^= 1
	d.want(0x63C2, 0, 0x20, 0, verifyEnciphered, damaged)
	old := d.enciphered(emvcardtest.PIN)
	d.send(0, 0x84, 0, 0, nil)
	d.want(0x63C1, 0, 0x20, 0, verifyEnciphered, old) // for another challenge
	verify(0x63C0, verifyPlain, "12345")
	verify(apdu.SWAuthMethodBlocked, verifyPlain, emvcardtest.PIN)
	card.Reset()
	d.open()
	verify(apdu.SWAuthMethodBlocked, verifyPlain, emvcardtest.PIN)
	if n := d.tries(); n != 0 {
		t.Errorf("%d tries of a blocked PIN", n)
	}
}

// Wherever the power is cut, an answer that tells whether the PIN was right costs a try.
func TestPowerCutsInVerify(t *testing.T) {
	const writes = 2
	for _, digits := range []string{emvcardtest.PIN, "0000"} {
		right := digits == emvcardtest.PIN
		for n := 1; n <= writes; n++ {
			for _, after := range []bool{false, true} {
				if n == 2 && !right {
					continue // a wrong PIN leaves nothing more to write
				}
				fixture := emvcardtest.New(t, emvcardtest.Contact)
				store := &saved.Memory{}
				card := fixture.Card(t, store)
				d := begin(t, fixture, card)
				d.open()
				tear(card, n, after)
				verify := append([]byte{0, 0x20, 0, verifyPlain, 8}, pinBlock(t, digits)...)
				if answer := card.Process(verify); len(answer) != 0 {
					t.Errorf("PIN right %t, write %d, after %t: answer % X", right, n, after, answer)
				}
				again := begin(t, fixture, fixture.Card(t, store))
				again.open()
				want := byte(2)
				if n == 1 && !after || n == 2 && after {
					want = 3
				}
				if got := again.tries(); got != want {
					t.Errorf("PIN right %t, write %d, after %t: %d tries, expected %d", right, n, after,
						got, want)
				}
			}
		}
	}
}

func tear(card *emvcard.Card, n int, after bool) {
	if after {
		card.TearAfter(n)
	} else {
		card.Tear(n)
	}
}
