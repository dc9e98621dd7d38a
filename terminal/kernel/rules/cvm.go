package rules

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrCVMList means that bytes aren't a list of cardholder verification methods.
var ErrCVMList = errors.New("not a CVM list")

// Method is a cardholder verification method (EMV 4.3 Book 3, annex C3, first byte, bits 6 to 1).
type Method byte

// The methods.
const (
	FailCVM                Method = 0x00
	PlainPIN               Method = 0x01 // checked by the card
	OnlinePINMethod        Method = 0x02
	PlainPINSignature      Method = 0x03
	EncipheredPIN          Method = 0x04
	EncipheredPINSigned    Method = 0x05
	Signature              Method = 0x1E
	NoCVM                  Method = 0x1F
	methodMask             byte   = 0x3F
	orNext                 byte   = 0x40 // if it fails, the next rule is tried
	noneApplied            byte   = 0x3F
	conditionAlways        byte   = 0x00
	conditionUnattended    byte   = 0x01
	conditionNotCash       byte   = 0x02
	conditionSupported     byte   = 0x03
	conditionManualCash    byte   = 0x04
	conditionCashback      byte   = 0x05
	conditionUnderX        byte   = 0x06
	conditionOverX         byte   = 0x07
	conditionUnderY        byte   = 0x08
	conditionOverY         byte   = 0x09
	resultUnknown          byte   = 0x00
	resultFailed           byte   = 0x01
	resultSuccessful       byte   = 0x02
	cvmHead, cvmRule, most        = 8, 2, 252
)

// CVMRule is one rule of a list.
type CVMRule struct {
	Code      byte // the method, and whether the next rule is tried if it fails
	Condition byte
}

// Method returns the rule's method.
func (r CVMRule) Method() Method { return Method(r.Code & methodMask) }

// OrNext says whether the next rule is tried if this one fails.
func (r CVMRule) OrNext() bool { return r.Code&orNext != 0 }

// CVMList is what a card wants of its cardholder (tag 8E; Book 3, 10.5). X and Y are minor units of
// the card's currency.
type CVMList struct {
	X, Y  uint32
	Rules []CVMRule
}

// ParseCVMList reads X [4] || Y [4] || rules [2 each], 8 to 252 bytes. An error wraps [ErrCVMList]:
// a rule that is cut off. A list without rules is one, by which nobody is verified.
func ParseCVMList(b []byte) (CVMList, error) {
	if len(b) < cvmHead || len(b) > most || len(b)%cvmRule != 0 {
		return CVMList{}, fmt.Errorf("%w: %d bytes", ErrCVMList, len(b))
	}
	list := CVMList{X: binary.BigEndian.Uint32(b), Y: binary.BigEndian.Uint32(b[4:])}
	for rest := b[cvmHead:]; len(rest) > 0; rest = rest[cvmRule:] {
		list.Rules = append(list.Rules, CVMRule{Code: rest[0], Condition: rest[1]})
	}
	return list, nil
}

// Purchase is what the conditions of a list ask about.
type Purchase struct {
	Amount uint64 // authorised: 9F02, minor units, cashback included
	// InCardCurrency says that the transaction's currency is the card's (9F42): only then X and Y
	// mean anything.
	InCardCurrency bool
	Unattended     bool // the terminal
	Cash           bool // is dispensed
	ManualCash     bool // by a person
	Cashback       bool
}

// Outcome is how a method ended.
type Outcome byte

// The outcomes of a method.
const (
	Done      Outcome = iota // the cardholder is verified
	Unsure                   // nobody knows yet: a signature, a PIN that the issuer checks
	Failed                   // it was tried
	NoPad                    // a PIN is needed, and there is no pad, or it is broken
	NotGiven                 // the pad is there, and no PIN was entered
	TriesUsed                // the card takes no PIN any more
)

// Verifier is what a terminal can do to verify a cardholder.
type Verifier interface {
	// Supports says whether the terminal's capabilities (9F33) have a method.
	Supports(m Method) bool
	// Verify has a person do it.
	Verify(m Method) Outcome
}

// CVMResults are what is told of the verification (tag 9F34; EMV 4.3 Book 4, 6.3.4.5): method,
// condition, result.
type CVMResults [3]byte

// CVMStep is one rule of a list that was looked at.
type CVMStep struct {
	Rule  CVMRule
	Holds bool // its condition
	Tried bool // its method: the terminal knows and has it
	// Result is the third byte of the CVM results, if it was tried: 0 unknown, 1 failed, 2
	// successful.
	Result byte
	Set    TVR // what it set
}

// Cardholder walks a list (10.5): the first rule whose condition holds and whose method is known is
// tried; another one only if that says so. It is for a card whose AIP asks for verification: one
// without a list, or without a rule in it, lacks data (7.5), and nothing was performed. The steps
// are the rules that were looked at, in order.
func Cardholder(list *CVMList, p Purchase, by Verifier) (CVMResults, TVR, []CVMStep) {
	results := CVMResults{noneApplied, 0, resultFailed}
	if list == nil || len(list.Rules) == 0 {
		return CVMResults{noneApplied, 0, resultUnknown}, of(DataMissing), nil
	}
	var tvr TVR
	var steps []CVMStep
	for _, rule := range list.Rules {
		step := CVMStep{Rule: rule, Holds: list.holds(rule, p, by)}
		if step.Holds {
			step.Result, step.Tried = attempt(rule, by, &step.Set)
		}
		steps = append(steps, step)
		tvr.Join(step.Set)
		if step.Tried {
			results = CVMResults{rule.Code, rule.Condition, step.Result}
			if step.Result != resultFailed {
				return results, tvr, steps
			}
		}
		if step.Holds && (!rule.OrNext() || rule.Method() == FailCVM) {
			break
		}
	}
	tvr.Set(NotVerified)
	return results, tvr, steps
}

// attempt tries a rule's method. known is false for one that is no method, or that the terminal
// doesn't have.
func attempt(rule CVMRule, by Verifier, tvr *TVR) (result byte, known bool) {
	m := rule.Method()
	switch {
	case m == FailCVM:
		return resultFailed, true
	case m == NoCVM && by.Supports(m):
		return resultSuccessful, true
	case !m.isKnown():
		tvr.Set(UnknownMethod)
		return 0, false
	case !by.Supports(m):
		if m.lacksPad(by) {
			tvr.Set(NoPINPad)
		}
		return 0, false
	}
	switch outcome := by.Verify(m); outcome {
	case Done:
		return resultSuccessful, true
	case Unsure:
		if m == OnlinePINMethod {
			tvr.Set(OnlinePIN)
		}
		return resultUnknown, true
	case NoPad:
		tvr.Set(NoPINPad)
	case NotGiven:
		tvr.Set(PINNotEntered)
	case TriesUsed:
		tvr.Set(PINTriesUsed)
	case Failed:
	default:
	}
	return resultFailed, true
}

func (m Method) isKnown() bool {
	return m <= EncipheredPINSigned || m == Signature || m == NoCVM
}

// lacksPad says whether a method that a terminal doesn't have is missing because there is no PIN
// pad for it (10.5): the terminal has no online PIN, or no form of offline PIN at all.
func (m Method) lacksPad(by Verifier) bool {
	switch m {
	case OnlinePINMethod:
		return true
	case PlainPIN, PlainPINSignature, EncipheredPIN, EncipheredPINSigned:
		return !by.Supports(PlainPIN) && !by.Supports(EncipheredPIN)
	case FailCVM, Signature, NoCVM:
		return false
	default:
		return false
	}
}

// holds says whether a rule's condition does (annex C3, second byte). One that isn't known doesn't.
func (l CVMList) holds(rule CVMRule, p Purchase, by Verifier) bool {
	switch rule.Condition {
	case conditionAlways:
		return true
	case conditionUnattended:
		return p.Unattended && p.Cash
	case conditionNotCash:
		return !p.Cash && !p.ManualCash && !p.Cashback
	case conditionSupported:
		return by.Supports(rule.Method())
	case conditionManualCash:
		return p.ManualCash
	case conditionCashback:
		return p.Cashback
	default:
		return p.InCardCurrency && l.amountHolds(rule.Condition, p.Amount)
	}
}

// amountHolds says whether a condition on the amount does.
func (l CVMList) amountHolds(condition byte, amount uint64) bool {
	switch condition {
	case conditionUnderX:
		return amount < uint64(l.X)
	case conditionOverX:
		return amount > uint64(l.X)
	case conditionUnderY:
		return amount < uint64(l.Y)
	case conditionOverY:
		return amount > uint64(l.Y)
	default:
		return false
	}
}
