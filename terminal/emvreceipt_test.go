package terminal_test

import (
	"strings"
	"testing"
	"time"

	"tapbench/backend/money"
	"tapbench/terminal"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
)

func TestEMVReceipts(t *testing.T) {
	t.Parallel()
	o := outcome.Outcome{
		Result: outcome.Declined, Time: time.Date(2026, 11, 21, 19, 30, 0, 0, time.UTC),
		Why: outcome.Reason{Text: "the issuer declines", Clause: "EMV 4.3 Book 4, annex A6"},
		Selected: outcome.Selected{
			AID: []byte("\xA0\x00\x00\x00\x03\x10\x10"), Label: "CARD\x1B[2J\r\n",
		},
		PAN: "9999990000000014", ARC: [2]byte{'0', '5'},
		First:  &outcome.Cryptogram{CID: 0x80, ATC: 7},
		Second: &outcome.Cryptogram{CID: 0x00, ATC: 7, AC: [8]byte{1, 2, 3}},
	}
	var pos general.Terminal
	copy(pos.Merchant[:], "SHOP           ")
	text := terminal.EMVReceipt(o, pos, money.Must("EUR:12.50")).String()
	for _, want := range []string{
		"SHOP\n", "CARD.[2J..\n", "A0000000031010", "************0014", "AAC 0102030000000000",
		"EUR 12.50", "DECLINED: the issuer declines\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if strings.Contains(text, o.PAN.Reveal()) {
		t.Errorf("the account number is shown:\n%s", text)
	}
}
