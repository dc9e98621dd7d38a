package decode

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// coded returns the words of a value out of a list.
func coded(f Field, value []byte) string {
	switch f.Tag {
	case 0:
		return namedWords(f.Name, value)
	case emv.TagPriority:
		return priorityWords(value[0])
	case emv.TagCVMList:
		return cvmListWords(value)
	case emv.TagAFL:
		return locatorWords(value)
	case emv.TagTransactionType:
		return transactionWords(value[0])
	case emv.TagIAD:
		return issuerDataWords(value)
	case 0x9F34:
		if len(value) != 3 {
			return ""
		}
		return cvmMethod(value[0]) + ", " + cvmCondition(value[1]) + ": " + cvmOutcome(value[2])
	case emv.TagTerminalType:
		return terminalWords(value[0])
	case 0x5F57:
		return map[byte]string{
			0x00: "default", 0x10: "savings", 0x20: "cheque or debit", 0x30: "credit",
		}[value[0]]
	default:
		return ""
	}
}

// namedWords returns the words of a coded value that has no tag.
func namedWords(name string, value []byte) string {
	switch name {
	case nameStatus:
		if len(value) != 2 {
			return ""
		}
		return StatusText(apdu.SW(binary.BigEndian.Uint16(value)))
	case nameTag:
		if len(value) != 2 {
			return ""
		}
		return tagName(tlv.Tag(binary.BigEndian.Uint16(value)), dataGrammar, payment)
	case nameLe:
		return lengthWords(value)
	case nameSelectionControl:
		return selectionWords(value[0])
	case nameFileOccurrence:
		return occurrenceWords(value[0])
	case nameRecordReference:
		return recordWords(value[0])
	case nameCryptogramControl:
		return cryptogramControlWords(value[0])
	case namePINQualifier:
		return map[byte]string{
			0x00: "as the card knows", 0x80: "plaintext PIN", 0x88: "enciphered PIN",
		}[value[0]]
	case nameReferenceData:
		return fmt.Sprintf("reference data %d", value[0]&0x1F)
	default:
		return ownWords(name, value)
	}
}

// lengthWords returns the Ne that Le codes: 00 is the most that its form can.
func lengthWords(le []byte) string {
	switch {
	case len(le) == 1 && le[0] == 0:
		return strconv.Itoa(apdu.MaxShortNe)
	case len(le) > 1 && le[len(le)-1] == 0 && le[len(le)-2] == 0:
		return strconv.Itoa(apdu.MaxNe)
	default:
		return number(le)
	}
}

// selectionWords explains SELECT's P1 (ISO/IEC 7816-4:2005, 7.1.1, table 39).
func selectionWords(p1 byte) string {
	switch p1 {
	case 0x00:
		return "by file identifier"
	case 0x01:
		return "child DF"
	case 0x02:
		return "EF under the current DF"
	case 0x03:
		return "parent DF"
	case 0x04:
		return "by DF name"
	case 0x08:
		return "by path from the MF"
	case 0x09:
		return "by path from the current DF"
	default:
		return ""
	}
}

// occurrenceWords explains SELECT's P2 (ISO/IEC 7816-4:2005, 7.1.1, table 40).
func occurrenceWords(p2 byte) string {
	occurrence := [4]string{
		"first or only occurrence", "last occurrence", "next occurrence", "previous occurrence",
	}[p2&0x03]
	return occurrence + [4]string{"", ", answer FCP", ", answer FMD", ", no answer"}[p2>>2&0x03]
}

// recordWords explains READ RECORD's P2 (EMV 4.3 Book 3, 6.5.11.2).
func recordWords(p2 byte) string {
	if p2&0x07 != 0x04 {
		return fmt.Sprintf("SFI %d", p2>>3)
	}
	return fmt.Sprintf("SFI %d, the record that P1 numbers", p2>>3)
}

// cryptogramControlWords explains GENERATE AC's P1 (EMV 4.3 Book 3, table 12).
func cryptogramControlWords(p1 byte) string {
	if p1&0x10 != 0 {
		return cryptogramType(p1) + ", with a CDA signature"
	}
	return cryptogramType(p1)
}

// priorityWords explains the application priority indicator (EMV 4.3 Book 1, table 48).
func priorityWords(b byte) string {
	words := "no priority"
	if n := b & 0x0F; n > 0 {
		words = fmt.Sprintf("priority %d", n)
	}
	if b&0x80 != 0 {
		words += ", cardholder confirmation required"
	}
	return words
}

// locatorWords explains the application file locator (EMV 4.3 Book 3, 10.2).
func locatorWords(value []byte) string {
	if len(value)%4 != 0 {
		return ""
	}
	var words []string
	for ; len(value) > 0; value = value[4:] {
		w := fmt.Sprintf("SFI %d, records %d to %d", value[0]>>3, value[1], value[2])
		if value[1] == value[2] {
			w = fmt.Sprintf("SFI %d, record %d", value[0]>>3, value[1])
		}
		if value[3] > 0 {
			w += fmt.Sprintf(" (%d signed)", value[3])
		}
		words = append(words, w)
	}
	return strings.Join(words, "; ")
}

// transactionWords explains the transaction type (ISO 8583:1987, the processing code's first two
// digits).
func transactionWords(b byte) string {
	switch b {
	case 0x00:
		return "purchase of goods or services"
	case 0x01:
		return "cash"
	case 0x09:
		return "purchase with cashback"
	case 0x20:
		return "refund"
	case 0x30, 0x31:
		return "balance inquiry"
	default:
		return ""
	}
}

// terminalWords explains the terminal type (EMV 4.3 Book 4, annex A1).
func terminalWords(b byte) string {
	operator := [4]string{"", "financial institution", "merchant", "cardholder"}[b>>4&0x03]
	if b>>4 > 3 || operator == "" || b&0x0F < 1 || b&0x0F > 6 {
		return ""
	}
	kind := [7]string{
		"", "online only", "offline with online capability", "offline only",
		"online only", "offline with online capability", "offline only",
	}[b&0x0F]
	if b&0x0F > 3 {
		return kind + ", unattended, " + operator
	}
	return kind + ", attended, " + operator
}

// cvmListWords explains the CVM list (EMV 4.3 Book 3, 10.5 and annex C3).
func cvmListWords(value []byte) string {
	if len(value) < 8 || len(value)%2 != 0 {
		return ""
	}
	var words []string
	x, y := binary.BigEndian.Uint32(value), binary.BigEndian.Uint32(value[4:])
	if x != 0 || y != 0 {
		words = append(words, fmt.Sprintf("X is %d.%02d, Y is %d.%02d", x/100, x%100, y/100, y%100))
	}
	for rule := value[8:]; len(rule) > 0; rule = rule[2:] {
		w := cvmMethod(rule[0]) + ", " + cvmCondition(rule[1])
		if rule[0]&0x40 != 0 {
			w += ", else the next rule"
		}
		words = append(words, w)
	}
	return strings.Join(words, "; ")
}

// cvmMethod returns a cardholder verification method by its code's six low bits.
func cvmMethod(b byte) string {
	method := [64]string{
		0x00: "fail CVM processing", 0x01: "plaintext PIN verified by ICC",
		0x02: "enciphered PIN verified online",
		0x03: "plaintext PIN verified by ICC and signature",
		0x04: "enciphered PIN verified by ICC",
		0x05: "enciphered PIN verified by ICC and signature",
		0x1E: "signature", 0x1F: "no CVM required", 0x3F: "no CVM performed",
	}[b&0x3F]
	if method == "" {
		return fmt.Sprintf("method %02X", b&0x3F)
	}
	return method
}

// cvmCondition returns when a rule applies.
func cvmCondition(b byte) string {
	if int(b) < 10 {
		return [10]string{
			"always", "if unattended cash",
			"if not unattended cash, manual cash or purchase with cashback",
			"if the terminal supports it", "if manual cash", "if purchase with cashback",
			"if under X", "if over X", "if under Y", "if over Y",
		}[b]
	}
	return fmt.Sprintf("condition %02X", b)
}

// cvmOutcome returns the third byte of the CVM results.
func cvmOutcome(b byte) string {
	if b < 3 {
		return [3]string{"unknown", "failed", "successful"}[b]
	}
	return fmt.Sprintf("result %02X", b)
}

// algorithmWords explains the algorithms of GET DATA DF01 (PROTOCOL.md).
func algorithmWords(value []byte) string {
	if len(value) != 2 {
		return ""
	}
	var words []string
	for i, name := range [...]string{"ECDSA", "ECDH", "AES-CBC", "AES-CMAC"} {
		if value[1]&(1<<i) != 0 {
			words = append(words, name)
		}
	}
	return strings.Join(words, "; ")
}

// ownWords explains the coded values of our own application.
func ownWords(name string, value []byte) string {
	var words []string
	for _, b := range value {
		w := stateWords(name, b)
		if w == "" {
			w = fmt.Sprintf("%02X", b)
		}
		words = append(words, w)
	}
	return strings.Join(words, ", ")
}

// stateWords explains one byte.
func stateWords(name string, b byte) string {
	switch name {
	case nameLifeCycle:
		return map[wire.LifeCycle]string{
			wire.LifeCycleSelectable: "SELECTABLE", wire.LifeCyclePersonalized: "PERSONALIZED",
		}[wire.LifeCycle(b)]
	case nameLaunchPolicy:
		return map[wire.LaunchPolicy]string{
			wire.LaunchLocal: "local", wire.LaunchBank: "bank",
		}[wire.LaunchPolicy(b)]
	case nameCardKind:
		return kindWords(b)
	case nameTokenState, nameTokenKind, nameTokenFlags, nameArmFlags:
		return tokenWords(name, b)
	case nameKindAndSlot:
		return fmt.Sprintf("%s, TID slot %d", kindWords(b>>4), b&0x0F)
	case nameUser, nameReferenceStored, nameLaunched:
		return map[byte]string{0: "no", 1: "yes"}[b]
	case nameBankSlots:
		return map[wire.SlotState]string{
			wire.AccountEmpty: "EMPTY", wire.AccountOpen: "OPEN", wire.AccountRequested: "REQUESTED",
			wire.AccountReplied: "REPLIED", wire.AccountKeysSent: "KEYS SENT",
			wire.AccountGranted: "GRANTED", wire.AccountClosed: "CLOSED",
		}[wire.SlotState(b)]
	case nameTIDSlots:
		return map[wire.SlotState]string{
			wire.TIDEmpty: "EMPTY", wire.TIDRegistering: "REGISTERING", wire.TIDReplied: "REPLIED",
			wire.TIDBinfoMade: "BINFO MADE", wire.TIDInfoMade: "INFO MADE", wire.TIDActive: "ACTIVE",
			wire.TIDClosed: "CLOSED",
		}[wire.SlotState(b)]
	case nameCardSlots:
		return map[wire.SlotState]string{
			wire.CardEmpty: "EMPTY", wire.CardRequested: "REQUESTED", wire.CardReady: "READY",
			wire.CardSpent: "SPENT",
		}[wire.SlotState(b)]
	case nameArming:
		return map[wire.ArmState]string{
			wire.ArmNone: "NONE", wire.ArmReady: "READY", wire.ArmBound: "BOUND",
		}[wire.ArmState(b)]
	case nameCertificateType:
		return certificateWords(wire.MessageType(b))
	default:
		return ""
	}
}

// kindWords names a card's kind.
func kindWords(b byte) string {
	return map[wire.CardKind]string{
		wire.CardOneShow: "one-show", wire.CardUntilExpiry: "until expiry",
	}[wire.CardKind(b)]
}

// certificateWords says what a compact certificate certifies.
func certificateWords(t wire.MessageType) string {
	return map[wire.MessageType]string{
		wire.CertSE: "secure element", wire.CertUser: "user", wire.CertBankSign: "bank, signing",
		wire.CertBankKEM: "bank, KEM", wire.CertTSMSign: "TSM, signing", wire.CertTSMKEM: "TSM, KEM",
		wire.CertTSMEpoch: "TSM, epoch",
		wire.CertMerchant: "merchant",
	}[t]
}
