package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/audit"
	"tapbench/cmd/tapbench/internal/cli/card"
	"tapbench/cmd/tapbench/internal/cli/dispute"
	"tapbench/cmd/tapbench/internal/cli/doctor"
	"tapbench/cmd/tapbench/internal/cli/pki"
	"tapbench/cmd/tapbench/internal/cli/reader"
	"tapbench/cmd/tapbench/internal/cli/server"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/cli/terminal"
	"tapbench/cmd/tapbench/internal/cli/tpm"
	"tapbench/cmd/tapbench/internal/cli/trace"
	"tapbench/cmd/tapbench/internal/cli/up"
	"tapbench/cmd/tapbench/internal/cli/wallet"
)

// Main runs one command line and returns its exit code.
func Main(ctx context.Context, args []string, streams shell.Streams) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	a := &shell.App{Streams: streams}
	root := newRoot(a)
	root.SetArgs(args)
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	err := nameless(root, args)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	if err != nil {
		a.Report(ctx, err)
	}
	return shell.ExitCode(err)
}

func newRoot(a *shell.App) *cobra.Command {
	root := &cobra.Command{
		Use:     "tapbench",
		Version: a.Version,
		Short:   "A bench for anonymous tap-to-pay on real readers, cards and TPMs",
		Long: `tapbench runs an anonymous, EMV-compatible tap-to-pay protocol for real: a POS on a PC/SC
reader, a secure element, a TPM, banks and a trusted service manager, with or without hardware.

"tapbench demo" shows one payment of the whole system. Each role is a command of its own, too.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return a.OpenLog()
		},
	}
	a.AddFlags(root.PersistentFlags())
	for name, values := range map[string][]string{
		"log-level": {"trace", "debug", "info", "warn", "error"}, "log-format": {"console", "json"},
	} {
		_ = root.RegisterFlagCompletionFunc(name,
			cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return shell.Usage(err) })
	root.AddCommand(
		newDemo(a),
		up.New(a),
		doctor.New(a),
		reader.New(a),
		card.New(a),
		wallet.New(a),
		terminal.New(a),
		server.NewBank(a),
		server.NewTSM(a),
		dispute.New(a),
		audit.NewExamine(a),
		audit.NewAudit(a),
		tpm.New(a),
		pki.New(a),
		trace.New(a),
		newMeasure(a),
		&cobra.Command{Use: "exit-codes", Short: "What the exit codes mean", Long: shell.ExitHelp},
	)
	return root
}
