package conformance

import (
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// purchase is one offline payment's side of a merchant, or one metering commitment's.
type purchase struct {
	h         *Host
	m         merchant
	d         emv.OfflinePDOLData
	challenge message.Nonce // the last one that the card has put
	relay     message.Relay // the last exchange before the record was read first
	bound     bool          // it was read
}

// newPurchase begins a payment of so many minor units with a new unpredictable number, at noon of
// the epoch's first day.
func (h *Host) newPurchase(m merchant, minor uint64) *purchase {
	h.t.Helper()
	amount, err := emv.N12(minor)
	if err != nil {
		h.t.Fatal(err)
	}
	d := emv.OfflinePDOLData{
		Amount: amount, Currency: euro(), Merchant: m.id, Certificate: m.hash(), Time: noon(),
	}
	fill(h.t, d.UN[:])
	return &purchase{h: h, m: m, d: d}
}

// noon is the terminal's time: twelve hours into the current epoch.
func noon() uint32 { return epochBegins(currentEpoch) + 12*3600 }

// epochBegins returns an epoch's first second.
func epochBegins(e message.Epoch) uint32 {
	return uint32(e) * uint32(message.EpochLength/time.Second)
}

// metered makes the purchase a metering commitment of units of a class.
func (p *purchase) metered(unit uint8) *purchase {
	p.d.Unit = unit
	return p
}

// changed returns the same payment with other data.
func (p *purchase) changed(f func(*emv.OfflinePDOLData)) *purchase {
	other := *p
	f(&other.d)
	return &other
}

// begin selects the offline payment application.
func (p *purchase) begin() *purchase {
	p.h.t.Helper()
	p.h.selectApplication(wire.AIDOffline)
	return p
}

// The commands of the purchase.
func (p *purchase) optionsCommand() apdu.Command {
	return ownCommand(wire.InsGetProcessingOptions, 0, 0,
		concat([]byte{0x83, emv.OfflinePDOLDataLen}, p.d.Encode()))
}

func (p *purchase) acCommand(p1 byte) apdu.Command {
	return ownCommand(wire.InsGenerateAC, p1, 0, p.d.UN[:])
}

func (p *purchase) authCommand() apdu.Command {
	p.h.t.Helper()
	return authCommand(p.m.authData(p.h.t, message.MerchantAuth{
		Challenge: p.challenge, Amount: p.d.Amount, Currency: p.d.Currency, Time: p.d.Time, UN: p.d.UN,
	}))
}

func tickCommand(k byte) apdu.Command { return ownCommand(wire.InsTick, k, 0, nil) }

func receiptCommand(receipt message.Signature) apdu.Command {
	tag := wire.TagMerchantReceipt
	return ownCommand(wire.InsPutData, byte(tag>>8), byte(tag&0xFF), receipt[:])
}

// options is GET PROCESSING OPTIONS. It keeps the challenge.
func (p *purchase) options() apdu.SW {
	p.h.t.Helper()
	r := p.h.transmit(p.optionsCommand())
	if r.SW == wire.SWNormal {
		if c := challengeOf(p.h.t, r); c != nil {
			p.challenge = *c
		}
	}
	return r.SW
}

// authenticate is EXTERNAL AUTHENTICATE by the merchant.
func (p *purchase) authenticate() apdu.SW {
	p.h.t.Helper()
	return p.h.transmit(p.authCommand()).SW
}

func (p *purchase) read() apdu.Response            { return p.h.transmit(recordCommand(1)) }
func (p *purchase) generate(p1 byte) apdu.Response { return p.h.transmit(p.acCommand(p1)) }
func (p *purchase) tick(k byte) apdu.Response      { return p.h.transmit(tickCommand(k)) }

func (p *purchase) receipt(s message.Signature) apdu.SW {
	return p.h.transmit(receiptCommand(s)).SW
}

// shown reads record 1, which must hold a token of the TSM's and enough units.
func (p *purchase) shown() emv.TokenRecord {
	p.h.t.Helper()
	r := p.read()
	if r.SW != wire.SWNormal {
		p.h.t.Fatalf("READ RECORD 1: %v", r.SW)
	}
	return p.record(r.Data)
}

// record checks record 1.
func (p *purchase) record(raw []byte) emv.TokenRecord {
	t := p.h.t
	t.Helper()
	record, err := emv.ParseTokenRecord(raw)
	if err != nil {
		t.Fatal(err)
	}
	verify(t, "token", p.h.p.tsm.sign.public, record.Token.ID(), record.Token.Signature)
	amount, err := emv.ParseN12(p.d.Amount)
	taken := token.Interval{From: record.From, To: record.To}
	f := record.Token.Fields
	paid := uint64(record.To-record.From) * uint64(f.Unit)
	if err != nil || !taken.Within(f.Length) || paid != amount {
		t.Errorf("units %d to %d of %d x %d for %d", taken.From, taken.To, f.Length, f.Unit, amount)
	}
	p.bound = true
	if record.Relay != p.relay {
		t.Errorf("the record has the exchange %+v, want %+v", record.Relay, p.relay)
	}
	return record
}

// signed asks for a TC and checks all that a merchant checks of it.
func (p *purchase) signed(record emv.TokenRecord) emv.OfflineAnswer {
	p.h.t.Helper()
	r := p.generate(wire.P1TC)
	if r.SW != wire.SWNormal {
		p.h.t.Fatalf("GENERATE AC: %v", r.SW)
	}
	return p.answer(record, r.Data)
}

// answer checks GENERATE AC's answer: units, value and signature.
func (p *purchase) answer(record emv.TokenRecord, raw []byte) emv.OfflineAnswer {
	t := p.h.t
	t.Helper()
	a, err := emv.ParseOfflineAnswer(raw)
	if err != nil {
		t.Fatal(err)
	}
	if a.CID != emv.CIDTC || a.From != record.From || a.To != record.To ||
		(a.Value == nil) != (p.d.Unit != 0) {
		t.Errorf("GENERATE AC: %+v after units %d to %d", a, record.From, record.To)
	}
	verify(t, "sigma", record.Token.Fields.Key, p.digest(record), a.Signature)
	if a.Value != nil {
		if err := token.CheckValue(record.Token.Fields, int(a.To), *a.Value); err != nil {
			t.Error(err)
		}
	}
	return a
}

// digest is what sigma signs.
func (p *purchase) digest(record emv.TokenRecord) message.Hash {
	d := p.d
	if d.Unit != 0 {
		return message.Meter{
			Token: record.Token.ID(), From: record.From, Max: record.To, Merchant: d.Merchant,
			Certificate: d.Certificate, Unit: d.Unit, Currency: d.Currency, Time: d.Time, UN: d.UN,
			Relay: record.Relay,
		}.Digest()
	}
	return message.Spend{
		Token: record.Token.ID(), From: record.From, To: record.To, Merchant: d.Merchant,
		Certificate: d.Certificate, Amount: d.Amount, Currency: d.Currency, Time: d.Time, UN: d.UN,
		Relay: record.Relay,
	}.Digest()
}

// ticked asks for a unit and checks its value.
func (p *purchase) ticked(record emv.TokenRecord, k byte) {
	t := p.h.t
	t.Helper()
	r := p.tick(k)
	wantSW(t, "TICK", r.SW, wire.SWNormal)
	p.checkTick(record, k, r.Data)
}

// checkTick checks an answer to TICK.
func (p *purchase) checkTick(record emv.TokenRecord, k byte, value []byte) {
	t := p.h.t
	t.Helper()
	if len(value) != wire.HashLen {
		t.Fatalf("TICK %d: %d bytes", k, len(value))
	}
	if err := token.CheckValue(record.Token.Fields, int(k), message.Hash(value)); err != nil {
		t.Error(err)
	}
}

// signReceipt is the merchant's receipt.
func (p *purchase) signReceipt(record emv.TokenRecord) message.Signature {
	m := message.MerchantReceipt{Statement: p.digest(record), To: record.To}
	return p.m.key.sign(p.h.t, m.Digest())
}

// pay runs the payment from SELECT to the receipt.
func (p *purchase) pay(mutual bool) (emv.TokenRecord, emv.OfflineAnswer) {
	t := p.h.t
	t.Helper()
	p.begin()
	wantSW(t, "GET PROCESSING OPTIONS", p.options(), wire.SWNormal)
	if said := p.h.exchangeRelay(); !p.bound {
		p.relay = said
	}
	if mutual {
		wantSW(t, "EXTERNAL AUTHENTICATE", p.authenticate(), wire.SWNormal)
	}
	record := p.shown()
	answer := p.signed(record)
	wantSW(t, "PUT DATA", p.receipt(p.signReceipt(record)), wire.SWNormal)
	return record, answer
}

// wantRefused wants GET PROCESSING OPTIONS to be refused like all others.
func (p *purchase) wantRefused(t TB, what string) {
	t.Helper()
	p.begin()
	wantSW(t, what, p.options(), wire.SWConditionsNotSatisfied)
}
