package emv_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emv"
	"tapbench/applet/message"
)

// FuzzAnswers parses bytes as each of a card's answers. What parses is written and parsed again and
// must be the same.
func FuzzAnswers(f *testing.F) {
	iad := emv.IAD(emv.CVRNone)
	f.Add(emv.PaymentPPSE())
	f.Add(emv.PaymentFCI().Encode())
	f.Add(emv.ProcessingOptions{AIP: emv.AIP(), AFL: emv.AFL()}.Encode())
	f.Add(emv.ACAnswer{CID: emv.CIDARQC, ATC: 1, IAD: iad[:], Tap: new(message.Signature)}.Encode())
	f.Add([]byte{0x80, 6, 0x18, 0, 8, 1, 3, 0})
	f.Add(emv.Record1(emv.PAN{}, [3]byte{}, 1, [2]byte{}))
	f.Add(emv.Record2())
	f.Add(emv.Record3(message.PublicKey{}, message.Class{}, message.Signature{}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if x, err := emv.ParseFCI(raw); err == nil {
			again(t, x, x.Encode(), emv.ParseFCI)
		}
		if x, err := emv.ParsePPSE(raw); err == nil {
			again(t, x, emv.PPSE(x...), emv.ParsePPSE)
		}
		if x, err := emv.ParseProcessingOptions(raw); err == nil {
			again(t, x, x.Encode(), emv.ParseProcessingOptions)
		}
		if x, err := emv.ParseACAnswer(raw); err == nil {
			again(t, x, x.Encode(), emv.ParseACAnswer)
		}
		if body, err := emv.ParseRecord(raw); err == nil {
			_, _ = emv.Objects(body) // must not panic
		}
		if files, err := emv.ParseAFL(raw); err == nil && len(files) != len(raw)/4 {
			t.Errorf("ParseAFL(% X): %d files", raw, len(files))
		}
		if p, err := emv.ParsePAN(raw); err == nil {
			q, err := emv.ParsePANDigits(p.Reveal())
			if err != nil || !bytes.Equal(q[:], raw) {
				t.Errorf("ParsePANDigits(Reveal(% X)): got % X, %v", raw, q[:], err)
			}
		}
	})
}

// FuzzOffline parses bytes as what the offline payment application takes and answers. What parses
// is written and parsed again and must be the same.
func FuzzOffline(f *testing.F) {
	value := message.Hash{1}
	f.Add(emv.OfflineFCI().Encode())
	f.Add(emv.ProcessingOptions{
		AIP: emv.AIP(), AFL: emv.OfflineAFL(), Challenge: new(message.Nonce),
	}.Encode())
	f.Add(emv.OfflinePDOLData{Unit: 5}.Encode())
	f.Add(emv.MerchantAuth{Time: 1}.Encode())
	f.Add(emv.EncodeToken(message.Token{}))
	f.Add(emv.TokenRecord{To: 25}.Encode())
	f.Add(emv.OfflineAnswer{CID: emv.CIDAAC, ATC: 1}.Encode())
	f.Add(emv.OfflineAnswer{CID: emv.CIDTC, To: 25}.Encode())
	f.Add(emv.OfflineAnswer{CID: emv.CIDTC, To: 25, Value: &value}.Encode())
	f.Fuzz(func(t *testing.T, raw []byte) {
		if x, err := emv.ParseProcessingOptions(raw); err == nil {
			again(t, x, x.Encode(), emv.ParseProcessingOptions)
		}
		if x, err := emv.ParseTokenRecord(raw); err == nil {
			again(t, x, x.Encode(), emv.ParseTokenRecord)
		}
		if x, err := emv.ParseOfflineAnswer(raw); err == nil {
			again(t, x, x.Encode(), emv.ParseOfflineAnswer)
		}
		if x, err := emv.ParseOfflinePDOLData(raw); err == nil {
			exactly(t, raw, x.Encode())
		}
		if x, err := emv.ParseMerchantAuth(raw); err == nil {
			exactly(t, raw, x.Encode())
		}
		if x, err := emv.ParseToken(raw); err == nil {
			exactly(t, raw, emv.EncodeToken(x))
		}
	})
}

// exactly wants what has no tags to be written as it was read.
func exactly(t *testing.T, raw, written []byte) {
	t.Helper()
	if !bytes.Equal(raw, written) {
		t.Errorf("% X was written as % X", raw, written)
	}
}

func again[T any](t *testing.T, x T, raw []byte, parse func([]byte) (T, error)) {
	t.Helper()
	if y, err := parse(raw); err != nil || !cmp.Equal(x, y) {
		t.Errorf("parsing % X again: %v, %s", raw, err, cmp.Diff(x, y))
	}
}
