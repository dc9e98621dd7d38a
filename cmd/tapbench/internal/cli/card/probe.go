package card

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"tapbench/applet/wire"
	"tapbench/cmd/tapbench/internal/cardcheck"
	"tapbench/cmd/tapbench/internal/cardreport"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/measure"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// maxProbes bounds how often a command is timed, and maxWalks how often all of them are.
const (
	maxProbes = 10_000
	maxWalks  = 100
)

type probeOptions struct {
	source *cardSource
	count  int
	walks  int
}

func newProbe(a *shell.App) *cobra.Command {
	var o probeOptions
	cmd := &cobra.Command{
		Use:   "probe",
		Short: "Say what the applet finds on its card, and how long commands take there",
		Long: `probe says which algorithms the applet has found on its card, how much it has room for,
whether extended length fields reach it, and how long commands take through this reader: in the
middle, for 95 of 100, and at most.

Without --wipe it only selects and reads, which changes nothing on any card. With it each of the
element's commands is timed, on fresh cards: --walks times everything from the first key to paid
taps. --reinstall makes the card fresh, as for "card check"; without it a card without keys is good
for one walk. What is timed is a whole command, with the parts of its chain and its GET RESPONSEs.`,
		Example: `  tapbench card probe
  tapbench card probe --reader ACS --wipe --reinstall scripts/card-install.sh --json
  tapbench up -- tapbench card probe --wipe
  tapbench card probe --se jcardsim`,
		Args: shell.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return probe(cmd.Context(), a, o) },
	}
	o.source = addSource(a, cmd)
	f := cmd.Flags()
	f.IntVar(&o.count, "count", 20, "how often what changes nothing is timed")
	f.IntVar(&o.walks, "walks", 3, "with --wipe: how many fresh cards are taken through everything")
	return cmd
}

// probed is what card probe prints.
type probed struct {
	ATR        atrJSON               `json:"atr"`
	Protocol   string                `json:"protocol"`
	Reader     string                `json:"reader,omitempty"`
	LifeCycle  string                `json:"life_cycle"`
	Capability cardreport.Capability `json:"capability"`
	Extended   bool                  `json:"extended_length"`
	Reset      int64                 `json:"reset_median_us"`
	Walks      int                   `json:"walks"`
	Commands   []cardcheck.Command   `json:"commands"`
}

func probe(ctx context.Context, a *shell.App, o probeOptions) (err error) {
	switch {
	case o.count < 1 || o.count > maxProbes:
		return shell.Usagef("--count %d isn't 1 to %d", o.count, maxProbes)
	case o.walks < 1 || o.walks > maxWalks:
		return shell.Usagef("--walks %d isn't 1 to %d", o.walks, maxWalks)
	}
	if err := o.source.check(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.source.close()) }()
	p := new(probed)
	if err := p.look(ctx, o); err != nil {
		return err
	}
	if o.source.wipe || device.RunsHere(o.source.se) {
		if err := p.walk(ctx, o); err != nil {
			return err
		}
	}
	return a.Print(p, p.text)
}

// look asks for what can be read from any card, and times that.
func (p *probed) look(ctx context.Context, o probeOptions) (err error) {
	card, err := o.source.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, card.Close()) }()
	p.ATR, p.Protocol, p.Reader = describeATR(card.ATR()), card.Protocol().String(), o.source.name
	if p.Capability, err = capabilityOf(ctx, card); err != nil {
		return err
	}
	life, err := lifeOf(ctx, card)
	if err != nil {
		return err
	}
	p.LifeCycle = lifeWords(life)
	if p.Extended, err = takesExtended(ctx, card); err != nil {
		return err
	}
	meter := cardcheck.NewMeter()
	timed := meter.Card(card)
	resets := make([]time.Duration, 0, o.count)
	for range o.count {
		began := time.Now()
		if err := timed.Reset(ctx); err != nil {
			return err
		}
		resets = append(resets, time.Since(began))
		if err := readOnly(ctx, timed); err != nil {
			return err
		}
	}
	p.Reset, p.Commands = measure.Median(resets).Microseconds(), meter.Commands()
	return nil
}

// readOnly sends the commands that change nothing.
func readOnly(ctx context.Context, card pcsc.Card) error {
	session := pcsc.NewSession(card)
	commands := []apdu.Command{}
	for _, aid := range []wire.AID{wire.AIDPPSE, wire.AIDPayment, wire.AIDManagement} {
		commands = append(commands, apdu.Command{
			INS: byte(wire.InsSelect), P1: wire.P1SelectByAID, Data: []byte(aid), Ne: apdu.MaxShortNe,
		})
	}
	for _, tag := range []uint16{uint16(wire.DataCapability), uint16(wire.DataLifeCycle)} {
		commands = append(commands, apdu.Command{
			INS: byte(wire.InsGetData), P1: byte(tag >> 8), P2: byte(tag), Ne: apdu.MaxShortNe,
		})
	}
	for _, c := range commands {
		if _, err := session.Exchange(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// walk times each command of the element on fresh cards.
func (p *probed) walk(ctx context.Context, o probeOptions) error {
	caps, err := o.source.begin(ctx)
	if err != nil {
		return err
	}
	if o.source.once() {
		o.walks = 1
	}
	found := cardcheck.Walks(ctx, cardcheck.Config{Open: o.source.open, Caps: caps}, o.walks)
	if found.Lost != nil {
		return fmt.Errorf("timing the commands: %w", found.Lost)
	}
	for _, c := range found.Cases {
		if c.Outcome != cardcheck.Passed {
			return fmt.Errorf("%w: %s: %s: \"card check\" says more",
				shell.ErrDiffers, c.Name, strings.Join(c.Said, "; "))
		}
	}
	p.Walks = found.Fresh
	for _, c := range found.Commands { // a SELECT that was timed above isn't timed less well here
		if !slices.ContainsFunc(p.Commands, func(k cardcheck.Command) bool { return k.Name == c.Name }) {
			p.Commands = append(p.Commands, c)
		}
	}
	return nil
}

// lifeWords puts a life cycle state into words.
func lifeWords(life wire.LifeCycle) string {
	switch life {
	case wire.LifeCycleSelectable:
		return "SELECTABLE"
	case wire.LifeCyclePersonalized:
		return "PERSONALIZED"
	default:
		return fmt.Sprintf("%02X", byte(life))
	}
}

// text writes it for people.
func (p *probed) text(w io.Writer) {
	c := p.Capability
	say := func(what, format string, args ...any) {
		_, _ = fmt.Fprintf(w, "%-10s  %s\n", what, fmt.Sprintf(format, args...))
	}
	say("card", "%s, speaking %s", p.ATR.Text, p.Protocol)
	say("ATR", "%s", p.ATR.Bytes)
	if p.Reader != "" {
		say("reader", "%s", p.Reader)
	}
	say("state", "%s", p.LifeCycle)
	say("room", "%d bank accounts, %d TSM accounts, %d cards, %d tokens",
		c.BankSlots, c.TIDSlots, c.CardSlots, c.TokenSlots)
	say("messages", "%d bytes by chaining; extended length: %s", c.Buffer, yesNo(p.Extended))
	say("algorithms", "%s; missing: %s", listed(c.Algorithms), listed(c.Missing))
	say("reset", "%.2f ms", float64(p.Reset)/1000)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(t, "\nmedian ms\t95 %\tat most\ttimes\t  command")
	for _, k := range p.Commands {
		_, _ = fmt.Fprintf(t, "%.2f\t%.2f\t%.2f\t%d\t  %s\n", float64(k.Median)/1000,
			float64(k.P95)/1000, float64(k.Most)/1000, k.Count, k.Name)
	}
	_ = t.Flush()
	if p.Walks == 0 {
		_, _ = fmt.Fprintln(w, "\nall commands are timed with --wipe, on a card that may lose everything")
	}
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
