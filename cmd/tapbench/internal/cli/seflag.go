package cli

import (
	"github.com/spf13/cobra"
)

// runsHere says whether --se names a secure element that this program runs itself.
func runsHere(se string) bool { return se == seEmulator || se == seJCardSim }

// appletOf returns the applet's folder for a bed with the card that --se names, or "" for the
// emulator.
func appletOf(se, folder string) string {
	if se != seJCardSim {
		return ""
	}
	return folder
}

// addApplet adds --applet.
func addApplet(cmd *cobra.Command, folder *string) {
	cmd.Flags().StringVar(folder, "applet", built("applet"),
		"`folder` of the compiled Java Card applet, for --se jcardsim")
	_ = cmd.MarkFlagDirname("applet")
}
