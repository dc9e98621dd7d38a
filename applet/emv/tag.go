package emv

import (
	"errors"

	"tapbench/applet/wire"
	"tapbench/pcsc/tlv"
)

// ErrData means that a card's or terminal's data object is missing, is there twice, has another
// length than it must, or isn't what its tag says. The text names the tag.
var ErrData = errors.New("data object isn't as it must be")

// The data objects that tapbench's cards and terminals use (EMV 4.3 Book 3, annex A; those of
// selection: Book 1, annex B). Ours begin with DF and are in wire.
const (
	TagApplicationTemplate tlv.Tag = 0x61
	TagFCI                 tlv.Tag = 0x6F
	TagRecord              tlv.Tag = 0x70
	TagFormat2             tlv.Tag = 0x77
	TagFormat1             tlv.Tag = 0x80
	TagFCIProprietary      tlv.Tag = 0xA5
	TagFCIDiscretionary    tlv.Tag = 0xBF0C

	TagADFName             tlv.Tag = 0x4F
	TagLabel               tlv.Tag = 0x50
	TagTrack2              tlv.Tag = 0x57
	TagPAN                 tlv.Tag = 0x5A
	TagExpiration          tlv.Tag = 0x5F24
	TagCurrency            tlv.Tag = 0x5F2A
	TagSequence            tlv.Tag = 0x5F34
	TagAIP                 tlv.Tag = 0x82
	TagCommandTemplate     tlv.Tag = 0x83
	TagDFName              tlv.Tag = 0x84
	TagPriority            tlv.Tag = 0x87
	TagARC                 tlv.Tag = 0x8A
	TagCDOL1               tlv.Tag = 0x8C
	TagCDOL2               tlv.Tag = 0x8D
	TagCVMList             tlv.Tag = 0x8E
	TagIssuerAuth          tlv.Tag = 0x91
	TagAFL                 tlv.Tag = 0x94
	TagTVR                 tlv.Tag = 0x95
	TagDate                tlv.Tag = 0x9A
	TagTransactionType     tlv.Tag = 0x9C
	TagAmount              tlv.Tag = 0x9F02
	TagAmountOther         tlv.Tag = 0x9F03
	TagUsageControl        tlv.Tag = 0x9F07
	TagIACDefault          tlv.Tag = 0x9F0D
	TagIACDenial           tlv.Tag = 0x9F0E
	TagIACOnline           tlv.Tag = 0x9F0F
	TagIAD                 tlv.Tag = 0x9F10
	TagMerchant            tlv.Tag = 0x9F16
	TagCountry             tlv.Tag = 0x9F1A
	TagCryptogram          tlv.Tag = 0x9F26
	TagCID                 tlv.Tag = 0x9F27
	TagTerminalType        tlv.Tag = 0x9F35
	TagATC                 tlv.Tag = 0x9F36
	TagUN                  tlv.Tag = 0x9F37
	TagPDOL                tlv.Tag = 0x9F38
	TagApplicationCurrency tlv.Tag = 0x9F42
)

// TagName returns the name of a data object for display, or an empty string for a tag that tapbench
// doesn't use.
func TagName(tag tlv.Tag) string {
	for _, n := range names() {
		if n.tag == tag {
			return n.name
		}
	}
	return ""
}

type tagName struct {
	tag  tlv.Tag
	name string
}

// names returns the name of every data object in use.
func names() []tagName {
	return []tagName{
		{TagApplicationTemplate, "application template"},
		{TagFCI, "FCI template"},
		{TagRecord, "record template"},
		{TagFormat2, "response template format 2"},
		{TagFormat1, "response template format 1"},
		{TagFCIProprietary, "FCI proprietary template"},
		{TagFCIDiscretionary, "FCI issuer discretionary data"},
		{TagCommandTemplate, "command template"},
		{TagADFName, "ADF name"},
		{TagLabel, "application label"},
		{TagTrack2, "track 2 equivalent data"},
		{TagPAN, "PAN"},
		{TagExpiration, "application expiration date"},
		{TagSequence, "PAN sequence number"},
		{TagAIP, "application interchange profile"},
		{TagDFName, "DF name"},
		{TagPriority, "application priority indicator"},
		{TagCDOL1, "CDOL1"},
		{TagCDOL2, "CDOL2"},
		{TagCVMList, "CVM list"},
		{TagAFL, "application file locator"},
		{TagUsageControl, "application usage control"},
		{TagIACDefault, "issuer action code default"},
		{TagIACDenial, "issuer action code denial"},
		{TagIACOnline, "issuer action code online"},
		{TagIAD, "issuer application data"},
		{TagCryptogram, "application cryptogram"},
		{TagCID, "cryptogram information data"},
		{TagATC, "application transaction counter"},
		{TagPDOL, "PDOL"},
		{TagApplicationCurrency, "application currency code"},
		{TagCurrency, "transaction currency code"},
		{TagARC, "authorisation response code"},
		{TagIssuerAuth, "issuer authentication data"},
		{TagTVR, "terminal verification results"},
		{TagDate, "transaction date"},
		{TagTransactionType, "transaction type"},
		{TagAmount, "amount authorised"},
		{TagAmountOther, "amount other"},
		{TagMerchant, "merchant identifier"},
		{TagCountry, "terminal country code"},
		{TagTerminalType, "terminal type"},
		{TagUN, "unpredictable number"},
		{wire.TagCardKey, "card key"},
		{wire.TagCardClass, "card class"},
		{wire.TagCardSignature, "card signature by the TSM"},
		{wire.TagTapSignature, "tap signature"},
	}
}
