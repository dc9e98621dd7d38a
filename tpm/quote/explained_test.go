package quote_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-tpm/tpm2"

	"tapbench/tpm/measure"
	"tapbench/tpm/quote"
)

// firmwarePCR is explained by something else than the list in these tests.
const firmwarePCR = 7

// explain lets the TPM quote PCR 7 beside PCR 10 and the expectation know PCR 7's value. The TPM
// has the same value, as if an entry of a list had led to it.
func explain(t *testing.T, s *situation) {
	t.Helper()
	whole := &situation{list: new(measure.List)}
	for _, e := range s.list.Entries() {
		whole.add(t, e)
	}
	whole.add(t, measure.Entry{PCR: firmwarePCR, Digest: [32]byte{9}, Path: "firmware"})
	s.attest = func(a *tpm2.TPMSAttest) {
		*a = s.tpm.Attest(t, s.qualifying(t), whole.list, firmwarePCR, measure.DefaultPCR)
	}
	s.expect.PCRs = []int{firmwarePCR, measure.DefaultPCR}
	s.expect.Explained = map[int][32]byte{firmwarePCR: whole.list.Replay(firmwarePCR)}
}

func TestVerify_explained(t *testing.T) {
	for _, row := range []verifyRow{
		{
			"a value for a PCR that isn't asked for", quote.ErrExpect, nil,
			func(_ *testing.T, s *situation) { s.expect.Explained[0] = [32]byte{} },
		},
		{"another value", quote.ErrPCRDigest, nil, func(_ *testing.T, s *situation) {
			s.expect.Explained[firmwarePCR] = [32]byte{1}
		}},
		{"no value", quote.ErrPCRDigest, nil, func(_ *testing.T, s *situation) {
			s.expect.Explained = nil
		}},
		{"an entry for a PCR that is explained", quote.ErrList, func(t *testing.T, s *situation) {
			s.add(t, measure.Entry{PCR: firmwarePCR, Digest: [32]byte{1}, Path: "/usr/bin/wallet"})
		}, nil},
		{
			"an empty list for a PCR that isn't explained", quote.ErrList,
			func(_ *testing.T, s *situation) { s.list = new(measure.List) }, nil,
		},
	} {
		t.Run("rejects "+row.name, func(t *testing.T) {
			s := newSituation(t)
			if row.before != nil {
				row.before(t, s)
			}
			explain(t, s)
			ev := s.answer(t)
			if row.after != nil {
				row.after(t, s)
			}
			if _, err := quote.Verify(ev, s.expect); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
	t.Run("accepts the value", func(t *testing.T) {
		s := newSituation(t)
		explain(t, s)
		verdict, err := quote.Verify(s.answer(t), s.expect)
		want := [][32]byte{s.expect.Explained[firmwarePCR], s.list.Replay(measure.DefaultPCR)}
		if diff := cmp.Diff(want, verdict.PCRs); err != nil || diff != "" {
			t.Errorf("%v, PCRs (-want +got):\n%s", err, diff)
		}
	})
	t.Run("accepts an empty list when everything is explained", func(t *testing.T) {
		s := newSituation(t)
		s.list = new(measure.List)
		s.expect.Explained = map[int][32]byte{10: {}}
		if _, err := quote.Verify(s.answer(t), s.expect); err != nil {
			t.Error(err)
		}
	})
}
