package emulator_test

import (
	"fmt"
	"os"
	"testing"

	"tapbench/applet/conformance"
	"tapbench/applet/emulator"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/link"
)

// TestCostTable compares PROTOCOL.md's table with what is counted on the way to a tap.
func TestCostTable(t *testing.T) {
	raw, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := costRows(string(raw))
	meter := &emulator.Meter{}
	card := newCard(t, emulator.Config{Meter: meter})
	host := conformance.NewHost(t, pcsc.NewDirect(card)).Advance(conformance.CardReady)
	host.NewToken(0, 50, wire.TokenUnits)
	host.CloseToken(0)
	host.Advance(conformance.Armed)
	names := map[wire.INS]string{
		wire.InsGenerateSEKey: "GENERATE SE KEY", wire.InsPersonalise: "PERSONALISE",
		wire.InsCreateUser: "CREATE USER", wire.InsOpenAccount: "OPEN ACCOUNT",
		wire.InsAIDRequest: "AID REQUEST", wire.InsAIDReply: "AID REPLY",
		wire.InsAIDKeys: "AID KEYS", wire.InsAIDGrant: "AID GRANT",
		wire.InsTIDRegister: "TID REGISTER", wire.InsTIDReply: "TID REPLY",
		wire.InsBINFO: "BINFO", wire.InsTSMINFO: "TSMINFO", wire.InsTIDStatus: "TID STATUS",
		wire.InsPutEpochKey: "PUT EPOCH KEY", wire.InsCardRequest: "CARD REQUEST",
		wire.InsCardPut: "CARD PUT", wire.InsArm: "ARM", wire.InsPutEpoch: "PUT EPOCH",
		wire.InsTokenNew: "TOKEN NEW", wire.InsTokenChain: "TOKEN CHAIN",
		wire.InsTokenRequest: "TOKEN REQUEST", wire.InsTokenPut: "TOKEN PUT",
		wire.InsTokenClose: "TOKEN CLOSE",
	}
	seen := map[string]bool{}
	for _, cost := range meter.Commands() {
		name := names[wire.INS(cost.INS)]
		if cost.CLA != byte(wire.CLAProprietary) || name == "" || cost.SW != wire.SWNormal ||
			seen[name] {
			continue
		}
		seen[name] = true
		if got := costRow(cost.Work); got != rows[name] {
			t.Errorf("%s: PROTOCOL.md says %q, counted %q", name, rows[name], got)
		}
	}
	if len(seen) < len(names) {
		t.Errorf("%d of %d commands were seen", len(seen), len(names))
	}
}

func costRow(w link.Work) string {
	row := fmt.Sprint(w.Written)
	for _, n := range []int{w.KeyPairs, w.Agreements, w.Signatures, w.Verifications} {
		row += "|"
		if n > 0 {
			row += fmt.Sprint(n)
		}
	}
	return row
}
