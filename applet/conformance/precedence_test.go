package conformance

import (
	"bytes"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tapbench/applet/emulator"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// TestEveryCommandIsProbed: each command of the registry, but SELECT, has a probe.
func TestEveryCommandIsProbed(t *testing.T) {
	source, err := os.ReadFile("../wire/command.go")
	if err != nil {
		t.Fatal(err)
	}
	probed := map[wire.INS]bool{wire.InsSelect: true}
	all := (&Host{}).probes()
	for _, more := range []map[string]probe{paymentProbes(), offlineProbes()} {
		for _, p := range more {
			all = append(all, p)
		}
	}
	for _, p := range all {
		probed[wire.INS(p.c.INS)] = true
	}
	found := regexp.MustCompile(`(?m)^\t(Ins\w+) +INS += 0x(\w+)`).FindAllSubmatch(source, -1)
	if len(found) < 40 {
		t.Errorf("found %d commands", len(found))
	}
	for _, m := range found {
		ins, err := strconv.ParseUint(string(m[2]), 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		if !probed[wire.INS(ins)] {
			t.Errorf("%s isn't asked with faults", m[1])
		}
	}
}

// listened is a case that writes down what is found.
type listened struct{ *heard }

func (l listened) Run(_ string, f func(T)) bool {
	f(l)
	return len(l.said) == 0
}

// swapping is an element that looks at two things in the wrong order.
type swapping struct {
	*emulator.Card
	command func(apdu.Command) bool
	answer  apdu.SW
}

func (s swapping) Process(raw []byte) []byte {
	c, err := apdu.ParseCommand(raw)
	answer := s.Card.Process(raw)
	if err == nil && s.command(c) {
		return apdu.Response{SW: s.answer}.Encode()
	}
	return answer
}

// like says whether a command has this header but for P2, and so much data, all zeros.
func like(cla byte, ins wire.INS, p1 byte, data int) func(apdu.Command) bool {
	return func(c apdu.Command) bool {
		return c.CLA == cla && c.INS == byte(ins) && c.P1 == p1 &&
			bytes.Equal(c.Data, make([]byte, data))
	}
}

// TestSwappedChecks: an element with two checks in the wrong order is found, and the finding names
// both.
func TestSwappedChecks(t *testing.T) {
	for _, row := range []struct {
		name    string
		command func(apdu.Command) bool
		answer  apdu.SW
		run     func(T, Backend)
		want    string
	}{
		{
			"length before P1-P2", like(0x80, wire.InsBINFO, 0x40, 45),
			wire.SWWrongLength, testStagePrecedence, "{P1-P2, long}",
		},
		{
			"INS before class", like(0x04, wire.InsTick, 1, 0),
			wire.SWInstructionNotSupported, testOfflinePrecedence, "{class, INS}",
		},
		{
			"state before data", like(0x80, wire.InsGenerateAC, wire.P1ARQC, 45),
			wire.SWConditionsNotSatisfied, testPaymentPrecedence, "{data}",
		},
		{
			"length before P1-P2, without proof", like(0x00, wire.InsReadRecord, 0x40, 1),
			wire.SWWrongLength, testPaymentPrecedence, "{P1-P2, long} and {proof",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			l := listened{&heard{TB: t}}
			row.run(l, Backend{Open: func(TB) pcsc.Card {
				card, err := emulator.New(emulator.Config{})
				if err != nil {
					t.Fatal(err)
				}
				return pcsc.NewDirect(swapping{card, row.command, row.answer})
			}})
			if !strings.Contains(strings.Join(l.said, "\n"), row.want) {
				t.Errorf("want %s, found %q", row.want, l.said)
			}
		})
	}
}
