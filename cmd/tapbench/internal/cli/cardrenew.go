package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/bench"
)

// The variables by which card check finds out how to make a card fresh.
const (
	renewVariable     = "TAPBENCH_RENEW"
	reinstallVariable = "TAPBENCH_REINSTALL"
)

func (a *app) newCardRenew() *cobra.Command {
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
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.cardRenew(cmd.Context(), socket) },
	}
	cmd.Flags().StringVar(&socket, "bench", a.Getenv(renewVariable),
		"`socket` of the bench for this, which has it in "+renewVariable)
	return cmd
}

func (a *app) cardRenew(ctx context.Context, socket string) error {
	if socket == "" {
		return &usageError{errors.New("name a bench: --bench SOCKET, or source its env file")}
	}
	if err := bench.Renew(ctx, socket); err != nil {
		return err
	}
	return a.print(map[string]string{"card": "fresh"}, func(w io.Writer) {
		_, _ = fmt.Fprintln(w, "the card on the bench's reader is fresh")
	})
}

// renewCommand is how a shell runs card renew.
func renewCommand() string {
	program, err := os.Executable()
	if err != nil {
		program = "tapbench"
	}
	if regexp.MustCompile(`[^A-Za-z0-9/._-]`).MatchString(program) {
		program = "'" + strings.ReplaceAll(program, "'", `'\''`) + "'"
	}
	return program + " card renew"
}
