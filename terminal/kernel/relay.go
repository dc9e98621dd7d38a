package kernel

import (
	"context"
	"errors"
	"slices"

	"tapbench/applet/emv"
	"tapbench/pcsc/apdu"
	"tapbench/terminal/kernel/relay"
	"tapbench/terminal/kernel/rules"
)

// exchangeRelay measures how far away the card is, before anything that identifies it is shown.
func (t *transaction) exchangeRelay(ctx context.Context) error {
	err := t.measure(ctx, t.config.Relay.Mode == relay.Required)
	switch far := new(relay.FarError); {
	case errors.As(err, &far):
		t.out.Far = far
		t.decline(TooFar)
		return nil
	case errors.Is(err, relay.ErrNotOffered):
		t.decline(NoRelay)
		return nil
	default:
		return err
	}
}

// measureOffline is exchangeRelay of a payment by token. An exchange that finds the card near is
// kept, because the card's statement may be of an earlier tap. All cards that hold tokens take
// part, and nothing that the terminal can verify covers the AIP: one that doesn't is refused unless
// the measurement is off.
func (t *offlineTap) measureOffline(ctx context.Context) error {
	err := t.measure(ctx, true)
	if errors.Is(err, relay.ErrFar) || errors.Is(err, relay.ErrNotOffered) {
		far := new(relay.FarError)
		if errors.As(err, &far) {
			err = far
		}
		t.outcome.Result, t.outcome.Refused = Declined, err
		return nil
	}
	if err == nil && !t.data.relay.IsZero() {
		t.outcome.Near = append(slices.Clip(t.terms.Near), t.data.relay)
	}
	return err
}

// checkProof declines a token whose statement isn't about an exchange that was measured: what stood
// near the terminal answered, and the card is somewhere else. GENERATE AC isn't sent any more.
func (t *offlineTap) checkProof() {
	measured := !t.data.relay.IsZero()
	if measured && !slices.Contains(t.outcome.Near, t.record.Relay) {
		t.outcome.Result, t.outcome.Refused = Declined, relay.ErrNotProven
	}
}

// measure exchanges relay resistance data until the card is found near, as often as it takes part.
// A [relay.FarError] is a refusal, and if the card must take part [relay.ErrNotOffered].
func (t *transaction) measure(ctx context.Context, must bool) error {
	if t.config.Relay.Mode == relay.Off {
		return nil
	}
	tvr := (*rules.TVR)(&t.terminal.TVR)
	if t.data.options.AIP[1]&emv.AIPRelay == 0 {
		tvr.Set(rules.RelayNotPerformed)
		if must {
			return relay.ErrNotOffered
		}
		return nil
	}
	return t.step(StepRelay, func() error {
		for try := 1; ; try++ {
			verdict, err := t.exchangeOnce(ctx)
			switch {
			case err != nil:
				return err
			case verdict.Soon(), verdict.Far() && try == relay.Tries:
				return &relay.FarError{Verdict: verdict, Tries: try}
			case verdict.Far():
				continue
			case verdict.Inexact:
				tvr.Set(rules.RelayInexact)
			}
			tvr.Set(rules.RelayPerformed)
			return nil
		}
	})
}

// exchangeOnce measures the card once.
func (t *transaction) exchangeOnce(ctx context.Context) (relay.Verdict, error) {
	said, verdict, err := relay.Meter{
		Limits: t.config.Relay.Limits, Now: t.config.Now, Rand: t.config.Rand,
		Send: func(c apdu.Command) ([]byte, error) { return t.exchange(ctx, c) },
	}.Exchange()
	if malformed := new(relay.AnswerError); errors.As(err, &malformed) {
		return relay.Verdict{}, badData(malformed.Err)
	}
	if err != nil {
		return relay.Verdict{}, err
	}
	t.data.relay = said
	return verdict, nil
}
