package kernel_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/terminal/kernel"
	"tapbench/terminal/kernel/relay"
	"tapbench/terminal/offline"
)

// relayOf puts something between the stall's terminal and its card.
func (s *stall) relayOf(t *testing.T, b *between) *between {
	t.Helper()
	return s.relayBy(t, b, relay.Policy{})
}

// relayBy is relayOf with another policy than the default one.
func (s *stall) relayBy(t *testing.T, b *between, policy relay.Policy) *between {
	t.Helper()
	b.Processor = s.purse
	s.Kernel = s.kernelBy(t, policy, func() time.Time { return s.purse.Now.Add(b.clock) })
	return b
}

// kernelBy returns a kernel with a policy and a clock.
func (s *stall) kernelBy(
	t *testing.T, policy relay.Policy, now func() time.Time,
) *kernel.Kernel {
	t.Helper()
	k, err := kernel.New(kernel.Config{
		Merchant: s.purse.Merchant, CA: s.purse.CA, EpochKeys: []message.Certificate{s.purse.Epoch},
		Rand: rand.Reader, Now: now, Relay: policy,
		MerchantKey: &kernel.MerchantKey{Key: s.purse.Key, Certificate: s.purse.Certificate},
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// through pays through what stands between.
func (s *stall) through(
	t *testing.T, b *between, terms kernel.Terms,
) (kernel.OfflineOutcome, error) {
	t.Helper()
	card := pcsc.NewDirect(b)
	defer func() { _ = card.Close() }()
	return s.Pay(t.Context(), card, terms)
}

// nearEnd is what stands at the till while the card is somewhere else.
type nearEnd struct {
	t    *testing.T
	card pcsc.Processor
	// kept are the card's answers to what it was asked ahead of the terminal, by instruction.
	kept map[wire.INS][]byte
}

func (n *nearEnd) ask(c apdu.Command) []byte {
	n.t.Helper()
	raw, err := c.Encode()
	if err != nil {
		n.t.Fatal(err)
	}
	answer := n.card.Process(raw)
	n.kept[wire.INS(c.INS)] = answer
	return answer
}

// ahead plays the whole tap with the card, behind the terminal's GET PROCESSING OPTIONS: all that
// the card signs over is known by then, but for the terminal's entropy.
func (n *nearEnd) ahead(un []byte) {
	n.ask(apdu.Command{CLA: 0x80, INS: byte(wire.InsExchangeRelay), Data: []byte{9, 9, 9, 9}, Ne: 256})
	n.ask(apdu.Command{INS: byte(wire.InsReadRecord), P1: 1, P2: 0x0C, Ne: 256})
	n.ask(apdu.Command{CLA: 0x80, INS: byte(wire.InsGenerateAC), P1: wire.P1TC, Data: un, Ne: 256})
}

// TestOfflineRelays: a token that is somewhere else isn't taken, whatever stands at the till does.
func TestOfflineRelays(t *testing.T) {
	own := emv.RelayAnswer{Entropy: [4]byte{7}, Times: message.CardRelayTimes()}
	late := []time.Duration{80 * time.Millisecond}
	patch := func(answer []byte, said message.Relay) []byte {
		r, err := emv.ParseTokenRecord(answer[:len(answer)-2])
		if err != nil {
			return answer
		}
		r.Relay = said
		return ok(r.Encode())
	}
	for _, row := range []struct {
		name   string
		delays []time.Duration
		// answer is the near end's, if it doesn't pass a command on.
		answer func(n *nearEnd, ins wire.INS, command []byte) []byte
		want   error
		shown  bool
	}{
		{name: "passes everything on", delays: late, want: relay.ErrFar},
		{
			name: "answers the exchange itself", shown: true, want: relay.ErrNotProven,
			answer: func(_ *nearEnd, ins wire.INS, _ []byte) []byte {
				if ins == wire.InsExchangeRelay {
					return ok(own.Encode())
				}
				return nil
			},
		},
		{
			name: "answers it, and has the card answer too", shown: true, want: relay.ErrNotProven,
			answer: func(n *nearEnd, ins wire.INS, command []byte) []byte {
				if ins == wire.InsExchangeRelay {
					n.card.Process(command)
					return ok(own.Encode())
				}
				return nil
			},
		},
		{
			name: "plays the tap ahead", shown: true, want: relay.ErrNotProven,
			answer: func(n *nearEnd, ins wire.INS, command []byte) []byte {
				if ins == wire.InsGetProcessingOptions {
					answer := n.card.Process(command)
					n.ahead(command[16:20])
					return answer
				}
				return n.kept[ins]
			},
		},
		{
			name: "plays it ahead, and says what the terminal wants to hear", shown: true,
			want: offline.ErrStatement,
			answer: func() func(n *nearEnd, ins wire.INS, command []byte) []byte {
				var said message.Relay
				return func(n *nearEnd, ins wire.INS, command []byte) []byte {
					switch ins {
					case wire.InsGetProcessingOptions:
						answer := n.card.Process(command)
						n.ahead(command[16:20])
						return answer
					case wire.InsExchangeRelay:
						said = message.Relay{
							Terminal: [4]byte(command[5:]), Card: own.Entropy, Times: own.Times,
						}
						return ok(own.Encode())
					case wire.InsReadRecord:
						return patch(n.kept[ins], said)
					default:
						return n.kept[ins]
					}
				}
			}(),
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newStall(t)
			s.purse.Arm(0)
			b := s.relayOf(t, &between{delays: row.delays})
			near := &nearEnd{t: t, card: s.purse, kept: make(map[wire.INS][]byte)}
			if row.answer != nil {
				b.answer = func(command []byte) []byte {
					return row.answer(near, wire.INS(command[1]), command)
				}
			}
			out, err := s.through(t, b, s.terms(t, "EUR:12.50", 0))
			if err != nil || out.Result != kernel.Declined || !errors.Is(out.Refused, row.want) {
				t.Fatalf("got %s (%v), %v, want %v", out.Result, out.Refused, err, row.want)
			}
			if out.Shown != row.shown || len(s.kept) != 0 {
				t.Errorf("shown %t, %d claims", out.Shown, len(s.kept))
			}
		})
	}
}

// TestRelayAfterATear: what the near end has got from the card in a first tap doesn't help it in a
// second one on the same terms.
func TestRelayAfterATear(t *testing.T) {
	s := newStall(t)
	s.purse.Arm(0)
	near := &nearEnd{t: t, card: s.purse, kept: make(map[wire.INS][]byte)}
	own := emv.RelayAnswer{Entropy: [4]byte{7}, Times: message.CardRelayTimes()}
	terms := s.terms(t, "EUR:12.50", 0)
	b := s.relayOf(t, &between{})
	b.answer = func(command []byte) []byte {
		switch wire.INS(command[1]) {
		case wire.InsExchangeRelay:
			return ok(own.Encode())
		case wire.InsReadRecord:
			near.ahead(terms.UN[:])
			b.torn = true
			return nil
		default:
			return nil
		}
	}
	out, err := s.through(t, b, terms)
	if !errors.Is(err, pcsc.ErrCardRemoved) || !out.Shown || len(out.Near) != 1 {
		t.Fatalf("torn: got %+v, %v", out, err)
	}
	b.torn, terms.Near = false, out.Near
	b.answer = func(command []byte) []byte {
		if ins := wire.INS(command[1]); ins == wire.InsExchangeRelay {
			return ok(own.Encode())
		} else if ins == wire.InsReadRecord || ins == wire.InsGenerateAC {
			return near.kept[ins]
		}
		return nil
	}
	out, err = s.through(t, b, terms)
	if err != nil || !errors.Is(out.Refused, relay.ErrNotProven) || len(s.kept) != 0 {
		t.Errorf("again: got %s (%v), %v", out.Result, out.Refused, err)
	}
}

// TestNearAndTorn: the statement is of the first tap's exchange, and the second tap goes on by it;
// without knowing of the first one it would be refused.
func TestNearAndTorn(t *testing.T) {
	for name, remembers := range map[string]bool{"remembered": true, "forgotten": false} {
		t.Run(name, func(t *testing.T) {
			s := newStall(t)
			s.purse.Arm(0)
			b := s.relayOf(t, &between{})
			terms := s.terms(t, "EUR:12.50", 0)
			s.on(wire.InsGenerateAC, func([]byte) []byte { return nil })
			torn, err := s.through(t, b, terms)
			if !errors.Is(err, pcsc.ErrCardRemoved) || len(torn.Near) != 1 {
				t.Fatalf("got %+v, %v", torn, err)
			}
			if remembers {
				terms.Near = torn.Near
			}
			out, err := s.through(t, b, terms)
			if !remembers {
				if !errors.Is(out.Refused, relay.ErrNotProven) {
					t.Errorf("got %s (%v), %v", out.Result, out.Refused, err)
				}
				return
			}
			if err != nil || out.Result != kernel.Approved || len(out.Near) != 2 {
				t.Fatalf("got %s (%v), %v", out.Result, out.Refused, err)
			}
			if got := out.Claim.Spend.Spend.Relay; got != torn.Near[0] {
				t.Errorf("claimed with %+v, want %+v", got, torn.Near[0])
			}
		})
	}
}

// TestCardWithoutRelayOffline: a card that doesn't say that it takes part is refused before it
// shows a token, also by a terminal that measures only where it can: who hides it would never be
// found out, because nothing that a token signs covers the AIP.
func TestCardWithoutRelayOffline(t *testing.T) {
	for mode, want := range map[relay.Mode]error{
		relay.Required: relay.ErrNotOffered, relay.On: relay.ErrNotOffered, relay.Off: nil,
	} {
		t.Run(mode.String(), func(t *testing.T) {
			s := newStall(t)
			s.purse.Arm(0)
			s.relayBy(t, new(between), relay.Policy{Mode: mode})
			s.on(wire.InsGetProcessingOptions, func(answer []byte) []byte {
				return bytes.Replace(answer, []byte{0x18, emv.AIPRelay}, []byte{0x18, 0}, 1)
			})
			out, err := s.pay(t, s.terms(t, "EUR:12.50", 0))
			if err != nil || !errors.Is(out.Refused, want) || out.Shown != (want == nil) {
				t.Errorf("got %s (%v), %v", out.Result, out.Refused, err)
			}
		})
	}
}
