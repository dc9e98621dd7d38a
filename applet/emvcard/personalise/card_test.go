package personalise_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emv"
	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/emvcard/personalise/personalisetest"
	"tapbench/applet/emvcard/profile"
	"tapbench/pcsc/tlv"
)

// day is one on which the built-in cards are valid.
func day() time.Time { return time.Date(2026, time.November, 21, 0, 0, 0, 0, time.UTC) }

// TestBuiltins reads each built-in card as a terminal does: by its AFL, from the CA's key down to
// the signed records (EMV 4.3 Book 2, 5 and 6; Book 3, 10.2 and 10.3).
func TestBuiltins(t *testing.T) {
	t.Parallel()
	for _, name := range profile.Names()[1:] { // the first is the anonymous one
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := profile.Builtin(name)
			if err != nil {
				t.Fatal(err)
			}
			card := personalisetest.Card(t, name)
			keys := personalisetest.CAKeys(t, card)
			for i, app := range card.Applications {
				r := readRecords(t, app)
				r.checkFCI(t, p.Applications[i])
				r.authenticate(t, keys, p.Applications[i])
			}
		})
	}
}

// reading is what a terminal has read.
type reading struct {
	app    image.Application
	list   emv.ObjectList
	static []byte
}

func readRecords(t *testing.T, app image.Application) *reading {
	t.Helper()
	r := &reading{app: app}
	seen := 0
	for i := 0; i+4 <= len(app.AFL); i += 4 {
		entry := app.AFL[i : i+4]
		for n := entry[1]; n <= entry[2]; n++ {
			record := find(t, app.Records, entry[0]>>3, n)
			body, err := emv.ParseRecord(record)
			if err != nil {
				t.Fatal(err)
			}
			if err := r.list.Add(body); err != nil {
				t.Fatal(err)
			}
			if n-entry[1] < entry[3] {
				r.static = append(r.static, signedPart(entry[0]>>3, record, body)...)
			}
			seen++
		}
	}
	if seen != len(app.Records) {
		t.Errorf("the AFL names %d records of %d", seen, len(app.Records))
	}
	return r
}

// signedPart is what of a record is signed: of files 11 to 30 all of it (Book 3, 10.3).
func signedPart(sfi byte, record, body []byte) []byte {
	if sfi > 10 {
		return record
	}
	return body
}

func find(t *testing.T, records []image.Record, sfi, number byte) []byte {
	t.Helper()
	for _, r := range records {
		if r.SFI == sfi && r.Number == number {
			if len(r.Data) > 254 {
				t.Errorf("file %d record %d has %d bytes", sfi, number, len(r.Data))
			}
			return r.Data
		}
	}
	t.Fatalf("the AFL names record %d of file %d, which isn't there", number, sfi)
	return nil
}

func (r *reading) get(t *testing.T, tag tlv.Tag) []byte {
	t.Helper()
	value, err := r.list.Find(tag)
	if err != nil && tag != 0x92 && tag != 0x9F48 && tag != 0x9F2F {
		t.Error(err)
	}
	return value
}

func (r *reading) checkFCI(t *testing.T, p profile.Application) {
	t.Helper()
	fci, err := emv.ParseFCI(r.app.FCI)
	if err != nil {
		t.Fatal(err)
	}
	want := emv.FCI{Name: p.AID, Label: p.Label, Priority: p.Priority, PDOL: p.PDOL.Encode()}
	if diff := cmp.Diff(want, fci); diff != "" {
		t.Errorf("FCI (-profile +card):\n%s", diff)
	}
}

func (r *reading) authenticate(t *testing.T, keys oda.CAKeys, p profile.Application) {
	t.Helper()
	if p.SignedAIP {
		r.static = append(r.static, r.app.AIP[:]...)
	}
	ca, found := keys.Find(r.app.AID, r.get(t, 0x8F)[0])
	if !found {
		t.Fatalf("no CA key %X of %X", r.get(t, 0x8F), r.app.AID)
	}
	pan := r.get(t, 0x5A)
	issuer, err := oda.VerifyIssuer(ca, oda.Certificate{
		Block: r.get(t, 0x90), Remainder: r.get(t, 0x92), Exponent: r.get(t, 0x9F32),
	}, pan, day(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := 8 * len(issuer.Key.Modulus); got != int(p.IssuerKey.Bits) {
		t.Errorf("issuer's key of %d bits", got)
	}
	if p.Has(profile.SDA) {
		if _, err := oda.VerifyStatic(issuer.Key, r.get(t, 0x93), r.static); err != nil {
			t.Error(err)
		}
	}
	card, err := oda.VerifyCard(issuer.Key, oda.Certificate{
		Block: r.get(t, 0x9F46), Remainder: r.get(t, 0x9F48), Exponent: r.get(t, 0x9F47),
	}, r.static, pan, day())
	if err != nil {
		t.Fatal(err)
	}
	if !card.Key.Equal(r.app.ODA.Public()) {
		t.Error("the card's certificate is for another key than the card has")
	}
	if p.PIN == nil || p.PIN.Key == nil {
		return
	}
	sealing, err := oda.VerifyCard(issuer.Key, oda.Certificate{
		Block: r.get(t, 0x9F2D), Remainder: r.get(t, 0x9F2F), Exponent: r.get(t, 0x9F2E),
	}, nil, pan, day())
	if err != nil {
		t.Fatal(err)
	}
	if !sealing.Key.Equal(r.app.PINKey.Public()) {
		t.Error("the certificate for PINs is for another key than the card has")
	}
}

func TestDirectories(t *testing.T) {
	t.Parallel()
	card := personalisetest.Card(t, "interop")
	candidates, err := emv.ParsePPSE(card.PPSE.FCI)
	if err != nil {
		t.Fatal(err)
	}
	var listed []byte
	for _, r := range card.PSE.Records {
		body, err := emv.ParseRecord(r.Data)
		if err != nil || r.SFI != 1 || len(r.Data) > 254 {
			t.Fatalf("record %d of file %d, %d bytes: %v", r.Number, r.SFI, len(r.Data), err)
		}
		listed = append(listed, body...)
	}
	for i, app := range card.Applications {
		if !bytes.Equal(candidates[i].AID, app.AID) {
			t.Errorf("PPSE: entry %d is %X, expected %X", i+1, candidates[i].AID, app.AID)
		}
		if !bytes.Contains(listed, append([]byte{0x4F, byte(len(app.AID))}, app.AID...)) {
			t.Errorf("PSE: %X isn't there", app.AID)
		}
	}
	if other := personalisetest.Card(t, "contactless"); other.PSE != nil || other.PPSE == nil {
		t.Error("contactless: expected a PPSE alone")
	}
}
