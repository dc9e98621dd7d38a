package shell

import "github.com/spf13/cobra"

// NoArgs refuses arguments as a usage error.
func NoArgs(cmd *cobra.Command, args []string) error {
	return Counted(cobra.NoArgs)(cmd, args)
}

// Counted makes a number of arguments that a rule refuses an error of usage.
func Counted(rule cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := rule(cmd, args); err != nil {
			return Usage(err)
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
