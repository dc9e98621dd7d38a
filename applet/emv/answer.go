package emv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/tlv"
)

// AIP returns the application interchange profile, tag 82: cardholder verification is supported,
// terminal risk management is to be performed; no EMV offline data authentication (EMV 4.3 Book 3,
// annex C1), because the card key's signature takes its place; relay resistance is supported.
func AIP() [2]byte { return [2]byte{0x18, AIPRelay} }

// AFL returns the application file locator, tag 94: SFI 1, records 1 to 3.
func AFL() []byte { return []byte{0x08, 0x01, 0x03, 0x00} }

// ProcessingOptions is the answer to GET PROCESSING OPTIONS.
type ProcessingOptions struct {
	AIP [2]byte
	AFL []byte // 4 bytes per file
	// Challenge asks the merchant to authenticate before the records can be read ([MerchantAuth]);
	// nil: it needn't.
	Challenge *message.Nonce
}

// Encode returns 77 { 82, 94, DF24 }, DF24 if there is a challenge.
func (p ProcessingOptions) Encode() []byte {
	body := tlv.Append(tlv.Append(nil, TagAIP, p.AIP[:]), TagAFL, p.AFL)
	if p.Challenge != nil {
		body = tlv.Append(body, wire.TagMerchantChallenge, p.Challenge[:])
	}
	return tlv.Append(nil, TagFormat2, body)
}

// ParseProcessingOptions reads the answer in format 2 (77 { 82, 94, DF24 }) or format 1 (80 AIP ||
// AFL; EMV 4.3 Book 3, 6.5.8.4), which has no challenge. AFL aliases b. The errors wrap [ErrData]
// or tlv.ErrMalformed.
func ParseProcessingOptions(b []byte) (ProcessingOptions, error) {
	tag, body, err := Template(b)
	if err != nil {
		return ProcessingOptions{}, err
	}
	var aip, afl []byte
	var challenge *message.Nonce
	switch {
	case tag == TagFormat1 && len(body) < 2:
		return ProcessingOptions{}, wrongLength(TagFormat1, body)
	case tag == TagFormat1:
		aip, afl = body[:2], body[2:]
	case tag == TagFormat2:
		objects, err := Objects(body)
		if err != nil {
			return ProcessingOptions{}, err
		}
		if aip, err = objects.Get(TagAIP, 2); err != nil {
			return ProcessingOptions{}, err
		}
		if afl, err = objects.Find(TagAFL); err != nil {
			return ProcessingOptions{}, err
		}
		if challenge, err = parseChallenge(objects); err != nil {
			return ProcessingOptions{}, err
		}
	default:
		return ProcessingOptions{}, unexpected(tag)
	}
	return ProcessingOptions{AIP: [2]byte(aip), AFL: afl, Challenge: challenge}, nil
}

// parseChallenge returns the challenge to the merchant, if there is one.
func parseChallenge(objects ObjectList) (*message.Nonce, error) {
	if !objects.Has(wire.TagMerchantChallenge) {
		return nil, nil
	}
	raw, err := objects.Get(wire.TagMerchantChallenge, wire.NonceLen)
	if err != nil {
		return nil, err
	}
	challenge := message.Nonce(raw)
	return &challenge, nil
}

// File is one entry of an application file locator.
type File struct {
	SFI         byte // 1 to 30
	First, Last byte // record numbers, 1 to 255
	Signed      byte // how many of them EMV's offline data authentication covers
}

// ParseAFL reads an application file locator (EMV 4.3 Book 3, 10.2): entries of 4 bytes. An SFI out
// of range, a first record of 0, a last below the first, or more signed records than there are is
// [ErrData]. The low bits of the SFI's byte are reserved, and nobody checks such bits (6.3.6).
func ParseAFL(b []byte) ([]File, error) {
	if len(b) == 0 || len(b)%4 != 0 {
		return nil, wrongLength(TagAFL, b)
	}
	files := make([]File, 0, len(b)/4)
	for ; len(b) > 0; b = b[4:] {
		f := File{SFI: b[0] >> 3, First: b[1], Last: b[2], Signed: b[3]}
		if f.SFI < 1 || f.SFI > 30 || f.First == 0 || f.Last < f.First ||
			int(f.Signed) > int(f.Last)-int(f.First)+1 {
			return nil, fmt.Errorf("%w: %s: entry % X out of range", ErrData, Describe(TagAFL), b[:4])
		}
		files = append(files, f)
	}
	return files, nil
}

// The types of cryptogram in bits 8 and 7 of the cryptogram information data (EMV 4.3 Book 3,
// 6.5.5.4).
const (
	CIDAAC  byte = 0x00
	CIDTC   byte = 0x40
	CIDARQC byte = 0x80

	// CIDKind is the mask of the two bits.
	CIDKind byte = 0xC0
)

// ACAnswer is the answer to GENERATE AC.
type ACAnswer struct {
	CID byte // type of the cryptogram: CIDAAC, CIDTC or CIDARQC
	ATC uint16
	AC  [wire.CryptogramLen]byte
	IAD []byte             // at most 32 bytes
	Tap *message.Signature // the card key's, beside an ARQC; else nil
}

// Encode returns 77 { 9F27, 9F36, 9F26, 9F10, DF23 }, DF23 if there is a signature.
func (a ACAnswer) Encode() []byte {
	body := tlv.Append(nil, TagCID, []byte{a.CID})
	body = tlv.Append(body, TagATC, binary.BigEndian.AppendUint16(nil, a.ATC))
	body = tlv.Append(body, TagCryptogram, a.AC[:])
	body = tlv.Append(body, TagIAD, a.IAD)
	if a.Tap != nil {
		body = tlv.Append(body, wire.TagTapSignature, a.Tap[:])
	}
	return tlv.Append(nil, TagFormat2, body)
}

// ParseACAnswer reads the answer in format 2, or in format 1 (80 CID || ATC || AC || IAD; EMV 4.3
// Book 3, 6.5.5.4), which has no signature. The errors wrap [ErrData] or tlv.ErrMalformed.
func ParseACAnswer(b []byte) (ACAnswer, error) {
	tag, body, err := Template(b)
	switch {
	case err != nil:
		return ACAnswer{}, err
	case tag == TagFormat2:
		return parseAC(body)
	case tag != TagFormat1:
		return ACAnswer{}, unexpected(tag)
	case len(body) < 11 || len(body) > 11+maxIAD:
		return ACAnswer{}, wrongLength(TagFormat1, body)
	}
	return ACAnswer{
		CID: body[0], ATC: binary.BigEndian.Uint16(body[1:]),
		AC: [wire.CryptogramLen]byte(body[3:11]), IAD: append([]byte(nil), body[11:]...),
	}, nil
}

// maxIAD is the longest issuer application data (EMV 4.3 Book 3, annex A, 9F10).
const maxIAD = 32

func parseAC(body []byte) (ACAnswer, error) {
	objects, err := Objects(body)
	if err != nil {
		return ACAnswer{}, err
	}
	var a ACAnswer
	cid, err1 := objects.Get(TagCID, 1)
	atc, err2 := objects.Get(TagATC, wire.ATCLen)
	ac, err3 := objects.Get(TagCryptogram, wire.CryptogramLen)
	iad, err4 := objects.Find(TagIAD)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return ACAnswer{}, err
	}
	if len(iad) > maxIAD {
		return ACAnswer{}, wrongLength(TagIAD, iad)
	}
	a.CID, a.ATC, a.AC = cid[0], binary.BigEndian.Uint16(atc), [wire.CryptogramLen]byte(ac)
	a.IAD = append([]byte(nil), iad...)
	if !objects.Has(wire.TagTapSignature) {
		return a, nil
	}
	sig, err := objects.Get(wire.TagTapSignature, wire.SignatureLen)
	if err != nil {
		return ACAnswer{}, err
	}
	tap := message.Signature(sig)
	a.Tap = &tap
	return a, nil
}

// Template returns the one object that an answer consists of. Value aliases b. Errors wrap
// [ErrData] or tlv.ErrMalformed.
func Template(b []byte) (tlv.Tag, []byte, error) {
	r := tlv.NewReader(b)
	e, err := r.Next()
	if errors.Is(err, io.EOF) {
		return 0, nil, fmt.Errorf("%w: the answer is empty", ErrData)
	}
	if err != nil {
		return 0, nil, err
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		return 0, nil, fmt.Errorf("%w: more than one object in the answer", ErrData)
	}
	return e.Tag, e.Value, nil
}

// within returns the value of the one object of the answer, which must have the tag.
func within(b []byte, want tlv.Tag) ([]byte, error) {
	tag, body, err := Template(b)
	if err != nil {
		return nil, err
	}
	if tag != want {
		return nil, fmt.Errorf("%w instead of %s", unexpected(tag), Describe(want))
	}
	return body, nil
}
