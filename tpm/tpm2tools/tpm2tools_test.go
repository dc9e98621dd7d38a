package tpm2tools_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/tpm/quote"
	"tapbench/tpm/quote/quotetest"
	"tapbench/tpm/tpm2tools"
)

// values returns PCRs with values that tell them apart.
func values(numbers ...int) []tpm2tools.PCR {
	var pcrs []tpm2tools.PCR
	for _, number := range numbers {
		pcr := tpm2tools.PCR{Number: number}
		for i := range pcr.Value {
			pcr.Value[i] = byte(number + i)
		}
		pcrs = append(pcrs, pcr)
	}
	return pcrs
}

func TestPCRs(t *testing.T) {
	for _, pcrs := range [][]tpm2tools.PCR{
		nil, values(10), values(10, 16), values(0, 1, 2, 3, 4, 5, 6, 7, 23),
	} {
		b, err := tpm2tools.EncodePCRs(pcrs)
		if err != nil {
			t.Fatal(err)
		}
		got, err := tpm2tools.ParsePCRs(b)
		if err != nil {
			t.Fatalf("%d PCRs: %v", len(pcrs), err)
		}
		if diff := cmp.Diff(pcrs, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestEncodePCRsRefuses(t *testing.T) {
	for name, pcrs := range map[string][]tpm2tools.PCR{
		"descending": values(16, 10), "twice": values(10, 10), "negative": values(-1),
		"too high": values(24),
	} {
		if _, err := tpm2tools.EncodePCRs(pcrs); !errors.Is(err, tpm2tools.ErrFormat) {
			t.Errorf("%s: got %v, want %v", name, err, tpm2tools.ErrFormat)
		}
	}
}

func TestParsePCRsRefuses(t *testing.T) {
	good, err := tpm2tools.EncodePCRs(values(10, 16))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name string
		edit func(b []byte) []byte
	}{
		{"nothing", func([]byte) []byte { return nil }},
		{"cut short", func(b []byte) []byte { return b[:len(b)-1] }},
		{"without digests", func(b []byte) []byte { return b[:136] }},
		{"bytes after", func(b []byte) []byte { return append(b, 0) }},
		{"two banks", func(b []byte) []byte { b[0] = 2; return b }},
		{"another bank", func(b []byte) []byte { b[4] = 4; return b }},
		{"another size of bitmap", func(b []byte) []byte { b[6] = 4; return b }},
		{"one PCR more selected", func(b []byte) []byte { b[7] |= 1; return b }},
		{"one PCR fewer selected", func(b []byte) []byte { b[9] = 0; return b }},
		{"more lists announced", func(b []byte) []byte { b[132] = 2; return b }},
		{"a list of too many digests", func(b []byte) []byte { b[136] = 9; return b }},
		{"a digest of another length", func(b []byte) []byte { b[140] = 20; return b }},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := tpm2tools.ParsePCRs(row.edit(bytes.Clone(good)))
			if !errors.Is(err, tpm2tools.ErrFormat) {
				t.Errorf("got %v, want %v", err, tpm2tools.ErrFormat)
			}
		})
	}
}

func TestPublic(t *testing.T) {
	ak, err := quote.ParseAK(quotetest.NewInsecureAttester(t).Public)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"TPM2B_PUBLIC": tpm2tools.EncodePublic(ak), "TPMT_PUBLIC": ak.Public(),
	} {
		got, err := tpm2tools.ParsePublic(b)
		if err != nil || got.Name() != ak.Name() {
			t.Errorf("%s: got %v and another key, want the key", name, err)
		}
	}
	pem, err := tpm2tools.EncodePEM(ak)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tpm2tools.ParsePublic(pem); !errors.Is(err, tpm2tools.ErrFormat) {
		t.Errorf("PEM: got %v, want %v", err, tpm2tools.ErrFormat)
	}
	if _, err := tpm2tools.ParsePublic(nil); !errors.Is(err, quote.ErrEvidence) {
		t.Errorf("nothing: got %v, want %v", err, quote.ErrEvidence)
	}
}

// FuzzParsePCRs: what is read is written again byte for byte, but for the rest of each buffer.
func FuzzParsePCRs(f *testing.F) {
	for _, pcrs := range [][]tpm2tools.PCR{nil, values(10), values(0, 1, 2, 3, 4, 5, 6, 7, 8, 23)} {
		b, err := tpm2tools.EncodePCRs(pcrs)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		pcrs, err := tpm2tools.ParsePCRs(b)
		if err != nil {
			return
		}
		again, err := tpm2tools.EncodePCRs(pcrs)
		if err != nil {
			t.Fatal(err)
		}
		read, err := tpm2tools.ParsePCRs(again)
		if diff := cmp.Diff(pcrs, read); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}
