package cli

import (
	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/shell"
)

func newTerminal(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "terminal",
		Short: "The merchant's point of sale",
		Long: `The merchant's point of sale: it takes payments from cards on a reader, has the TSM
authorise them over ISO 8583, gives them back, and closes its day. Where the TSM can't be reached it
takes offline tokens, which it judges alone, and claims them later.

What it must not forget stands in --folder before the TSM is asked, and before a card gets a
receipt: a terminal that is killed at any moment takes up from there at its next command.
docs/acquirer.md has the messages, docs/offline.md payments without the TSM.`,
	}
	cmd.AddCommand(
		newTerminalRun(a),
		newTerminalPay(a),
		newTerminalRefund(a),
		newTerminalVoid(a),
		newTerminalClose(a),
		newTerminalMeter(a),
		newTerminalSettle(a),
		newTerminalStatus(a),
		newTerminalJournal(a),
		newTerminalDecode(a),
		newTerminalParameters(a),
	)
	return cmd
}
