package emulator_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"tapbench/applet/emulator"
	"tapbench/applet/emv"
	"tapbench/applet/emvcard/profile"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// TestNaming_refused holds names to what a card may have.
func TestNaming_refused(t *testing.T) {
	t.Parallel()
	for name, naming := range map[string]emulator.Naming{
		"AID of 4 bytes":          {AID: []byte{1, 2, 3, 4}},
		"AID of 17 bytes":         {AID: make([]byte, 17)},
		"management's AID":        {AID: []byte(wire.AIDManagement)},
		"PPSE's AID":              {AID: []byte(wire.AIDPPSE)},
		"label of 17 characters":  {Label: strings.Repeat("x", 17)},
		"priority of five bits":   {Priority: 16},
		"offline application's":   {AID: []byte(wire.AIDOffline)},
		"AID of 16 and long name": {AID: make([]byte, 16), Label: strings.Repeat("x", 40)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := emulator.New(emulator.Config{Naming: naming}); err == nil {
				t.Error("the card has this name")
			}
		})
	}
}

// TestNaming proves that a named card is found by its name alone, and that the built-in profile
// anonymous names the card as it is without one.
func TestNaming(t *testing.T) {
	t.Parallel()
	p, err := profile.Builtin("anonymous")
	if err != nil {
		t.Fatal(err)
	}
	a := p.Applications[0]
	plain := selected(t, emulator.Naming{}, wire.AIDPayment)
	same := selected(t, emulator.Naming{AID: a.AID, Label: a.Label, Priority: a.Priority},
		wire.AIDPayment)
	if !bytes.Equal(plain, same) {
		t.Errorf("profile anonymous answers %X, no profile %X", same, plain)
	}
	aid, err := hex.DecodeString("A0000000031010")
	if err != nil {
		t.Fatal(err)
	}
	naming := emulator.Naming{AID: aid, Label: "OTHER", Priority: 3}
	fci, err := emv.ParseFCI(selected(t, naming, wire.AID(aid)))
	if err != nil || !bytes.Equal(fci.Name, aid) || fci.Label != "OTHER" || fci.Priority != 3 {
		t.Errorf("%X %q %d, %v", fci.Name, fci.Label, fci.Priority, err)
	}
	list, err := emv.ParsePPSE(selected(t, naming, wire.AIDPPSE))
	if err != nil || len(list) != 1 || !bytes.Equal(list[0].AID, aid) || list[0].Label != "OTHER" {
		t.Errorf("PPSE names %+v, %v", list, err)
	}
	if answer := selected(t, naming, wire.AIDPayment); answer != nil {
		t.Errorf("the old name answers %X", answer)
	}
}

// selected returns what SELECT answers a named card, nil for a refusal.
func selected(t *testing.T, naming emulator.Naming, aid wire.AID) []byte {
	t.Helper()
	card, err := emulator.New(emulator.Config{Naming: naming})
	if err != nil {
		t.Fatal(err)
	}
	session := pcsc.NewSession(pcsc.NewDirect(card))
	t.Cleanup(func() { _ = session.Close() })
	answer, err := session.Exchange(t.Context(), apdu.Command{
		INS: 0xA4, P1: 0x04, Data: []byte(aid), Ne: apdu.MaxShortNe,
	})
	if err != nil {
		return nil
	}
	return answer.Data
}
