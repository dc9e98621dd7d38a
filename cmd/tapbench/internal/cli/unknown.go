package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/shell"
)

// nameless refuses a word where a command's name is expected, and says which there are. By itself a
// group of commands would print its help and be content with any word.
func nameless(root *cobra.Command, args []string) error {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd(args...)
	cmd, rest, _ := root.Find(args) // an error is about the word that follows
	if !cmd.HasSubCommands() || cmd.Runnable() {
		return nil
	}
	_ = cmd.ParseFlags(rest) // a wrong flag is refused when the command runs
	words := cmd.Flags().Args()
	if len(words) == 0 || strings.HasPrefix(words[0], "__") { // what shells call
		return nil
	}
	cmd.SuggestionsMinimumDistance = 2 // letters that are wrong
	if near := cmd.SuggestionsFor(words[0]); len(near) > 0 {
		return shell.Usagef("unknown command %q for %q; did you mean %s?",
			words[0], cmd.CommandPath(), strings.Join(near, " or "))
	}
	return shell.Usagef("unknown command %q for %q; there are: %s",
		words[0], cmd.CommandPath(), strings.Join(names(cmd), ", "))
}

// names returns the names of the commands of a group.
func names(group *cobra.Command) []string {
	var list []string
	for _, c := range group.Commands() {
		if c.IsAvailableCommand() {
			list = append(list, c.Name())
		}
	}
	return list
}
