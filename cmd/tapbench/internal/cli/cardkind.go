package cli

import (
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// useCards has the wallet use the kind of card that --card names; empty: as before.
func (p *phone) useCards(text string) error {
	if text == "" {
		return nil
	}
	kind, err := shell.ParseCardKind("--card", text)
	if err != nil {
		return err
	}
	return p.UseCards(kind)
}
