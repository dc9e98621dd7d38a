package quote_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-tpm/tpm2"

	"tapbench/tpm/quote"
)

func TestEvidence_refuses(t *testing.T) {
	good := quote.Evidence{Attest: []byte{1}, Signature: []byte{2}, AKPublic: []byte{3}}
	for _, row := range []struct {
		name string
		edit func(*quote.Evidence)
		want error
	}{
		{"no attestation", func(e *quote.Evidence) { e.Attest = nil }, quote.ErrEvidence},
		{"no signature", func(e *quote.Evidence) { e.Signature = nil }, quote.ErrEvidence},
		{"no key", func(e *quote.Evidence) { e.AKPublic = nil }, quote.ErrEvidence},
		{
			"a long attestation", func(e *quote.Evidence) { e.Attest = make([]byte, 513) },
			quote.ErrTooLarge,
		},
		{
			"a long signature", func(e *quote.Evidence) { e.Signature = make([]byte, 129) },
			quote.ErrTooLarge,
		},
		{
			"a long key", func(e *quote.Evidence) { e.AKPublic = make([]byte, 257) },
			quote.ErrTooLarge,
		},
		{"a list that fills it", func(e *quote.Evidence) {
			e.List = make([]byte, quote.MaxEvidence-11)
		}, quote.ErrTooLarge},
	} {
		t.Run(row.name, func(t *testing.T) {
			ev := good
			row.edit(&ev)
			if _, err := ev.Encode(); !errors.Is(err, row.want) {
				t.Errorf("binary: got %v, want %v", err, row.want)
			}
			if _, err := json.Marshal(ev); !errors.Is(err, row.want) {
				t.Errorf("JSON: got %v, want %v", err, row.want)
			}
		})
	}
	good.List = make([]byte, quote.MaxEvidence-12)
	if b, err := good.Encode(); err != nil || len(b) != quote.MaxEvidence {
		t.Errorf("the largest: got %d bytes, %v", len(b), err)
	}
}

func TestParseEvidence_refuses(t *testing.T) {
	good := []byte{1, 0, 1, 0xAA, 0, 1, 0xBB, 0, 1, 0xCC, 0, 0}
	for _, row := range []struct {
		name string
		in   []byte
		want error
	}{
		{"nothing", nil, quote.ErrEvidence},
		{"another version", append([]byte{2}, good[1:]...), quote.ErrEvidence},
		{"cut short", good[:len(good)-1], quote.ErrEvidence},
		{"bytes after", append(bytes.Clone(good), 0), quote.ErrEvidence},
		{"a length beyond the end", []byte{1, 0xFF, 0xFF}, quote.ErrEvidence},
		{"an empty attestation", []byte{1, 0, 0, 0, 1, 0xBB, 0, 1, 0xCC, 0, 0}, quote.ErrEvidence},
		{"more than MaxEvidence", make([]byte, quote.MaxEvidence+1), quote.ErrTooLarge},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, err := quote.ParseEvidence(row.in); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
	got, err := quote.ParseEvidence(good)
	if err != nil {
		t.Fatal(err)
	}
	want := quote.Evidence{Attest: []byte{0xAA}, Signature: []byte{0xBB}, AKPublic: []byte{0xCC}}
	if diff := cmp.Diff(want, got, cmp.Comparer(bytes.Equal)); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
}

func TestEvidence_JSON(t *testing.T) {
	for name, row := range map[string]struct {
		in   string
		want error
	}{
		"an unknown member": {
			`{"attest":"AQ==","signature":"AQ==","ak_public":"AQ==","x":1}`,
			quote.ErrEvidence,
		},
		"no key":       {`{"attest":"AQ==","signature":"AQ=="}`, quote.ErrEvidence},
		"not base64":   {`{"attest":"!"}`, quote.ErrEvidence},
		"another type": {`[]`, quote.ErrEvidence},
		"too long":     {`"` + strings.Repeat("x", 2*quote.MaxEvidence) + `"`, quote.ErrTooLarge},
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			var ev quote.Evidence
			if err := json.Unmarshal([]byte(row.in), &ev); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
	s := newSituation(t)
	want := s.answer(t)
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got quote.Evidence
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("through JSON (-want +got):\n%s", diff)
	}
}

func FuzzParseEvidence(f *testing.F) {
	f.Add([]byte{1, 0, 1, 0xAA, 0, 1, 0xBB, 0, 1, 0xCC, 0, 0})
	f.Add([]byte{1, 0xFF, 0xFF})
	f.Fuzz(func(t *testing.T, in []byte) {
		ev, err := quote.ParseEvidence(in)
		if err != nil {
			return
		}
		out, err := ev.Encode()
		if err != nil || !bytes.Equal(in, out) {
			t.Errorf("written again: %x, %v", out, err)
		}
	})
}

// FuzzParseAttest asks go-tpm about everything that this package accepts: both have to read the
// same out of it.
func FuzzParseAttest(f *testing.F) {
	f.Add(seedAttest())
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := quote.ParseAttest(in)
		if err != nil {
			return
		}
		theirs, err := tpm2.Unmarshal[tpm2.TPMSAttest](in)
		if err != nil {
			t.Fatalf("go-tpm refuses: %v", err)
		}
		info, err := theirs.Attested.Quote()
		if err != nil {
			t.Fatalf("go-tpm sees no quote: %v", err)
		}
		want := quote.Attest{
			Signer: theirs.QualifiedSigner.Buffer, ExtraData: theirs.ExtraData.Buffer,
			Clock: quote.ClockInfo{
				Clock: theirs.ClockInfo.Clock, ResetCount: theirs.ClockInfo.ResetCount,
				RestartCount: theirs.ClockInfo.RestartCount, Safe: theirs.ClockInfo.Safe,
			},
			Firmware: theirs.FirmwareVersion, PCRDigest: info.PCRDigest.Buffer, PCRs: got.PCRs,
		}
		opts := cmp.Options{cmp.Comparer(bytes.Equal), ignoreUnexported}
		if diff := cmp.Diff(want, got, opts); diff != "" {
			t.Errorf("attestation (-go-tpm +ours):\n%s", diff)
		}
	})
}

var ignoreUnexported = cmp.FilterPath(func(p cmp.Path) bool {
	return p.Last().String() == ".banks"
}, cmp.Ignore())

func seedAttest() []byte {
	return tpm2.Marshal(tpm2.TPMSAttest{
		Magic: tpm2.TPMGeneratedValue, Type: tpm2.TPMSTAttestQuote,
		Attested: tpm2.NewTPMUAttest(tpm2.TPMSTAttestQuote, &tpm2.TPMSQuoteInfo{
			PCRSelect: tpm2.TPMLPCRSelection{PCRSelections: []tpm2.TPMSPCRSelection{{
				Hash: tpm2.TPMAlgSHA256, PCRSelect: tpm2.PCClientCompatible.PCRs(10, 23),
			}}},
		}),
	})
}

// FuzzParseAK does the same for attestation keys.
func FuzzParseAK(f *testing.F) {
	f.Fuzz(func(t *testing.T, in []byte) {
		ak, err := quote.ParseAK(in)
		if err != nil {
			return
		}
		theirs, err := tpm2.Unmarshal[tpm2.TPMTPublic](in)
		if err != nil {
			t.Fatalf("go-tpm refuses: %v", err)
		}
		want, err := tpm2.ObjectName(theirs)
		if err != nil {
			t.Fatal(err)
		}
		if got := ak.Name(); !bytes.Equal(got[:], want.Buffer) {
			t.Errorf("name: got %x, want %x", got, want.Buffer)
		}
	})
}
