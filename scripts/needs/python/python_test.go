// Package python_test stands for the programs of scripts/python.txt.
package python_test

import (
	"os"
	"os/exec"
	"testing"

	"tapbench/pcsc/daemon/daemontest"
	"tapbench/scripts/needs/needstest"
)

func TestPython(t *testing.T) {
	needstest.LeftOut(t)
	const python = "../../../build/python/bin/python"
	if _, err := os.Stat(python); err != nil {
		daemontest.Missing(t, "no build/python, run scripts/python.sh: "+err.Error())
	}
	out, err := exec.CommandContext(t.Context(), python, "-c", "import pyemv").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestEmvtool: PyPI's emv runs, on Debian's pyscard.
func TestEmvtool(t *testing.T) {
	needstest.LeftOut(t)
	if _, err := os.Stat("../../../build/python/bin/python"); err != nil {
		daemontest.Missing(t, "no build/python, run scripts/python.sh: "+err.Error())
	}
	tool := exec.CommandContext(t.Context(), "../../clients/emvtool", "version")
	out, err := tool.CombinedOutput()
	if err != nil || len(out) == 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
