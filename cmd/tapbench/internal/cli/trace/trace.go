package trace

import (
	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/shell"
)

// New returns the command "trace".
func New(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "trace",
		Short: "Record, show, compare, replay and convert dialogues with cards",
		Long: `A trace is a text file that holds a dialogue between a reader and a card: the answer to
reset, commands and answers, and what happened to the card. docs/trace-format.md specifies it, and
its JSON Lines form for programs. Wherever a trace is read, either form will do.`,
	}
	// one line each, in the order of the work
	cmd.AddCommand(newShow(a))
	cmd.AddCommand(newConvert(a))
	cmd.AddCommand(newDiff(a))
	cmd.AddCommand(newCheck(a))
	cmd.AddCommand(newReplay(a))
	cmd.AddCommand(newRecord(a))
	cmd.AddCommand(newServe(a))
	return cmd
}
