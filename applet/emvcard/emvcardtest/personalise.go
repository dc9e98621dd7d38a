package emvcardtest

import (
	"encoding/hex"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc/tlv"
)

const (
	caIndex = 0x92
	label   = "TAPBENCH"
)

// The lists of the cards.
const (
	pdol  = "9F3704 9F0206 5F2A02 9A03 9C01 9505 9F1A02"
	cdol1 = "9F0206 9F0306 9F1A02 9505 5F2A02 9A03 9C01 9F3704 9F3501 9F4502 9F4C08 9F3403"
	cdol2 = "8A02 910A " + cdol1
	entry = "9A03 9F2103 9F0206 5F2A02 9F3602"
)

// bytesOf reads digits with spaces between them.
func bytesOf(digits string) []byte {
	compact := make([]byte, 0, len(digits))
	for _, d := range []byte(digits) {
		if d != ' ' {
			compact = append(compact, d)
		}
	}
	out, err := hex.DecodeString(string(compact))
	if err != nil {
		panic("emvcardtest: constant that isn't hexadecimal")
	}
	return out
}

// even fills digits up to whole bytes.
func even(digits string) []byte { return bytesOf(digits + "F"[:len(digits)%2]) }

// application is a card's only one, without what is made of the rest of it.
func application(kind Kind, key *oda.PrivateKey) image.Application {
	lower, upper, lowerAmount, upperAmount := byte(3), byte(5), uint64(10000), uint64(20000)
	a := image.Application{
		AID: AID(), PDOL: bytesOf(pdol), CDOL1: bytesOf(cdol1), AIP: [2]byte{0x39, 0},
		PAN: PAN, Sequence: Sequence, Scheme: cryptogram.VersionCVN18, KeyIndex: 1, ODA: key,
		Risk: image.Risk{
			Lower: &lower, Upper: &upper, LowerAmount: &lowerAmount, UpperAmount: &upperAmount,
			Currency: [2]byte{0x09, 0x78},
		},
	}
	if kind == Contactless {
		return a
	}
	a.AIP = [2]byte{0x7D, 0}
	a.PDOL = nil
	a.CDOL2 = bytesOf(cdol2)
	a.DDOL = bytesOf("9F3704")
	a.PIN = &image.PIN{Digits: PIN, Tries: 3}
	a.Log = &image.Log{SFI: 11, Entries: 3, Format: bytesOf(entry)}
	return a
}

// card puts an application into a card.
func card(kind Kind, a image.Application) image.Card {
	c := image.Card{
		ATR:          []byte{0x3B, 0x80, 0x80, 0x01, 0x01},
		Applications: []image.Application{a},
	}
	named := tlv.Append(nil, emv.TagApplicationTemplate, encode(
		object(emv.TagADFName, a.AID), object(emv.TagLabel, []byte(label)),
		object(emv.TagPriority, []byte{1})))
	c.PPSE = &image.Directory{FCI: tlv.Append(nil, emv.TagFCI, encode(
		object(emv.TagDFName, []byte("2PAY.SYS.DDF01")),
		object(emv.TagFCIProprietary, tlv.Append(nil, emv.TagFCIDiscretionary, named))))}
	if kind == Contact {
		const tagSFI = 0x88
		c.PSE = &image.Directory{
			FCI: tlv.Append(nil, emv.TagFCI, encode(
				object(emv.TagDFName, []byte("1PAY.SYS.DDF01")),
				object(emv.TagFCIProprietary, tlv.Append(nil, tagSFI, []byte{1})))),
			Records: []image.Record{{
				SFI: 1, Number: 1, Data: tlv.Append(nil, emv.TagRecord, named),
			}},
		}
	}
	return c
}

func object(tag tlv.Tag, value []byte) tlv.Element { return tlv.Element{Tag: tag, Value: value} }

func encode(objects ...tlv.Element) (out []byte) {
	for _, o := range objects {
		if o.Value != nil {
			out = tlv.Append(out, o.Tag, o.Value)
		}
	}
	return out
}

func fci(a *image.Application) []byte {
	return tlv.Append(nil, emv.TagFCI, encode(object(emv.TagDFName, a.AID),
		object(emv.TagFCIProprietary, encode(object(emv.TagLabel, []byte(label)),
			object(emv.TagPriority, []byte{1}), object(emv.TagPDOL, a.PDOL),
			object(emv.TagFCIDiscretionary, logEntry(a.Log))))))
}

// logEntry says where the log is.
func logEntry(l *image.Log) []byte {
	if l == nil {
		return nil
	}
	return encode(object(emv.TagLogEntry, []byte{l.SFI, l.Entries}))
}

// personalise makes records, locator and certificates: file 1 has what the card is, in one signed
// record, file 2 the certificates.
func personalise(a *image.Application, keys keySet) error {
	pan := bytesOf(a.PAN + "FFFFFFFFFFFFFFFFFFFF"[len(a.PAN):])
	signed := encode(object(emv.TagPAN, even(a.PAN)),
		object(emv.TagTrack2, even(a.PAN+"D3512201")),
		object(emv.TagExpiration, bytesOf("351231")), object(emv.TagEffective, bytesOf("250101")),
		object(emv.TagSequence, []byte{a.Sequence}), object(emv.TagUsageControl, bytesOf("FF00")),
		object(emv.TagCVMList, bytesOf("0000000000000000 4403 4103 5E03 1F00")),
		object(emv.TagIACDefault, bytesOf("B860AC8800")),
		object(emv.TagIACDenial, bytesOf("0010000000")),
		object(emv.TagIACOnline, bytesOf("B868BC9800")), object(emv.TagIssuerCountry, bytesOf("0276")),
		object(emv.TagCDOL1, a.CDOL1), object(emv.TagCDOL2, a.CDOL2), object(emv.TagDDOL, a.DDOL),
		object(emv.TagStaticTags, []byte{byte(emv.TagAIP)}))
	first := tlv.Append(nil, emv.TagRecord, signed)
	static := append(append([]byte(nil), signed...), a.AIP[:]...)
	until := oda.MonthOf(time.Date(2035, 12, 1, 0, 0, 0, 0, time.UTC))

	issuer, err := oda.CertifyIssuer(keys.authority, oda.IssuerCertificate{
		Identifier: [4]byte(append(bytesOf(a.PAN[:6]), 0xFF)), Expiry: until,
		Serial: oda.Serial{0, 0, 1}, Key: keys.issuer.Public(),
	})
	if err != nil {
		return err
	}
	records := [][]byte{
		encode(object(emv.TagCAKeyIndex, []byte{caIndex}), object(emv.TagIssuerExponent, issuer.Exponent),
			object(emv.TagIssuerRemainder, issuer.Remainder), object(emv.TagIssuerCertificate, issuer.Block)),
		encode(object(emv.TagStaticSignature, oda.SignStatic(keys.issuer, oda.AuthCode{
			0xDA,
			0xC1,
		}, static))),
	}
	if a.ODA != nil {
		own, err := oda.CertifyCard(keys.issuer, oda.CardCertificate{
			PAN: [10]byte(pan), Expiry: until, Serial: oda.Serial{0, 0, 2}, Key: a.ODA.Public(),
		}, static)
		if err != nil {
			return err
		}
		records = append(records, encode(object(emv.TagCardExponent, own.Exponent),
			object(emv.TagCardRemainder, own.Remainder), object(emv.TagCardCertificate, own.Block)))
	}
	a.Records = append(a.Records, image.Record{SFI: 1, Number: 1, Data: first})
	for i, record := range records {
		a.Records = append(a.Records, image.Record{
			SFI: 2, Number: byte(i + 1), Data: tlv.Append(nil, emv.TagRecord, record),
		})
	}
	a.AFL = []byte{1 << 3, 1, 1, 1, 2 << 3, 1, byte(len(records)), 0}
	return nil
}
