package terminaltest

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/binary"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// Card is a payment card in memory. Tests change its fields before a payment.
type Card struct {
	Armed      bool // else GET PROCESSING OPTIONS is refused
	NoRelay    bool // it doesn't take part in the exchange against relays
	PAN        emv.PAN
	Expiration [3]byte
	VCard      message.VCard
	Signature  message.Signature // the TSM's
	MasterKey  emv.MasterKey
	// Code, if set, is what the issuer answers to a correct request of this card.
	Code acquirer.Code
	// AAC has the card answer an AAC to the GENERATE AC of that number, 1 or 2.
	AAC int
	// Answer, if set, may replace the answer to the n-th command, counted from 0. An empty result
	// takes the card away.
	Answer func(n int, c apdu.Command, answer []byte) []byte

	key      *ecdsa.PrivateKey
	commands int
	selected string
	pdol     []byte        // of GET PROCESSING OPTIONS
	first    []byte        // CDOL1 data
	relay    message.Relay // the last exchange
	atc      uint16
	arqc     [8]byte
}

var _ pcsc.Processor = (*Card)(nil)

// Commands returns how many commands the card got.
func (c *Card) Commands() int { return c.commands }

// ATR returns T=1, contactless style.
func (c *Card) ATR() []byte { return []byte{0x3B, 0x80, 0x80, 0x01, 0x01} }

// PowerOn begins anew.
func (c *Card) PowerOn() { c.selected, c.pdol, c.first = "", nil, nil }

// PowerOff does nothing: PowerOn begins anew.
func (c *Card) PowerOff() {}

// Reset begins anew.
func (c *Card) Reset() { c.PowerOn() }

// Process answers a command.
func (c *Card) Process(raw []byte) []byte {
	command, err := apdu.ParseCommand(raw)
	answer := status(apdu.SWWrongLength)
	if err == nil {
		answer = c.dispatch(command)
	}
	n := c.commands
	c.commands++
	if c.Answer != nil {
		return c.Answer(n, command, answer)
	}
	return answer
}

func (c *Card) dispatch(command apdu.Command) []byte {
	switch wire.INS(command.INS) {
	case wire.InsSelect:
		return c.selectByName(string(command.Data))
	case wire.InsGetProcessingOptions:
		return c.options(command.Data)
	case wire.InsExchangeRelay:
		return c.exchangeRelay(command.Data)
	case wire.InsReadRecord:
		return c.record(command.P1)
	case wire.InsGenerateAC:
		if c.first == nil {
			return c.firstAC(command)
		}
		return c.secondAC(command)
	default:
		return status(apdu.SWINSNotSupported)
	}
}

func (c *Card) selectByName(name string) []byte {
	switch wire.AID(name) {
	case wire.AIDPPSE:
		return ok(emv.PaymentPPSE())
	case wire.AIDPayment:
		c.selected = name
		return ok(emv.PaymentFCI().Encode())
	default:
		return status(apdu.SWFileNotFound)
	}
}

func (c *Card) options(data []byte) []byte {
	pdol, err := tlv.Find(data, emv.TagCommandTemplate)
	if err != nil || len(pdol) != emv.PDOLDataLen {
		return status(apdu.SWWrongData)
	}
	if !c.Armed || c.selected == "" {
		return status(apdu.SWConditionsNotSatisfied)
	}
	c.pdol = append([]byte(nil), pdol...)
	return ok(emv.ProcessingOptions{AIP: c.aip(), AFL: emv.AFL()}.Encode())
}

func (c *Card) aip() [2]byte {
	aip := emv.AIP()
	if c.NoRelay {
		aip[1] &^= emv.AIPRelay
	}
	return aip
}

// exchangeRelay answers the terminal's entropy with one that is its bytes turned around.
func (c *Card) exchangeRelay(data []byte) []byte {
	if c.pdol == nil || c.atc != 0 || len(data) != wire.EntropyLen {
		return status(apdu.SWConditionsNotSatisfied)
	}
	c.relay = message.Relay{
		Terminal: [wire.EntropyLen]byte(data), Times: message.CardRelayTimes(),
	}
	for i, b := range data {
		c.relay.Card[i] = ^b
	}
	return ok(emv.RelayAnswer{Entropy: c.relay.Card, Times: c.relay.Times}.Encode())
}

func (c *Card) record(n byte) []byte {
	if c.pdol == nil {
		return status(apdu.SWConditionsNotSatisfied)
	}
	switch n {
	case 1:
		c.atc = 1
		return ok(emv.Record1(c.PAN, c.Expiration, 1, c.VCard.Class.Currency))
	case 2:
		return ok(emv.Record2())
	case 3:
		return ok(emv.Record3(c.VCard.Key, c.VCard.Class, c.Signature))
	default:
		return status(apdu.SWRecordNotFound)
	}
}

func (c *Card) firstAC(command apdu.Command) []byte {
	d, err := emv.ParseCDOL1Data(command.Data)
	if err != nil {
		return status(apdu.SWWrongData)
	}
	if c.atc == 0 {
		return status(apdu.SWConditionsNotSatisfied)
	}
	c.first = append([]byte(nil), command.Data...)
	answer := c.cryptogram(emv.CVRNone, c.first)
	answer.CID = command.P1
	if c.AAC == 1 || command.P1 == wire.P1AAC {
		answer.CID = wire.P1AAC
		return ok(answer.Encode())
	}
	c.arqc = answer.AC
	tap := message.Tap{
		Amount: d.Amount, Currency: d.Currency, Date: d.Date, UN: d.UN, Merchant: d.Merchant,
		PAN: sha256.Sum256(c.PAN[:]), Relay: c.relay,
	}
	binary.BigEndian.PutUint16(tap.ATC[:], c.atc)
	sig, err := message.Sign(c.key, tap.Digest())
	if err != nil {
		return status(apdu.SWUnknown)
	}
	answer.Tap = &sig
	return ok(answer.Encode())
}

func (c *Card) secondAC(command apdu.Command) []byte {
	d, err := emv.ParseCDOL2Data(command.Data)
	if err != nil {
		return status(apdu.SWWrongData)
	}
	csu := [4]byte(d.IssuerAuth[4:])
	arpc := emv.ARPC(emv.SessionKey(c.MasterKey, c.atc), c.arqc, csu)
	right := emv.IssuerAuth(arpc, csu) == d.IssuerAuth
	cvr := emv.CVRIssuerAuthFailed
	if right {
		cvr = emv.CVRIssuerAuthenticated
	}
	answer := c.cryptogram(cvr, c.first, command.Data)
	if right && emv.Approves(csu) && command.P1 == wire.P1TC && c.AAC != 2 {
		answer.CID = emv.CIDTC
	}
	c.Armed = false
	return ok(answer.Encode())
}

func (c *Card) cryptogram(cvr uint32, data ...[]byte) emv.ACAnswer {
	aip, iad := c.aip(), emv.IAD(cvr)
	atc := binary.BigEndian.AppendUint16(nil, c.atc)
	parts := append(data, aip[:], atc, iad[:])
	return emv.ACAnswer{
		ATC: c.atc, IAD: iad[:],
		AC: emv.Cryptogram(emv.SessionKey(c.MasterKey, c.atc), parts...),
	}
}

func ok(data []byte) []byte { return apdu.Response{Data: data, SW: apdu.SWNormal}.Encode() }

func status(sw apdu.SW) []byte { return apdu.Response{SW: sw}.Encode() }
