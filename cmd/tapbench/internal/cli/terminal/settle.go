package terminal

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"tapbench/backend/api"
	"tapbench/cmd/tapbench/internal/cli/pos"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

func newSettle(a *shell.App) *cobra.Command {
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
	o := pos.AddFlags(cmd)
	cmd.Flags().StringVar(&address, "tsm-address", "127.0.0.1:8443", "where the TSM listens")
	cmd.Flags().IntVar(&size, "batch", api.MaxClaims, "how many claims in a batch at most")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if size < 1 || size > api.MaxClaims {
			return shell.Usagef("--batch %d: 1 to %d", size, api.MaxClaims)
		}
		done, err := pos.Settle(cmd.Context(), a, *o, address, size)
		if err != nil && done.Batches == 0 {
			return err
		}
		printing := a.Print(done, func(w io.Writer) { pos.WriteSettled(w, done) })
		if err == nil && len(done.Refused) > 0 {
			err = shell.ErrDeclined
		}
		return errors.Join(err, printing)
	}
	return cmd
}
