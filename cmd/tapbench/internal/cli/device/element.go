package device

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// Where the secure element is, as --se says it.
const (
	SEEmulator = "emulator"
	SEJCardSim = "jcardsim"
	SENone     = "none"
	SEReader   = "reader:" // and the reader's name or a part of it
)

// RunsHere says whether --se names a secure element that this program runs itself.
func RunsHere(se string) bool { return se == SEEmulator || se == SEJCardSim }

// AppletOf returns the applet's folder for a bed with the card that --se names, or "" for the
// emulator.
func AppletOf(se, folder string) string {
	if se != SEJCardSim {
		return ""
	}
	return folder
}

// AddApplet adds --applet.
func AddApplet(cmd *cobra.Command, folder *string) {
	cmd.Flags().StringVar(folder, "applet", built("applet"),
		"`folder` of the compiled Java Card applet, for --se jcardsim")
	_ = cmd.MarkFlagDirname("applet")
}

// DefaultDriver is where scripts/vpcd-driver.sh puts the driver.
func DefaultDriver() string { return built("vpcd") }

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
