package tpm_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tapbench/tpm"
	"tapbench/tpm/ek"
	"tapbench/tpm/measure"
	"tapbench/tpm/quote"
	"tapbench/tpm/swtpm/swtpmtest"
)

var update = flag.Bool("update", false, "record testdata/quotes anew")

// recording is a question and what a TPM answered, so that a machine without a TPM can judge it.
// Keys, nonce and SID are in hexadecimal, as testdata/quotes/README.md says.
type recording struct {
	Purpose       quote.Purpose  `json:"purpose"`
	Nonce         string         `json:"nonce"`
	SID           string         `json:"sid"`
	SoftwareID    string         `json:"software_id"`
	SE            string         `json:"se"`
	AID           string         `json:"aid"`
	PCRs          []int          `json:"pcrs"`
	Evidence      quote.Evidence `json:"evidence"`
	EKCertificate []byte         `json:"ek_certificate"`
	EKRoots       string         `json:"ek_roots"`
}

// recordedAt is a time at which the recorded certificates are valid.
var recordedAt = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

func TestRecorded(t *testing.T) {
	if *update {
		record(t)
	}
	files, err := filepath.Glob("../testdata/quotes/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded quotes: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			in := json.NewDecoder(bytes.NewReader(text))
			in.DisallowUnknownFields()
			var r recording
			if err := in.Decode(&r); err != nil {
				t.Fatal(err)
			}
			judge(t, r)
		})
	}
}

func judge(t *testing.T, r recording) {
	t.Helper()
	roots, err := ek.ParseRoots([]byte(r.EKRoots))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ek.Verify(r.EKCertificate, roots, recordedAt); err != nil {
		t.Errorf("EK certificate: %v", err)
	}
	binding := quote.Binding{
		Purpose: r.Purpose, Nonce: unhex(t, r.Nonce), SID: [16]byte(unhex(t, r.SID)),
		SoftwareID: r.SoftwareID, SE: unhex(t, r.SE), AID: unhex(t, r.AID),
	}
	verdict, err := quote.Verify(r.Evidence, quote.Expect{
		AK: r.Evidence.AKPublic, Binding: binding, PCRs: r.PCRs,
		Released: func(d [32]byte) bool { return d == sha256.Sum256([]byte("release 1")) },
	})
	if err != nil {
		t.Errorf("evidence: %v", err)
	}
	if len(verdict.Entries) != 1 || verdict.Entries[0].Path != "/usr/bin/wallet" {
		t.Errorf("got %v", verdict.Entries)
	}
}

// record asks a swtpm.
func record(t *testing.T) {
	t.Helper()
	process := swtpmtest.Start(t)
	dev := open(t, process)
	shown, err := dev.EK(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rootsFile, _, err := process.EKRoots()
	if err != nil {
		t.Fatal(err)
	}
	roots, err := os.ReadFile(rootsFile)
	if err != nil {
		t.Fatal(err)
	}
	entry, err := measure.Content("/usr/bin/wallet", bytes.NewReader([]byte("release 1")))
	if err != nil {
		t.Fatal(err)
	}
	list := new(measure.List)
	if err := list.Append(entry); err != nil {
		t.Fatal(err)
	}
	if err := dev.ExtendMeasurement(t.Context(), entry); err != nil {
		t.Fatal(err)
	}
	r := recording{
		Purpose: quote.PurposeBINFO, Nonce: "000102030405060708090a0b0c0d0e0f",
		SID: "101112131415161718191a1b1c1d1e1f", SoftwareID: "wallet/1",
		SE: hex.EncodeToString(newPoint(t)), AID: hex.EncodeToString(newPoint(t)),
		PCRs: []int{measure.DefaultPCR}, EKCertificate: shown.Certificate, EKRoots: string(roots),
	}
	r.Evidence, err = dev.Evidence(t.Context(), mustAK(t, dev, [tpm.SeedSize]byte{}), quote.Binding{
		Purpose: r.Purpose, Nonce: unhex(t, r.Nonce), SID: [16]byte(unhex(t, r.SID)),
		SoftwareID: r.SoftwareID, SE: unhex(t, r.SE), AID: unhex(t, r.AID),
	}, r.PCRs, list)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	err = os.WriteFile("../testdata/quotes/swtpm-0.7.1.json", append(text, '\n'), 0o644)
	if err != nil {
		t.Fatal(err)
	}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
