package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"tapbench/applet/emulator"
	"tapbench/applet/wire"
	"tapbench/pcsc/link"
)

// onlineGoal is what the card and its link may take of an online tap.
const onlineGoal = 250 * time.Millisecond

// modelNames are the cards that --model takes.
func modelNames() []string {
	var names []string
	for _, c := range link.Cards() {
		names = append(names, c.Name)
	}
	return names
}

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
	Model    string      `json:"model"`
	Rate     int         `json:"rate_kbit_s"`
	Commands []predicted `json:"commands"`
	Total    predicted   `json:"total"`
	GoalMS   float64     `json:"goal_ms"`
	Holds    bool        `json:"goal_holds"`
	// Estimated says which of the card's figures aren't published.
	Estimated []string `json:"estimated,omitempty"`
}

// measureModel takes payments in this process and predicts the last one's time on a real card.
func (a *app) measureModel(ctx context.Context, model string, rate int, driver string) error {
	card, ok := link.CardNamed(model)
	if !ok {
		return &usageError{fmt.Errorf("--model %s isn't one of %s",
			model, strings.Join(modelNames(), ", "))}
	}
	channel, err := link.NewChannel(rate)
	if err != nil {
		return &usageError{fmt.Errorf("--rate %d isn't 106, 212 or 424: %w", rate, err)}
	}
	t, err := a.timeTaps(ctx, linkProcess, driver)
	if err != nil {
		return err
	}
	if len(t.costs) == 0 {
		return errors.New("the payments gave no command to predict")
	}
	p := predict(card, channel, t.costs)
	return a.print(p, p.write)
}

// predict turns what a tap's commands cost into times.
func predict(card link.Card, channel link.Channel, costs []emulator.Cost) prediction {
	p := prediction{
		Model: card.Name, Rate: channel.Rate, Estimated: card.Estimated,
		GoalMS: inMS(onlineGoal), Total: predicted{Name: "total"},
	}
	for _, cost := range costs {
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
	p.Holds = p.Total.Parts.Total() <= onlineGoal
	return p
}

// costName names a command in its standard's words.
func costName(c emulator.Cost) string {
	switch wire.INS(c.INS) {
	case wire.InsSelect:
		return "SELECT"
	case wire.InsGetProcessingOptions:
		return "GET PROCESSING OPTIONS"
	case wire.InsReadRecord:
		return fmt.Sprintf("READ RECORD %d", c.P1)
	case wire.InsGenerateAC:
		return "GENERATE AC"
	default:
		return fmt.Sprintf("INS %02X", c.INS)
	}
}

// write prints the prediction as a table of milliseconds.
func (p prediction) write(w io.Writer) {
	_, _ = fmt.Fprintf(w, "%-24s %9s %9s %7s %7s %7s %7s %7s %7s %7s\n", "ms", "predicted",
		"measured", "link", "sign", "verify", "agree", "hash", "AES", "write")
	for _, c := range append(p.Commands, p.Total) {
		_, _ = fmt.Fprintf(w, "%-24s %9.1f %9.3f %7.1f %7.1f %7.1f %7.1f %7.1f %7.1f %7.1f\n",
			c.Name, c.PredictedMS, c.MeasuredMS, inMS(c.Parts.Link), inMS(c.Parts.Signatures),
			inMS(c.Parts.Verifications), inMS(c.Parts.Agreements), inMS(c.Parts.Hashes),
			inMS(c.Parts.Ciphers), inMS(c.Parts.Writes))
	}
	verdict := "holds"
	if !p.Holds {
		verdict = "does not hold"
	}
	_, _ = fmt.Fprintf(w, "\n%s at %d kbit/s: the goal of %.0f ms for an online tap %s\n",
		p.Model, p.Rate, p.GoalMS, verdict)
	for _, e := range p.Estimated {
		_, _ = fmt.Fprintf(w, "estimated: %s\n", e)
	}
}

func inMS(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
