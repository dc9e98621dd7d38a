package issuer

import (
	"errors"
	"fmt"
	"io"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/pinblock"
	"tapbench/pcsc/tlv"
)

// ErrRequest means that a request's data can't be read, or are another scheme's. Nothing was
// decided, and nothing is remembered.
var ErrRequest = errors.New("not a request that this issuer reads")

// maxICC is how long the data of a request may be (EMV 4.3 Book 4, 12.1), in bytes.
const maxICC = 255

// Request asks for an authorisation.
type Request struct {
	Amount   uint64  // minor units
	Currency [2]byte // n3
	// ICC are the card's and terminal's data objects, as field 55 of ISO 8583 carries them: BER-TLV,
	// at most 255 bytes. They are 9F26, 9F27, 9F10, 9F37, 9F36, 95, 9A, 9C, 9F02, 5F2A, 82, 9F1A, 9F03;
	// others may be there.
	ICC []byte
	PAN emv.AnyPAN // 12 to 19 digits
	// Sequence is 5F34, 0 where the card has none.
	Sequence byte
	// PINBlock is the PIN that the cardholder has entered for the issuer, nil for none.
	PINBlock pinblock.Block
}

// Kind is what a cryptogram says (9F27, EMV 4.3 Book 3, 6.5.5.4).
type Kind byte

// The kinds.
const (
	AAC  Kind = 0x00 // declined
	TC   Kind = 0x40 // approved
	ARQC Kind = 0x80 // the issuer is asked
)

// String names the kind.
func (k Kind) String() string {
	switch k {
	case AAC:
		return "AAC"
	case TC:
		return "TC"
	case ARQC:
		return "ARQC"
	}
	return fmt.Sprintf("Kind(%02X)", byte(k))
}

// signed are the objects of a request that a cryptogram covers, or that tell how, and the keys of
// the card that they name.
type signed struct {
	scheme cryptogram.Scheme
	card   cryptogram.Keys
	macLen int // of scripts
	// pinEntered says that the terminal has told the card so: TVR byte 3 bit 3.
	pinEntered bool
	kind       Kind
	ac         cryptogram.AC
	data       cryptogram.Data
	amount     uint64
	currency   [2]byte
}

// checkPAN says whether a card can have these numbers.
func checkPAN(pan string, sequence byte) error {
	_, err := Keys{Scheme: cryptogram.VersionCVN10}.Card(pan, sequence)
	return err
}

// terminalObject is one that the terminal has put into the cryptogram, in its order (EMV 4.3 Book
// 2, 8.1.1), and how long it is.
type terminalObject struct {
	tag tlv.Tag
	n   int
}

func terminalObjects() []terminalObject {
	return []terminalObject{
		{emv.TagAmount, 6},
		{emv.TagAmountOther, 6},
		{emv.TagCountry, 2},
		{emv.TagTVR, 5},
		{emv.TagCurrency, 2},
		{emv.TagDate, 3},
		{emv.TagTransactionType, 1},
		{emv.TagUN, 4},
	}
}

// parseICC reads the data of a request. An error wraps [ErrRequest].
func parseICC(icc []byte) (signed, error) {
	objects, err := readObjects(icc)
	if err != nil {
		return signed{}, err
	}
	var s signed
	for _, o := range terminalObjects() {
		value, err := objects.take(o.tag, o.n)
		if err != nil {
			return signed{}, err
		}
		s.data.Terminal = append(s.data.Terminal, value...)
	}
	for _, o := range []struct {
		tag tlv.Tag
		to  []byte
	}{
		{emv.TagAIP, s.data.AIP[:]},
		{emv.TagATC, s.data.ATC[:]},
		{emv.TagCryptogram, s.ac[:]},
		{emv.TagCurrency, s.currency[:]},
	} {
		value, err := objects.take(o.tag, len(o.to))
		if err != nil {
			return signed{}, err
		}
		copy(o.to, value)
	}
	cid, err := objects.take(emv.TagCID, 1)
	if err != nil {
		return signed{}, err
	}
	s.kind = Kind(cid[0] & emv.CIDKind)
	const tvrByte, onlinePIN = 2, 0x04
	s.pinEntered = objects[emv.TagTVR][tvrByte]&onlinePIN != 0
	if s.data.IAD = objects[emv.TagIAD]; len(s.data.IAD) == 0 {
		return signed{}, fmt.Errorf("%w: %v is missing", ErrRequest, emv.TagIAD)
	}
	if s.amount, err = emv.ParseN12([6]byte(objects[emv.TagAmount])); err != nil {
		return signed{}, fmt.Errorf("%w: %v: %w", ErrRequest, emv.TagAmount, err)
	}
	return s, nil
}

// objects are a request's, by tag.
type objects map[tlv.Tag][]byte

func readObjects(icc []byte) (objects, error) {
	if len(icc) > maxICC {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrRequest, len(icc), maxICC)
	}
	found := make(objects)
	for r := tlv.NewReader(icc); ; {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRequest, err)
		}
		if _, twice := found[e.Tag]; twice {
			return nil, fmt.Errorf("%w: %v is there twice", ErrRequest, e.Tag)
		}
		found[e.Tag] = e.Value
	}
}

func (o objects) take(tag tlv.Tag, n int) ([]byte, error) {
	value, there := o[tag]
	if !there {
		return nil, fmt.Errorf("%w: %v is missing", ErrRequest, tag)
	}
	if len(value) != n {
		return nil, fmt.Errorf("%w: %v has %d bytes, expected %d", ErrRequest, tag, len(value), n)
	}
	return value, nil
}
