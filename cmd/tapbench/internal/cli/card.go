package cli

import (
	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/shell"
)

func newCard(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{Use: "card", Short: "Ask or check the card on a reader, or offer one"}
	cmd.AddCommand(newCardInfo(a), newCardSend(a), newCardServe(a), newCardCheck(a),
		newCardProbe(a), newCardMatrix(a), newCardRenew(a), newCardProfile(a), newCardIssue(a))
	return cmd
}
