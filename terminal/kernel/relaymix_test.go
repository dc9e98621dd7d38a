package kernel_test

import (
	"context"
	"errors"
	"fmt"
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
)

// mixer stands at the till and plays with the exchanges of a card that is somewhere else.
type mixer struct {
	*nearEnd
	options []byte                     // the terminal's GET PROCESSING OPTIONS
	sent    [][wire.EntropyLen]byte    // what the terminal has sent
	told    []emv.RelayAnswer          // what the card has answered
	at      map[int]func(m *mixer) int // try to which of these answers is given
}

// own is an entropy that the terminal never sends.
func own() [wire.EntropyLen]byte { return [wire.EntropyLen]byte{0, 0, 0, 0} }

// exchange asks the card.
func (m *mixer) exchange(entropy [wire.EntropyLen]byte) {
	raw := m.ask(apdu.Command{
		CLA: byte(wire.CLAProprietary), INS: byte(wire.InsExchangeRelay), Data: entropy[:], Ne: 256,
	})
	answer, err := emv.ParseRelayAnswer(raw[:len(raw)-2])
	if err != nil {
		m.t.Fatal(err)
	}
	m.told = append(m.told, answer)
}

// pass passes on what the terminal has sent last.
func (m *mixer) pass() { m.exchange(m.sent[len(m.sent)-1]) }

// answer answers the terminal, nil for what is passed on.
func (m *mixer) answer(command []byte) []byte {
	ins := wire.INS(command[1])
	if ins == wire.InsGetProcessingOptions {
		m.options = command
	}
	if ins != wire.InsExchangeRelay {
		return nil
	}
	m.sent = append(m.sent, [wire.EntropyLen]byte(command[5:]))
	return ok(m.told[m.at[len(m.sent)](m)].Encode())
}

// mixes are ways to mix the exchanges of two tries, the first of which comes too late.
func mixes() map[string]map[int]func(m *mixer) int {
	late := func(m *mixer) int { m.pass(); return 0 }
	return map[string]map[int]func(m *mixer) int{
		"asks before the terminal does": {1: late, 2: func(m *mixer) int {
			m.exchange(own())
			return 1
		}},
		"asks before it does, and passes it on afterwards": {1: late, 2: func(m *mixer) int {
			m.exchange(own())
			m.pass()
			return 1
		}},
		"gives the first try's answer again": {1: late, 2: func(*mixer) int { return 0 }},
		"gives it again, and passes the second try on": {1: late, 2: func(m *mixer) int {
			m.pass()
			return 0
		}},
		"asks with the first try's entropy for the second": {1: late, 2: func(m *mixer) int {
			m.exchange(m.sent[0])
			return 1
		}},
		"has all of the card's tries before the terminal's second": {1: late, 2: func(m *mixer) int {
			m.exchange(own())
			m.exchange(own())
			return 2
		}},
		"begins again with the card, and passes it on": {1: late, 2: func(m *mixer) int {
			m.card.Process(m.options)
			m.pass()
			return 0
		}},
	}
}

// unreached is an issuer who mustn't be asked.
type unreached struct{ t *testing.T }

func (u unreached) Authorise(context.Context, kernel.Request) (kernel.Answer, error) {
	u.t.Error("the issuer was asked")
	return kernel.Answer{}, kernel.ErrNotSent
}

func (u unreached) Reverse(context.Context, kernel.Request) error { return nil }

// TestRelayMixesExchanges: the terminal asks again, and what stands between has more answers of the
// card's than one. None is of the exchange that was in time.
func TestRelayMixesExchanges(t *testing.T) {
	delays := func() []time.Duration {
		return []time.Duration{80 * time.Millisecond, 4 * time.Millisecond}
	}
	for name, at := range mixes() {
		for _, offline := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, offline %t", name, offline), func(t *testing.T) {
				s := newStall(t)
				s.purse.Arm(0)
				m := &mixer{
					nearEnd: &nearEnd{t: t, card: s.purse, kept: make(map[wire.INS][]byte)}, at: at,
				}
				b := s.relayOf(t, &between{delays: delays(), answer: m.answer})
				if offline {
					out, err := s.through(t, b, s.terms(t, "EUR:12.50", 0))
					if err != nil || !errors.Is(out.Refused, relay.ErrNotProven) || len(s.kept) != 0 {
						t.Errorf("got %s (%v), %v", out.Result, out.Refused, err)
					}
				} else {
					out, err := s.Kernel.Pay(t.Context(), pcsc.NewDirect(b), unreached{t}, purchase())
					if err != nil || out.Decline != kernel.NotAuthentic {
						t.Errorf("got %s (%s), %v", out.Result, out.Reason(), err)
					}
				}
				if len(m.sent) != 2 {
					t.Errorf("the terminal has asked %d times", len(m.sent))
				}
			})
		}
	}
}

// TestLateAndTorn: an exchange that was late isn't remembered for a second tap on the same terms,
// though the card's statement is about it.
func TestLateAndTorn(t *testing.T) {
	s := newStall(t)
	s.purse.Arm(0)
	m := &mixer{nearEnd: &nearEnd{t: t, card: s.purse, kept: make(map[wire.INS][]byte)}}
	again := func(*mixer) int { return 0 }
	m.at = map[int]func(m *mixer) int{
		1: func(m *mixer) int { m.pass(); return 0 }, 2: again, 3: again,
	}
	b := s.relayOf(t, &between{delays: []time.Duration{80 * time.Millisecond, time.Millisecond}})
	b.answer = func(command []byte) []byte {
		if wire.INS(command[1]) == wire.InsReadRecord {
			b.torn = true
			s.purse.Process(command) // the card is bound to the late exchange
			return nil
		}
		return m.answer(command)
	}
	terms := s.terms(t, "EUR:12.50", 0)
	out, err := s.through(t, b, terms)
	if !errors.Is(err, pcsc.ErrCardRemoved) || len(out.Near) != 1 {
		t.Fatalf("torn: got %+v, %v", out, err)
	}
	b.torn, b.answer, terms.Near = false, m.answer, out.Near
	out, err = s.through(t, b, terms)
	if err != nil || !errors.Is(out.Refused, relay.ErrNotProven) || len(s.kept) != 0 {
		t.Errorf("again: got %s (%v), %v", out.Result, out.Refused, err)
	}
}

// counting is a source of randomness of which no byte comes twice in a payment.
type counting struct{ next byte }

func (c *counting) Read(p []byte) (int, error) {
	for i := range p {
		c.next++
		p[i] = c.next
	}
	return len(p), nil
}

// TestEntropyIsFresh: each try has another entropy of the terminal's: a late answer is none to the
// next one.
func TestEntropyIsFresh(t *testing.T) {
	s := newStall(t)
	s.purse.Arm(0)
	m := &mixer{nearEnd: &nearEnd{t: t, card: s.purse, kept: make(map[wire.INS][]byte)}}
	pass := func(m *mixer) int { m.pass(); return len(m.told) - 1 }
	m.at = map[int]func(m *mixer) int{1: pass, 2: pass, 3: pass}
	b := &between{
		Processor: s.purse, delays: []time.Duration{80 * time.Millisecond}, answer: m.answer,
	}
	k, err := kernel.New(kernel.Config{
		Merchant: s.purse.Merchant, CA: s.purse.CA, EpochKeys: []message.Certificate{s.purse.Epoch},
		Rand: new(counting), Now: func() time.Time { return s.purse.Now.Add(b.clock) },
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := k.Pay(t.Context(), pcsc.NewDirect(b), unreached{t}, purchase())
	if err != nil || out.Decline != kernel.TooFar || len(m.sent) != relay.Tries {
		t.Fatalf("got %s (%s), asked %d times, %v", out.Result, out.Reason(), len(m.sent), err)
	}
	seen := make(map[[wire.EntropyLen]byte]bool)
	for i, entropy := range m.sent {
		if seen[entropy] {
			t.Errorf("try %d has the entropy %x of one before", i+1, entropy)
		}
		seen[entropy] = true
	}
}

// TestRelayedReaders: what adds 64 ms to three exchanges is refused behind each model of a reader,
// and the card has spent nothing: behind the same model alone the same arming pays, and so it does
// if two of the exchanges are late by accident.
func TestRelayedReaders(t *testing.T) {
	const first = 3 // the exchange comes behind SELECT and GET PROCESSING OPTIONS
	for _, reader := range link.Readers() {
		t.Run(reader.Name, func(t *testing.T) {
			s := newStall(t)
			s.purse.Arm(0)
			taken := func(late int) (kernel.OfflineOutcome, error) {
				var clock onVirtual
				cfg := link.Config{Reader: reader, Clock: &clock.Virtual}
				for i := range late {
					cfg.Faults.Planned = append(cfg.Faults.Planned, link.Fault{
						Kind: link.Delay, Exchange: first + i, For: 64 * time.Millisecond,
					})
				}
				on, err := link.On(s.purse, cfg)
				if err != nil {
					t.Fatal(err)
				}
				s.Kernel = s.kernelBy(t, relay.Policy{}, func() time.Time {
					return s.purse.Now.Add(clock.Now())
				})
				card := pcsc.NewDirect(on)
				defer func() { _ = card.Close() }()
				return s.Pay(t.Context(), card, s.terms(t, "EUR:2.00", 0))
			}
			out, err := taken(relay.Tries)
			far := new(relay.FarError)
			if err != nil || !errors.As(out.Refused, &far) || far.Tries != relay.Tries || out.Shown {
				t.Errorf("relayed: got %s (%v), %v", out.Result, out.Refused, err)
			}
			if out, err = taken(relay.Tries - 1); err != nil || out.Result != kernel.Approved {
				t.Errorf("two accidents: got %s (%v), %v", out.Result, out.Refused, err)
			}
			s.purse.Arm(0)
			if out, err = taken(0); err != nil || out.Result != kernel.Approved {
				t.Errorf("honest: got %s (%v), %v", out.Result, out.Refused, err)
			}
		})
	}
}
