package terminal

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"tapbench/backend/acquirer"
	"tapbench/backend/money"
	"tapbench/cmd/tapbench/internal/cli/pos"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/terminal"
)

// status is what stands in a terminal's folder.
type status struct {
	STAN     uint32             `json:"stan"`
	Totals   acquirer.Totals    `json:"totals"`
	Pending  []string           `json:"pending"` // amounts that are to be reversed
	Advices  int                `json:"advices"` // completed payments that the TSM hasn't heard of
	Refund   bool               `json:"refundUnanswered"`
	Closing  bool               `json:"closeUnanswered"`
	Receipts []terminal.Receipt `json:"receipts"`
	Days     []terminal.Day     `json:"days"`
}

func newStatus(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show the open day, receipts and closed days",
		Long: `status shows what stands in --folder: what the open day has come to, what isn't finished, the
receipts of payments and refunds, and the closed days. It asks nobody and changes nothing.`,
		Example: `  tapbench terminal status
  tapbench terminal status --json`,
		Args: shell.NoArgs,
	}
	o := pos.AddFlags(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		pos, stop, err := pos.Open(a, *o, noCards, nil)
		if err != nil {
			return err
		}
		defer func() { _ = stop() }()
		s, err := readTerminal(pos)
		if err != nil {
			return err
		}
		return a.Print(s, s.write)
	}
	return cmd
}

func readTerminal(pos *terminal.POS) (status, error) {
	j := pos.Journal()
	s := status{
		STAN: j.STAN(), Totals: j.Totals(), Advices: len(j.Advices()), Refund: j.Refund() != nil,
		Closing: j.Closing() != nil, Pending: []string{},
	}
	for _, e := range j.Pending() {
		s.Pending = append(s.Pending, e.Amount.String())
	}
	var err error
	if s.Receipts, err = pos.Receipts(); err != nil {
		return s, err
	}
	s.Days, err = pos.Days()
	return s, err
}

func (s status) write(w io.Writer) {
	_, _ = fmt.Fprintf(w, "last STAN     %06d\n", s.STAN)
	_, _ = fmt.Fprintf(w, "open day      %s\n", totalsText(s.Totals))
	for _, amount := range s.Pending {
		_, _ = fmt.Fprintf(w, "to reverse    %s\n", amount)
	}
	if s.Refund {
		_, _ = fmt.Fprintln(w, "unanswered    a refund")
	}
	if s.Closing {
		_, _ = fmt.Fprintln(w, "unanswered    the close of the day")
	}
	if s.Advices > 0 {
		_, _ = fmt.Fprintf(w, "to tell       %d completed payments\n", s.Advices)
	}
	for _, d := range s.Days {
		verdict := "in balance"
		if !d.Balanced {
			verdict = "OUT OF BALANCE"
		}
		_, _ = fmt.Fprintf(w, "closed        %s  %s, %s\n", d.Time.Format("2006-01-02 15:04:05"),
			totalsText(d.Totals), verdict)
	}
	if len(s.Receipts) == 0 {
		return
	}
	_, _ = fmt.Fprintf(w, "\n%-12s %-8s %-19s %12s  %s\n", "RRN", "kind", "time", "amount", "state")
	for _, r := range s.Receipts {
		state := r.Result.String()
		if r.Reversed {
			state = "taken back"
		} else if r.Original != "" {
			state += ", of " + r.Original
		}
		_, _ = fmt.Fprintf(w, "%-12s %-8s %-19s %12s  %s\n", r.RRN, r.Kind,
			r.Time.Format("2006-01-02 15:04:05"), r.Amount, state)
	}
}

// totalsText writes totals in one line. The currency is the only one that our terminal takes.
func totalsText(t acquirer.Totals) string {
	return fmt.Sprintf("%d payments, %d reversals, %d refunds; net %s %s", t.Payments.Count,
		t.Reversals.Count, t.Refunds.Count, money.Signed(t.Net(), money.EUR), money.EUR.Code())
}
