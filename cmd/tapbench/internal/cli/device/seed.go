package device

import (
	"github.com/spf13/cobra"

	"tapbench/applet/emvcard/seed"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// AddMade adds --profile and --seed: what a new card is made of.
func AddMade(cmd *cobra.Command, profile, seed *string) {
	AddProfile(cmd, profile)
	AddSeed(cmd, seed, "draw a new EMV card, and its CA and issuer if they are new, from this "+
		"`TEXT`: the same each time, and no secret")
}

// AddSeed adds --seed.
func AddSeed(cmd *cobra.Command, into *string, usage string) {
	cmd.Flags().StringVar(into, "seed", "", usage)
}

// CheckSeed refuses what can't be written down easily.
func CheckSeed(text string) error {
	for _, c := range text {
		if c < '!' || c > '~' {
			return shell.Usagef("--seed %q: expected letters, digits and signs of ASCII", text)
		}
	}
	if len(text) > seed.MaxLen {
		return shell.Usagef("--seed: %d characters, at most %d", len(text), seed.MaxLen)
	}
	return nil
}
