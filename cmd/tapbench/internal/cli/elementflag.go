package cli

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// Where the secure element is, as --se says it.
const (
	seEmulator = "emulator"
	seJCardSim = "jcardsim"
	seNone     = "none"
	seReader   = "reader:" // and the reader's name or a part of it
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

// defaultDriver is where scripts/vpcd-driver.sh puts the driver.
func defaultDriver() string { return built("vpcd") }

// built is where a script puts what it has made, beside the program or below the working folder.
func built(name string) string {
	if executable, err := os.Executable(); err == nil {
		dir := filepath.Join(filepath.Dir(executable), "..", "build", name)
		if _, err := os.Stat(dir); err == nil {
			return dir
		}
	}
	return filepath.Join("build", name)
}
