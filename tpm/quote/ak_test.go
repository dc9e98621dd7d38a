package quote_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-tpm/tpm2"

	"tapbench/tpm/quote"
	"tapbench/tpm/quote/quotetest"
)

func TestParseAK_refuses(t *testing.T) {
	for _, row := range []struct {
		name string
		edit func(*tpm2.TPMTPublic)
		want error
	}{
		{
			"not restricted", func(p *tpm2.TPMTPublic) { p.ObjectAttributes.Restricted = false },
			quote.ErrAKAttributes,
		},
		{
			"not fixedTPM", func(p *tpm2.TPMTPublic) { p.ObjectAttributes.FixedTPM = false },
			quote.ErrAKAttributes,
		},
		{
			"not fixedParent", func(p *tpm2.TPMTPublic) { p.ObjectAttributes.FixedParent = false },
			quote.ErrAKAttributes,
		},
		{
			"not of its own making",
			func(p *tpm2.TPMTPublic) { p.ObjectAttributes.SensitiveDataOrigin = false },
			quote.ErrAKAttributes,
		},
		{
			"not for signing", func(p *tpm2.TPMTPublic) { p.ObjectAttributes.SignEncrypt = false },
			quote.ErrAKAttributes,
		},
		{
			"also for decryption", func(p *tpm2.TPMTPublic) { p.ObjectAttributes.Decrypt = true },
			quote.ErrAKAttributes,
		},
		{
			"for duplication",
			func(p *tpm2.TPMTPublic) { p.ObjectAttributes.EncryptedDuplication = true },
			quote.ErrAKAttributes,
		},
		{
			"also for certificates",
			func(p *tpm2.TPMTPublic) { p.ObjectAttributes.X509Sign = true }, quote.ErrAKAttributes,
		},
		{"another curve", func(p *tpm2.TPMTPublic) {
			parms, _ := p.Parameters.ECCDetail()
			parms.CurveID = tpm2.TPMECCNistP384
		}, quote.ErrEvidence},
		{
			"another name algorithm", func(p *tpm2.TPMTPublic) { p.NameAlg = tpm2.TPMAlgSHA384 },
			quote.ErrEvidence,
		},
		{"no point on the curve", func(p *tpm2.TPMTPublic) {
			point, _ := p.Unique.ECC()
			point.Y.Buffer = make([]byte, 32)
		}, quote.ErrEvidence},
		{"a coordinate too long", func(p *tpm2.TPMTPublic) {
			point, _ := p.Unique.ECC()
			point.Y.Buffer = make([]byte, 33)
		}, quote.ErrEvidence},
	} {
		t.Run(row.name, func(t *testing.T) {
			public := quotetest.NewInsecureAttester(t, row.edit).Public
			if _, err := quote.ParseAK(public); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
	good := quotetest.NewInsecureAttester(t).Public
	for name, in := range map[string][]byte{
		"nothing":     nil,
		"cut short":   good[:len(good)-1],
		"bytes after": append(bytes.Clone(good), 0),
	} {
		if _, err := quote.ParseAK(in); !errors.Is(err, quote.ErrEvidence) {
			t.Errorf("%s: got %v, want ErrEvidence", name, err)
		}
	}
	if _, err := quote.ParseAK(make([]byte, 257)); !errors.Is(err, quote.ErrTooLarge) {
		t.Errorf("too long: got %v, want ErrTooLarge", err)
	}
}

// TestParseAK_names compares with go-tpm, which computes names its own way.
func TestParseAK_names(t *testing.T) {
	public := quotetest.NewInsecureAttester(t).Public
	ak, err := quote.ParseAK(public)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := tpm2.Unmarshal[tpm2.TPMTPublic](public)
	if err != nil {
		t.Fatal(err)
	}
	want, err := tpm2.ObjectName(theirs)
	if err != nil {
		t.Fatal(err)
	}
	got := ak.Name()
	if diff := cmp.Diff(want.Buffer, got[:]); diff != "" {
		t.Errorf("name (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(public, ak.Public()); diff != "" {
		t.Errorf("public area (-want +got):\n%s", diff)
	}
}

func TestQualifyingData_refuses(t *testing.T) {
	for _, row := range []struct {
		name string
		edit func(*quote.Binding)
		want error
	}{
		{"no nonce", func(b *quote.Binding) { b.Nonce = nil }, quote.ErrNonce},
		{"a short nonce", func(b *quote.Binding) { b.Nonce = b.Nonce[:15] }, quote.ErrNonce},
		{"a long nonce", func(b *quote.Binding) { b.Nonce = make([]byte, 17) }, quote.ErrNonce},
		{"no purpose", func(b *quote.Binding) { b.Purpose = 0 }, quote.ErrBinding},
		{"an unknown purpose", func(b *quote.Binding) { b.Purpose = 5 }, quote.ErrBinding},
		{"no software", func(b *quote.Binding) { b.SoftwareID = "" }, quote.ErrBinding},
		{
			"too long a software identity",
			func(b *quote.Binding) { b.SoftwareID = strings.Repeat("x", 256) }, quote.ErrBinding,
		},
		{"no attestation key", func(b *quote.Binding) { b.AK = nil }, quote.ErrBinding},
		{"a compressed key", func(b *quote.Binding) { b.SE = b.SE[:33] }, quote.ErrBinding},
		{"no point", func(b *quote.Binding) { b.AID = make([]byte, 65) }, quote.ErrBinding},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBinding(t)
			b.AK = newPoint(t)
			row.edit(&b)
			if _, err := quote.QualifyingData(b); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
}

// TestQualifyingData_layout writes the layout of protocol and documentation out by hand.
func TestQualifyingData_layout(t *testing.T) {
	b := newBinding(t)
	b.AK = newPoint(t)
	for name, aid := range map[string][]byte{"with an account": b.AID, "without one": nil} {
		b.AID = aid
		in := hex.EncodeToString([]byte("tapbench/1 quote")) + "02" +
			strings.Repeat("a5", 16) + "01020300000000000000000000000000" +
			"0c" + hex.EncodeToString([]byte("wallet/1.0.0")) +
			hex.EncodeToString(b.AK) + hex.EncodeToString(b.SE) + hex.EncodeToString(aid)
		raw, err := hex.DecodeString(in)
		if err != nil {
			t.Fatal(err)
		}
		got, err := quote.QualifyingData(b)
		if err != nil {
			t.Fatal(err)
		}
		if want := sha256.Sum256(raw); got != want {
			t.Errorf("%s: got %x, want %x", name, got, want)
		}
	}
}

func TestPurpose_String(t *testing.T) {
	for purpose, want := range map[quote.Purpose]string{
		quote.PurposeAID: "aid", quote.PurposeBINFO: "binfo", quote.PurposeLaunch: "launch",
		quote.PurposeDownload: "download", 9: "purpose 9",
	} {
		if got := purpose.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
