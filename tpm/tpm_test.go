package tpm_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-tpm/tpm2"

	"tapbench/tpm"
	"tapbench/tpm/channel"
	"tapbench/tpm/credential"
	"tapbench/tpm/ek"
	"tapbench/tpm/measure"
	"tapbench/tpm/quote"
	"tapbench/tpm/swtpm"
	"tapbench/tpm/swtpm/swtpmtest"
)

var seed = [tpm.SeedSize]byte{1, 2, 3}

func testPCRs(t *testing.T, dev *tpm.TPM) {
	entry := measure.Entry{PCR: 23, Digest: [32]byte{9}, Path: "/usr/bin/wallet"}
	for range 2 { // the second time the reset has something to do
		if err := dev.ResetPCR(t.Context(), 23); err != nil {
			t.Fatal(err)
		}
		if err := dev.ExtendMeasurement(t.Context(), entry); err != nil {
			t.Fatal(err)
		}
	}
	var list measure.List
	if err := list.Append(entry); err != nil {
		t.Fatal(err)
	}
	got, err := dev.ReadPCR(t.Context(), 23)
	if err != nil || got != list.Replay(23) {
		t.Errorf("PCR 23: got %x, %v, want %x", got, err, list.Replay(23))
	}
	if err := dev.ResetPCR(t.Context(), 10); !errors.Is(err, tpm.ErrNotResettable) {
		t.Errorf("resetting PCR 10: got %v, want ErrNotResettable", err)
	}
	for _, pcr := range []int{-1, 24} {
		_, err := dev.ReadPCR(t.Context(), pcr)
		for _, err := range []error{
			err, dev.ExtendPCR(t.Context(), pcr, [32]byte{}), dev.ResetPCR(t.Context(), pcr),
		} {
			if !errors.Is(err, tpm.ErrPCR) {
				t.Errorf("PCR %d: got %v, want ErrPCR", pcr, err)
			}
		}
	}
}

func testAK(t *testing.T, dev *tpm.TPM) {
	first, again := mustAK(t, dev, seed), mustAK(t, dev, seed)
	if !bytes.Equal(first.Public(), again.Public()) {
		t.Error("the same seed gives another key")
	}
	if other := mustAK(t, dev, [32]byte{4}); bytes.Equal(first.Public(), other.Public()) {
		t.Error("another seed gives the same key")
	}
	if got, want := len(first.Public()), 88; got != want {
		t.Errorf("public area: got %d bytes, want %d", got, want)
	}
}

func testEnrolment(t *testing.T, process *swtpm.Process, dev *tpm.TPM) {
	shown, err := dev.EK(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, roots, err := process.EKRoots()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ek.Verify(shown.Certificate, roots, time.Now())
	if err != nil {
		t.Fatalf("its own maker's roots refuse the EK certificate: %v", err)
	}
	ak, secret := mustAK(t, dev, seed), [32]byte{7, 7, 7}
	challenge, err := credential.Make(rand.Reader, cert.Key, ak.Name(), secret)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := dev.ActivateCredential(t.Context(), ak, challenge)
	if err != nil || !credential.Answered(secret, answer) {
		t.Fatalf("got %x, %v", answer, err)
	}

	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	changed := credential.Challenge{IDObject: bytes.Clone(challenge.IDObject), Seed: challenge.Seed}
	changed.IDObject[40] ^= 1
	half := credential.Challenge{IDObject: challenge.IDObject}
	otherAK := mustAK(t, dev, [32]byte{5})
	for name, row := range map[string]struct {
		ak        tpm.AK
		challenge credential.Challenge
		want      error
	}{
		"another TPM's":         {ak, mustMake(t, &stranger.PublicKey, ak), tpm.ErrCredential},
		"another key's":         {otherAK, challenge, tpm.ErrCredential},
		"a changed one":         {ak, changed, tpm.ErrCredential},
		"half of one":           {ak, half, credential.ErrChallenge},
		"one for a key unknown": {tpm.AK{}, challenge, tpm.ErrAK},
	} {
		_, err := dev.ActivateCredential(t.Context(), row.ak, row.challenge)
		if !errors.Is(err, row.want) {
			t.Errorf("%s: got %v, want %v", name, err, row.want)
		}
	}
}

// testEvidence measures into a PCR that is zero and has it quoted.
func testEvidence(t *testing.T, dev *tpm.TPM, pcr int) {
	ak, list := mustAK(t, dev, seed), new(measure.List)
	for _, path := range []string{"/usr/bin/wallet", "/usr/lib/libwallet.so"} {
		entry := measure.Entry{PCR: pcr, Digest: [32]byte{byte(len(path))}, Path: path}
		if err := list.Append(entry); err != nil {
			t.Fatal(err)
		}
		if err := dev.ExtendMeasurement(t.Context(), entry); err != nil {
			t.Fatal(err)
		}
	}
	question := quote.Binding{
		Purpose: quote.PurposeAID, Nonce: bytes.Repeat([]byte{3}, 16), SoftwareID: "wallet/1",
		SE: newPoint(t), AID: newPoint(t),
	}
	evidence, err := dev.Evidence(t.Context(), ak, question, []int{pcr}, list)
	if err != nil {
		t.Fatal(err)
	}
	expect := quote.Expect{
		AK: ak.Public(), Binding: question, PCRs: []int{pcr},
		Released: func([32]byte) bool { return true },
	}
	verdict, err := quote.Verify(evidence, expect)
	if err != nil {
		t.Fatal(err)
	}
	value, err := dev.ReadPCR(t.Context(), pcr)
	if err != nil || verdict.PCRs[0] != value {
		t.Errorf("PCR %d: read %x, %v, proved %x", pcr, value, err, verdict.PCRs[0])
	}
	if verdict.Firmware != dev.Info().Firmware {
		t.Errorf("firmware: got %x, want %x", verdict.Firmware, dev.Info().Firmware)
	}
	const frame = quote.MaxEvidence - quote.MaxList
	if b, err := evidence.Encode(); err != nil || len(b)-len(evidence.List) != frame {
		t.Errorf("evidence of %d bytes with a list of %d, %v", len(b), len(evidence.List), err)
	}
	for i := range question.Nonce {
		question.Nonce[i] = 4
	}
	if _, err := quote.Verify(evidence, expect); !errors.Is(err, quote.ErrQualifyingData) {
		t.Errorf("a stale nonce: got %v, want ErrQualifyingData", err)
	}
	refuseEvidence(t, dev, ak, question)
}

func refuseEvidence(t *testing.T, dev *tpm.TPM, ak tpm.AK, question quote.Binding) {
	t.Helper()
	list := new(measure.List)
	for list.Len() < 45 {
		if err := list.Append(measure.Entry{PCR: 10, Path: "/x"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := dev.Evidence(t.Context(), ak, question, []int{10}, list); !errors.Is(err,
		quote.ErrTooLarge) {
		t.Errorf("a long list: got %v, want ErrTooLarge", err)
	}
	list = new(measure.List)
	if _, err := dev.Evidence(t.Context(), tpm.AK{}, question, []int{10}, list); err == nil {
		t.Error("a key that isn't: got evidence")
	}
	if _, err := dev.Evidence(t.Context(), ak, question, []int{99}, list); !errors.Is(err,
		tpm.ErrPCR) {
		t.Errorf("PCR 99: got %v, want ErrPCR", err)
	}
	question.Nonce = question.Nonce[:8]
	if _, err := dev.Evidence(t.Context(), ak, question, []int{10}, list); !errors.Is(err,
		quote.ErrNonce) {
		t.Errorf("a short nonce: got %v, want ErrNonce", err)
	}
}

// TestTPM_reboot kills a TPM as a power cut does and starts it again.
func TestTPM_reboot(t *testing.T) {
	dir := swtpmtest.Dir(t)
	process := swtpmtest.StartIn(t, dir)
	dev := open(t, process)
	before := mustAK(t, dev, seed)
	qualifying := [32]byte{1}
	attest, _, err := dev.Quote(t.Context(), before, []int{10}, qualifying[:])
	if err != nil {
		t.Fatal(err)
	}
	first, err := quote.ParseAttest(attest)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(process.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-process.Done()
	_, _, err = dev.Quote(t.Context(), before, []int{10}, qualifying[:])
	if !errors.Is(err, tpm.ErrGone) {
		t.Errorf("quoting without a TPM: got %v, want ErrGone", err)
	}
	if _, err := tpm.Open(t.Context(), process.Socket()); !errors.Is(err, tpm.ErrNoTPM) {
		t.Errorf("opening no TPM: got %v, want ErrNoTPM", err)
	}
	if err := process.Stop(); !errors.Is(err, swtpm.ErrDied) {
		t.Errorf("stopping: got %v, want ErrDied", err)
	}

	dev = open(t, swtpmtest.StartIn(t, dir))
	after := mustAK(t, dev, seed)
	if !bytes.Equal(before.Public(), after.Public()) {
		t.Error("the same TPM makes another key after a reboot")
	}
	attest, _, err = dev.Quote(t.Context(), after, []int{10}, qualifying[:])
	if err != nil {
		t.Fatal(err)
	}
	second, err := quote.ParseAttest(attest)
	if err != nil || second.Clock.ResetCount != first.Clock.ResetCount+1 {
		t.Errorf("reset count: got %d after %d, %v", second.Clock.ResetCount,
			first.Clock.ResetCount, err)
	}

	// Another TPM makes another key.
	stranger := open(t, swtpmtest.Start(t))
	if _, _, err := stranger.Quote(t.Context(), after, []int{10}, qualifying[:]); !errors.Is(err,
		tpm.ErrAK) {
		t.Errorf("another TPM: got %v, want ErrAK", err)
	}
}

func TestOpen_refuses(t *testing.T) {
	if _, err := tpm.Open(t.Context(), "swtpm"); !errors.Is(err, channel.ErrWhere) {
		t.Errorf("a word: got %v, want ErrWhere", err)
	}
	if _, err := tpm.Open(t.Context(), filepath.Join(t.TempDir(), "none")); !errors.Is(err,
		tpm.ErrNoTPM) {
		t.Errorf("no path: got %v, want ErrNoTPM", err)
	}
	if _, err := tpm.Open(t.Context(), os.DevNull); !errors.Is(err, tpm.ErrGone) {
		t.Errorf("the null device: got %v, want ErrGone", err)
	}
}

func TestMeasureFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "my wallet")
	if err := os.WriteFile(path, []byte("release 1"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := tpm.MeasureFile(path)
	if err != nil || got.Path != filepath.Join(dir, "my_wallet") || got.PCR != measure.DefaultPCR {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := tpm.MeasureFile(dir); !errors.Is(err, measure.ErrEntry) {
		t.Errorf("a folder: got %v, want ErrEntry", err)
	}
	if _, err := tpm.MeasureFile(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: got %v, want ErrNotExist", err)
	}
}

func open(t *testing.T, process *swtpm.Process) *tpm.TPM {
	t.Helper()
	return openAt(t, "unix:"+process.Socket())
}

func openAt(t *testing.T, where string) *tpm.TPM {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dev, err := tpm.Open(ctx, where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dev.Close() })
	return dev
}

func mustAK(t *testing.T, dev *tpm.TPM, seed [32]byte) tpm.AK {
	t.Helper()
	ak, err := dev.AK(t.Context(), seed)
	if err != nil {
		t.Fatal(err)
	}
	return ak
}

func mustMake(t *testing.T, key *rsa.PublicKey, ak tpm.AK) credential.Challenge {
	t.Helper()
	challenge, err := credential.Make(rand.Reader, key, ak.Name(), [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	return challenge
}

func newPoint(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return point
}

// loaded returns the transient objects and sessions that are in the TPM.
func loaded(t *testing.T, process *swtpm.Process) []tpm2.TPMHandle {
	t.Helper()
	ch, err := process.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer ch.Close()
	var out []tpm2.TPMHandle
	for _, first := range []uint32{0x80000000, 0x02000000} {
		rsp, err := tpm2.GetCapability{
			Capability: tpm2.TPMCapHandles, Property: first, PropertyCount: 64,
		}.Execute(ch)
		if err != nil {
			t.Fatal(err)
		}
		handles, err := rsp.CapabilityData.Data.Handles()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, handles.Handle...)
	}
	return out
}
