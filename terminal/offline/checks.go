package offline

import (
	"fmt"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
)

// skew is how far the terminal's clock may be behind the TSM's: as far as behind the element's.
const skew = wire.ClockSkew * time.Second

// Check is one check of an answer.
type Check struct {
	Name     string
	Refusals []error // the errors that it can give

	holds func(*trial) error
}

// Checks returns all checks in the order in which they are made: what costs nothing first, the two
// signatures late, and the table of seen tokens last, so that a suspicion of double spending rests
// on two valid signatures.
func Checks() []Check {
	return []Check{
		{"version", []error{ErrVersion}, (*trial).version},
		{"issuer", []error{ErrIssuer}, (*trial).issuer},
		{"unit", []error{ErrUnit}, (*trial).unit},
		{"length", []error{ErrLength}, (*trial).length},
		{"epoch", []error{ErrExpired, ErrClock}, (*trial).epoch},
		{"currency", []error{ErrCurrency}, (*trial).currency},
		{"interval", []error{ErrInterval}, (*trial).interval},
		{"amount", []error{ErrAmount}, (*trial).worthIt},
		{"limits", []error{ErrPerTap, ErrPerToken}, (*trial).limits},
		{"deny list", []error{ErrDenyList, ErrDenied}, (*trial).denied},
		{"chain", []error{ErrChain}, (*trial).chain},
		{"token", []error{ErrToken}, (*trial).signedByTSM},
		{"statement", []error{ErrStatement}, (*trial).signedByCard},
		{"seen", []error{ErrReplay, ErrDoubleSpend, ErrReuse}, (*trial).unseen},
	}
}

func (t *trial) version() error {
	if v := t.a.Token.Fields.Version; v != message.TokenVersion {
		return fmt.Errorf("%w: %d, want %d", ErrVersion, v, message.TokenVersion)
	}
	return nil
}

func (t *trial) issuer() error {
	if id := t.a.Token.Fields.Issuer; t.issuers[id] == nil {
		return fmt.Errorf("%w: %.8q", ErrIssuer, id[:])
	}
	return nil
}

func (t *trial) unit() error {
	unit := t.a.Token.Fields.Unit
	if !token.KnownClass(unit) {
		return fmt.Errorf("%w: %d is no class", ErrUnit, unit)
	}
	if t.q.Unit != 0 && unit != t.q.Unit {
		return fmt.Errorf("%w: %d, a tick is %d", ErrUnit, unit, t.q.Unit)
	}
	return nil
}

func (t *trial) length() error {
	if n := t.a.Token.Fields.Length; n < 1 || n > wire.TokenUnits {
		return fmt.Errorf("%w: %d units, 1 to %d", ErrLength, n, wire.TokenUnits)
	}
	return nil
}

// epoch compares the token's epoch with the terminal's time. A token is issued in the epoch before
// its last one, as cards are; so one whose issue lies ahead shows that the clock is behind.
func (t *trial) epoch() error {
	last, now := t.a.Token.Fields.Epoch, message.EpochAt(t.now())
	if last < now {
		return fmt.Errorf("%w: with epoch %d, by the clock it is %d", ErrExpired, last, now)
	}
	if latest := message.CardExpiry(message.EpochAt(t.now().Add(skew))); last > latest {
		return fmt.Errorf("%w: it is good until epoch %d, now issued are those until %d", ErrClock,
			last, latest)
	}
	return nil
}

func (t *trial) currency() error {
	if c := t.a.Token.Fields.Policy.Currency; c != t.q.Currency {
		return fmt.Errorf("%w: %x, want %x", ErrCurrency, c, t.q.Currency)
	}
	return nil
}

func (t *trial) interval() error {
	if !t.a.interval().Within(t.a.Token.Fields.Length) {
		return fmt.Errorf("%w: from %d to %d of %d", ErrInterval, t.a.From, t.a.To,
			t.a.Token.Fields.Length)
	}
	return nil
}

func (t *trial) worthIt() error {
	if worth := t.worth(t.a.interval()); worth != t.q.Amount {
		return fmt.Errorf("%w: %d units of %d make %d, want %d", ErrAmount,
			t.a.interval().Units(), t.a.Token.Fields.Unit, worth, t.q.Amount)
	}
	return nil
}

func (t *trial) limits() error {
	policy := t.a.Token.Fields.Policy
	if t.q.Amount > uint64(policy.PerTap) {
		return fmt.Errorf("%w: %d, at most %d", ErrPerTap, t.q.Amount, policy.PerTap)
	}
	if sum := t.worth(token.Interval{To: t.a.To}); sum > uint64(policy.PerToken) {
		return fmt.Errorf("%w: %d, at most %d", ErrPerToken, sum, policy.PerToken)
	}
	return nil
}

func (t *trial) denied() error {
	if err := t.config.Denied.Usable(t.q.Time); err != nil {
		return fmt.Errorf("%w: %w", ErrDenyList, err)
	}
	if t.config.Denied.Contains(t.id) {
		return fmt.Errorf("%w: %x", ErrDenied, t.id[:8])
	}
	return nil
}

// chain walks from the shown value to the token's root. A metering commitment shows no value.
func (t *trial) chain() error {
	if t.q.Unit != 0 {
		return nil
	}
	if err := token.CheckValue(t.a.Token.Fields, int(t.a.To), t.a.Value); err != nil {
		return fmt.Errorf("%w: %w", ErrChain, err)
	}
	return nil
}

func (t *trial) signedByTSM() error {
	key := t.issuers[t.a.Token.Fields.Issuer]
	if err := message.VerifyParsed(key, t.id, t.a.Token.Signature); err != nil {
		return fmt.Errorf("%w: %w", ErrToken, err)
	}
	return nil
}

func (t *trial) signedByCard() error {
	if err := message.Verify(t.a.Token.Fields.Key, t.digest, t.a.Signature); err != nil {
		return fmt.Errorf("%w: %w", ErrStatement, err)
	}
	return nil
}

// unseen asks what was taken of this token before.
func (t *trial) unseen() error {
	taken := t.config.Seen.Taken(t.id)
	for _, earlier := range taken {
		if earlier.Statement == t.digest {
			return fmt.Errorf("%w: %x", ErrReplay, t.digest[:8])
		}
		if earlier.Interval.Overlaps(t.a.interval()) {
			return t.doubleSpend(earlier)
		}
	}
	if len(taken) > 0 && !t.config.Reuse {
		return fmt.Errorf("%w: token %x", ErrReuse, t.id[:8])
	}
	return nil
}

func (t *trial) doubleSpend(earlier Taken) error {
	e := &DoubleSpendError{Token: t.id, Earlier: earlier, Later: t.a.interval()}
	if t.q.Unit != 0 {
		e.Meter = &message.MeterClaim{
			Token: t.a.Token, Meter: t.meter(), Signature: t.a.Signature, To: t.a.From,
		}
	} else {
		e.Spend = &message.SpendClaim{Token: t.a.Token, Spend: t.spend(), Signature: t.a.Signature}
	}
	return e
}
