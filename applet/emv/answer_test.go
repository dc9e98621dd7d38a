package emv_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/tlv"
)

func TestParseProcessingOptions(t *testing.T) {
	tests := []struct {
		name, raw string
		err       error
	}{
		{"empty", "", emv.ErrData},
		{"cut off", "770A8202180094", tlv.ErrMalformed},
		{"another template", "700A820218009404080103 00", emv.ErrData},
		{"second object", "770A82021800940408010300 5000", emv.ErrData},
		{"no AIP", "7706 940408010300", emv.ErrData},
		{"AIP of one byte", "7709 820118 940408010300", emv.ErrData},
		{"two AIPs", "770E 82021800 82021800 940408010300", emv.ErrData},
		{"no AFL", "7704 82021800", emv.ErrData},
		{"format 1 with half an AIP", "800118", emv.ErrData},
		{"format 2", "770A 82021801 940408010300", nil},
		{"format 1", "8006 1801 08010300", nil},
	}
	want := emv.ProcessingOptions{AIP: emv.AIP(), AFL: emv.AFL()}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := emv.ParseProcessingOptions(spaced(t, test.raw))
			if !errors.Is(err, test.err) {
				t.Fatalf("ParseProcessingOptions(%s): got error %v, want %v", test.raw, err, test.err)
			}
			if err == nil && !cmp.Equal(got, want) {
				t.Errorf("ParseProcessingOptions(%s): %s", test.raw, cmp.Diff(want, got))
			}
		})
	}
	if got := want.Encode(); !cmp.Equal(got, spaced(t, "770A 82021801 940408010300")) {
		t.Errorf("Encode: got % X", got)
	}
}

func TestParseAFL(t *testing.T) {
	tests := []struct {
		name, raw string
		files     int
	}{
		{"empty", "", 0},
		{"three bytes", "080103", 0},
		{"five bytes", "0801030010", 0},
		{"SFI 0", "00010300", 0},
		{"SFI 31", "F8010300", 0},
		{"first record 0", "08000300", 0},
		{"last below first", "08030200", 0},
		{"more signed records than records", "08010304", 0},
		{"second entry wrong", "08010300 10000100", 0},
		{"tapbench's", "08010300", 1},
		{"reserved bits", "0F010300", 1},
		{"two files, all records", "0801FF00 F0FFFF01", 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			files, err := emv.ParseAFL(spaced(t, test.raw))
			if (test.files == 0) != errors.Is(err, emv.ErrData) || len(files) != test.files {
				t.Errorf("ParseAFL(%s): got %d files, %v", test.raw, len(files), err)
			}
		})
	}
}

func TestParseACAnswer(t *testing.T) {
	const rest = "9F36020001 9F26081122334455667788 9F100706015400000000"
	tests := []struct {
		name, raw string
		err       error
	}{
		{"empty", "", emv.ErrData},
		{"another template", "7000", emv.ErrData},
		{"no CID", "771A" + rest, emv.ErrData},
		{"CID of two bytes", "771F 9F27028000" + rest, emv.ErrData},
		{"no cryptogram", "7713 9F270180 9F36020001 9F100706015400000000", emv.ErrData},
		{"two cryptograms", "7729 9F270180" + rest + "9F26081122334455667788", emv.ErrData},
		{"signature of 63 bytes", "7760 9F270180" + rest + "DF233F" + zeros(63), emv.ErrData},
		{"format 1 too short", "800A 80000111223344556677", emv.ErrData},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := emv.ParseACAnswer(spaced(t, test.raw)); !errors.Is(err, test.err) {
				t.Errorf("ParseACAnswer(%s): got error %v, want %v", test.raw, err, test.err)
			}
		})
	}
	iad := emv.IAD(emv.CVRNone)
	want := emv.ACAnswer{
		CID: emv.CIDARQC, ATC: 1, AC: [8]byte{0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88},
		IAD: iad[:],
	}
	for _, raw := range []string{
		"771E 9F270180" + rest, "8012 80 0001 1122334455667788 06015400000000",
	} {
		got, err := emv.ParseACAnswer(spaced(t, raw))
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("ParseACAnswer(%s): %v, %s", raw, err, cmp.Diff(want, got))
		}
	}
	want.Tap = &message.Signature{1, 2, 3}
	got, err := emv.ParseACAnswer(want.Encode())
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("round trip: %v, %s", err, cmp.Diff(want, got))
	}
	if n := len(want.Encode()); n > wire.ShortDataLen {
		t.Errorf("the answer takes %d bytes", n)
	}
}

func TestSelectionAnswers(t *testing.T) {
	fci := emv.PaymentFCI()
	want := "6F2E 840AF054415042454E434802 A520 500854415042454E4348 870101 9F3810" +
		"9F0206 5F2A02 9A03 9C01 9F3704 9F160F"
	if got := fci.Encode(); !cmp.Equal(got, spaced(t, want)) {
		t.Errorf("FCI: got % X, want %s", got, want)
	}
	back, err := emv.ParseFCI(fci.Encode())
	if err != nil || !cmp.Equal(back, fci) {
		t.Errorf("ParseFCI: %v, %s", err, cmp.Diff(fci, back))
	}
	candidates, err := emv.ParsePPSE(emv.PaymentPPSE())
	offered := []emv.Candidate{{AID: []byte(wire.AIDPayment), Label: emv.Label, Priority: 1}}
	if err != nil || !cmp.Equal(candidates, offered) {
		t.Errorf("ParsePPSE: %v, %s", err, cmp.Diff(offered, candidates))
	}
	for name, b := range map[string][]byte{"FCI": fci.Encode(), "PPSE": emv.PaymentPPSE()} {
		if err := tlv.Check(b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParsePPSERefuses(t *testing.T) {
	tooMany := make([]emv.Candidate, emv.MaxCandidates+1)
	for i := range tooMany {
		tooMany[i] = emv.Candidate{AID: []byte("\xF0BANK\x01"), Priority: byte(i)}
	}
	tests := []struct {
		name string
		raw  []byte
		err  error
	}{
		{"empty", nil, emv.ErrData},
		{"an ADF's FCI", emv.PaymentFCI().Encode(), emv.ErrData},
		{"ADF name of four bytes", emv.PPSE(emv.Candidate{AID: []byte("FOUR")}), emv.ErrData},
		{"ADF name of 17 bytes", emv.PPSE(emv.Candidate{AID: make([]byte, 17)}), emv.ErrData},
		{"label of 17 bytes", emv.PPSE(emv.Candidate{
			AID: []byte(wire.AIDPayment), Label: "AVERYLONGLABEL17B",
		}), emv.ErrData},
		{"too many applications", emv.PPSE(tooMany...), emv.ErrData},
		{"cut off", emv.PaymentPPSE()[:20], tlv.ErrMalformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := emv.ParsePPSE(test.raw); !errors.Is(err, test.err) {
				t.Errorf("ParsePPSE: got error %v, want %v", err, test.err)
			}
		})
	}
}

func TestRecords(t *testing.T) {
	pan := emv.PAN(unhex(t, canary+"F"))
	class := message.Class{
		Limit: [6]byte{0, 0, 0, 0, 0x50, 0}, Currency: [2]byte{0x09, 0x78}, Expiry: 2970,
	}
	records := [][]byte{
		emv.Record1(pan, [3]byte{0x26, 0x12, 0x31}, 1, class.Currency),
		emv.Record2(),
		emv.Record3(message.PublicKey{4, 1}, class, message.Signature{5}),
	}
	var all emv.ObjectList
	for i, record := range records {
		body, err := emv.ParseRecord(record)
		if err != nil {
			t.Fatalf("record %d: %v", i+1, err)
		}
		if err := all.Add(body); err != nil {
			t.Fatalf("record %d: %v", i+1, err)
		}
	}
	for tag, n := range map[tlv.Tag]int{
		emv.TagTrack2: 14, emv.TagPAN: 10, emv.TagExpiration: 3, emv.TagSequence: 1,
		emv.TagApplicationCurrency: 2, emv.TagCDOL1: 27, emv.TagCDOL2: 9, emv.TagCVMList: 10,
		emv.TagUsageControl: 2, emv.TagIACDefault: 5, emv.TagIACDenial: 5, emv.TagIACOnline: 5,
		wire.TagCardKey: 65, wire.TagCardClass: 13, wire.TagCardSignature: 64,
	} {
		if _, err := all.Get(tag, n); err != nil {
			t.Errorf("Get(%X, %d): %v", uint32(tag), n, err)
		}
	}
	raw, err := all.Get(wire.TagCardClass, wire.ClassLen)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := emv.ParseClass(raw); err != nil || got != class {
		t.Errorf("ParseClass: got %v, %v", got, err)
	}
	if err := all.Add(spaced(t, "5A00")); !errors.Is(err, emv.ErrData) {
		t.Errorf("a second PAN: got error %v, want %v", err, emv.ErrData)
	}
}

func TestParseRecordRefuses(t *testing.T) {
	for name, raw := range map[string][]byte{
		"empty":           nil,
		"no template":     spaced(t, "5A00"),
		"two templates":   spaced(t, "7000 7000"),
		"too long":        append(spaced(t, "708200FD 5081F9"), make([]byte, 249)...),
		"cut off":         spaced(t, "7005 5A"),
		"malformed below": spaced(t, "7003 5A055A"),
	} {
		_, err := emv.ParseRecord(raw)
		if !errors.Is(err, emv.ErrData) && !errors.Is(err, tlv.ErrMalformed) {
			t.Errorf("%s: got error %v", name, err)
		}
	}
}

func TestParseClassRefuses(t *testing.T) {
	good := unhex(t, "000000005000097800000B9A01")
	if _, err := emv.ParseClass(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(b []byte) []byte{
		"twelve bytes":    func(b []byte) []byte { return b[:12] },
		"unknown kind":    func(b []byte) []byte { b[12] = 0x02; return b },
		"limit no BCD":    func(b []byte) []byte { b[5] = 0xA0; return b },
		"currency no BCD": func(b []byte) []byte { b[7] = 0x0F; return b },
		"currency of n4":  func(b []byte) []byte { b[6] = 0x19; return b },
	} {
		raw := change(append([]byte(nil), good...))
		if _, err := emv.ParseClass(raw); err == nil {
			t.Errorf("%s: got no error for % X", name, raw)
		}
	}
}

func TestTerminalDataFitsTheLists(t *testing.T) {
	for name, list := range map[string]struct {
		dol  []byte
		data []byte
		want int
	}{
		"PDOL":  {emv.PDOL(), emv.PDOLData{}.Encode(), emv.PDOLDataLen},
		"CDOL1": {emv.CDOL1(), emv.CDOL1Data{}.Encode(), emv.CDOL1DataLen},
		"CDOL2": {emv.CDOL2(), emv.CDOL2Data{}.Encode(), emv.CDOL2DataLen},
	} {
		entries, err := tlv.ParseDOL(list.dol)
		if err != nil || tlv.DOLLen(entries) != list.want || len(list.data) != list.want {
			t.Errorf("%s: list asks for %d bytes, data have %d, want %d, %v", name,
				tlv.DOLLen(entries), len(list.data), list.want, err)
		}
		for _, e := range entries {
			if emv.TagName(e.Tag) == "" {
				t.Errorf("%s: %X has no name", name, uint32(e.Tag))
			}
		}
	}
}

func TestTerminalDataRoundTrip(t *testing.T) {
	raw := make([]byte, 64)
	for i := range raw {
		raw[i] = byte(i)
	}
	p, err := emv.ParsePDOLData(raw[:31])
	if err != nil || !cmp.Equal(p.Encode(), raw[:31]) || p.UN != [4]byte{12, 13, 14, 15} {
		t.Errorf("PDOL data: got %v, %v", p, err)
	}
	c, err := emv.ParseCDOL1Data(raw[:45])
	if err != nil || !cmp.Equal(c.Encode(), raw[:45]) || c.UN != [4]byte{25, 26, 27, 28} {
		t.Errorf("CDOL1 data: got %v, %v", c, err)
	}
	d, err := emv.ParseCDOL2Data(raw[:19])
	if err != nil || !cmp.Equal(d.Encode(), raw[:19]) || d.UN != [4]byte{15, 16, 17, 18} {
		t.Errorf("CDOL2 data: got %v, %v", d, err)
	}
	for n := range 64 {
		_, err1 := emv.ParsePDOLData(raw[:n])
		_, err2 := emv.ParseCDOL1Data(raw[:n])
		_, err3 := emv.ParseCDOL2Data(raw[:n])
		if (err1 == nil) != (n == 31) || (err2 == nil) != (n == 45) || (err3 == nil) != (n == 19) {
			t.Errorf("%d bytes: got errors %v, %v, %v", n, err1, err2, err3)
		}
	}
}
