package decode

import (
	"fmt"
	"strings"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
)

// Where the card verification results begin in issuer application data, counted from 0, and the
// cryptogram versions that have them there: length 06, key index, version, length 03, CVR [3].
const (
	shortIADLen = 7
	shortCVR    = 4
	ccdCVR      = 3
	version10   = 0x0A
	version18   = 0x12
)

// isShort says whether issuer application data are those of cryptogram versions 10 or 18.
func isShort(iad []byte) bool {
	return len(iad) >= shortIADLen && iad[0] == shortIADLen-1 && iad[3] == shortIADLen-shortCVR &&
		(iad[2] == version10 || iad[2] == version18)
}

// cvr returns where the card verification results are in issuer application data, and what their
// bits mean, for the versions that tapbench's own EMV cards have; nil for any other.
func cvr(iad []byte) (at int, results []byte, text func(int) string) {
	if isShort(iad) {
		return shortCVR, iad[shortCVR:shortIADLen], shortCVRText
	}
	if d, err := cryptogram.ParseCCDIAD(iad); err == nil {
		return ccdCVR, d.CVR[:], ccdCVRText
	}
	return 0, nil, nil
}

// issuerDataBits reads the card verification results in issuer application data.
func issuerDataBits(iad []byte) []Bit {
	at, results, text := cvr(iad)
	if results == nil {
		return nil
	}
	kinds := results[0]
	bits := []Bit{
		{Byte: at + 1, Bit: 8, Set: true, Text: secondCryptogram(kinds)},
		{Byte: at + 1, Bit: 6, Set: true, Text: "first cryptogram: " + cryptogramType(kinds<<2)},
	}
	for i, b := range results {
		if n, what := b>>4, count(at, i); n > 0 && what != "" {
			bits = append(bits, Bit{Byte: at + i + 1, Bit: 8, Set: true, Text: fmt.Sprintf(what, n)})
		}
		for j := range 8 {
			if meaning := text(8*i + j); meaning != "" {
				bits = append(bits, Bit{
					Byte: at + i + 1, Bit: 8 - j, Set: b&(0x80>>j) != 0, Text: meaning,
				})
			}
		}
	}
	return bits
}

// secondCryptogram names what was answered to the second GENERATE AC, in bits 8 and 7.
func secondCryptogram(b byte) string {
	return "second cryptogram: " + [4]string{"AAC", "TC", "not requested", "reserved"}[b>>6]
}

// count returns what the high nibble of byte i of the results counts, or "".
func count(at, i int) string {
	switch {
	case at == ccdCVR && i == 1:
		return "PIN tries left: %d"
	case at == ccdCVR && i == 3, at == shortCVR && i == 2:
		return "script commands carried out before: %d"
	default:
		return ""
	}
}

// shortCVRText is of versions 10 and 18, 3 bytes.
func shortCVRText(i int) string {
	return [24]string{
		4: "issuer authentication failed", 5: "offline PIN verification performed",
		6: "offline PIN verification failed", 7: "unable to go online",

		8: "last online transaction not completed",
		9: "PIN try limit exceeded", 10: "velocity checking counters exceeded", 11: "new card",
		12: "issuer authentication failed on last online transaction",
		13: "issuer authentication not performed after online authorisation",
		14: "application blocked by the card, for the PIN try limit is exceeded",
		15: "SDA failed on last transaction, which was declined offline",

		20: "issuer script processing failed on last transaction",
		21: "DDA failed on last transaction, which was declined offline",
		22: "DDA performed",
	}[i]
}

// ccdCVRText is of the common core definitions, 5 bytes (EMV 4.3 Book 3, annex C).
func ccdCVRText(i int) string {
	return [40]string{
		4: "CDA performed", 5: "DDA performed", 6: "issuer authentication not performed",
		7: "issuer authentication failed",

		12: "offline PIN verification performed", 13: "offline PIN verification failed",
		14: "PIN try limit exceeded", 15: "last online transaction not completed",

		16: "lower offline transaction count limit exceeded",
		17: "upper offline transaction count limit exceeded",
		18: "lower cumulative offline amount limit exceeded",
		19: "upper cumulative offline amount limit exceeded",

		28: "issuer script processing failed",
		29: "offline data authentication failed on previous transaction",
		30: "go online on next transaction", 31: "unable to go online",
	}[i]
}

// issuerDataWords explains issuer application data of our own cards.
func issuerDataWords(value []byte) string {
	if own, err := emv.ParseIAD(value); err == nil {
		return fmt.Sprintf("key %d, cryptogram version %02X, ", value[1], value[2]) + anonymousCVR(own)
	}
	_, results, _ := cvr(value)
	if results == nil {
		return ""
	}
	words := fmt.Sprintf("key %d, common core definitions, AES", value[2])
	if value[1] == cryptogram.CCIFormatA3DES {
		words = fmt.Sprintf("key %d, common core definitions, triple DES", value[2])
	}
	if isShort(value) {
		words = fmt.Sprintf("key %d, cryptogram version %d", value[1], value[2])
	}
	for _, b := range issuerDataBits(value) {
		if b.Set && !strings.HasSuffix(b.Text, "not requested") {
			words += "; " + b.Text
		}
	}
	return words
}

// anonymousCVR explains the card verification results of the anonymous cards.
func anonymousCVR(cvr uint32) string {
	switch cvr {
	case emv.CVRNone:
		return "issuer not authenticated yet"
	case emv.CVRIssuerAuthenticated:
		return "issuer authenticated"
	case emv.CVRIssuerAuthFailed:
		return "issuer authentication failed"
	default:
		return fmt.Sprintf("CVR %08X", cvr)
	}
}
