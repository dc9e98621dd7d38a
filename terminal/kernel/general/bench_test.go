package general_test

import (
	"context"
	"errors"
	"testing"

	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
)

// exchange is a command and its answer.
type exchange struct{ command, answer []byte }

// recorder keeps what passes.
type recorder struct {
	pcsc.Card
	exchanges []exchange
}

func (r *recorder) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	kept := append([]byte(nil), command...)
	answer, err := r.Card.Transmit(ctx, command)
	r.exchanges = append(r.exchanges, exchange{kept, append([]byte(nil), answer...)})
	return answer, err
}

// replayed answers what was recorded, whatever it is asked.
type replayed struct {
	pcsc.Card
	exchanges []exchange
	next      int
}

func (r *replayed) Transmit(context.Context, []byte) ([]byte, error) {
	e := r.exchanges[r.next]
	r.next++
	return e.answer, nil
}

// zeros is a source without randomness, so that a transaction can be repeated.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// approves answers without looking.
type approves struct{ outcome.Answer }

func (a approves) Authorise(context.Context, general.Request) (outcome.Answer, error) {
	return a.Answer, nil
}

// recorded is a whole contact transaction with two cryptograms, once with its card.
func recorded(tb testing.TB) (*general.Kernel, general.Host, general.Purchase, []exchange) {
	tb.Helper()
	f := emvcardtest.New(tb, emvcardtest.Contact, noAuthentication)
	c := config(f)
	c.Way, c.Rand, c.PINPad = entry.Contact, zeros{}, nil
	k, err := general.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	card := &recorder{Card: pcsc.NewDirect(f.Card(tb, nil))}
	p := general.Purchase{Amount: 6000}
	out, err := k.Pay(tb.Context(), card, host{Issuer: bank(f)}, p)
	if err != nil || out.Result != outcome.Approved || out.Second == nil {
		tb.Fatalf("%v, %v", out.Result, err)
	}
	return k, approves{*out.Answer}, p, card.exchanges
}

// commandsAndAnswers returns the bytes of exchanges in turns.
func commandsAndAnswers(exchanges []exchange) [][]byte {
	raw := make([][]byte, 0, 2*len(exchanges))
	for _, e := range exchanges {
		raw = append(raw, e.command, e.answer)
	}
	return raw
}

// BenchmarkTransaction pays as often as it can with a card that answers from a recording, without
// cryptography on either side. The baseline reads the BER of the same commands and answers with
// somebody else's library. BenchmarkParsing is the same with ours: what a payment takes beyond that
// is selection, rules, decisions and their reasons.
func BenchmarkTransaction(b *testing.B) {
	k, issuer, p, exchanges := recorded(b)
	b.Run("ours", func(b *testing.B) {
		card := &replayed{exchanges: exchanges}
		b.ReportAllocs()
		for b.Loop() {
			card.next = 0
			out, err := k.Pay(b.Context(), card, issuer, p)
			if err != nil || out.Result != outcome.Approved {
				b.Fatal(out.Result, err)
			}
		}
	})
	b.Run("baseline", func(b *testing.B) { berParsing(b, commandsAndAnswers(exchanges)) })
}

// BenchmarkParsing reads the commands and answers of a payment, down to each object, and decides
// nothing.
func BenchmarkParsing(b *testing.B) {
	_, _, _, exchanges := recorded(b)
	b.Run("ours", func(b *testing.B) {
		count := 0
		visit := func(tlv.Element, int) error { count++; return nil }
		b.ReportAllocs()
		for b.Loop() {
			for _, e := range exchanges {
				command, err1 := apdu.ParseCommand(e.command)
				answer, err2 := apdu.ParseResponse(e.answer)
				if err := errors.Join(err1, err2); err != nil {
					b.Fatal(err)
				}
				if command.INS == byte(wire.InsGetProcessingOptions) {
					err1 = tlv.Walk(command.Data, visit)
				}
				if err := errors.Join(err1, tlv.Walk(answer.Data, visit)); err != nil {
					b.Fatal(err)
				}
			}
		}
		if count == 0 {
			b.Fatal("nothing read")
		}
	})
	b.Run("baseline", func(b *testing.B) { berParsing(b, commandsAndAnswers(exchanges)) })
}
