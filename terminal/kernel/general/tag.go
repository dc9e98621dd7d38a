package general

import (
	"tapbench/pcsc/tlv"
)

// The data objects that emv doesn't name (EMV 4.3 Book 3, annex A).
const (
	tagCAKeyIndex      tlv.Tag = 0x8F
	tagIssuerCert      tlv.Tag = 0x90
	tagIssuerRemainder tlv.Tag = 0x92
	tagIssuerExponent  tlv.Tag = 0x9F32
	tagSignedStatic    tlv.Tag = 0x93
	tagStaticTags      tlv.Tag = 0x9F4A
	tagCardCert        tlv.Tag = 0x9F46
	tagCardExponent    tlv.Tag = 0x9F47
	tagCardRemainder   tlv.Tag = 0x9F48
	tagPINCert         tlv.Tag = 0x9F2D
	tagPINExponent     tlv.Tag = 0x9F2E
	tagPINRemainder    tlv.Tag = 0x9F2F
	tagDDOL            tlv.Tag = 0x9F49
	tagTDOL            tlv.Tag = 0x97
	tagTCHash          tlv.Tag = 0x98
	tagAuthCode        tlv.Tag = 0x9F45
	tagDynamicNumber   tlv.Tag = 0x9F4C

	tagEffective    tlv.Tag = 0x5F25
	tagIssuer       tlv.Tag = 0x5F28
	tagCardVersion  tlv.Tag = 0x9F08
	tagAmountBinary tlv.Tag = 0x81
	tagOtherBinary  tlv.Tag = 0x9F04

	tagAcquirer       tlv.Tag = 0x9F01
	tagTerminalAID    tlv.Tag = 0x9F06
	tagVersion        tlv.Tag = 0x9F09
	tagCategory       tlv.Tag = 0x9F15
	tagFloor          tlv.Tag = 0x9F1B
	tagTerminalID     tlv.Tag = 0x9F1C
	tagSerial         tlv.Tag = 0x9F1E
	tagTime           tlv.Tag = 0x9F21
	tagCapabilities   tlv.Tag = 0x9F33
	tagEntryMode      tlv.Tag = 0x9F39
	tagAdditional     tlv.Tag = 0x9F40
	tagNumber         tlv.Tag = 0x9F41
	tagMerchantName   tlv.Tag = 0x9F4E
	tagExponent       tlv.Tag = 0x5F36
	tagCAIndexUsed    tlv.Tag = 0x9F22
	tagScriptResults  tlv.Tag = 0x9F5B
	maxIssuerAuthData         = 16
	minIssuerAuthData         = 8
)

// Application interchange profile, byte 1 (annex C1).
const (
	aipSDA        = 0x40
	aipDDA        = 0x20
	aipCardholder = 0x10
	aipRisk       = 0x08
	aipIssuer     = 0x04
	aipDevice     = 0x02 // of contactless cards
	aipCDA        = 0x01
)
