package kernel_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/link"
	"tapbench/terminal/kernel"
	"tapbench/terminal/kernel/relay"
	"tapbench/terminal/terminaltest"
)

// between stands between a terminal and a card, on a clock of its own.
type between struct {
	pcsc.Processor
	clock time.Duration
	// exchange answers an exchange in the card's place, if set.
	exchange func(command []byte) []byte
	// answer answers any command in the card's place, if set, but for those that it gives nil for.
	answer func(command []byte) []byte
	torn   bool // no answer comes from now on
	// delays are what the exchanges take, the last one all further ones too.
	delays []time.Duration
}

func (b *between) now() time.Time { return noon().Add(b.clock) }

func (b *between) Process(command []byte) []byte {
	measured := command[1] == byte(wire.InsExchangeRelay)
	switch {
	case !measured:
		b.clock += time.Second
	case len(b.delays) > 1:
		b.clock += b.delays[0]
		b.delays = b.delays[1:]
	case len(b.delays) == 1:
		b.clock += b.delays[0]
	}
	if b.answer != nil {
		if answer := b.answer(command); answer != nil || b.torn {
			return answer
		}
	}
	if !measured {
		return b.Processor.Process(command)
	}
	if b.exchange != nil {
		return b.exchange(command)
	}
	return b.Processor.Process(command)
}

// relayed takes a payment through something that stands between.
func relayed(
	t *testing.T, issuer *terminaltest.Issuer, b *between, policy relay.Policy,
) (kernel.Outcome, error) {
	t.Helper()
	c := config(issuer)
	c.Now, c.Relay = b.now, policy
	k, err := kernel.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return k.Pay(t.Context(), pcsc.NewDirect(b), issuer.Host(), purchase())
}

func TestDistance(t *testing.T) {
	const tvrInexact, tvrDone, tvrNot = 0x08, 0x02, 0x01
	ms := func(delays ...time.Duration) []time.Duration {
		for i := range delays {
			delays[i] *= time.Millisecond
		}
		return delays
	}
	for _, row := range []struct {
		name   string
		delays []time.Duration
		policy relay.Policy
		silent bool // the card doesn't take part
		want   kernel.Decline
		tvr    byte
	}{
		{name: "relayed", delays: ms(64), want: kernel.TooFar},
		{name: "relayed the third time too", delays: ms(100, 80, 64), want: kernel.TooFar},
		{name: "a card that doesn't take part", silent: true, want: kernel.NoRelay},
		{
			name: "one of another make", silent: true, policy: relay.Policy{Mode: relay.On}, tvr: tvrNot,
		},
		{
			name: "relayed, and a terminal that knows its speed", delays: ms(20), want: kernel.TooFar,
			policy: relay.Policy{Limits: relay.Limits{
				Command: 2 * time.Millisecond, Answer: 2 * time.Millisecond, MaxGrace: 5 * time.Millisecond,
			}},
		},
		{name: "relayed, unmeasured", delays: ms(500), policy: relay.Policy{Mode: relay.Off}},
		{name: "near", delays: ms(4), tvr: tvrDone},
		{name: "near at last", delays: ms(500, 500, 4), tvr: tvrDone},
		{name: "just near", delays: ms(63), tvr: tvrDone | tvrInexact},
	} {
		t.Run(row.name, func(t *testing.T) {
			issuer := terminaltest.NewIssuer(t, noon)
			card := issuer.Card(t)
			card.NoRelay = row.silent
			var tvr byte
			b := &between{Processor: card, delays: row.delays}
			card.Answer = func(_ int, c apdu.Command, right []byte) []byte {
				if c.INS == byte(wire.InsGenerateAC) && len(c.Data) == emv.CDOL1DataLen {
					d, err := emv.ParseCDOL1Data(c.Data)
					if err != nil {
						t.Error(err)
					}
					tvr = d.TVR[4]
				}
				return right
			}
			out, err := relayed(t, issuer, b, row.policy)
			if err != nil || out.Decline != row.want || tvr != row.tvr {
				t.Fatalf("got %s (%s), TVR byte 5 %02X, %v", out.Result, out.Reason(), tvr, err)
			}
			if row.want == kernel.NotDeclined {
				return
			}
			if out.Asked || out.PAN.Valid() || (out.Far != nil) != (row.want == kernel.TooFar) {
				t.Errorf("got %+v", out)
			}
			if out.Far != nil && !strings.HasPrefix(out.Reason(), "card is too far away: ") {
				t.Errorf("the reason is %q", out.Reason())
			}
		})
	}
}

// TestRelayAnswersItself: what stands near the terminal answers in time, and the card, which is
// somewhere else, signs what it has seen itself.
func TestRelayAnswersItself(t *testing.T) {
	answer := func(entropy [wire.EntropyLen]byte, times message.RelayTimes) []byte {
		return ok(emv.RelayAnswer{Entropy: entropy, Times: times}.Encode())
	}
	own := message.CardRelayTimes()
	patient := message.RelayTimes{Max: 0xFFFF}
	for name, exchange := range map[string]func(card *terminaltest.Card, command []byte) []byte{
		"alone": func(_ *terminaltest.Card, _ []byte) []byte {
			return answer([wire.EntropyLen]byte{1}, own)
		},
		"alone, and lets the card answer afterwards": func(c *terminaltest.Card, command []byte) []byte {
			c.Process(command)
			return answer([wire.EntropyLen]byte{1}, own)
		},
		"with what the card has answered to another terminal's entropy": func(
			c *terminaltest.Card, command []byte,
		) []byte {
			played := append([]byte(nil), command...)
			played[5]++
			return c.Process(played)
		},
		"with other times": func(c *terminaltest.Card, command []byte) []byte {
			r, err := emv.ParseRelayAnswer(c.Process(command)[:12])
			if err != nil {
				return nil
			}
			return answer(r.Entropy, patient)
		},
		"and the card is asked again": func(c *terminaltest.Card, command []byte) []byte {
			right := c.Process(command)
			again := append([]byte(nil), command...)
			again[5]++
			c.Process(again)
			return right
		},
	} {
		t.Run(name, func(t *testing.T) {
			issuer := terminaltest.NewIssuer(t, noon)
			card := issuer.Card(t)
			b := &between{Processor: card}
			b.exchange = func(command []byte) []byte { return exchange(card, command) }
			out, err := relayed(t, issuer, b, relay.Policy{})
			if err != nil || out.Decline != kernel.NotAuthentic || out.Asked {
				t.Errorf("got %s (%s), %v", out.Result, out.Reason(), err)
			}
		})
	}
}

// TestDowngrade: who hides from a terminal that measures where it can that the card takes part is
// found out by the issuer: the card's cryptogram says it too.
func TestDowngrade(t *testing.T) {
	issuer := terminaltest.NewIssuer(t, noon)
	card := issuer.Card(t)
	edit(t, cmdGPO, []byte{0x18, emv.AIPRelay}, []byte{0x18, 0})(card)
	out, err := relayed(t, issuer, &between{Processor: card}, relay.Policy{Mode: relay.On})
	if err != nil || out.Decline != kernel.ByIssuer || issuer.Booked() != 0 {
		t.Errorf("got %s (%s), %v", out.Result, out.Reason(), err)
	}
}

func TestRelayDataAreMalformed(t *testing.T) {
	for name, row := range map[string]struct {
		answer []byte
		want   error
	}{
		"refused":       {sw(apdu.SWConditionsNotSatisfied), apdu.SWConditionsNotSatisfied},
		"empty":         {ok(nil), kernel.ErrCardData},
		"format 2":      {ok([]byte{0x77, 0}), kernel.ErrCardData},
		"9 bytes":       {ok(append([]byte{0x80, 9}, make([]byte, 9)...)), kernel.ErrCardData},
		"11 bytes":      {ok(append([]byte{0x80, 11}, make([]byte, 11)...)), kernel.ErrCardData},
		"min above max": {ok([]byte{0x80, 10, 0, 0, 0, 0, 0, 2, 0, 1, 0, 0}), kernel.ErrCardData},
		"cut off":       {ok([]byte{0x80, 10, 0, 0}), kernel.ErrCardData},
		"and more objects": {
			ok([]byte{0x80, 10, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0x5A, 0}), kernel.ErrCardData,
		},
	} {
		issuer := terminaltest.NewIssuer(t, noon)
		card := issuer.Card(t)
		alter(cmdRelay, row.answer)(card)
		if out, err := pay(t, issuer, card); !errors.Is(err, row.want) || out.PAN.Valid() {
			t.Errorf("%s: got %+v, %v, want %v", name, out, err, row.want)
		}
	}
}

// TestSoonerThanItCan: a card that says that it needs 20 ms doesn't answer at once.
func TestSoonerThanItCan(t *testing.T) {
	issuer := terminaltest.NewIssuer(t, noon)
	b := &between{Processor: issuer.Card(t), delays: []time.Duration{4 * time.Millisecond}}
	b.exchange = func([]byte) []byte {
		return ok(emv.RelayAnswer{Times: message.RelayTimes{Min: 200, Max: 300}}.Encode())
	}
	out, err := relayed(t, issuer, b, relay.Policy{})
	if err != nil || out.Decline != kernel.TooFar || !strings.Contains(out.Reason(), "sooner") {
		t.Errorf("got %s (%s), %v", out.Result, out.Reason(), err)
	}
}

// onVirtual is a clock that a reader's model moves.
type onVirtual struct{ link.Virtual }

func (v *onVirtual) now() time.Time { return noon().Add(v.Now()) }

// TestHonestReaders: no model of a reader is taken for a relay, however slow.
func TestHonestReaders(t *testing.T) {
	for _, reader := range link.Readers() {
		t.Run(reader.Name, func(t *testing.T) {
			issuer := terminaltest.NewIssuer(t, noon)
			var clock onVirtual
			on, err := link.On(issuer.Card(t), link.Config{Reader: reader, Clock: &clock.Virtual})
			if err != nil {
				t.Fatal(err)
			}
			c := config(issuer)
			c.Now = clock.now
			k, err := kernel.New(c)
			if err != nil {
				t.Fatal(err)
			}
			out, err := k.Pay(t.Context(), pcsc.NewDirect(on), issuer.Host(), purchase())
			if err != nil || out.Result != kernel.Approved {
				t.Errorf("got %s (%s), %v", out.Result, out.Reason(), err)
			}
		})
	}
}
