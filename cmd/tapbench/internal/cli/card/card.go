package card

import (
	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/shell"
)

// New returns the command "card".
func New(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{Use: "card", Short: "Ask or check the card on a reader, or offer one"}
	cmd.AddCommand(newInfo(a), newSend(a), newServe(a), newCheck(a),
		newProbe(a), newMatrix(a), newRenew(a), newProfile(a), newIssue(a))
	return cmd
}
