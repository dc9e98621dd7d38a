package quote_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"tapbench/tpm/measure"
	"tapbench/tpm/quote"
)

// A bank judges what a phone's TPM answered. The evidence was recorded from swtpm.
func ExampleVerify() {
	text, err := os.ReadFile("../../testdata/quotes/swtpm-0.7.1.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	var recorded struct {
		SE, AID  string
		Evidence quote.Evidence
	}
	if err := json.Unmarshal(text, &recorded); err != nil {
		fmt.Println(err)
		return
	}
	release := sha256.Sum256([]byte("release 1"))
	expect := quote.Expect{
		AK: recorded.Evidence.AKPublic, // in earnest the one that was enrolled
		Binding: quote.Binding{
			Purpose:    quote.PurposeBINFO,
			Nonce:      unhex("000102030405060708090a0b0c0d0e0f"),
			SID:        [16]byte(unhex("101112131415161718191a1b1c1d1e1f")),
			SoftwareID: "wallet/1",
			SE:         unhex(recorded.SE),
			AID:        unhex(recorded.AID),
		},
		PCRs:     []int{measure.DefaultPCR},
		Released: func(digest [32]byte) bool { return digest == release },
	}
	verdict, err := quote.Verify(recorded.Evidence, expect)
	fmt.Println(verdict.Entries[0].Path, err)

	expect.Binding.Purpose = quote.PurposeAID
	_, err = quote.Verify(recorded.Evidence, expect)
	fmt.Println(err)
	// Output:
	// /usr/bin/wallet <nil>
	// quote answers another question
}

func unhex(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		panic(err) // in a test's own constants
	}
	return b
}

func BenchmarkVerify(b *testing.B) {
	t := new(testing.T)
	s := newSituation(t)
	ev := s.answer(t)
	for b.Loop() {
		if _, err := quote.Verify(ev, s.expect); err != nil {
			b.Fatal(err)
		}
	}
}
