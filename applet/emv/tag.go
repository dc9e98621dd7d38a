package emv

import (
	"errors"

	"tapbench/pcsc/tlv"
)

// ErrData means that a card's or terminal's data object is missing, is there twice, has another
// length than it must, or isn't what its tag says. The text names the tag.
var ErrData = errors.New("data object isn't as it must be")

// The data objects that tapbench's cards and terminals use (EMV 4.3 Book 3, annex A; those of
// selection: Book 1, annex B; 9F66, 9F69 and 9F6C: EMV Contactless Books A and C-3 2.6). Ours begin
// with DF and are in wire.
const (
	TagApplicationTemplate tlv.Tag = 0x61
	TagFCI                 tlv.Tag = 0x6F
	TagRecord              tlv.Tag = 0x70
	TagFormat2             tlv.Tag = 0x77
	TagFormat1             tlv.Tag = 0x80
	TagFCIProprietary      tlv.Tag = 0xA5
	TagFCIDiscretionary    tlv.Tag = 0xBF0C

	TagADFName                tlv.Tag = 0x4F
	TagLabel                  tlv.Tag = 0x50
	TagTrack2                 tlv.Tag = 0x57
	TagPAN                    tlv.Tag = 0x5A
	TagScriptBefore           tlv.Tag = 0x71
	TagScriptAfter            tlv.Tag = 0x72
	TagAmountBinary           tlv.Tag = 0x81
	TagAIP                    tlv.Tag = 0x82
	TagCommandTemplate        tlv.Tag = 0x83
	TagDFName                 tlv.Tag = 0x84
	TagScriptCommand          tlv.Tag = 0x86
	TagPriority               tlv.Tag = 0x87
	TagSFI                    tlv.Tag = 0x88
	TagAuthorisationCode      tlv.Tag = 0x89
	TagARC                    tlv.Tag = 0x8A
	TagCDOL1                  tlv.Tag = 0x8C
	TagCDOL2                  tlv.Tag = 0x8D
	TagCVMList                tlv.Tag = 0x8E
	TagCAKeyIndex             tlv.Tag = 0x8F
	TagIssuerCertificate      tlv.Tag = 0x90
	TagIssuerAuth             tlv.Tag = 0x91
	TagIssuerRemainder        tlv.Tag = 0x92
	TagStaticSignature        tlv.Tag = 0x93
	TagAFL                    tlv.Tag = 0x94
	TagTVR                    tlv.Tag = 0x95
	TagTDOL                   tlv.Tag = 0x97
	TagTCHash                 tlv.Tag = 0x98
	TagEnteredPIN             tlv.Tag = 0x99
	TagDate                   tlv.Tag = 0x9A
	TagTSI                    tlv.Tag = 0x9B
	TagTransactionType        tlv.Tag = 0x9C
	TagDDF                    tlv.Tag = 0x9D
	TagExpiration             tlv.Tag = 0x5F24
	TagEffective              tlv.Tag = 0x5F25
	TagIssuerCountry          tlv.Tag = 0x5F28
	TagCurrency               tlv.Tag = 0x5F2A
	TagLanguages              tlv.Tag = 0x5F2D
	TagSequence               tlv.Tag = 0x5F34
	TagCurrencyExponent       tlv.Tag = 0x5F36
	TagAccountType            tlv.Tag = 0x5F57
	TagAcquirer               tlv.Tag = 0x9F01
	TagAmount                 tlv.Tag = 0x9F02
	TagAmountOther            tlv.Tag = 0x9F03
	TagAmountOtherBinary      tlv.Tag = 0x9F04
	TagTerminalAID            tlv.Tag = 0x9F06
	TagUsageControl           tlv.Tag = 0x9F07
	TagCardVersion            tlv.Tag = 0x9F08
	TagTerminalVersion        tlv.Tag = 0x9F09
	TagIACDefault             tlv.Tag = 0x9F0D
	TagIACDenial              tlv.Tag = 0x9F0E
	TagIACOnline              tlv.Tag = 0x9F0F
	TagIAD                    tlv.Tag = 0x9F10
	TagCodeTable              tlv.Tag = 0x9F11
	TagPreferredName          tlv.Tag = 0x9F12
	TagLastOnline             tlv.Tag = 0x9F13
	TagLowerLimit             tlv.Tag = 0x9F14
	TagMerchantCategory       tlv.Tag = 0x9F15
	TagMerchant               tlv.Tag = 0x9F16
	TagPINTries               tlv.Tag = 0x9F17
	TagScriptID               tlv.Tag = 0x9F18
	TagCountry                tlv.Tag = 0x9F1A
	TagFloorLimit             tlv.Tag = 0x9F1B
	TagTerminalID             tlv.Tag = 0x9F1C
	TagTerminalRisk           tlv.Tag = 0x9F1D
	TagSerialNumber           tlv.Tag = 0x9F1E
	TagTime                   tlv.Tag = 0x9F21
	TagTerminalCAKeyIndex     tlv.Tag = 0x9F22
	TagUpperLimit             tlv.Tag = 0x9F23
	TagCryptogram             tlv.Tag = 0x9F26
	TagCID                    tlv.Tag = 0x9F27
	TagExtendedSelection      tlv.Tag = 0x9F29
	TagKernelID               tlv.Tag = 0x9F2A
	TagPINCertificate         tlv.Tag = 0x9F2D
	TagPINExponent            tlv.Tag = 0x9F2E
	TagPINRemainder           tlv.Tag = 0x9F2F
	TagIssuerExponent         tlv.Tag = 0x9F32
	TagCapabilities           tlv.Tag = 0x9F33
	TagCVMResults             tlv.Tag = 0x9F34
	TagTerminalType           tlv.Tag = 0x9F35
	TagATC                    tlv.Tag = 0x9F36
	TagUN                     tlv.Tag = 0x9F37
	TagPDOL                   tlv.Tag = 0x9F38
	TagEntryMode              tlv.Tag = 0x9F39
	TagAmountReference        tlv.Tag = 0x9F3A
	TagReferenceCurrency      tlv.Tag = 0x9F3C
	TagReferenceExponent      tlv.Tag = 0x9F3D
	TagAdditionalCapabilities tlv.Tag = 0x9F40
	TagTransactionNumber      tlv.Tag = 0x9F41
	TagApplicationCurrency    tlv.Tag = 0x9F42
	TagAuthenticationCode     tlv.Tag = 0x9F45
	TagCardCertificate        tlv.Tag = 0x9F46
	TagCardExponent           tlv.Tag = 0x9F47
	TagCardRemainder          tlv.Tag = 0x9F48
	TagDDOL                   tlv.Tag = 0x9F49
	TagStaticTags             tlv.Tag = 0x9F4A
	TagDynamicSignature       tlv.Tag = 0x9F4B
	TagDynamicNumber          tlv.Tag = 0x9F4C
	TagLogEntry               tlv.Tag = 0x9F4D
	TagMerchantName           tlv.Tag = 0x9F4E
	TagLogFormat              tlv.Tag = 0x9F4F
	TagScriptResults          tlv.Tag = 0x9F5B
	TagQualifiers             tlv.Tag = 0x9F66
	TagCardAuthentication     tlv.Tag = 0x9F69 // card authentication related data
	TagCardQualifiers         tlv.Tag = 0x9F6C // card transaction qualifiers
)

// NamePSE is the Payment System Environment's name, the directory of contact cards (EMV 4.3 Book 1,
// 12.2.2). That of contactless ones is wire.AIDPPSE.
const NamePSE = "1PAY.SYS.DDF01"
