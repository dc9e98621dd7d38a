package shop

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"tapbench/backend/money"
)

// ErrOrder means that a line is no order. The text says what one is.
var ErrOrder = errors.New("not an order")

// Act is what an order wants.
type Act string

// The acts.
const (
	Pay    Act = "pay"    // take an amount from the next card
	Refund Act = "refund" // give a payment back, or a part of it
	Void   Act = "void"   // take the day's last payment back
	Close  Act = "close"  // close the day
	Echo   Act = "echo"   // ask whether the TSM is there
	Quit   Act = "quit"   // end the shop
)

// Order is one thing that the merchant wants.
type Order struct {
	Act    Act
	Amount money.Amount // of a payment, or of a refund: zero stands for all that is left
	RRN    string       // of a refund: the payment's reference number
}

// Help says what can be typed.
const Help = "12.50 takes a payment; refund RRN [AMOUNT]; void; close; echo; quit"

// ParseLine reads what was typed: an amount such as 12.50, or "refund RRN [AMOUNT]", "void",
// "close", "echo", "quit". Anything else is [ErrOrder].
func ParseLine(line string, currency money.Currency) (Order, error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return Order{}, fmt.Errorf("%w: %s", ErrOrder, Help)
	}
	d := document{Act: Act(words[0])}
	switch act := d.Act; {
	case act == Refund && (len(words) == 2 || len(words) == 3):
		d.RRN = words[1]
		if len(words) == 3 {
			d.Amount = words[2]
		}
	case len(words) > 1, act == Pay:
		return Order{}, fmt.Errorf("%w: %s", ErrOrder, Help)
	case act[0] >= '0' && act[0] <= '9':
		d.Act, d.Amount = Pay, words[0]
	}
	return d.order(currency)
}

// document is an order as a JSON object.
type document struct {
	Act    Act    `json:"do,omitempty"`
	Amount string `json:"amount,omitempty"`
	RRN    string `json:"rrn,omitempty"`
}

// ParseJSON reads a JSON object: {"amount":"12.50"}, {"do":"refund","rrn":"…","amount":"3.00"}, or
// {"do":"void"} and the like. Members that aren't known are refused. Anything else is [ErrOrder].
func ParseJSON(line []byte, currency money.Currency) (Order, error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	var d document
	if err := decoder.Decode(&d); err != nil {
		return Order{}, fmt.Errorf("%w: %w; send {\"amount\":\"12.50\"}", ErrOrder, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Order{}, fmt.Errorf("%w: something stands behind the object", ErrOrder)
	}
	if d.Act == "" {
		d.Act = Pay
	}
	return d.order(currency)
}

func (d document) order(currency money.Currency) (Order, error) {
	o := Order{Act: d.Act, RRN: d.RRN, Amount: money.Zero(currency)}
	takesRRN, takesAmount, needsAmount := false, false, false
	switch d.Act {
	case Pay:
		takesAmount, needsAmount = true, true
	case Refund:
		takesRRN, takesAmount = true, true
	case Void, Close, Echo, Quit:
	default:
		return Order{}, fmt.Errorf("%w: %.32q; %s", ErrOrder, string(d.Act), Help)
	}
	if (d.RRN != "") != takesRRN || d.Amount != "" && !takesAmount || d.Amount == "" && needsAmount {
		return Order{}, fmt.Errorf("%w: %s: an amount or reference number too much or missing",
			ErrOrder, d.Act)
	}
	if d.Amount == "" {
		return o, nil
	}
	amount, err := money.Parse(d.Amount, currency)
	if err != nil {
		return Order{}, fmt.Errorf("%w: %w", ErrOrder, err)
	}
	if amount.IsZero() {
		return Order{}, fmt.Errorf("%w: the amount is nothing", ErrOrder)
	}
	o.Amount = amount
	return o, nil
}
