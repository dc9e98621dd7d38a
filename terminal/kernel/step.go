package kernel

import (
	"context"
	"fmt"
	"time"

	"tapbench/pcsc/apdu"
)

// The steps of a payment, in their order.
const (
	StepPPSE         = "select PPSE"
	StepSelect       = "select application"
	StepGPO          = "get processing options"
	StepRelay        = "measure distance"
	StepMerchant     = "authenticate merchant"
	StepRecords      = "read records"
	StepAuthenticate = "authenticate card"
	StepCryptogram   = "generate AC, first"
	StepAuthorise    = "authorise"
	StepCompletion   = "generate AC, second"
	StepVerify       = "verify token"
	StepKeep         = "keep claim"
	StepTick         = "tick"
	StepReceipt      = "put receipt"
)

// Step is one act of a payment, as an observer is told it.
type Step struct {
	Name     string
	APDUs    int // exchanges with the card, 61xx and 6Cxx included
	Sent     int // bytes to the card
	Received int // bytes from the card
	Duration time.Duration
	Err      error // nil: the step did what it should
}

// step runs one act, tells the observer what it cost, and puts the step's name in front of its
// error.
func (t *transaction) step(name string, act func() error) error {
	apdus, sent, received := t.counter.APDUs, t.counter.Sent, t.counter.Received
	start := t.config.Now()
	err := act()
	if t.Observe != nil {
		t.Observe(Step{
			Name: name, Err: err, Duration: t.config.Now().Sub(start),
			APDUs:    t.counter.APDUs - apdus,
			Sent:     t.counter.Sent - sent,
			Received: t.counter.Received - received,
		})
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// exchange sends a command and returns the answer's data. A warning (62xx, 63xx) is a refusal here:
// no command of a payment has one that it could go on from.
func (t *transaction) exchange(ctx context.Context, c apdu.Command) ([]byte, error) {
	response, err := t.card.Exchange(ctx, c)
	if err != nil {
		return nil, err
	}
	if response.SW.IsWarning() {
		return nil, c.Refused(response.SW)
	}
	return response.Data, nil
}
