package corpus_test

import (
	"bytes"
	"encoding/hex"
	"math/big"
	"slices"
	"strings"
	"testing"

	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/profile"
	"tapbench/cmd/tapbench/internal/convert"
	"tapbench/pcsc/trace"
)

// planted is an account number that no test card has.
const planted = "5413330089020011"

// TestNoNumberIsRecorded records payments with cards of that number and looks for it in each form
// of the recording: in digits and in BCD, and in whatever the CA's keys and the issuer's recover.
func TestNoNumberIsRecorded(t *testing.T) {
	b := newEMVBench(t)
	for _, x := range emvCards() {
		t.Run(x.name, func(t *testing.T) {
			p, err := profile.Builtin(x.emv.profile)
			check(t, err)
			for n := range p.Applications {
				p.Applications[n].PAN, p.Applications[n].BIN = planted, ""
			}
			made, err := b.personalise(p)
			check(t, err)
			text := x.emv.record(t, b, made, x.comment)
			keys := publicKeys(b.keys(made))
			for form, all := range forms(t, text) {
				if at := holdsNumber(all, keys); at != "" {
					t.Errorf("%s: %s", form, at)
				}
			}
			whole := passed(t, text)
			if at := holdsNumber(whole, keys); at != "" {
				t.Error(at)
			}
			if !bytes.Contains(text, []byte("{signed ")) || !bytes.Contains(text, []byte("{pan ")) {
				t.Error("there is no stand-in for the number, or for a certificate")
			}
		})
	}
}

// TestTheNumberWouldBeFound: the search finds the test cards' number, which is kept, in clear and
// in the certificates.
func TestTheNumberWouldBeFound(t *testing.T) {
	all, b := recordings(t), newEMVBench(t)
	for _, x := range emvCards() {
		made := b.cards[x.emv.profile]
		number := made.Applications[0].PAN
		if x.emv.aid != "" {
			number = made.Applications[1].PAN
		}
		whole := passed(t, all[x.name])
		keys := publicKeys(b.keys(made))
		if !holds(whole, number) {
			t.Errorf("%s: the number isn't found in clear", x.name)
		}
		if !recovered(whole, keys, number) {
			t.Errorf("%s: the number isn't recovered from a certificate", x.name)
		}
	}
}

// publicKeys are the CA's, each once.
func publicKeys(list oda.CAKeys) []oda.PublicKey {
	var keys []oda.PublicKey
	for _, k := range list {
		if !slices.ContainsFunc(keys, k.Key.Equal) {
			keys = append(keys, k.Key)
		}
	}
	return keys
}

// passed returns the bytes of all messages, as they stand in the recording.
func passed(t *testing.T, text []byte) []byte {
	t.Helper()
	var all []byte
	each(t, text, func(s trace.Step) {
		if s.Kind == trace.Exchange {
			command, answer := sent(t, s)
			all = append(append(all, command...), answer...)
		}
	})
	return all
}

// forms returns the recording in every form that it can be written in.
func forms(t *testing.T, text []byte) map[convert.Form][]byte {
	t.Helper()
	all := map[convert.Form][]byte{convert.Trace: text}
	for _, form := range convert.Writable() {
		steps, err := trace.NewReader(bytes.NewReader(text))
		check(t, err)
		var b bytes.Buffer
		sink, err := convert.Create(&b, form, steps.Header(), convert.Options{Package: "card"})
		check(t, err)
		each(t, text, func(s trace.Step) { check(t, sink.Write(s)) })
		check(t, sink.Close())
		all[form] = b.Bytes()
	}
	return all
}

// holdsNumber says where the planted number is, or "".
func holdsNumber(b []byte, keys []oda.PublicKey) string {
	if holds(b, planted) {
		return "the number is there"
	}
	if recovered(b, keys, planted) {
		return "the number can be recovered from a certificate"
	}
	return ""
}

// holds looks for a number: in BCD that begins with a byte or within one, in ASCII, and in digits
// that are printed as such.
func holds(b []byte, number string) bool {
	printed := strings.NewReplacer(" ", "", "\n", "", "{", "", "}", "").Replace(string(b))
	raw := strings.ToUpper(hex.EncodeToString(b))
	ascii := strings.ToUpper(hex.EncodeToString([]byte(number)))
	return strings.Contains(printed, number) || strings.Contains(raw, number) ||
		strings.Contains(raw, ascii) || strings.Contains(printed, ascii)
}

// recovered tries each key on every stretch of its length, and each issuer's key that comes out of
// that on every stretch once more. A remainder of an issuer's key is looked for, too.
func recovered(b []byte, keys []oda.PublicKey, number string) bool {
	for _, ca := range keys {
		for _, plain := range opened(b, ca) {
			const header, issuerCertificate, fixed = 0x6A, 0x02, 36
			if plain[0] != header || plain[1] != issuerCertificate {
				continue
			}
			n, kept := int(plain[13]), plain[15:len(plain)-21]
			for _, key := range issuerKeys(b, kept, n, len(plain)-fixed) {
				for _, certified := range opened(b, key) {
					if holds(certified, number) {
						return true
					}
				}
			}
		}
	}
	return false
}

// issuerKeys returns what the key may be whose beginning a certificate has: with nothing behind, or
// with what stands behind tag 92.
func issuerKeys(b, begin []byte, n, room int) []oda.PublicKey {
	var keys []oda.PublicKey
	add := func(modulus []byte) {
		for _, exponent := range [][]byte{{3}, {1, 0, 1}} {
			if k := (oda.PublicKey{Modulus: modulus, Exponent: exponent}); k.Check() == nil {
				keys = append(keys, k)
			}
		}
	}
	if n <= room {
		add(begin[:n])
		return keys
	}
	rest := n - room
	for at := 0; at+2+rest <= len(b); at++ {
		if b[at] == 0x92 && int(b[at+1]) == rest {
			add(slices.Concat(begin, b[at+2:at+2+rest]))
		}
	}
	return keys
}

// opened applies a public key to every stretch of its length, and keeps what ends as signed data
// do.
func opened(b []byte, key oda.PublicKey) [][]byte {
	var list [][]byte
	modulus, exponent := new(big.Int).SetBytes(key.Modulus), new(big.Int).SetBytes(key.Exponent)
	size := len(key.Modulus)
	for at := 0; at+size <= len(b); at++ {
		plain := new(big.Int).Exp(new(big.Int).SetBytes(b[at:at+size]), exponent, modulus)
		signed := plain.FillBytes(make([]byte, size))
		if signed[0] == 0x6A && signed[size-1] == 0xBC {
			list = append(list, signed)
		}
	}
	return list
}
