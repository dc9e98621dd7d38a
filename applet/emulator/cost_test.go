package emulator_test

import (
	"fmt"
	"os"
	"testing"

	"tapbench/applet/conformance"
	"tapbench/applet/emulator"
	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/link"
)

// TestCostTable compares PROTOCOL.md's table with what is counted when each command works for the
// first time.
func TestCostTable(t *testing.T) {
	raw, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := costRows(string(raw))
	delete(rows, "command")
	delete(rows, "---")
	delete(rows, "TID CLOSE") // of so many slots
	meter := &emulator.Meter{}
	card := newCard(t, emulator.Config{Meter: meter})
	conformance.NewHost(t, pcsc.NewDirect(card)).Everything()
	offline, seen := false, map[string]bool{}
	for _, c := range meter.Commands() {
		if wire.INS(c.INS) == wire.InsGetProcessingOptions {
			offline = c.Length == 2+emv.OfflinePDOLDataLen
		}
		name := costName(c, offline)
		if c.SW != wire.SWNormal || seen[name] {
			continue
		}
		seen[name] = true
		want, listed := rows[name]
		if got := costRow(c.Work); listed && got != want {
			t.Errorf("%s: PROTOCOL.md says %q, counted %q", name, want, got)
		}
	}
	for name := range rows {
		if !seen[name] {
			t.Errorf("%s: not seen", name)
		}
	}
}

// costName returns what PROTOCOL.md's table calls a command.
func costName(c emulator.Cost, offline bool) string {
	switch ins := wire.INS(c.INS); {
	case c.CLA == byte(wire.CLAInterindustry):
		return interindustryName(c, offline)
	case ins == wire.InsGenerateAC:
		return cryptogramName(c, offline)
	case ins == wire.InsTick && c.Length == 0:
		return "TICK"
	default:
		return managementNames()[ins]
	}
}

func interindustryName(c emulator.Cost, offline bool) string {
	switch ins := wire.INS(c.INS); {
	case ins == wire.InsExternalAuthenticate && c.Length == emv.MerchantAuthLen:
		return "EXTERNAL AUTHENTICATE, a merchant's"
	case ins == wire.InsReadRecord && c.Work.Written == 0:
		return ""
	case ins == wire.InsReadRecord && offline:
		return "first READ RECORD 1 of a token"
	case ins == wire.InsReadRecord:
		return "first READ RECORD 1 or 3"
	default:
		return ""
	}
}

func cryptogramName(c emulator.Cost, offline bool) string {
	switch {
	case offline && c.P1 == wire.P1AAC:
		return "GENERATE AC of a token, AAC"
	case offline:
		return "GENERATE AC of a token, TC"
	case c.P1 == wire.P1ARQC:
		return "first GENERATE AC, ARQC"
	default:
		return "GENERATE AC that ends the tap"
	}
}

func managementNames() map[wire.INS]string {
	return map[wire.INS]string{
		wire.InsGenerateSEKey: "GENERATE SE KEY", wire.InsPersonalise: "PERSONALISE",
		wire.InsCreateUser: "CREATE USER", wire.InsOpenAccount: "OPEN ACCOUNT",
		wire.InsBindAK: "BIND AK", wire.InsPutReference: "PUT REFERENCE", wire.InsLaunch: "LAUNCH",
		wire.InsAIDRequest: "AID REQUEST", wire.InsAIDReply: "AID REPLY",
		wire.InsAIDKeys: "AID KEYS", wire.InsAIDGrant: "AID GRANT", wire.InsAIDClose: "AID CLOSE",
		wire.InsTIDRegister: "TID REGISTER", wire.InsTIDReply: "TID REPLY",
		wire.InsBINFO: "BINFO", wire.InsTSMINFO: "TSMINFO", wire.InsTIDStatus: "TID STATUS",
		wire.InsPutEpochKey: "PUT EPOCH KEY", wire.InsCardRequest: "CARD REQUEST",
		wire.InsCardPut: "CARD PUT", wire.InsArm: "ARM", wire.InsDisarm: "DISARM",
		wire.InsPutEpoch: "PUT EPOCH", wire.InsTokenNew: "TOKEN NEW",
		wire.InsTokenChain: "TOKEN CHAIN", wire.InsTokenRequest: "TOKEN REQUEST",
		wire.InsTokenPut: "TOKEN PUT", wire.InsTokenClose: "TOKEN CLOSE",
		wire.InsPutData: "PUT DATA",
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
