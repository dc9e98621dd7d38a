package emv

import (
	"encoding/binary"
	"errors"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/tlv"
)

// The lists that the offline payment application sends (PROTOCOL.md, offline payment commands).
const (
	offlinePDOL = "\x9F\x02\x06\x5F\x2A\x02\x9C\x01\x9F\x37\x04\x9F\x16\x0F" +
		"\xDF\x25\x04\xDF\x26\x20\xDF\x27\x01"
	offlineCDOL1 = "\x9F\x37\x04"
)

// OfflinePDOL returns the processing options data object list of the offline payment application,
// 23 bytes: 9F02 06, 5F2A 02, 9C 01, 9F37 04, 9F16 0F, DF25 04, DF26 20, DF27 01.
func OfflinePDOL() []byte { return []byte(offlinePDOL) }

// OfflineCDOL1 returns the list of its GENERATE AC, 3 bytes: 9F37 04. Its data are the
// unpredictable number of GET PROCESSING OPTIONS.
func OfflineCDOL1() []byte { return []byte(offlineCDOL1) }

// OfflineAFL returns its application file locator: SFI 1, record 1.
func OfflineAFL() []byte { return []byte{0x08, 0x01, 0x01, 0x00} }

// OfflineFCI returns the FCI of tapbench's offline payment application, the same for all cards.
func OfflineFCI() FCI {
	return FCI{
		Name: []byte(wire.AIDOffline), Label: Label, Priority: Priority, PDOL: OfflinePDOL(),
	}
}

// Lengths of the filled lists.
const (
	OfflinePDOLDataLen  = 65
	OfflineCDOL1DataLen = wire.UNLen
)

// OfflinePDOLData is the filled [OfflinePDOL], 65 bytes in the order of the fields.
type OfflinePDOLData struct {
	Amount      [wire.AmountLen]byte   // n12; of a commitment: all units that may tick
	Currency    [wire.CurrencyLen]byte // n3
	Type        byte                   // transaction type, 00: purchase of goods or services
	UN          [wire.UNLen]byte
	Merchant    [wire.MerchantLen]byte // ans 15
	Time        uint32                 // the terminal's, seconds since 1970 UTC
	Certificate message.Hash           // SHA-256 over the merchant's compact certificate
	Unit        uint8                  // 0: a spend; else a metering commitment of units of this class
}

// Encode returns the 65 bytes.
func (d OfflinePDOLData) Encode() []byte { return encode(d) }

// ParseOfflinePDOLData reads 65 bytes. Another length is [ErrData]; the fields aren't judged.
func ParseOfflinePDOLData(b []byte) (OfflinePDOLData, error) {
	return parse[OfflinePDOLData](b, "offline PDOL data")
}

// TokenLen is the length of a token in DF28: fields [124] and the TSM's signature [64].
const TokenLen = wire.TokenLen - 1 - len(wire.Label)

// TokenRecord is record 1 of the offline payment application: the token, and the units From+1 to To
// that this payment takes, or that its commitment lets tick.
type TokenRecord struct {
	Token    message.Token
	From, To uint8
	// Relay is what the statement will say of the exchange against relays; zero: there was none.
	Relay message.Relay
}

// Encode returns 70 { 8C CDOL1, DF28 token, DF29 from || to, DF2D relay data }, 222 bytes.
func (r TokenRecord) Encode() []byte {
	body := tlv.Append(nil, TagCDOL1, OfflineCDOL1())
	body = tlv.Append(body, wire.TagToken, EncodeToken(r.Token))
	body = tlv.Append(body, wire.TagTokenInterval, []byte{r.From, r.To})
	body = tlv.Append(body, wire.TagRelayData, EncodeRelay(r.Relay))
	return tlv.Append(nil, TagRecord, body)
}

// ParseTokenRecord reads record 1. A CDOL1 other than [OfflineCDOL1] is [ErrData]; token and
// interval aren't judged. The errors wrap [ErrData] or tlv.ErrMalformed.
func ParseTokenRecord(b []byte) (TokenRecord, error) {
	body, err := ParseRecord(b)
	if err != nil {
		return TokenRecord{}, err
	}
	objects, err := Objects(body)
	if err != nil {
		return TokenRecord{}, err
	}
	list, err1 := objects.Get(TagCDOL1, len(offlineCDOL1))
	raw, err2 := objects.Get(wire.TagToken, TokenLen)
	interval, err3 := objects.Get(wire.TagTokenInterval, 2)
	relay, err4 := objects.Get(wire.TagRelayData, wire.RelayLen)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return TokenRecord{}, err
	}
	if string(list) != offlineCDOL1 {
		return TokenRecord{}, fmt.Errorf("%w: %s is % X instead of % X", ErrData,
			Describe(TagCDOL1), list, offlineCDOL1)
	}
	token, err := ParseToken(raw)
	return TokenRecord{
		Token: token, From: interval[0], To: interval[1],
		Relay: message.NewRelay([wire.RelayLen]byte(relay)),
	}, err
}

// EncodeToken returns a token as DF28 holds it, 188 bytes: fields and signature, without type and
// label.
func EncodeToken(t message.Token) []byte { return encode(t) }

// ParseToken reads DF28. Another length is [ErrData]; the fields aren't judged.
func ParseToken(b []byte) (message.Token, error) { return parse[message.Token](b, "token") }

// OfflineAnswer is the answer to GENERATE AC of the offline payment application.
type OfflineAnswer struct {
	CID byte // CIDTC, or CIDAAC: then only CID and ATC are there
	ATC uint16
	// Signature is SK_t's: sigma of a spend or of a commitment.
	Signature message.Signature
	From, To  uint8
	Value     *message.Hash // w_To; nil in the answer to a metering commitment
}

// Encode returns 77 { 9F27, 9F36, 9F4B sigma, DF2A from || to [|| w_to] }, for an AAC 77 { 9F27,
// 9F36 }.
func (a OfflineAnswer) Encode() []byte {
	body := tlv.Append(nil, TagCID, []byte{a.CID})
	body = tlv.Append(body, TagATC, binary.BigEndian.AppendUint16(nil, a.ATC))
	if a.CID != CIDAAC {
		taken := []byte{a.From, a.To}
		if a.Value != nil {
			taken = append(taken, a.Value[:]...)
		}
		body = tlv.Append(body, TagDynamicSignature, a.Signature[:])
		body = tlv.Append(body, wire.TagTokenShown, taken)
	}
	return tlv.Append(nil, TagFormat2, body)
}

// ParseOfflineAnswer reads the answer: a TC with signature and units, or an AAC without. Another
// type of cryptogram is [ErrData]; the signature isn't verified. The errors wrap [ErrData] or
// tlv.ErrMalformed.
func ParseOfflineAnswer(b []byte) (OfflineAnswer, error) {
	body, err := within(b, TagFormat2)
	if err != nil {
		return OfflineAnswer{}, err
	}
	objects, err := Objects(body)
	if err != nil {
		return OfflineAnswer{}, err
	}
	cid, err1 := objects.Get(TagCID, 1)
	atc, err2 := objects.Get(TagATC, wire.ATCLen)
	if err := errors.Join(err1, err2); err != nil {
		return OfflineAnswer{}, err
	}
	a := OfflineAnswer{CID: cid[0], ATC: binary.BigEndian.Uint16(atc)}
	switch a.CID {
	case CIDTC:
		err = a.parseTaken(objects)
	case CIDAAC:
		if objects.Has(TagDynamicSignature) || objects.Has(wire.TagTokenShown) {
			err = fmt.Errorf("%w: an AAC with a signature or units", ErrData)
		}
	default:
		err = fmt.Errorf("%w: %s is %02X, neither TC nor AAC", ErrData, Describe(TagCID), a.CID)
	}
	if err != nil {
		return OfflineAnswer{}, err
	}
	return a, nil
}

// parseTaken reads what stands beside a TC.
func (a *OfflineAnswer) parseTaken(objects ObjectList) error {
	signature, err := objects.Get(TagDynamicSignature, wire.SignatureLen)
	if err != nil {
		return err
	}
	taken, err := objects.Find(wire.TagTokenShown)
	if err != nil {
		return err
	}
	switch len(taken) {
	case 2:
	case 2 + wire.HashLen:
		a.Value = new(message.Hash)
		copy(a.Value[:], taken[2:])
	default:
		return wrongLength(wire.TagTokenShown, taken)
	}
	a.Signature, a.From, a.To = message.Signature(signature), taken[0], taken[1]
	return nil
}
