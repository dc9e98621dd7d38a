package carddata

import (
	"tapbench/applet/emv"
	"tapbench/pcsc/tlv"
)

// notCards says that an object's source is the terminal or the issuer: a terminal ignores it in
// what a card answers (EMV 4.3 Book 3, 7.5 and annex A).
func notCards(tag tlv.Tag) bool {
	switch tag {
	case emv.TagScriptBefore, emv.TagScriptAfter, emv.TagScriptCommand, emv.TagScriptID,
		emv.TagARC, emv.TagIssuerAuth, emv.TagAuthorisationCode:
		return true
	case emv.TagAmountBinary, emv.TagAmountOtherBinary, emv.TagAmount, emv.TagAmountOther,
		emv.TagAmountReference, emv.TagReferenceCurrency, emv.TagReferenceExponent, emv.TagCurrency,
		emv.TagCurrencyExponent, emv.TagTransactionType, emv.TagAccountType, emv.TagEnteredPIN:
		return true
	case emv.TagTVR, emv.TagTSI, emv.TagTCHash, emv.TagCVMResults, emv.TagScriptResults,
		emv.TagDate, emv.TagTime, emv.TagUN, emv.TagTransactionNumber, emv.TagEntryMode:
		return true
	case emv.TagCommandTemplate, emv.TagTerminalAID, emv.TagTerminalVersion, emv.TagTerminalCAKeyIndex,
		emv.TagCapabilities, emv.TagAdditionalCapabilities, emv.TagTerminalType, emv.TagSerialNumber,
		emv.TagFloorLimit, emv.TagTerminalRisk, emv.TagQualifiers:
		return true
	case emv.TagAcquirer, emv.TagMerchant, emv.TagMerchantCategory, emv.TagMerchantName,
		emv.TagCountry, emv.TagTerminalID:
		return true
	default:
		return false
	}
}

// notOfRecords says that a record is no place for an object, too: a card answers it to GET DATA, to
// GET PROCESSING OPTIONS or with a cryptogram (EMV 4.3 Book 3, 7.3, 7.4, 7.5 and annex A).
func notOfRecords(tag tlv.Tag) bool {
	switch tag {
	case emv.TagAIP, emv.TagAFL, emv.TagCID, emv.TagATC, emv.TagCryptogram, emv.TagIAD,
		emv.TagDynamicSignature, emv.TagDynamicNumber, emv.TagAuthenticationCode,
		emv.TagLastOnline, emv.TagPINTries, emv.TagLogFormat, emv.TagDFName, emv.TagPDOL:
		return true
	default:
		return notCards(tag)
	}
}
