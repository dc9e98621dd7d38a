package emulator

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/wire"
)

// TestDrawnSlots holds docs/accounts.md against the code.
func TestDrawnSlots(t *testing.T) {
	page, err := os.ReadFile("../../docs/accounts.md")
	if err != nil {
		t.Fatal(err)
	}
	const head = "| slot | command | works in | leaves |\n|---|---|---|---|\n"
	_, section, _ := strings.Cut(string(page), head)
	table, _, _ := strings.Cut(section, "\n\n")
	commands := map[wire.INS]string{
		wire.InsOpenAccount: "OPEN ACCOUNT", wire.InsBindAK: "BIND AK",
		wire.InsAIDRequest: "AID REQUEST", wire.InsAIDReply: "AID REPLY",
		wire.InsAIDKeys: "AID KEYS", wire.InsAIDGrant: "AID GRANT", wire.InsAIDClose: "AID CLOSE",
		wire.InsTIDRegister: "TID REGISTER", wire.InsTIDReply: "TID REPLY", wire.InsBINFO: "BINFO",
		wire.InsTSMINFO: "TSMINFO", wire.InsTIDStatus: "TID STATUS",
		wire.InsPutEpochKey: "PUT EPOCH KEY", wire.InsCardRequest: "CARD REQUEST",
		wire.InsTIDClose: "TID CLOSE", wire.InsPutEpoch: "PUT EPOCH",
		wire.InsTokenNew: "TOKEN NEW", wire.InsTokenRequest: "TOKEN REQUEST",
	}
	var want []string
	for _, kind := range []struct {
		name   string
		life   []slotStep
		states []string // by number
	}{
		{"bank", bankLife(), []string{
			"EMPTY", "OPEN", "REQUESTED", "REPLIED", "KEYS SENT", "GRANTED", "CLOSED",
		}},
		{"TID", tidLife(), []string{
			"EMPTY", "REGISTERING", "REPLIED", "BINFO MADE", "INFO MADE", "ACTIVE", "CLOSED",
		}},
	} {
		for _, s := range kind.life {
			var from []string
			for _, state := range s.from {
				from = append(from, kind.states[state])
			}
			want = append(want, fmt.Sprintf("| %s | %s | %s | %s |", kind.name, commands[s.ins],
				strings.Join(from, ", "), kind.states[s.to]))
		}
	}
	if diff := cmp.Diff(strings.Join(want, "\n"), table); diff != "" {
		t.Errorf("docs/accounts.md (-code +page):\n%s", diff)
	}
}

// TestTokenLife holds PROTOCOL.md against the code.
func TestTokenLife(t *testing.T) {
	page, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	const head = "| command | works in | leaves |\n|---|---|---|\n"
	_, section, _ := strings.Cut(string(page), head)
	table, _, _ := strings.Cut(section, "\n\n")
	commands := map[wire.INS]string{
		wire.InsTokenNew: "TOKEN NEW", wire.InsTokenChain: "TOKEN CHAIN",
		wire.InsTokenRequest: "TOKEN REQUEST", wire.InsTokenPut: "TOKEN PUT",
		wire.InsTokenClose: "TOKEN CLOSE", wire.InsTokenShow: "TOKEN SHOW",
	}
	states := []string{"EMPTY", "BUILDING", "BUILT", "REQUESTED", "READY", "USED", "CLOSED"}
	var want []string
	for _, s := range tokenLife() {
		var from []string
		for _, state := range s.from {
			from = append(from, states[state])
		}
		want = append(want, fmt.Sprintf("| %s | %s | %s |", commands[s.ins],
			strings.Join(from, ", "), states[s.to]))
	}
	if diff := cmp.Diff(strings.Join(want, "\n"), table); diff != "" {
		t.Errorf("PROTOCOL.md (-code +page):\n%s", diff)
	}
}
