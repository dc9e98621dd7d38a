package decode_test

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tapbench/applet/decode"
	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// constants returns name and value of every constant of a type that a source file declares.
func constants(t *testing.T, path, kind string) map[string]uint64 {
	t.Helper()
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]uint64)
	declared := regexp.MustCompile(`(?m)^\t(\w+) +` + regexp.QuoteMeta(kind) + ` += 0x(\w+)`)
	for _, m := range declared.FindAllSubmatch(source, -1) {
		n, err := strconv.ParseUint(string(m[2]), 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		found[string(m[1])] = n
	}
	return found
}

// TestEveryCommand: each command of the registry has the name that PROTOCOL.md gives it.
func TestEveryCommand(t *testing.T) {
	specification, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	all := constants(t, "../wire/command.go", "INS")
	if len(all) < 27 {
		t.Errorf("found %d commands", len(all))
	}
	payment := []wire.INS{
		wire.InsGetProcessingOptions, wire.InsGenerateAC, wire.InsReadRecord, wire.InsExchangeRelay,
	}
	offline := []wire.INS{wire.InsPutData}
	interindustry := []wire.INS{
		wire.InsSelect, wire.InsGetResponse, wire.InsGetChallenge, wire.InsExternalAuthenticate,
		wire.InsGetData, wire.InsReadRecord,
	}
	for constant, ins := range all {
		d := decode.New()
		aid, class := wire.AIDManagement, wire.CLAProprietary
		if slices.Contains(payment, wire.INS(ins)) {
			aid = wire.AIDPayment
		}
		if slices.Contains(offline, wire.INS(ins)) || constant == "InsTick" {
			aid = wire.AIDOffline
		}
		if slices.Contains(interindustry, wire.INS(ins)) {
			class = wire.CLAInterindustry
		}
		choose := apdu.Command{INS: byte(wire.InsSelect), P1: wire.P1SelectByAID, Data: []byte(aid)}
		raw, err := choose.Encode()
		if err != nil {
			t.Fatal(err)
		}
		d.Exchange(raw, []byte{0x90, 0x00})
		x := d.Exchange([]byte{byte(class), byte(ins), 0, 0}, []byte{0x90, 0x00})
		if !strings.Contains(string(specification), "**"+x.Name+"**") && x.Name != "GET RESPONSE" {
			t.Errorf("%s is named %q", constant, x.Name)
		}
		if x.Source == "" || !x.Known {
			t.Errorf("%s: source %q, known %t", constant, x.Source, x.Known)
		}
	}
}

// TestEveryTag: each tag of the registry and of the payment applications has a name, and our own
// cards' elements are on the list of what may be kept, but those that name card or holder.
func TestEveryTag(t *testing.T) {
	for _, path := range []string{"../wire/tag.go", "../emv/tag.go"} {
		all := constants(t, path, "tlv.Tag")
		if len(all) < 8 {
			t.Errorf("%s: found %d tags", path, len(all))
		}
		for constant, tag := range all {
			if emv.TagName(tlv.Tag(tag)) == "" {
				t.Errorf("%s has no name", constant)
			}
		}
	}
}

// TestLabels: each label keeps to the grammar of traces, and no two reasons share one.
func TestLabels(t *testing.T) {
	grammar := regexp.MustCompile(`^[a-z][a-z0-9-]{0,15}$`)
	seen := make(map[string]bool)
	label := func(s string, none bool) {
		if none != (s == "") || !none && (!grammar.MatchString(s) || seen[s]) {
			t.Errorf("label %q", s)
		}
		seen[s] = true
	}
	for v := decode.Constant; v <= decode.ProtocolStatus; v++ {
		label(v.Label(), v == decode.Constant)
	}
	for s := decode.Unknown; s <= decode.History; s++ {
		label(s.Label(), s == decode.Clear)
	}
	for p := decode.Other; p <= decode.Authorisation; p++ {
		if p != decode.Other && p.String() == decode.Other.String() {
			t.Errorf("phase %d has no name", p)
		}
	}
}
