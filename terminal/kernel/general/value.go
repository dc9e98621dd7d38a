package general

import (
	"tapbench/applet/emv"
	"tapbench/pcsc/tlv"
)

// value returns a data object for a list: the terminal's own, or else the card's.
func (t *transaction) value(tag tlv.Tag) ([]byte, bool) {
	for _, who := range [...]func(*transaction, tlv.Tag) []byte{
		(*transaction).purchaseValue, (*transaction).resultValue, (*transaction).terminalValue,
		(*transaction).merchantValue,
	} {
		if v := who(t, tag); v != nil {
			return v, true
		}
	}
	return t.objects.Find(tag)
}

// purchaseValue returns what is to be paid, and when.
func (t *transaction) purchaseValue(tag tlv.Tag) []byte {
	s := &t.terminal
	switch tag {
	case emv.TagAmount:
		return s.amount[:]
	case emv.TagAmountOther:
		return s.other[:]
	case emv.TagAmountBinary:
		return s.binary[:]
	case emv.TagAmountOtherBinary:
		return s.otherBinary[:]
	case emv.TagDate:
		return s.date[:]
	case emv.TagTime:
		return s.time[:]
	case emv.TagTransactionType:
		return s.kind[:]
	case emv.TagUN:
		return s.un[:]
	case emv.TagTransactionNumber:
		return s.number[:]
	case emv.TagEntryMode:
		return s.entryMode[:]
	default:
		return nil
	}
}

// resultValue returns what has come of the transaction so far.
func (t *transaction) resultValue(tag tlv.Tag) []byte {
	s := &t.terminal
	switch tag {
	case emv.TagTVR:
		return t.out.TVR[:]
	case emv.TagTSI:
		return t.out.TSI[:]
	case emv.TagCVMResults:
		return t.out.CVM[:]
	case emv.TagARC:
		return s.code
	case emv.TagIssuerAuth:
		return s.issuerAuth
	case emv.TagTCHash:
		return s.tcHash
	case emv.TagTerminalAID:
		return t.out.Selected.AID
	case emv.TagTerminalCAKeyIndex:
		if t.auth.key == nil {
			return nil
		}
		return s.caIndex[:]
	default:
		return nil
	}
}

// terminalValue returns what the terminal is.
func (t *transaction) terminalValue(tag tlv.Tag) []byte {
	c, s := &t.config.Terminal, &t.terminal
	switch tag {
	case emv.TagTerminalType:
		return s.terminalType[:]
	case emv.TagCapabilities:
		return c.Capabilities[:]
	case emv.TagAdditionalCapabilities:
		return c.Additional[:]
	case emv.TagQualifiers:
		return s.qualifiers[:]
	case emv.TagSerialNumber:
		return c.Serial[:]
	case emv.TagTerminalVersion:
		return s.version[:]
	case emv.TagFloorLimit:
		return s.floor[:]
	default:
		return nil
	}
}

// merchantValue returns whose the terminal is, and where it stands.
func (t *transaction) merchantValue(tag tlv.Tag) []byte {
	c := &t.config.Terminal
	switch tag {
	case emv.TagCountry:
		return c.Country[:]
	case emv.TagCurrency:
		return c.Currency[:]
	case emv.TagCurrencyExponent:
		return t.terminal.exponent[:]
	case emv.TagMerchantCategory:
		return c.Category[:]
	case emv.TagAcquirer:
		return c.Acquirer[:]
	case emv.TagMerchant:
		return c.Merchant[:]
	case emv.TagTerminalID:
		return c.ID[:]
	case emv.TagMerchantName:
		if c.Name == "" {
			return nil
		}
		return []byte(c.Name)
	default:
		return nil
	}
}
