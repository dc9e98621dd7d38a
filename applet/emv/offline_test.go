package emv_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

func TestParseOfflinePDOLData(t *testing.T) {
	for _, n := range []int{0, emv.PDOLDataLen, 64, 66} {
		if _, err := emv.ParseOfflinePDOLData(make([]byte, n)); !errors.Is(err, emv.ErrData) {
			t.Errorf("%d bytes: got %v", n, err)
		}
	}
	d := emv.OfflinePDOLData{
		Amount: [6]byte{0, 0, 0, 0, 0x12, 0x50}, Currency: [2]byte{0x09, 0x78}, UN: [4]byte{1, 2, 3, 4},
		Merchant: [15]byte{'M'}, Time: 0x5F5E1001, Certificate: message.Hash{9}, Unit: 5,
	}
	raw := spaced(t, "000000001250 0978 00 01020304 4D"+zeros(14)+"5F5E1001 09"+zeros(31)+"05")
	if got := d.Encode(); !cmp.Equal(got, raw) || len(got) != emv.OfflinePDOLDataLen {
		t.Errorf("Encode: %s", cmp.Diff(raw, got))
	}
	if got, err := emv.ParseOfflinePDOLData(raw); err != nil || got != d {
		t.Errorf("ParseOfflinePDOLData: %v, %s", err, cmp.Diff(d, got))
	}
}

// TestOfflinePDOL: the list asks for what the data hold, and fits GET PROCESSING OPTIONS.
func TestOfflinePDOL(t *testing.T) {
	asked := 0
	for list := emv.OfflinePDOL(); len(list) > 0; {
		n := 2
		if list[0]&0x1F == 0x1F {
			n = 3
		}
		asked += int(list[n-1])
		list = list[n:]
	}
	if asked != emv.OfflinePDOLDataLen {
		t.Errorf("the list asks for %d bytes, the data have %d", asked, emv.OfflinePDOLDataLen)
	}
	fci, err := emv.ParseFCI(emv.OfflineFCI().Encode())
	if err != nil || !cmp.Equal(fci, emv.OfflineFCI()) {
		t.Errorf("FCI: %v, %s", err, cmp.Diff(emv.OfflineFCI(), fci))
	}
}

func TestParseChallenge(t *testing.T) {
	const rest = "82021801 940408010100"
	for _, test := range []struct{ name, raw string }{
		{"challenge of 15 bytes", "771C" + rest + "DF240F" + zeros(15)},
		{"two challenges", "7730" + rest + strings.Repeat("DF2410"+zeros(16), 2)},
	} {
		if _, err := emv.ParseProcessingOptions(spaced(t, test.raw)); !errors.Is(err, emv.ErrData) {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
	want := emv.ProcessingOptions{
		AIP: emv.AIP(), AFL: emv.OfflineAFL(), Challenge: &message.Nonce{7},
	}
	raw := spaced(t, "771D"+rest+"DF241007"+zeros(15))
	if got := want.Encode(); !cmp.Equal(got, raw) {
		t.Errorf("Encode: %s", cmp.Diff(raw, got))
	}
	if got, err := emv.ParseProcessingOptions(raw); err != nil || !cmp.Equal(got, want) {
		t.Errorf("ParseProcessingOptions: %v, %s", err, cmp.Diff(want, got))
	}
}

func TestParseTokenRecord(t *testing.T) {
	token := "DF2881BC" + zeros(emv.TokenLen)
	relay := "DF2D0E" + zeros(wire.RelayLen)
	for _, test := range []struct {
		name, raw string
		err       error
	}{
		{"empty", "", emv.ErrData},
		{"cut off", "7081CA 8C039F3704", tlv.ErrMalformed},
		{"another template", "7781CA 8C039F3704 DF29020005" + token, emv.ErrData},
		{"no CDOL1", "7081C5 DF29020005" + token, emv.ErrData},
		{"another CDOL1", "7081CA 8C039F3604 DF29020005" + token, emv.ErrData},
		{"no token", "700A 8C039F3704 DF29020005", emv.ErrData},
		{"token cut short", "7081C9 8C039F3704 DF29020005 DF2881BB" + zeros(187), emv.ErrData},
		{"interval of one byte", "7081C9 8C039F3704 DF290100" + token, emv.ErrData},
		{"two intervals", "7081CF 8C039F3704 DF29020005 DF29020005" + token, emv.ErrData},
		{
			"longer than a record", "70820105 8C039F3704 DF29020005" + token + "5A38" + zeros(56),
			emv.ErrData,
		},
		{"no relay data", "7081CA 8C039F3704 DF29020005" + token, emv.ErrData},
		{"right", "7081DB 8C039F3704 DF29020005" + relay + token, nil},
	} {
		got, err := emv.ParseTokenRecord(spaced(t, test.raw))
		if !errors.Is(err, test.err) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.err)
		}
		if err == nil && (got.From != 0 || got.To != 5) {
			t.Errorf("%s: units %d to %d", test.name, got.From, got.To)
		}
	}
	want := emv.TokenRecord{From: 3, To: 28, Relay: message.Relay{
		Terminal: [4]byte{1}, Card: [4]byte{2}, Times: message.RelayTimes{Min: 3, Max: 4, Transmission: 5},
	}, Token: message.Token{
		Fields: message.TokenFields{
			Version: 1, Unit: 50, Length: 250, Key: message.PublicKey{4, 9}, Root: message.Hash{8},
			Policy: message.TokenPolicy{PerTap: 5000, Grace: 1},
		},
		Signature: message.Signature{7},
	}}
	raw := want.Encode()
	if got, err := emv.ParseTokenRecord(raw); err != nil || got != want {
		t.Errorf("round trip: %v, %s", err, cmp.Diff(want, got))
	}
	if len(raw) != 222 {
		t.Errorf("the record takes %d bytes", len(raw))
	}
	if n := message.Size[message.Token](); n != emv.TokenLen+len(message.Prefix(wire.SigToken)) {
		t.Errorf("a token takes %d bytes", n)
	}
}

func TestParseOfflineAnswer(t *testing.T) {
	sigma := "9F4B40" + zeros(64)
	for _, test := range []struct {
		name, raw string
		err       error
	}{
		{"empty", "", emv.ErrData},
		{"cut off", "7709 9F270140", tlv.ErrMalformed},
		{"another template", "7009 9F270100 9F36020001", emv.ErrData},
		{"no CID", "7705 9F36020001", emv.ErrData},
		{"ARQC", "7709 9F270180 9F36020001", emv.ErrData},
		{"counter of one byte", "7708 9F270100 9F360101", emv.ErrData},
		{"TC without signature", "770E 9F270140 9F36020001 DF2A020005", emv.ErrData},
		{"TC without units", "774C 9F270140 9F36020001" + sigma, emv.ErrData},
		{
			"signature of 63 bytes", "7750 9F270140 9F36020001 DF2A020005 9F4B3F" + zeros(63),
			emv.ErrData,
		},
		{"value of 31 bytes", "7770 9F270140 9F36020001" + sigma + "DF2A21" + zeros(33), emv.ErrData},
		{"AAC with a signature", "774C 9F270100 9F36020001" + sigma, emv.ErrData},
		{"AAC with units", "770E 9F270100 9F36020001 DF2A020005", emv.ErrData},
		{"AAC", "7709 9F270100 9F36020001", nil},
		{"commitment", "7751 9F270140 9F36020001" + sigma + "DF2A020005", nil},
	} {
		if _, err := emv.ParseOfflineAnswer(spaced(t, test.raw)); !errors.Is(err, test.err) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.err)
		}
	}
	for _, want := range []emv.OfflineAnswer{
		{CID: emv.CIDAAC, ATC: 7},
		{CID: emv.CIDTC, ATC: 7, Signature: message.Signature{1}, From: 5, To: 9},
		{CID: emv.CIDTC, Signature: message.Signature{1}, From: 5, To: 9, Value: &message.Hash{2}},
	} {
		got, err := emv.ParseOfflineAnswer(want.Encode())
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("round trip: %v, %s", err, cmp.Diff(want, got))
		}
	}
}

func TestParseMerchantAuth(t *testing.T) {
	for _, n := range []int{0, 225, 227} {
		if _, err := emv.ParseMerchantAuth(make([]byte, n)); !errors.Is(err, emv.ErrData) {
			t.Errorf("%d bytes: got %v", n, err)
		}
	}
	want := emv.MerchantAuth{
		Time: 1_800_000_000, Signature: message.Signature{3},
		Certificate: message.Certificate{Type: wire.CertMerchant, Expiry: 5},
	}
	raw := want.Encode()
	if got, err := emv.ParseMerchantAuth(raw); err != nil || got != want {
		t.Errorf("round trip: %v, %s", err, cmp.Diff(want, got))
	}
	if len(raw) != emv.MerchantAuthLen || len(raw) > apdu.MaxShortNc {
		t.Errorf("it takes %d bytes", len(raw))
	}
}
