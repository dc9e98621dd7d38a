package general

import (
	"context"
	"errors"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/pcsc/apdu"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/relay"
	"tapbench/terminal/kernel/rules"
)

// resistRelay measures how far away a contactless card is, after GET PROCESSING OPTIONS and before
// any record (EMV Contactless Book C-2 2.6). What was exchanged is proven by CDA alone: a card that
// signs no cryptogram may have been answered for ([transaction.unprovenRelay]).
func (t *transaction) resistRelay(ctx context.Context) error {
	policy := t.config.Relay
	if !t.contactless() || policy == nil || policy.Mode == relay.Off {
		return nil
	}
	why := ""
	switch {
	case t.out.AIP[1]&emv.AIPRelay == 0:
		why = "card has no relay resistance"
	case t.fast != nil: // its cryptogram is made: nothing that is exchanged now could be signed
		why = "a fast card can't be measured"
	}
	if why != "" {
		t.mark(rules.RelayNotPerformed, clause.Contactless, why)
		if policy.Mode == relay.Required {
			t.code("Z1")
			t.end(outcome.Declined, clause.Contactless, "terminal declines: it requires relay resistance")
		}
		return nil
	}
	t.out.Trail.Measuring = true
	for try := 1; ; try++ {
		verdict, err := t.exchangeRelay(ctx)
		if err != nil {
			return err
		}
		t.out.Relay = &verdict
		switch {
		case verdict.Soon():
			return outcome.Terminatedf(clause.Contactless,
				"card answered within %s, and says that it can't before %s",
				relay.Milliseconds(verdict.Took), relay.Milliseconds(verdict.Least))
		case verdict.Far() && try < relay.Tries:
			continue
		}
		t.measured(verdict)
		return nil
	}
}

// measured writes down what the measurement has come to.
func (t *transaction) measured(v relay.Verdict) {
	t.out.Trail.Measuring = false
	t.mark(rules.RelayPerformed, clause.Contactless, "relay resistance was performed")
	if v.Inexact {
		t.mark(rules.RelayInexact, clause.Contactless, "relay resistance threshold exceeded")
	}
	if !v.Far() {
		return
	}
	t.mark(rules.RelayTooLate, clause.Contactless, fmt.Sprintf(
		"relay resistance time limits exceeded: card answered after %s, at most %s",
		relay.Milliseconds(v.Took), relay.Milliseconds(v.AtMost)))
	if t.config.Relay.Mode == relay.Required {
		t.code("Z1")
		t.end(outcome.Declined, clause.Contactless, "terminal declines: card is too far away")
	}
}

// unprovenRelay ends a payment that requires relay resistance with a card that was found near and
// won't sign what was exchanged: somebody near the terminal may have answered for it, and may have
// hidden that it could sign.
func (t *transaction) unprovenRelay(ask rules.Decision) bool {
	if t.auth.relay == nil || t.config.Relay.Mode != relay.Required || ask == rules.Decline ||
		t.combines(ask) {
		return false
	}
	t.code("Z1")
	t.end(outcome.Declined, clause.Contactless,
		"terminal declines: it requires relay resistance, which CDA alone proves")
	return true
}

// exchangeRelay measures the card once.
func (t *transaction) exchangeRelay(ctx context.Context) (relay.Verdict, error) {
	said, verdict, err := relay.Meter{
		Limits: t.config.Relay.Limits, Now: t.config.Now, Rand: t.config.Rand,
		Send: func(c apdu.Command) ([]byte, error) {
			return t.must(ctx, clause.Contactless, "EXCHANGE RELAY RESISTANCE DATA", c)
		},
	}.Exchange()
	if malformed := new(relay.AnswerError); errors.As(err, &malformed) {
		return relay.Verdict{}, outcome.Terminated(clause.Contactless,
			"relay resistance data are malformed", malformed.Err)
	}
	if err != nil {
		return relay.Verdict{}, err
	}
	t.auth.relay = emv.EncodeRelay(said)
	return verdict, nil
}
