package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"tapbench/applet/jcardsim"
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

// isNoJava reports that the applet can't run here, or doesn't any more.
func isNoJava(err error) bool {
	return errors.Is(err, jcardsim.ErrNotBuilt) || errors.Is(err, jcardsim.ErrNoJava) ||
		errors.Is(err, jcardsim.ErrOldJava) || errors.Is(err, jcardsim.ErrMachine)
}
