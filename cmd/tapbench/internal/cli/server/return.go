package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"tapbench/backend/pki"
	"tapbench/backend/tsm"
	"tapbench/cmd/tapbench/internal/cli/parties"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

func newTSMReturn(a *shell.App) *cobra.Command {
	o := tsmServeOptions{cardLimit: "50.00"}
	cmd := &cobra.Command{
		Use:   "return",
		Short: "Return to the banks what is left of accounts that are over",
		Long: `return does by hand, with the store of a TSM that isn't running, what "tsm serve" does by
itself: it asks the banks again about fundings whose answer was lost, and sends what is left of all
accounts back whose last epoch has ended three days ago. Each bank gets one signed batch for each
epoch with all of its handles, sorted, spent and closed accounts among them, so that neither time
nor number says anything of a purchase. The bank moves the money from the TSM's escrow to its
customers and signs a receipt.

Broken off, it can be run again: no batch moves anything twice.`,
		Example: `  tapbench tsm return --keys pki/tsm --store tsm.db --bank bank-a=127.0.0.1:8441
  tapbench tsm return --bank bank-a=127.0.0.1:8441 --json | jq '.[].total'`,
		Args: shell.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return tsmReturn(cmd.Context(), a, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.keys, "keys", "pki/tsm", "the TSM's own `folder`, made by pki init")
	f.StringVar(&o.store, "store", "tsm.db", "the TSM's `file`, or a PostgreSQL database's URL")
	f.StringSliceVar(&o.banks, "bank", nil, "a bank as `NAME=ADDRESS`, such as bank-a=127.0.0.1:8441")
	addLimitsFlag(cmd, &o.limits)
	return cmd
}

// batchJSON is a batch as it is printed.
type batchJSON struct {
	Bank     string    `json:"bank"`
	Ended    time.Time `json:"ended"`
	Accounts int       `json:"accounts"`
	Total    string    `json:"total"`
	Error    string    `json:"error,omitempty"`
}

func tsmReturn(ctx context.Context, a *shell.App, o tsmServeOptions) error {
	p, err := openServer(o.keys, pki.RoleTSM)
	if err != nil {
		return err
	}
	config, err := tsmConfig(p, o)
	if err != nil {
		return err
	}
	s, err := parties.OpenOldStore(ctx, o.store, p.Party)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	config.DB = s
	t, err := tsm.New(ctx, config)
	if err != nil {
		return err
	}
	batches, err := t.Return(ctx)
	rows := make([]batchJSON, 0, len(batches))
	for _, b := range batches {
		row := batchJSON{
			Bank: b.Bank.String(), Ended: b.Epoch.End(), Accounts: b.Count, Total: b.Total.String(),
		}
		if b.Err != nil {
			row.Error = b.Err.Error()
			err = errors.Join(err, fmt.Errorf("returning to %s: %w", b.Bank, b.Err))
		}
		rows = append(rows, row)
	}
	return errors.Join(a.Print(rows, func(w io.Writer) { writeBatches(w, rows) }), err)
}

func writeBatches(w io.Writer, rows []batchJSON) {
	if len(rows) == 0 {
		_, _ = fmt.Fprintln(w, "nothing is due")
	}
	for _, r := range rows {
		outcome := "returned"
		if r.Error != "" {
			outcome = "not returned: " + r.Error
		}
		_, _ = fmt.Fprintf(w, "%s  accounts until %s: %d, %s  %s\n", r.Bank,
			r.Ended.Format(time.DateOnly), r.Accounts, r.Total, outcome)
	}
}
