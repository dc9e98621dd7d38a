package cli

import "github.com/spf13/cobra"

func (a *app) newTrace() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "trace",
		Short: "Record, show, compare, replay and convert dialogues with cards",
		Long: `A trace is a text file that holds a dialogue between a reader and a card: the answer to
reset, commands and answers, and what happened to the card. docs/trace-format.md specifies it, and
its JSON Lines form for programs. Wherever a trace is read, either form will do.`,
	}
	// one line each, in the order of the work
	cmd.AddCommand(a.newTraceShow())
	cmd.AddCommand(a.newTraceConvert())
	cmd.AddCommand(a.newTraceDiff())
	cmd.AddCommand(a.newTraceCheck())
	cmd.AddCommand(a.newTraceReplay())
	cmd.AddCommand(a.newTraceRecord())
	cmd.AddCommand(a.newTraceServe())
	return cmd
}
