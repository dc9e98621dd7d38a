package wire

import "fmt"

// LifeCycle is the state of the management application (GlobalPlatform Card Specification 2.3.1,
// 5.3.1, application life cycle).
type LifeCycle byte

// The life cycle states in use.
const (
	// LifeCycleSelectable: installed, without keys.
	LifeCycleSelectable LifeCycle = 0x07
	// LifeCyclePersonalized: CA key, SE certificate and pairing key are in.
	LifeCyclePersonalized LifeCycle = 0x0F
)

// SlotState is the state of a bank account slot, a TSM account slot or a card slot.
type SlotState byte

// States of a bank account slot, in the order of phases 0 to 2.
const (
	// AccountEmpty: nothing there.
	AccountEmpty SlotState = 0x00
	// AccountOpen: K_B,U is agreed.
	AccountOpen SlotState = 0x01
	// AccountRequested: message 1 was made.
	AccountRequested SlotState = 0x02
	// AccountReplied: message 2 was accepted, the account's keys exist.
	AccountReplied SlotState = 0x03
	// AccountKeysSent: message 3 was made.
	AccountKeysSent SlotState = 0x04
	// AccountGranted: message 4 was accepted; the bank account ID is usable.
	AccountGranted SlotState = 0x05
	// AccountClosed: the bank account ID is given up; as AccountOpen, a new one can be asked for.
	AccountClosed SlotState = 0x06
)

// States of a TSM account slot, in the order of phase 3.
const (
	// TIDEmpty: nothing there.
	TIDEmpty SlotState = 0x00
	// TIDRegistering: message 1 was made.
	TIDRegistering SlotState = 0x01
	// TIDReplied: message 2 was accepted, K_TID,TSM is agreed.
	TIDReplied SlotState = 0x02
	// TIDBinfoMade: the inner part of BINFO was made.
	TIDBinfoMade SlotState = 0x03
	// TIDInfoMade: TSMINFO was made.
	TIDInfoMade SlotState = 0x04
	// TIDActive: AUTH was accepted; cards can be asked for.
	TIDActive SlotState = 0x05
	// TIDClosed: the account is given up; the slot is free, but still says so again.
	TIDClosed SlotState = 0x06
)

// States of a card slot.
const (
	// CardEmpty: nothing there.
	CardEmpty SlotState = 0x00
	// CardRequested: the card's key exists, its data doesn't.
	CardRequested SlotState = 0x01
	// CardReady: issued and unspent; until it expires, if it is of that kind.
	CardReady SlotState = 0x02
	// CardSpent: a one-show card whose PAN has been released, or may have been.
	CardSpent SlotState = 0x03
)

// States of a token slot.
const (
	// TokenEmpty: nothing there.
	TokenEmpty SlotState = 0x00
	// TokenBuilding: the token's key exists, its chain is under way.
	TokenBuilding SlotState = 0x01
	// TokenBuilt: the chain is whole.
	TokenBuilt SlotState = 0x02
	// TokenRequested: its signature was asked for.
	TokenRequested SlotState = 0x03
	// TokenReady: signed, and never shown.
	TokenReady SlotState = 0x04
	// TokenUsed: shown to a merchant, or may have been.
	TokenUsed SlotState = 0x05
	// TokenClosed: no unit more is given out; the slot says so again.
	TokenClosed SlotState = 0x06
)

// TokenKind says what a token is used for; its first payment decides.
type TokenKind byte

// The uses of a token.
const (
	// TokenUnused: no payment has used it.
	TokenUnused TokenKind = 0x00
	// TokenSpend: payments of whole intervals.
	TokenSpend TokenKind = 0x01
	// TokenMeter: one metering commitment, tick by tick.
	TokenMeter TokenKind = 0x02
)

// String returns the use's name: unused, spend or meter.
func (k TokenKind) String() string {
	switch k {
	case TokenUnused:
		return "unused"
	case TokenSpend:
		return "spend"
	case TokenMeter:
		return "meter"
	default:
		return fmt.Sprintf("token kind %02X", byte(k))
	}
}

// CardKind says how often a card may be shown. It is a part of the card's class.
type CardKind byte

// The kinds of card.
const (
	// CardOneShow: shown to one payment, then spent.
	CardOneShow CardKind = 0x00
	// CardUntilExpiry: shown to any number of payments, up to the class's limit in all.
	CardUntilExpiry CardKind = 0x01
)

// String returns the kind's name: one-show or until-expiry.
func (k CardKind) String() string {
	switch k {
	case CardOneShow:
		return "one-show"
	case CardUntilExpiry:
		return "until-expiry"
	default:
		return fmt.Sprintf("card kind %02X", byte(k))
	}
}

// ParseCardKind is the inverse of [CardKind.String], for the two kinds. It reports false for
// another name.
func ParseCardKind(name string) (CardKind, bool) {
	for _, k := range []CardKind{CardOneShow, CardUntilExpiry} {
		if name == k.String() {
			return k, true
		}
	}
	return 0, false
}

// ArmState is the state of the wallet's consent.
type ArmState byte

// The states of consent.
const (
	// ArmNone: GET PROCESSING OPTIONS is refused.
	ArmNone ArmState = 0x00
	// ArmReady: one tap may happen.
	ArmReady ArmState = 0x01
	// ArmBound: a tap has released a card; only the same merchant, number and amount go on.
	ArmBound ArmState = 0x02
)

// ArmFlags are conditions of the wallet's consent, bits of ARM's P1.
type ArmFlags byte

// The conditions.
const (
	// ArmMutual: the merchant authenticates before anything is shown that identifies card or token.
	ArmMutual ArmFlags = 0x01
	// ArmReuse: a token that was shown may pay the same merchant again.
	ArmReuse ArmFlags = 0x02
)

// ArmTarget says what an arming is bound to.
type ArmTarget byte

// What an arming can be bound to.
const (
	// ArmCard: a card slot.
	ArmCard ArmTarget = 0x00
	// ArmToken: a token slot.
	ArmToken ArmTarget = 0x01
)

// LaunchPolicy says what unlocks an SE in which a reference is stored.
type LaunchPolicy byte

// The launch policies.
const (
	// LaunchLocal: a quote over the SE's own nonce; nobody learns of it.
	LaunchLocal LaunchPolicy = 0x00
	// LaunchBank: the consent of the bank that signed the reference.
	LaunchBank LaunchPolicy = 0x01
)
