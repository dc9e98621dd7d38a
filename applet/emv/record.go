package emv

import (
	"encoding/binary"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/tlv"
)

// The file that the application file locator names.
const (
	// RecordSFI is the short file identifier of the records.
	RecordSFI byte = 1
	// Records is how many records the file has.
	Records byte = 3
)

// MaxRecordLen is the longest record, in bytes: one short answer.
const MaxRecordLen = 256

// Record1 returns record 1, which releases the card: 70 { 57 track 2, 5A PAN, 5F24 expiration, 5F34
// sequence number, 9F42 currency }.
func Record1(
	pan PAN, expiration [wire.DateLen]byte, sequence byte, currency [wire.CurrencyLen]byte,
) []byte {
	track2 := Track2(pan, expiration)
	body := tlv.Append(nil, TagTrack2, track2[:])
	body = tlv.Append(body, TagPAN, pan[:])
	body = tlv.Append(body, TagExpiration, expiration[:])
	body = tlv.Append(body, TagSequence, []byte{BCD(int(sequence % 100))})
	body = tlv.Append(body, TagApplicationCurrency, currency[:])
	return tlv.Append(nil, TagRecord, body)
}

// Record2 returns record 2, the same for all cards: 70 { 8C CDOL1, 8D CDOL2, 8E CVM list, 9F07
// usage control, 9F0D, 9F0E, 9F0F }.
func Record2() []byte {
	body := tlv.Append(nil, TagCDOL1, []byte(cdol1))
	body = tlv.Append(body, TagCDOL2, []byte(cdol2))
	body = tlv.Append(body, TagCVMList, []byte(cvmList))
	body = tlv.Append(body, TagUsageControl, []byte(usageControl))
	body = tlv.Append(body, TagIACDefault, []byte(actionAll))
	body = tlv.Append(body, TagIACDenial, []byte(actionNone))
	body = tlv.Append(body, TagIACOnline, []byte(actionAll))
	return tlv.Append(nil, TagRecord, body)
}

const (
	// cvmList: amounts X and Y are 0, then one rule: no CVM required, always; fail if it doesn't
	// succeed (EMV 4.3 Book 3, 10.5 and annex C3). The wallet's arming is the consent.
	cvmList = "\x00\x00\x00\x00\x00\x00\x00\x00\x1F\x00"
	// usageControl: valid for domestic and international goods and services, and at terminals other
	// than ATMs (EMV 4.3 Book 3, annex C2).
	usageControl = "\x3D\x00"
	// actionAll goes online for, and declines when that isn't possible, whatever the TVR says. The
	// bits left out are reserved (EMV 4.3 Book 3, annex C5).
	actionAll = "\xFC\xF8\xFC\xF8\xF0"
	// actionNone declines nothing without going online.
	actionNone = "\x00\x00\x00\x00\x00"
)

// Record3 returns record 3: 70 { DF20 PK_V, DF21 class, DF22 the TSM's signature "vcard" }.
func Record3(key message.PublicKey, class message.Class, signature message.Signature) []byte {
	body := tlv.Append(nil, wire.TagCardKey, key[:])
	body = tlv.Append(body, wire.TagCardClass, EncodeClass(class))
	body = tlv.Append(body, wire.TagCardSignature, signature[:])
	return tlv.Append(nil, TagRecord, body)
}

// EncodeClass returns a card's class as DF21 holds it, 13 bytes.
func EncodeClass(class message.Class) []byte { return encode(class) }

// ParseClass reads DF21. It returns [ErrData] for another length or an unknown kind, [ErrNumber]
// for a limit or a currency that isn't BCD.
func ParseClass(b []byte) (message.Class, error) {
	var class message.Class
	if len(b) != wire.ClassLen {
		return class, wrongLength(wire.TagCardClass, b)
	}
	if _, err := binary.Decode(b, binary.BigEndian, &class); err != nil {
		return class, fmt.Errorf("%w: %s: %w", ErrData, Describe(wire.TagCardClass), err)
	}
	if class.Kind > wire.CardUntilExpiry {
		return class, fmt.Errorf("%w: %s: kind %02X is unknown", ErrData,
			Describe(wire.TagCardClass), byte(class.Kind))
	}
	if _, err := ParseN12(class.Limit); err != nil {
		return class, err
	}
	_, err := ParseN3(class.Currency)
	return class, err
}

// ParseRecord returns what record template 70 holds, for [ObjectList.Add]. The value aliases b. A
// record longer than [MaxRecordLen], another template or a second object beside it is [ErrData].
func ParseRecord(b []byte) ([]byte, error) {
	if len(b) > MaxRecordLen {
		return nil, fmt.Errorf("%w: record of %d bytes", ErrData, len(b))
	}
	body, err := within(b, TagRecord)
	if err != nil {
		return nil, err
	}
	return body, tlv.Check(body)
}
