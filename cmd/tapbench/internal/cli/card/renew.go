package card

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/cli/testbed"
)

func newRenew(a *shell.App) *cobra.Command {
	var socket string
	cmd := &cobra.Command{
		Use:   "renew",
		Short: "Put a fresh card in the place of a bench's virtual one",
		Long: `renew has "tapbench up" exchange the card on its reader for one without keys, as if the
applet had been deleted and installed again. What the card had is lost. It takes the place that
GlobalPlatformPro has with a real card: "card check" and "card probe" run it in a bench by
themselves. Keep no connection to the card meanwhile.`,
		Example: `  tapbench up -- tapbench card check --wipe
  tapbench card renew && tapbench card info`,
		Args: shell.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return renew(cmd.Context(), a, socket) },
	}
	cmd.Flags().StringVar(&socket, "bench", a.Getenv(testbed.RenewVariable),
		"`socket` of the bench for this, which has it in "+testbed.RenewVariable)
	return cmd
}

func renew(ctx context.Context, a *shell.App, socket string) error {
	if socket == "" {
		return shell.Usagef("name a bench: --bench SOCKET, or source its env file")
	}
	if err := bench.Renew(ctx, socket); err != nil {
		return err
	}
	return a.Print(map[string]string{"card": "fresh"}, func(w io.Writer) {
		_, _ = fmt.Fprintln(w, "the card on the bench's reader is fresh")
	})
}
