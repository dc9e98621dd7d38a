package trace

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/pos"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc/trace"
	"tapbench/terminal/replay"
)

type replayOptions struct {
	terminal     bool
	keys         string
	caKeys       string
	config       string
	sendStandIns bool
	junit        string
	force        bool
}

// standIns returns which commands with stand-ins are sent.
func (o replayOptions) standIns() trace.StandIns {
	if o.sendStandIns {
		return trace.SendStandIns
	}
	return trace.RefuseStandIns
}

func newReplay(a *shell.App) *cobra.Command {
	var o replayOptions
	cmd := &cobra.Command{
		Use:   "replay FILE",
		Short: "Ask a card, or our terminal, what a trace asked, and compare",
		Long: `replay puts the commands of a trace to the card on the reader and compares the answers: does
it still answer so? With --terminal it puts the recorded taps to our own terminal instead, and
compares what that asks: does it still ask so? That needs no reader.

The order is strict, and the first difference ends a dialogue; it is told by line, command and data
element. What may differ is what the trace marks as varying, as a stand-in or as not kept. A card
that computes on an unpredictable number of its own answers otherwise each time: a trace that
doesn't say so differs there. Commands with stand-ins are only sent with --send-stand-ins, since
they ask something else than was asked then; what stands for a PIN is never sent.

--terminal gives the terminal the recorded unpredictable number, date, amount and merchant, and the
issuer's answer from the second GENERATE AC. What lies outside of taps is left out. With --keys the
terminal verifies the card's signatures as it would at a till. Without, it believes the signatures
that the recorded terminal believed; PAN, class, cryptograms and all commands are compared as ever.

A payment with somebody else's EMV card goes to the kernel for those, with what the recorded
terminal said of itself, PINs and the issuer's scripts; --terminal-config gives it the rest, such as
limits and action codes. With --ca-keys it verifies certificates and signatures, which only a
recording of a test card still holds, or one that isn't redacted. Without, it believes what the
recorded terminal did.

The exit code is 0 if all is as in the trace and 4 if it isn't.`,
		Example: `  tapbench trace replay tap.apdu
  tapbench trace replay --reader ACS --junit report.xml tap.apdu
  tapbench trace replay --terminal tap.apdu
  tapbench trace replay --terminal --keys pki/merchant tap.apdu
  tapbench trace replay --terminal --ca-keys ca.txt emv.apdu`,
		Args: shell.Takes(1, 1),
	}
	reader := device.AddReader(a, cmd)
	f := cmd.Flags()
	f.BoolVar(&o.terminal, "terminal", false, "ask our terminal instead of a card")
	f.StringVar(&o.keys, "keys", "", "the merchant's `folder`, to verify the card's signatures with")
	f.StringVar(&o.caKeys, "ca-keys", "",
		"`file` of CA keys to verify EMV cards with (tapbench pki export)")
	f.StringVar(&o.config, "terminal-config", "",
		"`file` of the EMV terminal's parameters (tapbench terminal parameters)")
	f.BoolVar(&o.sendStandIns, "send-stand-ins", false, "send commands that hold stand-ins")
	f.StringVar(&o.junit, "junit", "", "write the results as JUnit's XML to this `FILE`")
	_ = cmd.MarkFlagDirname("keys")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.force = reader.Record.Force
		if err := o.check(cmd.Flags().Changed("reader")); err != nil {
			return err
		}
		return traceReplay(cmd.Context(), a, reader, args[0], o)
	}
	return cmd
}

// check refuses flags that don't fit.
func (o replayOptions) check(reader bool) error {
	switch {
	case o.keys != "" && !o.terminal:
		return shell.Usagef("--keys goes with --terminal: a card's answers are compared")
	case (o.caKeys != "" || o.config != "") && !o.terminal:
		return shell.Usagef("--ca-keys and --terminal-config go with --terminal")
	case o.terminal && reader:
		return shell.Usagef("--reader names a card's reader, --terminal needs none: choose")
	case o.terminal && o.sendStandIns:
		return shell.Usagef("--send-stand-ins is for cards; --terminal sends nothing")
	}
	return nil
}

func traceReplay(
	ctx context.Context, a *shell.App, reader *device.ReaderFlag, path string, o replayOptions,
) error {
	if o.junit != "" {
		if err := shell.CheckOutput(o.junit, o.force); err != nil {
			return err
		}
	}
	file, err := openTwice(a, path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	var result *replayed
	if o.terminal {
		result, err = replayOnTerminal(ctx, file, o)
	} else {
		result, err = replayOnCard(ctx, file, reader, o)
	}
	if err != nil {
		return device.TraceError(path, err)
	}
	result.Trace = path
	if o.junit != "" {
		if err := a.WriteFile(o.junit, o.force, result.junit().Write); err != nil {
			return err
		}
	}
	err = a.Print(result, func(w io.Writer) { result.text(w, a.Styled) })
	if err == nil && !result.Agree {
		err = shell.ErrDiffers
	}
	return err
}

// twice is a trace that can be read more than once.
type twice struct {
	io.ReadSeeker
	io.Closer
}

// maxPiped is the longest trace that is taken from standard input for a replay.
const maxPiped = 256 << 20

// openTwice opens a trace; standard input is read to its end.
func openTwice(a *shell.App, path string) (*twice, error) {
	if path == "-" {
		text, err := io.ReadAll(io.LimitReader(a.In, maxPiped+1))
		if err == nil && len(text) > maxPiped {
			err = fmt.Errorf("more than %d bytes; name a file", maxPiped)
		}
		if err != nil {
			return nil, device.TraceError(path, err)
		}
		return &twice{bytes.NewReader(text), io.NopCloser(nil)}, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the trace: %w", err)
	}
	return &twice{file, file}, nil
}

// again begins to read the trace at its beginning.
func (t *twice) again() (trace.Source, error) {
	if _, err := t.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("reading it again: %w", err)
	}
	return trace.Open(device.BufferedReader(t.ReadSeeker))
}

// emv reads what the terminal knows of EMV cards.
func (o replayOptions) emv(config *replay.Config) error {
	if o.config != "" {
		p, err := pos.ReadParameters(o.config)
		if err != nil {
			return err
		}
		config.Parameters = &p
	}
	var err error
	config.CAKeys, err = pos.ReadCAKeys(o.caKeys)
	return err
}

// replayOnTerminal puts the taps to our terminal.
func replayOnTerminal(
	ctx context.Context, file *twice, o replayOptions,
) (*replayed, error) {
	var config replay.Config
	if o.keys != "" {
		party, err := pos.OpenMerchant(o.keys)
		if err != nil {
			return nil, err
		}
		if config.CA, config.EpochKeys, err = pos.CardKeys(party, o.keys); err != nil {
			return nil, err
		}
	}
	if err := o.emv(&config); err != nil {
		return nil, err
	}
	steps, err := file.again()
	if err != nil {
		return nil, err
	}
	report, err := replay.Run(ctx, steps, config)
	if err != nil {
		return nil, err
	}
	result := &replayed{Against: "terminal", Agree: report.Agree(), Outside: report.Outside}
	for _, t := range report.Taps {
		part := replayedPart{
			Line: t.Line, Exchanges: t.Exchanges, Result: t.Result(),
			Reason: t.Reason(), StandIns: newReplayedStandIns(t.StandIns),
			Difference: newReplayedDifference(t.Difference),
		}
		if t.Err != nil && t.Difference == nil {
			part.Reason = t.Err.Error()
		}
		result.Parts = append(result.Parts, part)
	}
	return result, nil
}
