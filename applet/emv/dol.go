package emv

import (
	"encoding/binary"
	"fmt"

	"tapbench/applet/wire"
)

// The lists that the payment application sends (PROTOCOL.md, payment commands).
const (
	pdol = "\x9F\x02\x06\x5F\x2A\x02\x9A\x03\x9C\x01\x9F\x37\x04\x9F\x16\x0F"
	// 9F03, 9F1A, 95 and 9F35 stand for themselves: amount other, country, TVR, terminal type.
	cdol1 = "\x9F\x02\x06\x9F\x03\x06\x9F\x1A\x02\x95\x05\x5F\x2A\x02\x9A\x03\x9C\x01" +
		"\x9F\x37\x04\x9F\x35\x01\x9F\x16\x0F"
	cdol2 = "\x8A\x02\x91\x08\x95\x05\x9F\x37\x04"
)

// PDOL returns the processing options data object list, 16 bytes: 9F02 06, 5F2A 02, 9A 03, 9C 01,
// 9F37 04, 9F16 0F.
func PDOL() []byte { return []byte(pdol) }

// CDOL1 returns the list of the first GENERATE AC, 27 bytes: 9F02 06, 9F03 06, 9F1A 02, 95 05,
// 5F2A 02, 9A 03, 9C 01, 9F37 04, 9F35 01, 9F16 0F.
func CDOL1() []byte { return []byte(cdol1) }

// CDOL2 returns the list of the second GENERATE AC, 9 bytes: 8A 02, 91 08, 95 05, 9F37 04.
func CDOL2() []byte { return []byte(cdol2) }

// Lengths of the filled lists.
const (
	PDOLDataLen  = 31
	CDOL1DataLen = 45
	CDOL2DataLen = 19
)

// PDOLData is the filled [PDOL], 31 bytes in the order of the fields.
type PDOLData struct {
	Amount   [wire.AmountLen]byte   // n12
	Currency [wire.CurrencyLen]byte // n3
	Date     [wire.DateLen]byte     // YYMMDD
	Type     byte                   // transaction type, 00: purchase of goods or services
	UN       [wire.UNLen]byte
	Merchant [wire.MerchantLen]byte // ans 15
}

// CDOL1Data is the filled [CDOL1], 45 bytes in the order of the fields.
type CDOL1Data struct {
	Amount       [wire.AmountLen]byte // n12
	AmountOther  [wire.AmountLen]byte // n12: cashback
	Country      [2]byte              // n3, ISO 3166-1: the terminal's
	TVR          [5]byte              // terminal verification results
	Currency     [wire.CurrencyLen]byte
	Date         [wire.DateLen]byte
	Type         byte
	UN           [wire.UNLen]byte
	TerminalType byte // n2 (EMV 4.3 Book 4, annex A1)
	Merchant     [wire.MerchantLen]byte
}

// CDOL2Data is the filled [CDOL2], 19 bytes in the order of the fields.
type CDOL2Data struct {
	ARC        [2]byte // authorisation response code, an2
	IssuerAuth [8]byte // issuer authentication data: ARPC || CSU
	TVR        [5]byte
	UN         [wire.UNLen]byte
}

// Encode returns the 31 bytes.
func (d PDOLData) Encode() []byte { return encode(d) }

// Encode returns the 45 bytes.
func (d CDOL1Data) Encode() []byte { return encode(d) }

// Encode returns the 19 bytes.
func (d CDOL2Data) Encode() []byte { return encode(d) }

// ParsePDOLData reads 31 bytes. Another length is [ErrData]; the fields aren't judged.
func ParsePDOLData(b []byte) (PDOLData, error) { return parse[PDOLData](b, "PDOL data") }

// ParseCDOL1Data reads 45 bytes. Another length is [ErrData]; the fields aren't judged.
func ParseCDOL1Data(b []byte) (CDOL1Data, error) { return parse[CDOL1Data](b, "CDOL1 data") }

// ParseCDOL2Data reads 19 bytes. Another length is [ErrData]; the fields aren't judged.
func ParseCDOL2Data(b []byte) (CDOL2Data, error) { return parse[CDOL2Data](b, "CDOL2 data") }

// encode takes a struct of fixed-length fields.
func encode(fields any) []byte {
	out, err := binary.Append(nil, binary.BigEndian, fields)
	if err != nil {
		panic("emv: fields without a fixed length: " + err.Error()) // our own struct is wrong
	}
	return out
}

func parse[T any](b []byte, what string) (T, error) {
	var fields T
	if len(b) != binary.Size(fields) {
		return fields, fmt.Errorf("%w: %s of %d bytes instead of %d", ErrData, what, len(b),
			binary.Size(fields))
	}
	if _, err := binary.Decode(b, binary.BigEndian, &fields); err != nil {
		return fields, fmt.Errorf("%w: %s: %w", ErrData, what, err)
	}
	return fields, nil
}
