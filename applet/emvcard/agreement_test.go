package emvcard_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/issuer"
	"tapbench/applet/emv/pinblock"
	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// How many there are of each scheme.
const (
	agreementCards        = 50
	agreementTransactions = 25 // of each card
	agreementLimit        = 50_00
)

// agreement is a card and its issuer, and the PIN that both believe in.
type agreement struct {
	*dialogue
	random *rand.Rand
	bank   *issuer.Issuer
	asked  *questions
	card   *emvcard.Card
	pan    string
	pin    string
	tries  byte
	// blocked and dead are the application and the card.
	blocked, dead bool
	queued        []issuer.Order
	before        bool // the queued ones go before the second cryptogram
}

// Card and issuer agree over whole transactions with scripts, drawn at random; pyemv computes the
// same for what both have said.
func TestCardAndIssuerAgree(t *testing.T) {
	for _, scheme := range cryptogram.Schemes() {
		t.Run(scheme.String(), func(t *testing.T) {
			asked := &questions{scheme: scheme}
			random := rand.New(rand.NewPCG(9, uint64(scheme)))
			fixture := emvcardtest.New(t, emvcardtest.Contact, func(a *image.Application) {
				a.Scheme, a.Risk = scheme, image.Risk{Currency: [2]byte{0x09, 0x78}}
				a.Objects = []image.Object{{Tag: 0x9F7B, Value: make([]byte, 6), Put: true}}
			})
			asked.master = fixture.Issuer
			for range agreementCards {
				a := newAgreement(t, fixture, asked, random)
				for n := 0; n < agreementTransactions && !a.dead && !t.Failed(); n++ {
					a.transaction()
				}
			}
			asked.compare(t)
		})
	}
}

func newAgreement(
	t *testing.T, fixture *emvcardtest.Fixture, asked *questions, random *rand.Rand,
) *agreement {
	t.Helper()
	a := &agreement{random: random, asked: asked, pin: emvcardtest.PIN, tries: 3}
	var pan strings.Builder
	for range 12 + random.IntN(8) {
		fmt.Fprint(&pan, random.IntN(10))
	}
	a.pan = pan.String()
	app := fixture.App()
	app.PAN, app.Sequence = a.pan, byte(random.IntN(100))
	app.ScriptMAC = byte(cryptogram.MinMAC + random.IntN(cryptogram.MaxMAC-cryptogram.MinMAC+1))
	var err error
	if app.Keys, err = app.Scheme.Derive(fixture.Issuer, app.PAN, app.Sequence); err != nil {
		t.Fatal(err)
	}
	a.bank = issuer.New(issuer.Config{
		Keys: []issuer.Keys{
			{
				Scheme: app.Scheme, Index: app.KeyIndex, Master: fixture.Issuer, MACLen: app.ScriptMAC,
			},
		},
		Limit: agreementLimit, PINs: issuer.PINs{Key: &agreementKey, Other: agreementPIN(t)},
	})
	a.card = fixture.Card(t, nil)
	a.dialogue = begin(t, fixture, a.card)
	return a
}

// agreementKey is what PINs for the issuer are enciphered under: zeros, in format 0.
var agreementKey pinblock.Key

// agreementPIN is what the issuer of all cards knows.
func agreementPIN(t *testing.T) pinblock.PIN {
	t.Helper()
	pin, err := pinblock.ParsePIN(emvcardtest.PIN)
	if err != nil {
		t.Fatal(err)
	}
	return pin
}

// pinBlock is the PIN for the issuer, where the TVR says that one was entered.
func (a *agreement) pinBlock() pinblock.Block {
	a.t.Helper()
	if a.said[emv.TagTVR][2]&0x04 == 0 {
		return nil
	}
	block, err := agreementKey.Seal(nil, agreementPIN(a.t), a.pan)
	if err != nil {
		a.t.Fatal(err)
	}
	return block
}

// macLen is how many bytes of a MAC the card asks for.
func (a *agreement) macLen() int { return int(a.fixture.App().ScriptMAC) }

// draw is n random bytes.
func (a *agreement) draw(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(a.random.Uint32())
	}
	return out
}

// transaction is one whole payment.
func (a *agreement) transaction() {
	a.t.Helper()
	amount := a.random.Uint64N(2 * agreementLimit)
	a.say(amount)
	a.queue()
	a.choose()
	a.send(0x80, 0xA8, 0, 0, []byte{0x83, 0})
	a.verifySometimes()
	app := a.fixture.App()
	first := a.generate(emv.CIDARQC, app.CDOL1)
	if want := a.unlessBlocked(emv.CIDARQC); first[emv.TagCID][0] != want {
		a.t.Fatalf("first cryptogram is %02X, expected %02X", first[emv.TagCID], want)
	}
	a.asked.cryptogram(a, first)
	answer, err := a.bank.Authorise(issuer.Request{
		Amount: amount, Currency: [2]byte{0x09, 0x78}, ICC: a.icc(first), PAN: emv.AnyPAN(a.pan),
		Sequence: app.Sequence, PINBlock: a.pinBlock(),
	})
	if err != nil {
		a.t.Fatal(err)
	}
	if want := !a.blocked && amount <= agreementLimit; answer.Approved() != want {
		a.t.Fatalf("%s, expected an approval: %t", answer.Why, want)
	}
	a.asked.issuerAuth(a, first, answer.IssuerAuth)
	if first[emv.TagCID][0] == emv.CIDARQC {
		a.complete(answer, first)
	} else {
		a.scripts(answer.Scripts, 0x71, first)
	}
	a.scripts(answer.Scripts, 0x72, first)
	a.applied()
}

// say draws what the terminal says.
func (a *agreement) say(amount uint64) {
	digits, err := emv.N12(amount)
	if err != nil {
		a.t.Fatal(err)
	}
	a.said = terminal{
		emv.TagAmount: digits[:], emv.TagAmountOther: a.draw(6), emv.TagCountry: a.draw(2),
		emv.TagTVR: a.draw(5), emv.TagCurrency: {0x09, 0x78}, emv.TagDate: a.draw(3),
		emv.TagTransactionType: a.draw(1), emv.TagUN: a.draw(4), 0x9F4C: a.draw(8),
	}
}

func (a *agreement) choose() {
	a.t.Helper()
	want := apdu.SWNormal
	if a.blocked {
		want = apdu.SWFileDeactivated
	}
	a.want(want, 0, 0xA4, 4, 0, emvcardtest.AID())
}

func (a *agreement) unlessBlocked(cid byte) byte {
	if a.blocked {
		return emv.CIDAAC
	}
	return cid
}

// verifySometimes has the PIN checked, right or wrong.
func (a *agreement) verifySometimes() {
	a.t.Helper()
	if a.random.IntN(2) == 0 || a.tries == 0 {
		return
	}
	p2, data := byte(verifyPlain), pinBlock(a.t, a.pin)
	if a.random.IntN(4) == 0 {
		p2, data = verifyEnciphered, a.enciphered(a.pin)
	}
	if a.random.IntN(3) == 0 {
		a.tries--
		longer := pinBlock(a.t, "000000000000")
		a.want(0x63C0|apdu.SW(a.tries), 0, 0x20, 0, verifyPlain, longer)
		return
	}
	a.tries = 3
	a.want(apdu.SWNormal, 0, 0x20, 0, p2, data)
}

// queue has the issuer send some orders with its answer.
func (a *agreement) queue() {
	a.t.Helper()
	var pin strings.Builder
	for range 4 + a.random.IntN(7) {
		fmt.Fprint(&pin, a.random.IntN(10))
	}
	orders := []issuer.Order{
		issuer.UnblockPIN(), issuer.ChangePIN(pin.String()), issuer.PutData(0x9F7B, a.draw(6)),
	}
	a.random.Shuffle(len(orders), func(i, j int) { orders[i], orders[j] = orders[j], orders[i] })
	a.queued = orders[:a.random.IntN(3)]
	switch a.random.IntN(8) {
	case 0:
		a.queued = append(slices.Clone(a.queued), issuer.Block())
	case 1, 2:
		if a.blocked {
			a.queued = append(slices.Clone(a.queued), issuer.Unblock())
		}
	case 3:
		if a.random.IntN(agreementTransactions) == 0 {
			a.queued = append(slices.Clone(a.queued), issuer.BlockCard())
		}
	}
	a.before = a.random.IntN(2) == 0
	if len(a.queued) == 0 {
		return
	}
	script := issuer.Script{Before: a.before, Orders: a.queued}
	if a.random.IntN(2) == 0 {
		script.ID = [4]byte(a.draw(4))
	}
	if err := a.bank.Send(a.pan, a.fixture.App().Sequence, script); err != nil {
		a.t.Fatal(err)
	}
	for _, o := range a.queued {
		if fmt.Sprint(o) == "pin" {
			a.asked.pin = pin.String()
		}
	}
}

// icc are the data of a request.
func (a *agreement) icc(answer map[tlv.Tag][]byte) (out []byte) {
	for tag, value := range answer {
		out = tlv.Append(out, tag, value)
	}
	for _, tag := range []tlv.Tag{
		emv.TagAmount, emv.TagAmountOther, emv.TagCountry, emv.TagTVR, emv.TagCurrency, emv.TagDate,
		emv.TagTransactionType, emv.TagUN,
	} {
		out = tlv.Append(out, tag, a.said[tag])
	}
	return tlv.Append(out, emv.TagAIP, a.fixture.App().AIP[:])
}

// complete tells the card what the issuer said, and has it decide.
func (a *agreement) complete(answer issuer.Answer, first map[tlv.Tag][]byte) {
	a.t.Helper()
	app := a.fixture.App()
	a.said[emv.TagARC] = answer.ARC[:]
	if a.random.IntN(2) == 0 {
		a.want(apdu.SWNormal, 0, 0x82, 0, 0, answer.IssuerAuth)
	} else {
		a.said[emv.TagIssuerAuth] = append(slices.Clone(answer.IssuerAuth), 0, 0)[:10]
	}
	a.said[emv.TagTVR] = a.draw(5)
	a.scripts(answer.Scripts, 0x71, first)
	asked := emv.CIDAAC
	if answer.Approved() {
		asked = emv.CIDTC
	}
	second := a.generate(asked, app.CDOL2)
	blocks := a.before && slices.ContainsFunc(a.queued, func(o issuer.Order) bool {
		return strings.HasPrefix(fmt.Sprint(o), "block")
	})
	if blocks {
		asked = emv.CIDAAC
	}
	if got := second[emv.TagCID][0]; got != asked {
		a.t.Fatalf("second cryptogram is %02X, expected %02X", got, asked)
	}
	a.asked.cryptogram(a, second)
	kind, err := a.bank.Check(issuer.Request{
		ICC: a.icc(second), PAN: emv.AnyPAN(a.pan), Sequence: app.Sequence,
	})
	if err != nil || byte(kind) != asked {
		a.t.Fatalf("the issuer takes the second cryptogram for %v, %v", kind, err)
	}
}

// scripts sends the commands of all templates of a tag.
func (a *agreement) scripts(scripts []byte, tag tlv.Tag, first map[tlv.Tag][]byte) {
	a.t.Helper()
	var sent [][]byte
	err := tlv.Walk(scripts, func(e tlv.Element, _ int) error {
		if e.Tag != 0x86 || (tag == 0x71) != a.before {
			return nil
		}
		sent = append(sent, e.Value)
		command, err := apdu.ParseCommand(e.Value)
		if err != nil {
			return err
		}
		a.want(apdu.SWNormal, command.CLA, command.INS, command.P1, command.P2, command.Data)
		return nil
	})
	if err != nil || (tag == 0x71) == a.before && len(sent) != len(a.queued) {
		a.t.Fatalf("%d of %d scripts, %v", len(sent), len(a.queued), err)
	}
	a.asked.scripts(a, first, sent)
}

// applied keeps what the scripts have changed, and looks at the card.
func (a *agreement) applied() {
	a.t.Helper()
	for _, o := range a.queued {
		switch fmt.Sprint(o) {
		case "pin":
			a.pin, a.tries = a.asked.pin, 3
		case "unblock-pin":
			a.tries = 3
		case "block":
			a.blocked = true
		case "unblock":
			a.blocked = false
		case "block-card":
			a.dead = true
			a.card.Reset()
			a.want(apdu.SWFunctionNotSupported, 0, 0xA4, 4, 0, emvcardtest.AID())
			return
		}
	}
	if got := a.dialogue.tries(); got != a.tries {
		a.t.Fatalf("%d tries, expected %d", got, a.tries)
	}
}
