package cli

import (
	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/shell"
)

func newTrace(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "trace",
		Short: "Record, show, compare, replay and convert dialogues with cards",
		Long: `A trace is a text file that holds a dialogue between a reader and a card: the answer to
reset, commands and answers, and what happened to the card. docs/trace-format.md specifies it, and
its JSON Lines form for programs. Wherever a trace is read, either form will do.`,
	}
	// one line each, in the order of the work
	cmd.AddCommand(newTraceShow(a))
	cmd.AddCommand(newTraceConvert(a))
	cmd.AddCommand(newTraceDiff(a))
	cmd.AddCommand(newTraceCheck(a))
	cmd.AddCommand(newTraceReplay(a))
	cmd.AddCommand(newTraceRecord(a))
	cmd.AddCommand(newTraceServe(a))
	return cmd
}
