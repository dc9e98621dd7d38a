package quote_test

import (
	"fmt"
	"testing"

	"tapbench/tpm/measure"
	"tapbench/tpm/quote"
	"tapbench/tpm/quote/quotetest"
)

// attestEntries is how many entries the measured list has.
const attestEntries = 10

// BenchmarkAttest judges an enrolled key's evidence with a list of ten entries, with every check;
// the baseline stands in baseline_test.go.
func BenchmarkAttest(b *testing.B) {
	b.Run("ours", func(b *testing.B) {
		tpm := quotetest.NewInsecureAttester(b)
		list, released := new(measure.List), make(map[[32]byte]bool)
		for i := range attestEntries {
			e := measure.Entry{PCR: 10, Digest: [32]byte{byte(i)}, Path: fmt.Sprintf("/usr/bin/wallet%d", i)}
			released[e.Digest] = true
			if err := list.Append(e); err != nil {
				b.Fatal(err)
			}
		}
		binding := newBinding(b)
		ak, err := quote.ParseAK(tpm.Public)
		if err != nil {
			b.Fatal(err)
		}
		point := ak.Point()
		binding.AK = point[:]
		qualifying, err := quote.QualifyingData(binding)
		if err != nil {
			b.Fatal(err)
		}
		evidence := tpm.Quote(b, qualifying, list, 10)
		expect := quote.Expect{
			AK: tpm.Public, Binding: binding, PCRs: []int{10},
			Released: func(d [32]byte) bool { return released[d] },
			Revoked:  func(d [32]byte) bool { return d[0] == 0xFF },
			Last:     &quote.ClockInfo{Clock: 1000, ResetCount: 7, RestartCount: 1},
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := quote.Verify(evidence, expect); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("baseline", baselineAttest)
}
