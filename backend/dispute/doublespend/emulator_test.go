package doublespend_test

import (
	"context"
	"crypto/sha256"
	"testing"

	"tapbench/applet/applettest"
	"tapbench/applet/emulator"
	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/dispute/doublespend"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// TestHonestEmulator listens to every offline payment of the element's own tests: paid, metered,
// torn at each write, asked again, closed, and some thousand random steps. Of all that the element
// has ever said no pair is evidence, and each statement verifies, so that a pair could be.
func TestHonestEmulator(t *testing.T) {
	heard := &ear{t: t, tokens: map[message.Hash]*heardOf{}}
	applettest.RunOffline(t, applettest.Backend{
		Open: func(t testing.TB) pcsc.Card {
			t.Helper()
			card, err := emulator.New(emulator.Config{})
			check(t, err)
			return heard.listen(card)
		},
		Tear: func(card pcsc.Card, n int, after bool) {
			if l := card.(*line); after {
				l.element.TearAfter(n)
			} else {
				l.element.Tear(n)
			}
		},
		Again: func(t testing.TB, card pcsc.Card) pcsc.Card {
			t.Helper()
			old := card.(*line)
			check(t, old.Close())
			<-old.Done()
			return heard.listen(old.element)
		},
	})
	heard.judge()
}

// ear hears what elements answer about their tokens, on all lines.
type ear struct {
	t      testing.TB
	tokens map[message.Hash]*heardOf
	closes []signedClose
}

// heardOf is what was said of one token.
type heardOf struct {
	token  message.Token
	spends []doublespend.Spend
	meters []doublespend.Meter
	shown  uint8 // the highest index whose value came out
	value  message.Hash
}

// signedClose is an answer to TOKEN CLOSE, which doesn't name its token.
type signedClose struct {
	at        uint8
	signature message.Signature
}

// line is the connection to one element that an ear listens to.
type line struct {
	*pcsc.Direct
	element *emulator.Card
	ear     *ear
	terms   emv.OfflinePDOLData
	record  emv.TokenRecord
	rest    *apdu.Command // of which GET RESPONSE brings more
	data    []byte
}

func (e *ear) listen(card *emulator.Card) *line {
	return &line{Direct: pcsc.NewDirect(card), element: card, ear: e}
}

// Transmit passes a command on, and hears command and answer.
func (l *line) Transmit(ctx context.Context, raw []byte) ([]byte, error) {
	answer, err := l.Direct.Transmit(ctx, raw)
	command, bad := apdu.ParseCommand(raw)
	response, badAnswer := apdu.ParseResponse(answer)
	if err != nil || bad != nil || badAnswer != nil {
		l.rest = nil
		return answer, err
	}
	if command.INS != byte(wire.InsGetResponse) {
		l.rest, l.data = &command, nil
	}
	l.data = append(l.data, response.Data...)
	if l.rest != nil && response.SW == wire.SWNormal {
		l.hear(*l.rest, l.data)
	}
	return answer, nil
}

// hear takes a command that was done, and its answer.
func (l *line) hear(c apdu.Command, data []byte) {
	if c.CLA != byte(wire.CLAProprietary) {
		if wire.INS(c.INS) == wire.InsReadRecord {
			l.record, _ = emv.ParseTokenRecord(data)
		}
		return
	}
	switch wire.INS(c.INS) {
	case wire.InsGetProcessingOptions:
		l.record = emv.TokenRecord{}
		l.terms, _ = emv.ParseOfflinePDOLData(c.Data[min(2, len(c.Data)):])
	case wire.InsGenerateAC:
		if a, err := emv.ParseOfflineAnswer(data); err == nil && l.record.To > 0 {
			l.signed(a)
		}
	case wire.InsTick:
		l.ear.of(l.record.Token).show(c.P1, message.Hash(data))
	case wire.InsTokenClose:
		l.ear.closes = append(l.ear.closes,
			signedClose{data[0], message.Signature(data[1:])})
	default: // says nothing of tokens
	}
}

// signed makes a statement of an answer, by what the terminal has asked for.
func (l *line) signed(a emv.OfflineAnswer) {
	if a.CID != emv.CIDTC {
		return
	}
	d, of := l.terms, l.ear.of(l.record.Token)
	if a.Value != nil {
		of.show(a.To, *a.Value)
	}
	id := l.record.Token.ID()
	if d.Unit != 0 {
		of.meters = append(of.meters, doublespend.Meter{Signature: a.Signature, Meter: message.Meter{
			Token: id, From: a.From, Max: a.To, Merchant: d.Merchant, Certificate: d.Certificate,
			Unit: d.Unit, Currency: d.Currency, Time: d.Time, UN: d.UN,
			Relay: l.record.Relay,
		}})
		return
	}
	of.spends = append(of.spends, doublespend.Spend{Signature: a.Signature, Spend: message.Spend{
		Token: id, From: a.From, To: a.To, Merchant: d.Merchant, Certificate: d.Certificate,
		Amount: d.Amount, Currency: d.Currency, Time: d.Time, UN: d.UN,
		Relay: l.record.Relay,
	}})
}

// of returns what was said of a token.
func (e *ear) of(t message.Token) *heardOf {
	id := t.ID()
	if e.tokens[id] == nil {
		e.tokens[id] = &heardOf{token: t}
	}
	return e.tokens[id]
}

// show takes a chain value that came out.
func (s *heardOf) show(index uint8, value message.Hash) {
	if index > s.shown {
		s.shown, s.value = index, value
	}
}

// judge tries every pair of statements of each token, metering with the highest value that anyone
// can know.
func (e *ear) judge() {
	pairs, closes := 0, 0
	for _, s := range e.tokens {
		all := s.statements()
		for _, c := range e.closes {
			m := message.TokenClose{Token: s.token.ID(), At: c.at}
			if message.Verify(s.token.Fields.Key, m.Digest(), c.signature) == nil {
				all = append(all, doublespend.Close{TokenClose: m, Signature: c.signature})
				closes++
			}
		}
		for i, a := range all {
			if err := a.Verify(s.token); err != nil {
				e.t.Errorf("%+v: %v", a, err)
			}
			for _, b := range all[:i] {
				pairs++
				if twice, err := doublespend.Twice(a, b); err == nil {
					e.t.Errorf("units %v are spent twice: %+v, %+v", twice, a, b)
				}
			}
		}
	}
	e.t.Logf("%d tokens, %d closes of them, %d pairs", len(e.tokens), closes, pairs)
	if pairs < 100 || closes < 10 {
		e.t.Errorf("only %d pairs and %d closes", pairs, closes)
	}
}

// statements returns spends and meters. A commitment of which no tick can be known claims nothing.
func (s *heardOf) statements() []doublespend.Statement {
	var all []doublespend.Statement
	for _, spend := range s.spends {
		all = append(all, spend)
	}
	for _, m := range s.meters {
		if m.To = min(s.shown, m.Max); m.To > m.From {
			m.Value = down(s.token.Fields.Key, s.shown, m.To, s.value)
			all = append(all, m)
		}
	}
	return all
}

// down leads from w_from to w_to, as everybody can.
func down(key message.PublicKey, from, to uint8, value message.Hash) message.Hash {
	for i := from; i > to; i-- {
		step := append(message.Prefix(wire.MsgTokenChain), key[1:1+wire.SeedTagLen]...)
		value = sha256.Sum256(append(append(step, i), value[:]...))
	}
	return value
}
