package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"tapbench/applet/wire"
)

// cardKinds names the kinds of card.
func cardKinds() []string {
	return []string{wire.CardOneShow.String(), wire.CardUntilExpiry.String()}
}

// addCardFlag adds --card, which names a kind of card.
func addCardFlag(cmd *cobra.Command, kind *string, standard, usage string) {
	cmd.Flags().StringVar(kind, "card", standard, usage+": one-show or until-expiry")
	_ = cmd.RegisterFlagCompletionFunc("card", cobra.FixedCompletions(
		cardKinds(), cobra.ShellCompDirectiveNoFileComp))
}

// parseCardKind reads a kind of card.
func parseCardKind(flag, text string) (wire.CardKind, error) {
	kind, ok := wire.ParseCardKind(text)
	if !ok {
		return 0, &usageError{fmt.Errorf("%s %q is neither %s", flag, text,
			strings.Join(cardKinds(), " nor "))}
	}
	return kind, nil
}

// useCards has the wallet use the kind of card that --card names; empty: as before.
func (p *phone) useCards(text string) error {
	if text == "" {
		return nil
	}
	kind, err := parseCardKind("--card", text)
	if err != nil {
		return err
	}
	return p.UseCards(kind)
}
