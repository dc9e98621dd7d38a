package general_test

import (
	"testing"
	"time"

	"tapbench/applet/conformance"
	"tapbench/applet/emulator"
	"tapbench/applet/emv"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/relay"
)

// The emulator's armed card pays online at a terminal that has never heard of its protocol, whether
// or not that one measures how far away it is.
func TestArmedEmulatorPays(t *testing.T) {
	for name, policy := range map[string]*relay.Policy{
		"without relay resistance": nil,
		"with relay resistance":    {Mode: relay.On},
	} {
		t.Run(name, func(t *testing.T) {
			card, err := emulator.New(emulator.Config{})
			if err != nil {
				t.Fatal(err)
			}
			recorded := &recorder{Card: pcsc.NewDirect(card)}
			h := conformance.NewHost(t, recorded).Advance(conformance.CardReady)
			h.Arm()
			c := config(emvcardtest.New(t, emvcardtest.Contactless))
			c.Way, c.Relay, c.Now = entry.Contactless, policy, time.Now
			c.Applications[0].AID = []byte(wire.AIDPayment)
			k, err := general.New(c)
			if err != nil {
				t.Fatal(err)
			}
			issuer := hostFunc(func(general.Request) (outcome.Answer, error) {
				last := recorded.exchanges[len(recorded.exchanges)-1].answer
				arqc, err := emv.ParseACAnswer(last[:len(last)-2])
				if err != nil {
					return outcome.Answer{}, err
				}
				proof := h.Approve(arqc)
				return outcome.Answer{ARC: [2]byte{'0', '0'}, IssuerAuth: proof[:]}, nil
			})
			out, err := k.Pay(t.Context(), recorded, issuer, general.Purchase{Amount: 1250})
			if err != nil || out.Result != outcome.Approved || out.Second == nil {
				t.Fatalf("%v, %v, because %v: %v", out.Result, err, out.Why, out.Notes)
			}
			if (out.Relay != nil) != (policy != nil) {
				t.Errorf("measured %v", out.Relay)
			}
		})
	}
}
