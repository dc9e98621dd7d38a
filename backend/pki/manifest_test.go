package pki_test

import (
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/pki"
)

const digestA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

const manifestText = "tapbench/1 release\nsoftware wallet\nversion 0.1.0\n" +
	"sha256 " + digestA + " a\nsha256 " + digestA + " b\n"

func TestParseManifest(t *testing.T) {
	swap := func(old, with string) string { return strings.Replace(manifestText, old, with, 1) }
	tests := []struct{ name, text string }{
		{"empty", ""},
		{"no heading", swap("tapbench/1 release\n", "")},
		{"other heading", swap("tapbench/1", "tapbench/2")},
		{"no executables", "tapbench/1 release\nsoftware wallet\nversion 0.1.0\n"},
		{"empty line for an executable", "tapbench/1 release\nsoftware wallet\nversion 0.1.0\n\n"},
		{"no software", swap("software wallet", "software ")},
		{"other word for software", swap("software", "Software")},
		{"space in the version", swap("0.1.0", "0.1 0")},
		{"long version", swap("0.1.0", strings.Repeat("1", 65))},
		{"capital digits", swap("9f86", "9F86")},
		{"short digest", swap(digestA, digestA[2:])},
		{"digest that is none", swap(digestA, strings.Repeat("z", 64))},
		{"other algorithm", swap("sha256", "sha512")},
		{"two spaces", swap("sha256 ", "sha256  ")},
		{"not sorted", swap(" a\n", " c\n")},
		{"twice the same", swap(" b\n", " a\n")},
		{"carriage return", swap("wallet\n", "wallet\r\n")},
		{"no line feed at the end", strings.TrimSuffix(manifestText, "\n")},
		{"line feed too many", manifestText + "\n"},
		{"too many executables", manifestText + strings.Repeat("sha256 "+digestA+" c\n", 63)},
		{"too long", manifestText + strings.Repeat("a", 1<<17)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if m, err := pki.ParseManifest([]byte(test.text)); !errors.Is(err, pki.ErrManifest) {
				t.Errorf("got %+v, %v, want %v", m, err, pki.ErrManifest)
			}
		})
	}
	m, err := pki.ParseManifest([]byte(manifestText))
	if err != nil {
		t.Fatal(err)
	}
	m.Executables[0], m.Executables[1] = m.Executables[1], m.Executables[0]
	if raw, err := m.Encode(); err != nil || string(raw) != manifestText {
		t.Errorf("encoded in another order: got %q, %v", raw, err)
	}
}

func TestVerifyManifest(t *testing.T) {
	b := bench(t)
	sp, bank := openParty(t, b, "sp", start), openParty(t, b, "bank-a", start)
	provider, tsm := bank.PeersOf(pki.RoleSP)[0].Sign, bank.PeersOf(pki.RoleTSM)[0].Sign
	m, err := pki.ParseManifest([]byte(manifestText))
	if err != nil {
		t.Fatal(err)
	}
	canonical, sig, err := pki.SignManifest(sp.Sign.Reveal(), m)
	if err != nil {
		t.Fatal(err)
	}
	other := []byte(strings.Replace(manifestText, "0.1.0", "0.1.1", 1))
	// signed returns the provider's signature over a text behind a prefix.
	signed := func(prefix []byte, text string) message.Signature {
		t.Helper()
		sig, err := message.Sign(sp.Sign.Reveal(), sha256.Sum256(append(prefix, text...)))
		if err != nil {
			t.Fatal(err)
		}
		return sig
	}
	release, vcard := message.Prefix(0x14), message.Prefix(wire.SigVCard)
	tests := []struct {
		name string
		key  message.PublicKey
		text []byte
		sig  message.Signature
		want error
	}{
		{"no key", message.PublicKey{}, canonical, sig, pki.ErrManifestSignature},
		{"another party's key", tsm, canonical, sig, pki.ErrManifestSignature},
		{"another manifest", provider, other, sig, pki.ErrManifestSignature},
		{"no signature", provider, canonical, message.Signature{}, pki.ErrManifestSignature},
		{
			"a signature of another type", provider, canonical, signed(vcard, manifestText),
			pki.ErrManifestSignature,
		},
		{
			"a signature without type and label", provider, canonical, signed(nil, manifestText),
			pki.ErrManifestSignature,
		},
		{"nonsense, well signed", provider, []byte("x"), signed(release, "x"), pki.ErrManifest},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := pki.VerifyManifest(test.key, test.text, test.sig); !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
		})
	}
	got, err := pki.VerifyManifest(provider, canonical, sig)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, got); diff != "" {
		t.Errorf("manifest (-want +got):\n%s", diff)
	}
	if !got.Released(m.Executables[0].Digest) || got.Released([32]byte{1}) {
		t.Error("Released contradicts the manifest")
	}
	_, _, err = pki.SignManifest(sp.Sign.Reveal(), pki.Manifest{})
	if !errors.Is(err, pki.ErrManifest) {
		t.Errorf("signing nothing: got error %v, want %v", err, pki.ErrManifest)
	}
}

func TestPublishManifest(t *testing.T) {
	b := bench(t)
	public := filepath.Join(b.Dir, pki.Public)
	sp, bank := openParty(t, b, "sp", start), openParty(t, b, "bank-a", start)
	provider := bank.PeersOf(pki.RoleSP)[0].Sign
	if _, err := pki.LoadManifest(public, provider); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("before any release: got error %v, want %v", err, os.ErrNotExist)
	}
	file := filepath.Join(t.TempDir(), "tapbench")
	for _, content := range []string{"first", "second"} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		executable, err := pki.NewExecutable(file)
		if err != nil {
			t.Fatal(err)
		}
		m := pki.Manifest{
			Software: "wallet", Version: "0.1.0", Executables: []pki.Executable{executable},
		}
		if err := pki.PublishManifest(public, bank, m); !errors.Is(err, pki.ErrUsage) {
			t.Errorf("a bank signs a release: got error %v, want %v", err, pki.ErrUsage)
		}
		if err := pki.PublishManifest(public, sp, m); err != nil {
			t.Fatal(err)
		}
		got, err := pki.LoadManifest(public, provider)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, got); diff != "" {
			t.Errorf("manifest (-want +got):\n%s", diff)
		}
	}
	sig := filepath.Join(public, pki.FileManifestSignature)
	for _, bad := range []string{"", "00", "zz", digestA} {
		if err := os.WriteFile(sig, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := pki.LoadManifest(public, provider); !errors.Is(err, pki.ErrManifestSignature) {
			t.Errorf("signature %q: got error %v, want %v", bad, err, pki.ErrManifestSignature)
		}
	}
	if _, err := pki.NewExecutable(filepath.Join(public, "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("digest of no file: got error %v", err)
	}
}

func FuzzParseManifest(f *testing.F) {
	f.Add(manifestText)
	f.Add("")
	f.Add("tapbench/1 release\nsoftware \nversion \nsha256  \n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := pki.ParseManifest([]byte(text))
		if err != nil {
			return
		}
		if raw, err := m.Encode(); err != nil || string(raw) != text {
			t.Errorf("%q is read, and written as %q, %v", text, raw, err)
		}
	})
}
