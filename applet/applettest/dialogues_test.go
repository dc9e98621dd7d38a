package applettest

import (
	"testing"

	"tapbench/pcsc/pcsctest"
	"tapbench/testdata"
)

// TestDialogueFiles: each dialogue says what prescribes it, what it shows and why.
func TestDialogueFiles(t *testing.T) {
	pcsctest.LoadDialogues(t, testdata.Vectors, "vectors/applet")
}
