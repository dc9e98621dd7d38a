package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"tapbench/backend/acquirer"
	"tapbench/backend/api"
	"tapbench/backend/client"
	"tapbench/backend/money"
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/terminal/settle"
)

func newTerminalSettle(a *shell.App) *cobra.Command {
	var address string
	var size int
	cmd := &cobra.Command{
		Use:   "settle",
		Short: "Claim from the TSM what was taken offline",
		Long: `settle sends the claims that the terminal took offline to the TSM, in batches that the
merchant signs, and fetches the TSM's deny list. Each claim is paid or refused by itself, with a
reason; if any is refused the exit code is 4.

A batch is written down before it is sent. A settle that is ended at any moment goes on with the
next one: the TSM pays no claim twice. "terminal journal" lists what became of each.`,
		Example: `  tapbench terminal settle --tsm-address 127.0.0.1:8443
  tapbench terminal settle --json`,
		Args: shell.NoArgs,
	}
	o := addPOSFlags(cmd)
	cmd.Flags().StringVar(&address, "tsm-address", "127.0.0.1:8443", "where the TSM listens")
	cmd.Flags().IntVar(&size, "batch", api.MaxClaims, "how many claims in a batch at most")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if size < 1 || size > api.MaxClaims {
			return shell.Usagef("--batch %d: 1 to %d", size, api.MaxClaims)
		}
		done, err := settleClaims(cmd.Context(), a, *o, address, size)
		if err != nil && done.Batches == 0 {
			return err
		}
		printing := a.Print(done, func(w io.Writer) { writeSettled(w, done) })
		if err == nil && len(done.Refused) > 0 {
			err = shell.ErrDeclined
		}
		return errors.Join(err, printing)
	}
	return cmd
}

func writeSettled(w io.Writer, done settle.Done) {
	for _, r := range done.Refused {
		_, _ = fmt.Fprintf(w, "refused   %s  %s: %s\n", r.Key, r.Code, r.Reason)
	}
	worth := fmt.Sprintf("%d minor units", done.Minor)
	if amount, err := money.New(done.Minor, money.EUR); err == nil {
		worth = "EUR " + amount.Decimal()
	}
	_, _ = fmt.Fprintf(w, "%d claims paid, %s; %d refused; %d batches\n", done.Paid, worth,
		len(done.Refused), done.Batches)
}

// settleClaims settles a terminal's claims.
func settleClaims(
	ctx context.Context, a *shell.App, o posFlags, address string, size int,
) (done settle.Done, err error) {
	party, err := openMerchant(o.keys)
	if err != nil {
		return done, err
	}
	compact, err := party.OpenCompact(o.keys)
	if err != nil {
		return done, err
	}
	tsm, err := peerByName(party, pki.RoleTSM, o.tsm)
	if err != nil {
		return done, err
	}
	config, err := party.ClientTLS(pki.RoleTSM, tsm.ID)
	if err != nil {
		return done, err
	}
	config.Certificates = nil // a batch is signed; on this address the TSM's callers have no name
	if err := os.MkdirAll(o.folder, 0o700); err != nil {
		return done, fmt.Errorf("making the terminal's folder: %w", err)
	}
	id := party.MerchantID()
	journal, stop, err := openClaims(o, acquirer.Merchant(id).String())
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	server := client.New(address, config)
	server.Received, server.Observe = o.received.Add, o.posted
	defer server.Close()
	s := settle.Settler{
		Claims: journal, TSM: server, ID: tsm.ID, Merchant: id, Key: party.Sign.Reveal(),
		Certificate: compact.Sign, Size: size,
		Observe: func(d settle.Done) {
			if o.posted == nil {
				a.Say("  batch: %d paid, %d refused", d.Paid, len(d.Refused))
			}
		},
	}
	if done, err = s.Settle(ctx); err != nil {
		return done, err
	}
	return done, syncDenyList(ctx, o, tsm, server)
}
