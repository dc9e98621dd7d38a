package generaltest_test

import (
	"bytes"
	"errors"
	"testing"

	"tapbench/applet/emv"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/generaltest"
	"tapbench/terminal/kernel/rules"
)

// FuzzHostileCard pays at a terminal with a card whose answers a stream of bytes changes, and holds
// the kernel to what no card may bring about:
//
//   - [generaltest.Invariants]: a bounded number of commands, approved by a TC alone, no TC asked for
//     after an AAC was decided, TVR and TSI that don't contradict what was done;
//   - an error is of the kinds that package general names;
//   - what was authenticated is what the card said: the account number after any method, and after
//     CDA the cryptogram that an approval goes by.
func FuzzHostileCard(f *testing.F) {
	bench := generaltest.NewBench(f)
	for terminal := range byte(8) {
		for second := range byte(8) {
			f.Add([]byte{terminal, second, 0, second, 0})
			f.Add([]byte{terminal, 0, second, terminal, second})
		}
	}
	for place := range 16 {
		for kind := range byte(8) {
			stream := append([]byte{kind % 2, 0, 0, 0, 0}, make([]byte, place)...)
			f.Add(append(stream, 0xFF, kind, kind, 3, 5, 1, 2, 3, 4, 5))
		}
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		paid := bench.PayStream(t, stream)
		for _, wrong := range generaltest.Invariants(paid.Paid) {
			t.Error(wrong)
		}
		if err := paid.Err; err != nil && !named(err) {
			t.Errorf("%v is no error that the package names", err)
		}
		method := paid.Outcome.Authentication.Method
		if method == outcome.NoMethod || failed(paid.Outcome) || paid.Err != nil {
			return
		}
		if pan := paid.Outcome.PAN; pan.Reveal() != bench.Card.Applications[0].PAN {
			t.Errorf("%q is the account number of an authentic card", pan)
		}
		if method == outcome.CDA && paid.Approved() {
			lookAtSigned(t, paid)
		}
	})
}

// named says whether an error is of a kind that package general names.
func named(err error) bool {
	var terminated *outcome.TerminatedError
	var transport *pcsc.Error
	var status *apdu.StatusError
	return errors.As(err, &terminated) || errors.As(err, &transport) || errors.As(err, &status)
}

// failed says whether offline data authentication did, or wasn't performed.
func failed(o outcome.Outcome) bool {
	for _, b := range []rules.TVRBit{
		rules.NoAuthentication, rules.SDAFailed, rules.DDAFailed, rules.CDAFailed,
	} {
		if o.TVR.Has(b) {
			return true
		}
	}
	return o.Authentication.Err != nil || !o.TSI.Has(rules.DidAuthentication)
}

// lookAtSigned wants the last cryptogram's data to be what the card itself said.
func lookAtSigned(t *testing.T, paid generaltest.Streamed) {
	t.Helper()
	last := paid.Outcome.Second
	if last == nil {
		last = paid.Outcome.First
	}
	said := false
	for _, answer := range paid.Honest {
		data := answer[:max(0, len(answer)-2)]
		iad, err := tlv.Find(data, emv.TagFormat2, emv.TagIAD)
		if err != nil {
			continue
		}
		cid, err := tlv.Find(data, emv.TagFormat2, emv.TagCID)
		said = said || err == nil && bytes.Equal(iad, last.IAD) && bytes.Equal(cid, []byte{last.CID})
	}
	if !said {
		t.Errorf("CID %02X with data %X was approved by, and the card never said it", last.CID, last.IAD)
	}
}
