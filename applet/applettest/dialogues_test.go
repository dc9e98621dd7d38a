package applettest

import (
	"testing"

	"tapbench/pcsc/pcsctest"
	"tapbench/testdata/vectors"
)

// TestDialogueFiles: each dialogue says what prescribes it, what it shows and why.
func TestDialogueFiles(t *testing.T) {
	pcsctest.LoadDialogues(t, vectors.Applet, "applet")
}
