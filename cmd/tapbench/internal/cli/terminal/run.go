package terminal

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tapbench/backend/money"
	"tapbench/cmd/tapbench/internal/banner"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/pos"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/terminal"
	"tapbench/terminal/shop"
)

type runOptions struct {
	*pos.Flags
	wait, echo time.Duration
	closes     bool
}

func newRun(a *shell.App) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Be the shop: take payments until the day ends",
		Long: `run signs on, finishes what an earlier run left, and takes orders from standard input, a line
each:

  12.50                 take a payment from the next card
  refund RRN [AMOUNT]   give a payment back, or a part of it
  void                  take the day's last payment back
  close                 close the day
  echo                  ask whether the TSM is there
  quit                  end; so does the end of the input, and a signal

It says when to tap, to hold still and to remove the card, and then the result, large on a terminal
that can. While the TSM can't be reached, payments of at most --floor are taken by offline token;
"terminal settle" claims them. While nobody orders anything it asks the TSM every --echo whether it
is there. With --close it closes the day when it ends.

With --json, orders are JSON objects, a line each, and so is all that is printed:

  {"amount":"12.50"}
  {"do":"refund","rrn":"004711081542","amount":"3.00"}
  {"do":"void"}  {"do":"close"}  {"do":"echo"}  {"do":"quit"}

Ending it at any moment loses no payment: one that is under way is reversed, now or by the next
command.`,
		Example: `  tapbench terminal run --acquirer 127.0.0.1:8583
  echo '{"amount":"12.50"}' | tapbench terminal run --json --close
  ssh till tapbench terminal run --reader ACS`,
		Args: shell.NoArgs,
	}
	reader := device.AddReader(a, cmd)
	o.Flags = pos.AddFlags(cmd)
	f := cmd.Flags()
	o.Offline.Add(cmd, f)
	pos.AddRelayFlags(a, &o.Relay, cmd, f)
	f.DurationVar(&o.wait, "wait", time.Minute, "how long to wait for a card")
	f.DurationVar(&o.echo, "echo", time.Minute, "how often to ask whether the TSM is there; 0: never")
	f.BoolVar(&o.closes, "close", false, "close the day at the end")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if o.echo < 0 || o.wait <= 0 {
			return shell.Usagef("--wait is longer than nothing, and --echo isn't negative")
		}
		return runShop(cmd.Context(), a, reader, o)
	}
	return cmd
}

func runShop(
	ctx context.Context, a *shell.App, reader *device.ReaderFlag, o runOptions,
) (err error) {
	config, stop, err := pos.Config(a, *o.Flags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	config.Cards = reader.Cards(o.wait)
	var day *terminal.Day
	show := func(e shop.Event) { showShop(a, e) }
	if a.JSON {
		show = func(e shop.Event) { encodeEvent(a, e) }
	}
	s, err := shop.Open(config, func(e shop.Event) {
		if e.Day != nil {
			day = e.Day
		}
		show(e)
	})
	if err != nil {
		return err
	}
	s.CloseAtEnd = o.closes
	var tick <-chan time.Time
	if o.echo > 0 {
		ticker := time.NewTicker(o.echo)
		defer ticker.Stop()
		tick = ticker.C
	}
	err = s.Run(ctx, orders(ctx, a, config.Currency), tick)
	if err == nil && o.closes && day != nil && !day.Balanced {
		err = shell.ErrUnbalanced
	}
	return err
}

// maxOrder is the longest line of an order, in bytes.
const maxOrder = 4096

// orders reads orders from standard input until it or ctx ends.
func orders(ctx context.Context, a *shell.App, currency money.Currency) <-chan shop.Input {
	if currency == 0 {
		currency = money.EUR
	}
	out := make(chan shop.Input)
	go func() {
		defer close(out)
		lines := bufio.NewScanner(a.In)
		lines.Buffer(make([]byte, 0, maxOrder), maxOrder)
		for lines.Scan() {
			var i shop.Input
			line := strings.TrimSpace(lines.Text())
			switch {
			case line == "":
				continue
			case a.JSON:
				i.Order, i.Err = shop.ParseJSON([]byte(line), currency)
			default:
				i.Order, i.Err = shop.ParseLine(line, currency)
			}
			select {
			case out <- i:
			case <-ctx.Done():
				return
			}
		}
		if err := lines.Err(); err != nil {
			a.Log.Error().Err(err).Msg("reading orders")
		}
	}()
	return out
}

// encodeEvent prints an event as one line of JSON.
func encodeEvent(a *shell.App, e shop.Event) {
	if err := json.NewEncoder(a.Out).Encode(e); err != nil {
		a.Log.Warn().Err(err).Msg("printing an event")
	}
}

// showShop shows an event: in plain lines, or large where there is a terminal for it.
func showShop(a *shell.App, e shop.Event) {
	word, colour := headline(e)
	if a.Styled && word != "" {
		writeLarge(a, word, colour)
	}
	switch {
	case e.Kind == shop.Ready && a.Styled:
		_, _ = fmt.Fprint(a.Out, "\n"+shop.Help+"\n> ")
	case e.Kind == shop.Ready:
		_, _ = fmt.Fprintln(a.Out, "ready")
	case e.Kind == shop.Failed:
		_, _ = fmt.Fprintf(a.Out, "not done: %s\n", strings.ReplaceAll(e.Error, "\n", "; "))
		if hint := shell.Hint(e.Err); hint != "" {
			_, _ = fmt.Fprintf(a.Out, "  %s\n", hint)
		}
	case e.Kind == shop.Recovered, e.Receipt == nil && e.Day == nil:
		_, _ = fmt.Fprintln(a.Out, progress(e))
	case e.Receipt != nil:
		_, _ = fmt.Fprintf(a.Out, "%s\n", e.Receipt)
	default:
		_, _ = fmt.Fprintf(a.Out, "%s\n", e.Day)
	}
}

// The colours of a result, as ECMA-48 numbers them.
const (
	colourPlain = 0
	colourGood  = 32
	colourBad   = 31
	colourAct   = 36
)

// headline returns what of an event is shown large, and its colour.
func headline(e shop.Event) (word string, colour int) {
	switch e.Kind {
	case shop.Tap:
		return "TAP " + e.Amount.Decimal(), colourAct
	case shop.Hold:
		return "HOLD STILL", colourAct
	case shop.Remove:
		return "REMOVE CARD", colourAct
	case shop.Failed:
		return "NOT DONE", colourBad
	case shop.Closed:
		return "DAY CLOSED", colourGood
	case shop.Result:
		return resultWord(e)
	case shop.Ready, shop.Recovered, shop.Online, shop.Offline:
		return "", colourPlain
	default:
		return "", colourPlain
	}
}

func resultWord(e shop.Event) (word string, colour int) {
	switch {
	case e.Voided:
		return "VOIDED", colourGood
	case !e.Receipt.Approved():
		return "DECLINED", colourBad
	case e.Receipt.Kind == terminal.KindRefund:
		return "REFUNDED", colourGood
	default:
		return "APPROVED", colourGood
	}
}

// writeLarge writes a word that can be read across a counter.
func writeLarge(a *shell.App, word string, colour int) {
	writeRows(a.Out, banner.Rows(word), colour)
}

func writeRows(w io.Writer, rows [banner.Height]string, colour int) {
	_, _ = fmt.Fprintln(w)
	for _, row := range rows {
		_, _ = fmt.Fprintf(w, "\x1b[1;%dm%s\x1b[0m\n", colour, row)
	}
	_, _ = fmt.Fprintln(w)
}
