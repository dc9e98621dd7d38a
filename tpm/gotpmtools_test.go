package tpm_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/google/go-tpm-tools/proto/attest"
	tpmproto "github.com/google/go-tpm-tools/proto/tpm"
	"github.com/google/go-tpm-tools/server"
	"google.golang.org/protobuf/proto"

	"tapbench/testdata"
	"tapbench/tpm"
	"tapbench/tpm/firmware"
	"tapbench/tpm/measure"
	"tapbench/tpm/quote"
	"tapbench/tpm/swtpm/swtpmtest"
)

// booted is a TPM that has seen the recorded boot with Secure Boot, and what it says of it.
type booted struct {
	raw      []byte // the firmware's log
	log      *firmware.Log
	list     *measure.List
	ak       tpm.AK
	question quote.Binding
	evidence quote.Evidence
}

// bootPCRs are the PCRs of the firmware, and IMA's.
var bootPCRs = []int{0, 1, 2, 3, 4, 5, 6, 7, measure.DefaultPCR}

// TestBoot lets a swtpm measure what a real machine's firmware and kernel measured, and has its
// evidence judged by us and by Google's go-tpm-tools.
func TestBoot(t *testing.T) {
	b := boot(t)
	t.Run("ours", b.testOurs)
	t.Run("go-tpm-tools", b.testGoTPMTools)
}

func boot(t *testing.T) booted {
	t.Helper()
	dev := open(t, swtpmtest.Start(t))
	b := booted{raw: readFirmware(t, "ovmf-secureboot.log"), question: quote.Binding{
		Purpose: quote.PurposeBINFO, Nonce: bytes.Repeat([]byte{0xA5}, quote.NonceSize),
		SoftwareID: "wallet/1.0.0", SE: newPoint(t),
	}}
	var err error
	if b.log, err = firmware.Parse(b.raw); err != nil {
		t.Fatal(err)
	}
	if b.list, err = measure.ParseList(readFirmware(t, "ovmf-secureboot.ima")); err != nil {
		t.Fatal(err)
	}
	for _, e := range b.log.Events() {
		if !e.Extends() {
			continue
		}
		if err := dev.ExtendPCR(t.Context(), e.PCR, e.Digest); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range b.list.Entries() {
		if err := dev.ExtendMeasurement(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	b.ak = mustAK(t, dev, seed)
	b.evidence, err = dev.Evidence(t.Context(), b.ak, b.question, bootPCRs, b.list)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b booted) testOurs(t *testing.T) {
	aggregate := b.log.BootAggregate()
	expect := quote.Expect{
		AK: b.ak.Public(), Binding: b.question, PCRs: bootPCRs,
		Explained: b.log.Values(0, 1, 2, 3, 4, 5, 6, 7),
		Released: func(digest [32]byte) bool {
			// What ran after the firmware is the recording's to say, here.
			return digest == aggregate || digest == b.list.Entries()[1].Digest ||
				digest == b.list.Entries()[2].Digest
		},
	}
	if _, err := quote.Verify(b.evidence, expect); err != nil {
		t.Fatal(err)
	}
	other, err := firmware.Parse(readFirmware(t, "ovmf.log"))
	if err != nil {
		t.Fatal(err)
	}
	expect.Explained = other.Values(0, 1, 2, 3, 4, 5, 6, 7)
	if _, err := quote.Verify(b.evidence, expect); err == nil {
		t.Error("the log of another boot explains the quote")
	}
}

func (b booted) testGoTPMTools(t *testing.T) {
	judge := func(edit func(*attest.Attestation, *server.VerifyOpts)) (*attest.MachineState, error) {
		given, opts := b.google(t)
		edit(given, &opts)
		return server.VerifyAttestation(given, opts)
	}
	state, err := judge(func(*attest.Attestation, *server.VerifyOpts) {})
	if err != nil {
		t.Fatal(err)
	}
	if !state.GetSecureBoot().GetEnabled() {
		t.Error("go-tpm-tools doesn't see that Secure Boot was on")
	}
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name string
		want string // the error says, for want of sentinels
		edit func(*attest.Attestation, *server.VerifyOpts)
	}{
		{"another question", "extraData", func(_ *attest.Attestation, o *server.VerifyOpts) {
			o.Nonce = bytes.Repeat([]byte{1}, 32)
		}},
		{"another key", "key not trusted", func(_ *attest.Attestation, o *server.VerifyOpts) {
			o.TrustedAKs = []crypto.PublicKey{&stranger.PublicKey}
		}},
		{"a changed attestation", "signature", func(a *attest.Attestation, _ *server.VerifyOpts) {
			a.GetQuotes()[0].GetQuote()[60] ^= 1
		}},
		{"a changed signature", "signature", func(a *attest.Attestation, _ *server.VerifyOpts) {
			a.GetQuotes()[0].GetRawSig()[20] ^= 1
		}},
		{"a changed PCR", "PCRs digest", func(a *attest.Attestation, _ *server.VerifyOpts) {
			a.GetQuotes()[0].GetPcrs().GetPcrs()[10][0] ^= 1
		}},
		{"another boot's log", "replay", func(a *attest.Attestation, _ *server.VerifyOpts) {
			a.EventLog = readFirmware(t, "ovmf.log")
		}},
	} {
		t.Run("refuses "+row.name, func(t *testing.T) {
			if _, err := judge(row.edit); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want an error about %q", err, row.want)
			}
		})
	}
}

// google returns the evidence as go-tpm-tools has it, and what its verifier knows by itself.
func (b booted) google(t *testing.T) (*attest.Attestation, server.VerifyOpts) {
	t.Helper()
	pcrs := make(map[uint32][]byte)
	for _, pcr := range bootPCRs {
		value := b.log.Replay(pcr)
		if !firmware.Explains(pcr) {
			value = b.list.Replay(pcr)
		}
		pcrs[uint32(pcr)] = value[:]
	}
	question := b.question
	point := b.ak.Point()
	question.AK = point[:]
	qualifying, err := quote.QualifyingData(question)
	if err != nil {
		t.Fatal(err)
	}
	given := &attest.Attestation{
		AkPub: b.evidence.AKPublic,
		Quotes: []*tpmproto.Quote{{
			Quote: b.evidence.Attest, RawSig: b.evidence.Signature,
			Pcrs: &tpmproto.PCRs{Hash: tpmproto.HashAlgo_SHA256, Pcrs: pcrs},
		}},
		EventLog: b.raw,
	}
	return proto.CloneOf(given), server.VerifyOpts{
		Nonce: qualifying[:], TrustedAKs: []crypto.PublicKey{b.ak.Key()},
	}
}

func readFirmware(t *testing.T, name string) []byte {
	t.Helper()
	content, err := testdata.Firmware.ReadFile("firmware/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
