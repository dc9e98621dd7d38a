package offline

import (
	"errors"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/token"
)

// What can be wrong before a card is asked.
var (
	// ErrConfig means that a verifier lacks an issuer, a merchant, a certificate, a table of seen
	// tokens or a deny list.
	ErrConfig = errors.New("terminal isn't set up for offline payments")
	// ErrRequest means that the terminal asks for what no token pays: amount 0 or above n12, a tick
	// that is no unit class or doesn't divide the amount, or a metering's request for a payment.
	ErrRequest = errors.New("not an offline request")
)

// Why an answer is refused. Nothing was taken; take another card, or pay online.
var (
	// ErrVersion means that the token is of another version than [message.TokenVersion].
	ErrVersion = errors.New("token of another version")
	// ErrIssuer means that the terminal holds no key of the TSM that the token names.
	ErrIssuer = errors.New("token of an unknown issuer")
	// ErrUnit means that the token's unit is no class, or not the tick that was asked for.
	ErrUnit = errors.New("token's unit isn't one that pays this")
	// ErrLength means that the token has no unit, or more than wire.TokenUnits.
	ErrLength = errors.New("token has a length that no token has")
	// ErrClock means that by the terminal's clock the token hasn't been issued yet. Set the clock.
	ErrClock = errors.New("token isn't issued yet, by the terminal's clock")
	// ErrExpired means that the token's epoch has ended, by the terminal's clock.
	ErrExpired = errors.New("token has expired")
	// ErrCurrency means that the token is for another currency than the amount.
	ErrCurrency = errors.New("token is for another currency")
	// ErrPerTap means that the amount is above what the token's policy allows in one payment.
	ErrPerTap = errors.New("amount is above the token's limit per payment")
	// ErrPerToken means that the interval ends above what the policy allows from one token.
	ErrPerToken = errors.New("interval ends above the token's limit")
	// ErrInterval means that the interval is reversed or empty, or ends past the token.
	ErrInterval = errors.New("interval doesn't lie in the token")
	// ErrAmount means that the interval's units don't make the amount.
	ErrAmount = errors.New("interval isn't worth the amount")
	// ErrDenyList means that the terminal's deny list can't be used now, such as one that is too old.
	// Connect the terminal once.
	ErrDenyList = errors.New("terminal's deny list can't be used")
	// ErrDenied means that the token is on the deny list.
	ErrDenied = errors.New("token is denied")
	// ErrChain means that the shown value doesn't lead back to the token's root.
	ErrChain = errors.New("chain value isn't the token's")
	// ErrToken means that the issuer hasn't signed the token so.
	ErrToken = errors.New("token isn't its issuer's")
	// ErrStatement means that the token's key hasn't signed what the terminal asked for: this
	// merchant, certificate, amount or unit, currency, time and number, and this interval.
	ErrStatement = errors.New("card hasn't signed this payment")
	// ErrReplay means that this very statement was accepted before.
	ErrReplay = errors.New("payment was taken before")
	// ErrDoubleSpend means that the card has signed two different statements over one unit, both
	// valid: it is broken or cloned. It comes as a *[DoubleSpendError], which holds the proof.
	ErrDoubleSpend = errors.New("token pays twice with the same units")
	// ErrReuse means that other units of the token were taken before, and that the terminal wants a
	// token for one tap only.
	ErrReuse = errors.New("token was used here before")
)

// What can be wrong with a tick. The commitment stays as it was, with all earlier ticks.
var (
	// ErrTick means that the value isn't the next tick's. Ask the card again.
	ErrTick = errors.New("chain value isn't the next tick's")
	// ErrTicksEnd means that all units of the commitment are ticked.
	ErrTicksEnd = errors.New("metering commitment is used up")
	// ErrUnverified means that a value doesn't come from a [Verifier], or that nothing is ticked.
	ErrUnverified = errors.New("nothing verified to receipt")
)

// DoubleSpendError says which units a token has paid with twice. Both statements are valid; the
// later one is here, the earlier one is where the terminal keeps its claims. Together they convince
// anyone who knows the issuer's key.
type DoubleSpendError struct {
	Token   message.Hash // tokID
	Earlier Taken
	Later   token.Interval
	// Spend is the later statement, or nil if it is a metering commitment; then it is Meter, with no
	// tick: To is From.
	Spend *message.SpendClaim
	Meter *message.MeterClaim
}

// Error names token and intervals.
func (e *DoubleSpendError) Error() string {
	return fmt.Sprintf("%v: token %x, units %d to %d were taken, now %d to %d", ErrDoubleSpend,
		e.Token[:8], int(e.Earlier.Interval.From)+1, e.Earlier.Interval.To, int(e.Later.From)+1,
		e.Later.To)
}

// Is makes errors.Is(err, ErrDoubleSpend) true.
func (e *DoubleSpendError) Is(target error) bool { return target == ErrDoubleSpend }
