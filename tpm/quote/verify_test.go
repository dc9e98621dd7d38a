package quote_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-tpm/tpm2"

	"tapbench/tpm/measure"
	"tapbench/tpm/quote"
	"tapbench/tpm/quote/quotetest"
)

// situation is one question and what is needed to answer it: each row of TestVerify spoils one
// thing in a fresh one.
type situation struct {
	tpm    *quotetest.Attester
	list   *measure.List
	expect quote.Expect
	// attest changes what the TPM signs, raw its marshalled bytes.
	attest func(*tpm2.TPMSAttest)
	raw    func([]byte) []byte
	// evidence changes what travels.
	evidence func(*quote.Evidence)
}

func newSituation(t *testing.T) *situation {
	t.Helper()
	s := &situation{tpm: quotetest.NewInsecureAttester(t), list: new(measure.List)}
	s.add(t, measure.Entry{PCR: 10, Digest: [32]byte{1}, Path: "/usr/bin/wallet"})
	s.add(t, measure.Entry{PCR: 10, Digest: [32]byte{2}, Path: "/usr/lib/libwallet.so"})
	s.expect = quote.Expect{
		AK:       s.tpm.Public,
		Binding:  newBinding(t),
		PCRs:     []int{10},
		Released: func(d [32]byte) bool { return d[0] == 1 || d[0] == 2 },
	}
	return s
}

func (s *situation) add(t *testing.T, e measure.Entry) {
	t.Helper()
	if err := s.list.Append(e); err != nil {
		t.Fatal(err)
	}
}

// answer lets the TPM answer the question as it stands now.
func (s *situation) answer(t *testing.T) quote.Evidence {
	t.Helper()
	attest := s.tpm.Attest(t, s.qualifying(t), s.list, 10)
	if s.attest != nil {
		s.attest(&attest)
	}
	raw := tpm2.Marshal(attest)
	if s.raw != nil {
		raw = s.raw(raw)
	}
	ev := s.tpm.Sign(t, raw, s.list)
	if s.evidence != nil {
		s.evidence(&ev)
	}
	return ev
}

func (s *situation) qualifying(t *testing.T) [32]byte {
	t.Helper()
	binding := s.expect.Binding
	ak, err := quote.ParseAK(s.tpm.Public)
	if err != nil {
		t.Fatal(err)
	}
	point := ak.Point()
	binding.AK = point[:]
	out, err := quote.QualifyingData(binding)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func newBinding(t testing.TB) quote.Binding {
	t.Helper()
	return quote.Binding{
		Purpose:    quote.PurposeBINFO,
		Nonce:      bytes.Repeat([]byte{0xA5}, quote.NonceSize),
		SID:        [16]byte{1, 2, 3},
		SoftwareID: "wallet/1.0.0",
		SE:         newPoint(t),
		AID:        newPoint(t),
	}
}

func newPoint(t testing.TB) []byte {
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

func TestVerify(t *testing.T) {
	for _, row := range verifyRows {
		t.Run("rejects "+row.name, func(t *testing.T) {
			s := newSituation(t)
			if row.before != nil {
				row.before(t, s)
			}
			ev := s.answer(t)
			if row.after != nil {
				row.after(t, s)
			}
			verdict, err := quote.Verify(ev, s.expect)
			if !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
			if diff := cmp.Diff(quote.Verdict{}, verdict); diff != "" {
				t.Errorf("a verdict beside the refusal:\n%s", diff)
			}
		})
	}
	t.Run("accepts good evidence", func(t *testing.T) {
		s := newSituation(t)
		s.expect.Last = &quote.ClockInfo{Clock: 1000, ResetCount: 7, RestartCount: 1}
		got, err := quote.Verify(s.answer(t), s.expect)
		if err != nil {
			t.Fatal(err)
		}
		want := quote.Verdict{
			Clock:    quote.ClockInfo{Clock: 1000, ResetCount: 7, RestartCount: 1, Safe: true},
			Firmware: 0x2019102300163636,
			Entries:  s.list.Entries(),
			PCRs:     [][32]byte{s.list.Replay(10)},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("verdict (-want +got):\n%s", diff)
		}
	})
	t.Run("accepts a reboot and says so", func(t *testing.T) {
		s := newSituation(t)
		s.expect.Last = &quote.ClockInfo{Clock: 5000, ResetCount: 6, RestartCount: 9}
		got, err := quote.Verify(s.answer(t), s.expect)
		if err != nil || !got.Rebooted {
			t.Errorf("got rebooted %v, %v", got.Rebooted, err)
		}
	})
}

type verifyRow struct {
	name   string
	want   error
	before func(*testing.T, *situation) // before the TPM answers
	after  func(*testing.T, *situation) // when the answer is there
}

// verifyRows has the order of the checks in Verify's documentation.
var verifyRows = []verifyRow{
	// 1: the expectation.
	{"no released digests", quote.ErrExpect, nil, func(_ *testing.T, s *situation) {
		s.expect.Released = nil
	}},
	{"no PCRs", quote.ErrExpect, nil, func(_ *testing.T, s *situation) { s.expect.PCRs = nil }},
	{"a PCR twice", quote.ErrExpect, nil, func(_ *testing.T, s *situation) {
		s.expect.PCRs = []int{10, 10}
	}},
	{"a PCR beyond 23", quote.ErrExpect, nil, func(_ *testing.T, s *situation) {
		s.expect.PCRs = []int{24}
	}},
	{"a nonce shorter than 16 bytes", quote.ErrNonce, nil, func(_ *testing.T, s *situation) {
		s.expect.Binding.Nonce = s.expect.Binding.Nonce[:15]
	}},
	{"no nonce", quote.ErrNonce, nil, func(_ *testing.T, s *situation) {
		s.expect.Binding.Nonce = nil
	}},
	{
		"a secure element's key that is no point", quote.ErrBinding, nil,
		func(_ *testing.T, s *situation) { s.expect.Binding.SE = make([]byte, 65) },
	},
	{
		"an enrolled key that isn't restricted", quote.ErrAKAttributes, nil,
		func(t *testing.T, s *situation) {
			s.expect.AK = quotetest.NewInsecureAttester(t, func(p *tpm2.TPMTPublic) {
				p.ObjectAttributes.Restricted = false
			}).Public
		},
	},
	// 2: the evidence's parts.
	{"evidence without a signature", quote.ErrEvidence, func(_ *testing.T, s *situation) {
		s.evidence = func(ev *quote.Evidence) { ev.Signature = nil }
	}, nil},
	{"evidence that is too large", quote.ErrTooLarge, func(_ *testing.T, s *situation) {
		s.evidence = func(ev *quote.Evidence) { ev.List = make([]byte, quote.MaxEvidence) }
	}, nil},
	// 3: the key.
	{"another attestation key", quote.ErrAK, nil, func(t *testing.T, s *situation) {
		s.expect.AK = quotetest.NewInsecureAttester(t).Public
	}},
	// 4: the signature.
	{"another key's signature", quote.ErrSignature, func(t *testing.T, s *situation) {
		enrolled := s.tpm.Public
		s.tpm = quotetest.NewInsecureAttester(t)
		s.evidence = func(ev *quote.Evidence) { ev.AKPublic = enrolled }
	}, nil},
	{"a changed attestation", quote.ErrSignature, func(_ *testing.T, s *situation) {
		s.evidence = func(ev *quote.Evidence) { ev.Attest[len(ev.Attest)-1] ^= 1 }
	}, nil},
	{"a changed signature", quote.ErrSignature, func(_ *testing.T, s *situation) {
		s.evidence = func(ev *quote.Evidence) { ev.Signature[len(ev.Signature)-1] ^= 1 }
	}, nil},
	{"a signature of another algorithm", quote.ErrSignature, func(_ *testing.T, s *situation) {
		s.evidence = func(ev *quote.Evidence) { ev.Signature[1] = 0x14 }
	}, nil},
	{"a signature of zeros", quote.ErrSignature, func(_ *testing.T, s *situation) {
		s.evidence = func(ev *quote.Evidence) {
			ev.Signature = slices.Concat(ev.Signature[:4], []byte{0, 0, 0, 0})
		}
	}, nil},
	{"a signature cut short", quote.ErrEvidence, func(_ *testing.T, s *situation) {
		s.evidence = func(ev *quote.Evidence) { ev.Signature = ev.Signature[:40] }
	}, nil},
	{"bytes after the signature", quote.ErrEvidence, func(_ *testing.T, s *situation) {
		s.evidence = func(ev *quote.Evidence) { ev.Signature = append(ev.Signature, 0) }
	}, nil},
	// 5 and 6: what was signed.
	{"data that no TPM made", quote.ErrMagic, func(_ *testing.T, s *situation) {
		s.raw = func(b []byte) []byte { b[0] = 0; return b }
	}, nil},
	{"a certification instead of a quote", quote.ErrType, func(_ *testing.T, s *situation) {
		s.raw = func(b []byte) []byte { b[5] = 0x17; return b }
	}, nil},
	{"an attestation cut short", quote.ErrEvidence, func(_ *testing.T, s *situation) {
		s.raw = func(b []byte) []byte { return b[:len(b)-1] }
	}, nil},
	{"bytes after the attestation", quote.ErrEvidence, func(_ *testing.T, s *situation) {
		s.raw = func(b []byte) []byte { return append(b, 0) }
	}, nil},
	// 7: the hierarchy.
	{"a key of another hierarchy", quote.ErrSigner, func(_ *testing.T, s *situation) {
		s.attest = func(a *tpm2.TPMSAttest) {
			a.QualifiedSigner.Buffer = slices.Clone(a.QualifiedSigner.Buffer)
			a.QualifiedSigner.Buffer[5] ^= 1
		}
	}, nil},
	// 8: the question, one row for each part of the binding.
	{"a stale nonce", quote.ErrQualifyingData, nil, func(_ *testing.T, s *situation) {
		s.expect.Binding.Nonce = bytes.Repeat([]byte{0x5A}, quote.NonceSize)
	}},
	{"another purpose", quote.ErrQualifyingData, nil, func(_ *testing.T, s *situation) {
		s.expect.Binding.Purpose = quote.PurposeAID
	}},
	{"another session", quote.ErrQualifyingData, nil, func(_ *testing.T, s *situation) {
		s.expect.Binding.SID[0] ^= 1
	}},
	{"another software identity", quote.ErrQualifyingData, nil, func(_ *testing.T, s *situation) {
		s.expect.Binding.SoftwareID = "wallet/0.9.0"
	}},
	{"another secure element's key", quote.ErrQualifyingData, nil, func(t *testing.T, s *situation) {
		s.expect.Binding.SE = newPoint(t)
	}},
	{"another account's key", quote.ErrQualifyingData, nil, func(t *testing.T, s *situation) {
		s.expect.Binding.AID = newPoint(t)
	}},
	{
		"an account where none was asked for", quote.ErrQualifyingData, nil,
		func(_ *testing.T, s *situation) { s.expect.Binding.AID = nil },
	},
	// 9: the time.
	{"a reset count gone back", quote.ErrClock, nil, func(_ *testing.T, s *situation) {
		s.expect.Last = &quote.ClockInfo{ResetCount: 8}
	}},
	{"a restart count gone back", quote.ErrClock, nil, func(_ *testing.T, s *situation) {
		s.expect.Last = &quote.ClockInfo{ResetCount: 7, RestartCount: 2}
	}},
	{"a clock gone back", quote.ErrClock, nil, func(_ *testing.T, s *situation) {
		s.expect.Last = &quote.ClockInfo{ResetCount: 7, RestartCount: 1, Clock: 1001}
	}},
	// 1 and 8 again: somebody else's question.
	{
		"qualifying data too short for a nonce", quote.ErrNonce, nil,
		func(_ *testing.T, s *situation) { s.expect.Qualifying = make([]byte, 15) },
	},
	{
		"qualifying data too long for a TPM", quote.ErrNonce, nil,
		func(_ *testing.T, s *situation) { s.expect.Qualifying = make([]byte, 65) },
	},
	{"other qualifying data", quote.ErrQualifyingData, nil, func(_ *testing.T, s *situation) {
		s.expect.Qualifying = make([]byte, 16)
	}},
	// 10: the selection.
	{"other PCRs", quote.ErrPCRSelection, nil, func(_ *testing.T, s *situation) {
		s.expect.PCRs = []int{23}
	}},
	{"fewer PCRs", quote.ErrPCRSelection, nil, func(_ *testing.T, s *situation) {
		s.expect.PCRs = []int{10, 23}
	}},
	{"another bank", quote.ErrPCRSelection, func(_ *testing.T, s *situation) {
		s.attest = func(a *tpm2.TPMSAttest) { selections(a)[0].Hash = tpm2.TPMAlgSHA1 }
	}, nil},
	{"a second bank", quote.ErrPCRSelection, func(_ *testing.T, s *situation) {
		s.attest = func(a *tpm2.TPMSAttest) {
			info, _ := a.Attested.Quote()
			info.PCRSelect.PCRSelections = append(info.PCRSelect.PCRSelections,
				tpm2.TPMSPCRSelection{Hash: tpm2.TPMAlgSHA1, PCRSelect: []byte{0, 0, 0}})
		}
	}, nil},
	// 11: the list.
	{"a malformed list", quote.ErrList, func(_ *testing.T, s *situation) {
		s.evidence = func(ev *quote.Evidence) { ev.List = ev.List[:len(ev.List)-1] }
	}, nil},
	{"a list with a changed entry", quote.ErrList, func(_ *testing.T, s *situation) {
		s.evidence = func(ev *quote.Evidence) { ev.List[50] ^= 1 }
	}, nil},
	{"an empty list", quote.ErrList, func(_ *testing.T, s *situation) {
		s.list = new(measure.List)
	}, nil},
	{"an entry for a PCR that isn't quoted", quote.ErrList, func(t *testing.T, s *situation) {
		s.add(t, measure.Entry{PCR: 23, Digest: [32]byte{1}, Path: "/usr/bin/wallet"})
	}, nil},
	// 12: the digest.
	{"a list whose entry was replaced", quote.ErrPCRDigest, replaceList(
		measure.Entry{PCR: 10, Digest: [32]byte{1}, Path: "/usr/bin/wallet"},
		measure.Entry{PCR: 10, Digest: [32]byte{1}, Path: "/usr/lib/libwallet.so"},
	), nil},
	{"a list that was reordered", quote.ErrPCRDigest, replaceList(
		measure.Entry{PCR: 10, Digest: [32]byte{2}, Path: "/usr/lib/libwallet.so"},
		measure.Entry{PCR: 10, Digest: [32]byte{1}, Path: "/usr/bin/wallet"},
	), nil},
	{"a list that was truncated", quote.ErrPCRDigest, replaceList(
		measure.Entry{PCR: 10, Digest: [32]byte{1}, Path: "/usr/bin/wallet"},
	), nil},
	// 13: what may no longer run.
	{"a revoked entry", quote.ErrRevoked, nil, func(_ *testing.T, s *situation) {
		s.expect.Revoked = func(d [32]byte) bool { return d[0] == 2 }
	}},
	// 14: the software.
	{"an unknown entry", quote.ErrUnreleased, func(t *testing.T, s *situation) {
		s.add(t, measure.Entry{PCR: 10, Digest: [32]byte{3}, Path: "/usr/bin/keylogger"})
	}, nil},
}

func replaceList(entries ...measure.Entry) func(*testing.T, *situation) {
	return func(t *testing.T, s *situation) {
		other := &situation{list: new(measure.List)}
		for _, e := range entries {
			other.add(t, e)
		}
		s.evidence = func(ev *quote.Evidence) { ev.List = other.list.Encode() }
	}
}

func selections(a *tpm2.TPMSAttest) []tpm2.TPMSPCRSelection {
	info, err := a.Attested.Quote()
	if err != nil {
		panic(err) // quotetest makes quotes only
	}
	return info.PCRSelect.PCRSelections
}

// TestVerify_qualifying shows that somebody else's question can be asked.
func TestVerify_qualifying(t *testing.T) {
	s := newSituation(t)
	qualifying := s.qualifying(t)
	s.expect.Binding, s.expect.Qualifying = quote.Binding{}, qualifying[:]
	if _, err := quote.Verify(s.tpm.Quote(t, qualifying, s.list, 10), s.expect); err != nil {
		t.Error(err)
	}
}

// TestVerify_twoPCRs shows that the digest goes over the PCRs in ascending order.
func TestVerify_twoPCRs(t *testing.T) {
	s := newSituation(t)
	s.add(t, measure.Entry{PCR: 23, Digest: [32]byte{1}, Path: "/usr/bin/wallet"})
	s.expect.PCRs = []int{23, 10}
	ev := s.tpm.Quote(t, s.qualifying(t), s.list, 10, 23)
	verdict, err := quote.Verify(ev, s.expect)
	if err != nil {
		t.Fatal(err)
	}
	want := [][32]byte{s.list.Replay(10), s.list.Replay(23)}
	if diff := cmp.Diff(want, verdict.PCRs); diff != "" {
		t.Errorf("PCRs (-want +got):\n%s", diff)
	}
}
