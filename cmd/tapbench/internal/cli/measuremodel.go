package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"tapbench/applet/emulator"
	"tapbench/applet/wire"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc/link"
)

// predicted is one command of a tap: what it takes on the model, beside the emulator.
type predicted struct {
	Name        string        `json:"name"`
	PredictedMS float64       `json:"predicted_ms"`
	MeasuredMS  float64       `json:"measured_ms"`
	Parts       link.Parts    `json:"parts"`
	Work        link.Work     `json:"work"`
	Sent        int           `json:"sent"`
	Received    int           `json:"received"`
	took        time.Duration // of the emulator
}

// prediction is what `measure tap --model` prints.
type prediction struct {
	Model string         `json:"model"`
	Rate  int            `json:"rate_kbit_s"`
	Taps  []predictedTap `json:"taps"`
	// Estimated says which of the card's figures aren't published.
	Estimated []string `json:"estimated,omitempty"`
}

// predictedTap is one kind of tap. Some have no goal.
type predictedTap struct {
	Name     string      `json:"name"`
	Commands []predicted `json:"commands"`
	Total    predicted   `json:"total"`
	GoalMS   float64     `json:"goal_ms,omitempty"`
	Holds    *bool       `json:"goal_holds,omitempty"`
}

// measureModel takes a payment of each kind in this process and predicts its time on a real card.
func measureModel(ctx context.Context, a *shell.App, model string, rate int, driver string) error {
	card, ok := link.CardNamed(model)
	if !ok {
		return shell.Usagef("--model %s isn't one of %s",
			model, strings.Join(device.ModelNames(), ", "))
	}
	channel, err := link.NewChannel(rate)
	if err != nil {
		return shell.Usagef("--rate %d isn't 106, 212 or 424: %w", rate, err)
	}
	taps, err := countKinds(ctx, a, driver)
	if err != nil {
		return err
	}
	p := prediction{Model: card.Name, Rate: channel.Rate, Estimated: card.Estimated}
	for _, tap := range taps {
		p.Taps = append(p.Taps, predict(card, channel, tap))
	}
	return a.Print(p, p.write)
}

// predict turns what a tap's commands cost into times.
func predict(card link.Card, channel link.Channel, tap costOfTap) predictedTap {
	p := predictedTap{Name: tap.name, GoalMS: inMS(tap.goal), Total: predicted{Name: "total"}}
	for _, cost := range tap.costs {
		c := predicted{
			Name: costName(cost), Work: cost.Work, took: cost.Took,
			Parts: link.Predict(card, channel, cost.Exchanges, cost.Work),
		}
		for _, e := range cost.Exchanges {
			c.Sent, c.Received = c.Sent+e.Sent, c.Received+e.Received
		}
		c.PredictedMS, c.MeasuredMS = inMS(c.Parts.Total()), inMS(c.took)
		p.Commands = append(p.Commands, c)
		p.Total.Parts.Add(c.Parts)
		p.Total.Work.Add(c.Work)
		p.Total.Sent, p.Total.Received = p.Total.Sent+c.Sent, p.Total.Received+c.Received
		p.Total.took += c.took
	}
	p.Total.PredictedMS, p.Total.MeasuredMS = inMS(p.Total.Parts.Total()), inMS(p.Total.took)
	if tap.goal > 0 {
		holds := p.Total.Parts.Total() <= tap.goal
		p.Holds = &holds
	}
	return p
}

// costName names a command in its standard's words.
func costName(c emulator.Cost) string {
	switch wire.INS(c.INS) {
	case wire.InsSelect:
		return "SELECT"
	case wire.InsGetProcessingOptions:
		return "GET PROCESSING OPTIONS"
	case wire.InsExchangeRelay:
		return "EXCHANGE RELAY DATA"
	case wire.InsExternalAuthenticate:
		return "EXTERNAL AUTHENTICATE"
	case wire.InsReadRecord:
		return fmt.Sprintf("READ RECORD %d", c.P1)
	case wire.InsGenerateAC:
		return "GENERATE AC"
	case wire.InsTick:
		return fmt.Sprintf("TICK %d", c.P1)
	case wire.InsPutData:
		return "PUT DATA"
	case wire.InsTokenNew:
		return "TOKEN NEW"
	case wire.InsTokenChain:
		return "TOKEN CHAIN"
	case wire.InsTokenRequest:
		return "TOKEN REQUEST"
	case wire.InsTokenPut:
		return "TOKEN PUT"
	default:
		return fmt.Sprintf("INS %02X", c.INS)
	}
}

// write prints the prediction as tables of milliseconds, one for each kind of tap.
func (p prediction) write(w io.Writer) {
	for _, tap := range p.Taps {
		tap.write(w)
	}
	_, _ = fmt.Fprintf(w, "%s at %d kbit/s\n", p.Model, p.Rate)
	for _, tap := range p.Taps {
		if tap.Holds == nil {
			continue
		}
		verdict := "holds"
		if !*tap.Holds {
			verdict = "does not hold"
		}
		_, _ = fmt.Fprintf(w, "%-15s %6.1f ms: the goal of %.0f ms %s\n", tap.Name,
			tap.Total.PredictedMS, tap.GoalMS, verdict)
	}
	for _, e := range p.Estimated {
		_, _ = fmt.Fprintf(w, "estimated: %s\n", e)
	}
}

func (t predictedTap) write(w io.Writer) {
	_, _ = fmt.Fprintf(w, "%-26s %9s %9s %7s %7s %7s %7s %7s %7s %7s\n", t.Name+", ms", "predicted",
		"measured", "link", "sign", "verify", "agree", "hash", "AES", "write")
	for _, c := range append(t.Commands, t.Total) {
		_, _ = fmt.Fprintf(w, "%-26s %9.1f %9.3f %7.1f %7.1f %7.1f %7.1f %7.1f %7.1f %7.1f\n",
			c.Name, c.PredictedMS, c.MeasuredMS, inMS(c.Parts.Link), inMS(c.Parts.Signatures),
			inMS(c.Parts.Verifications), inMS(c.Parts.Agreements), inMS(c.Parts.Hashes),
			inMS(c.Parts.Ciphers), inMS(c.Parts.Writes))
	}
	_, _ = fmt.Fprintln(w)
}

func inMS(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
