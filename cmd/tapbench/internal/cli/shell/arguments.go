package shell

import (
	"math"
	"strings"

	"github.com/spf13/cobra"
)

// NoArgs refuses arguments as a usage error.
func NoArgs(cmd *cobra.Command, args []string) error {
	if err := cobra.NoArgs(cmd, args); err != nil {
		return Usage(err)
	}
	return nil
}

// Many is as many arguments as somebody has.
const Many = math.MaxInt

// Takes wants least to most arguments, and says which by the line that the help shows.
func Takes(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if n := len(args); n < least || n > most {
			return Usagef("wrong number of arguments (%d), expected: %s%s", n,
				cmd.CommandPath(), strings.TrimPrefix(cmd.Use, cmd.Name()))
		}
		return nil
	}
}

// CompleteFolder completes an argument that is a folder.
func CompleteFolder(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// OneArg wants one argument, and says which.
func OneArg(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 || args[0] == "" {
			return Usagef("name one %s", what)
		}
		return nil
	}
}
