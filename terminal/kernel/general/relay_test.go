package general_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/relay"
	"tapbench/terminal/kernel/rules"
)

// faraway stands between a terminal and a card, on a clock of its own.
type faraway struct {
	pcsc.Processor
	clock  time.Duration
	delays []time.Duration // of the exchanges; the last one is all further ones', too
	asked  int
	answer []byte // in place of the card's; nil: the card is asked
	hides  uint16 // bits of the AIP that are cleared on their way
}

func (f *faraway) now() time.Time {
	return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC).Add(f.clock)
}

func (f *faraway) Process(command []byte) []byte {
	if command[1] != byte(wire.InsExchangeRelay) {
		answer := f.Processor.Process(command)
		if at := bytes.Index(answer, []byte{0x82, 2}); command[1] == 0xA8 && at > 0 {
			answer[at+2] &^= byte(f.hides >> 8)
			answer[at+3] &^= byte(f.hides & 0xFF)
		}
		return answer
	}
	f.clock += f.delays[min(f.asked, len(f.delays)-1)]
	f.asked++
	if f.answer != nil {
		return f.answer
	}
	return f.Processor.Process(command)
}

func TestRelayResistance(t *testing.T) {
	const (
		near, far = 10 * time.Millisecond, time.Second
		methods   = 0x6100 // in the AIP: SDA, DDA, CDA
		relayBit  = uint16(emv.AIPRelay)
	)
	own := apdu.Response{
		Data: emv.RelayAnswer{Times: message.RelayTimes{Min: 50, Max: 300, Transmission: 20}}.Encode(),
		SW:   apdu.SWNormal,
	}.Encode()
	for name, tt := range map[string]struct {
		mode   relay.Mode
		off    bool // the card doesn't have it
		delays []time.Duration
		answer []byte
		tvr    byte // byte 5
		asked  int
		denial byte           // terminal action code, byte 5
		result outcome.Result // Unfinished: terminated
		failed bool           // CDA
		hides  uint16         // who stands between
	}{
		"not offered": {
			off: true, mode: relay.On, tvr: 0x01, result: outcome.Approved,
		},
		"not offered, and required": {off: true, tvr: 0x01, result: outcome.Declined},
		"switched off": {
			mode: relay.Off, delays: []time.Duration{near}, result: outcome.Approved,
		},
		"sooner than the card can": {delays: []time.Duration{0}, asked: 1, answer: own},
		"malformed": {
			delays: []time.Duration{near}, asked: 1, answer: []byte{0x80, 0, 0x90, 0},
		},
		"refused": {delays: []time.Duration{near}, asked: 1, answer: []byte{0x6D, 0}},
		"far, required": {
			delays: []time.Duration{far}, asked: relay.Tries, tvr: 0x0E, result: outcome.Declined,
		},
		"far, an action code of the terminal denies": {
			mode: relay.On, delays: []time.Duration{far}, asked: relay.Tries, tvr: 0x0E,
			result: outcome.Declined, denial: 0x04,
		},
		"far, no action code denies": {
			mode: relay.On, delays: []time.Duration{far}, asked: relay.Tries, tvr: 0x0E,
			result: outcome.Approved,
		},
		"near, answered by somebody else": {
			delays: []time.Duration{near}, asked: 1, answer: own, tvr: 0x02, result: outcome.Declined,
			failed: true,
		},
		"near, answered by somebody else who hides that the card could sign it": {
			delays: []time.Duration{near}, asked: 1, answer: own, tvr: 0x02, result: outcome.Declined,
			hides: methods,
		},
		"near, and what the card could sign it with is hidden: the issuer finds it out": {
			mode: relay.On, delays: []time.Duration{near}, asked: 1, tvr: 0x02,
			result: outcome.Declined, hides: methods,
		},
		"hidden, required": {hides: relayBit, tvr: 0x01, result: outcome.Declined},
		"hidden: the certificate is of another card, and no action code minds": {
			mode: relay.On, hides: relayBit, tvr: 0x01, result: outcome.Approved, failed: true,
		},
		"hidden, with all methods of authentication: the issuer finds it out": {
			mode: relay.On, hides: relayBit | methods, tvr: 0x01, result: outcome.Declined,
		},
		"near": {
			delays: []time.Duration{near}, asked: 1, tvr: 0x02, result: outcome.Approved,
		},
		"near at the second try": {
			delays: []time.Duration{far, near}, asked: 2, tvr: 0x02, result: outcome.Approved,
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := emvcardtest.New(t, emvcardtest.Contactless, func(a *image.Application) {
				if !tt.off {
					a.AIP[1] |= emv.AIPRelay
					a.Relay = &image.Relay{Min: 50, Max: 300, Transmission: 20}
				}
			})
			between := &faraway{
				Processor: f.Card(t, nil), delays: tt.delays, answer: tt.answer,
				hides: tt.hides,
			}
			c := config(f)
			c.Way, c.Now = entry.Contactless, between.now
			c.Applications[0].Codes.Denial[4] = tt.denial
			c.Relay = &relay.Policy{Mode: tt.mode}
			c.Relay.Limits = relay.Default()
			out, err := pay(t, c, between, host{bank(f), t}, general.Purchase{Amount: 1000})
			if ended := new(outcome.TerminatedError); errors.As(err, &ended) !=
				(tt.result == outcome.Unfinished) || out.Result != tt.result {
				t.Fatalf("%v, %v: %v", out.Result, err, out.Notes)
			}
			if out.TVR[4] != tt.tvr && err == nil || between.asked != tt.asked {
				t.Errorf("TVR %s, asked %d times: %v", out.TVR, between.asked, out.Notes)
			}
			if out.TVR.Has(rules.CDAFailed) != tt.failed || (out.Relay != nil) != (tt.asked > 0) && err == nil {
				t.Errorf("TVR %s, measured %v: %v", out.TVR, out.Relay, out.Notes)
			}
			if out.Trail.Measuring != (out.Result == outcome.Unfinished) {
				t.Errorf("still measuring: %t, at the result %v", out.Trail.Measuring, out.Result)
			}
		})
	}
}

// TestFastCardIsNotMeasured: a card that has decided with its processing options can't sign what is
// exchanged afterwards. It isn't asked.
func TestFastCardIsNotMeasured(t *testing.T) {
	for mode, want := range map[relay.Mode]outcome.Result{
		relay.On: outcome.Approved, relay.Required: outcome.Declined,
	} {
		f := emvcardtest.New(t, emvcardtest.Contactless, fastCard, func(a *image.Application) {
			a.AIP[1] |= emv.AIPRelay
			a.Relay = &image.Relay{Min: 50, Max: 300, Transmission: 20}
		})
		between := &faraway{Processor: f.Card(t, nil), delays: []time.Duration{0}}
		c := config(f)
		c.Way, c.Now = entry.Contactless, between.now
		c.Relay = &relay.Policy{Mode: mode, Limits: relay.Default()}
		out, err := pay(t, c, between, host{bank(f), t}, general.Purchase{Amount: 1000})
		if err != nil || out.Result != want {
			t.Errorf("%v: %v, %v: %v", mode, out.Result, err, out.Notes)
		}
		if between.asked != 0 || !out.TVR.Has(rules.RelayNotPerformed) {
			t.Errorf("%v: asked %d times, TVR %s", mode, between.asked, out.TVR)
		}
	}
}
