package card

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"tapbench/applet"
	"tapbench/applet/conformance"
	"tapbench/applet/wire"
	"tapbench/cmd/tapbench/internal/cardreport"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/pcscd"
)

// reportFlags say where a report is written, and what it calls card and reader.
type reportFlags struct {
	path   string
	card   string
	reader string
}

// addReportFlags adds --report, --card-kind and --reader-kind.
func addReportFlags(cmd *cobra.Command) *reportFlags {
	r := new(reportFlags)
	f := cmd.Flags()
	f.StringVar(&r.path, "report", "", "write a report without identifiers to this `file`, to submit")
	f.StringVar(&r.card, "card-kind", "", "what kind of card this is, such as \"NXP J3R180\"")
	f.StringVar(&r.reader, "reader-kind", "", "what kind of reader (default: its name without numbers)")
	return r
}

// check refuses kinds that say which of several it is.
func (r *reportFlags) check() error {
	for flag, kind := range map[string]string{"card-kind": r.card, "reader-kind": r.reader} {
		if err := cardreport.CheckKind(kind); kind != "" && err != nil {
			return shell.Usagef("--%s: %w", flag, err)
		}
	}
	return nil
}

// kindOr returns the card's kind: what was said, else what simulates it.
func (r *reportFlags) kindOr(s *cardSource) string {
	switch {
	case r.card != "":
		return r.card
	case s.se != seOnReader:
		return s.se
	default:
		return "unknown"
	}
}

// readerOr returns the reader's kind: what was said, else what its name says.
func (r *reportFlags) readerOr(s *cardSource) string {
	switch {
	case r.reader != "":
		return r.reader
	case s.se != seOnReader:
		return cardreport.NoReader
	case device.IsVirtual(pcscd.Reader{Name: s.name}):
		return cardreport.VirtualReader
	default:
		return cardreport.ReaderKind(s.name)
	}
}

// newReport begins the report of a check: all but what the check finds.
func newReport(
	ctx context.Context, a *shell.App, o checkOptions, caps conformance.Caps,
) (report *cardreport.Report, err error) {
	card, err := o.source.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, card.Close()) }()
	capability, err := capabilityOf(ctx, card)
	if err != nil {
		return nil, err
	}
	return &cardreport.Report{
		Format: cardreport.Format, Date: time.Now().UTC().Format(time.DateOnly),
		Tapbench: a.Version, Reader: o.report.readerOr(o.source),
		Card: cardreport.Card{
			Kind: o.report.kindOr(o.source), ATR: fmt.Sprintf("%X", card.ATR()),
			Protocol: card.Protocol().String(), Extended: !caps.NoExtended, Capability: capability,
		},
	}, nil
}

// capabilityOf asks a card for data object DF01.
func capabilityOf(ctx context.Context, card pcsc.Card) (cardreport.Capability, error) {
	session := pcsc.NewSession(card)
	if err := applet.NewClient(session).Select(ctx); err != nil {
		return cardreport.Capability{}, err
	}
	tag := uint16(wire.DataCapability)
	response, err := session.Exchange(ctx, apdu.Command{
		INS: byte(wire.InsGetData), P1: byte(tag >> 8), P2: byte(tag), Ne: apdu.MaxShortNe,
	})
	if err != nil {
		return cardreport.Capability{}, err
	}
	return cardreport.ParseCapability(response.Data)
}
