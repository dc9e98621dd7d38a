package terminal

import (
	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/shell"
)

// New returns the command "terminal".
func New(a *shell.App) *cobra.Command {
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
		newRun(a),
		newPay(a),
		newRefund(a),
		newVoid(a),
		newClose(a),
		newMeterCommand(a),
		newSettle(a),
		newStatus(a),
		newJournal(a),
		newDecode(a),
		newParameters(a),
	)
	return cmd
}
