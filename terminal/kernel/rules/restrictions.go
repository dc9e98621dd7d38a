package rules

import (
	"time"

	"tapbench/applet/emv"
)

// Service is what the cardholder asks for.
type Service byte

// The services. A terminal needn't know whether it sells goods or services.
const (
	Goods Service = iota // or services
	Cash
	NoService // such as a refund: a card says nothing of it
)

// Offered is what a card says about when and where it may be used. A nil element isn't on the card.
type Offered struct {
	Version   *[2]byte // 9F08
	Usage     *[2]byte // 9F07, application usage control
	Country   *[2]byte // 5F28, the issuer's; n3
	Effective *[3]byte // 5F25, YYMMDD
	Expires   [3]byte  // 5F24, YYMMDD: mandatory
}

// Asked is what the terminal is, and wants.
type Asked struct {
	Version  [2]byte // 9F09
	Country  [2]byte // 9F1A, n3
	ATM      bool
	Service  Service
	Cashback bool
	Date     time.Time // the terminal's
}

// The bits of the application usage control (EMV 4.3 Book 3, annex C2).
const (
	usageDomesticCash          = 0x80
	usageInternationalCash     = 0x40
	usageDomesticGoods         = 0x20
	usageInternationalGoods    = 0x10
	usageDomesticService       = 0x08
	usageInternationalService  = 0x04
	usageATM                   = 0x02
	usageOther                 = 0x01
	usageDomesticCashback      = 0x80 // byte 2
	usageInternationalCashback = 0x40
)

// Restrictions are the processing restrictions (10.4): version, usage, dates.
func Restrictions(card Offered, t Asked) (tvr TVR) {
	if card.Version != nil && *card.Version != t.Version {
		tvr.Set(OtherVersion)
	}
	if card.Usage != nil && !mayBeUsed(card, t) {
		tvr.Set(NotAllowed)
	}
	if card.Effective != nil {
		if day, err := emv.ParseCardDate(*card.Effective); err != nil || today(t.Date).Before(day) {
			tvr.Set(NotYetEffective)
		}
	}
	if day, err := emv.ParseCardDate(card.Expires); err != nil || today(t.Date).After(day) {
		tvr.Set(Expired)
	}
	return tvr
}

// mayBeUsed checks the usage control (10.4.2). Domestic or not can be said only with the issuer's
// country; without it only the kind of terminal counts.
func mayBeUsed(card Offered, t Asked) bool {
	usage := *card.Usage
	terminal := byte(usageOther)
	if t.ATM {
		terminal = usageATM
	}
	if usage[0]&terminal == 0 {
		return false
	}
	if card.Country == nil {
		return true
	}
	service, cashback := serviceBits(t.Service, *card.Country == t.Country)
	return (service == 0 || usage[0]&service != 0) && (!t.Cashback || usage[1]&cashback != 0)
}

// serviceBits returns the bits of which one must be set: for a purchase that of goods or that of
// services will do. No bit: nothing is asked of the card.
func serviceBits(s Service, domestic bool) (service, cashback byte) {
	at := func(home, abroad byte) byte {
		if domestic {
			return home
		}
		return abroad
	}
	cashback = at(usageDomesticCashback, usageInternationalCashback)
	switch s {
	case Cash:
		return at(usageDomesticCash, usageInternationalCash), cashback
	case Goods:
		return at(usageDomesticGoods|usageDomesticService,
			usageInternationalGoods|usageInternationalService), cashback
	case NoService:
		return 0, cashback
	default:
		return 0, cashback
	}
}

// today is a day without its time.
func today(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
