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
	return t.objects.find(tag)
}

// purchaseValue returns what is to be paid, and when.
func (t *transaction) purchaseValue(tag tlv.Tag) []byte {
	s := &t.terminal
	switch tag {
	case emv.TagAmount:
		return s.amount[:]
	case emv.TagAmountOther:
		return s.other[:]
	case tagAmountBinary:
		return s.binary[:]
	case tagOtherBinary:
		return s.otherBinary[:]
	case emv.TagDate:
		return s.date[:]
	case tagTime:
		return s.time[:]
	case emv.TagTransactionType:
		return s.kind[:]
	case emv.TagUN:
		return s.un[:]
	case tagNumber:
		return s.number[:]
	case tagEntryMode:
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
	case tagTCHash:
		return s.tcHash
	case tagTerminalAID:
		return t.out.Selected.AID
	case tagCAIndexUsed:
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
	case tagCapabilities:
		return c.Capabilities[:]
	case tagAdditional:
		return c.Additional[:]
	case emv.TagQualifiers:
		return s.qualifiers[:]
	case tagSerial:
		return c.Serial[:]
	case tagVersion:
		return s.version[:]
	case tagFloor:
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
	case tagExponent:
		return t.terminal.exponent[:]
	case tagCategory:
		return c.Category[:]
	case tagAcquirer:
		return c.Acquirer[:]
	case emv.TagMerchant:
		return c.Merchant[:]
	case tagTerminalID:
		return c.ID[:]
	case tagMerchantName:
		if c.Name == "" {
			return nil
		}
		return []byte(c.Name)
	default:
		return nil
	}
}
