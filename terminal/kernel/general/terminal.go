package general

import "tapbench/terminal/kernel/rules"

// nowhere is the reach of a terminal type that isn't one.
const nowhere rules.Reach = 0xFF

// reach says where a terminal asks, by its type's second digit (EMV 4.3 Book 4, annex A1, table
// 24).
func (t Terminal) reach() rules.Reach {
	switch t.Type {
	case 0x11, 0x14, 0x21, 0x24, 0x34:
		return rules.OnlineOnly
	case 0x12, 0x15, 0x22, 0x25, 0x35:
		return rules.Either
	case 0x13, 0x16, 0x23, 0x26, 0x36:
		return rules.OfflineOnly
	default:
		return nowhere
	}
}

// unattended says that nobody of the merchant's is there: the second digit is 4 to 6.
func (t Terminal) unattended() bool { return t.Type&0x0F >= 4 }

// additional byte 1: what kinds of transactions there are (annex A3, table 28).
const canCash = 0x80

// atm says whether the terminal is an automated teller machine: a bank's, unattended, that
// dispenses cash (Book 4, annex A1).
func (t Terminal) atm() bool {
	return t.Type >= 0x14 && t.Type <= 0x16 && t.Additional[0]&canCash != 0
}

// Capabilities, byte 2 (annex A2, table 26).
const (
	canPlainPIN     = 0x80
	canOnlinePIN    = 0x40
	canSignature    = 0x20
	canEnciphered   = 0x10
	canVerifyNobody = 0x08
)

// Capabilities, byte 3 (annex A2, table 27).
const (
	canSDA = 0x80
	canDDA = 0x40
	canCDA = 0x08
)

// supports says whether the capabilities have a way to verify the cardholder.
func (t Terminal) supports(m rules.Method) bool {
	has := func(bits byte) bool { return t.Capabilities[1]&bits == bits }
	switch m {
	case rules.FailCVM:
		return true
	case rules.PlainPIN:
		return has(canPlainPIN)
	case rules.OnlinePINMethod:
		return has(canOnlinePIN)
	case rules.PlainPINSignature:
		return has(canPlainPIN | canSignature)
	case rules.EncipheredPIN:
		return has(canEnciphered)
	case rules.EncipheredPINSigned:
		return has(canEnciphered | canSignature)
	case rules.Signature:
		return has(canSignature)
	case rules.NoCVM:
		return has(canVerifyNobody)
	default:
		return false
	}
}
