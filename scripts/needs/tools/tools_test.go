// Package tools_test stands for the programs of other people that look at our card and our quotes.
package tools_test

import (
	"os/exec"
	"testing"

	"tapbench/pcsc/daemon/daemontest"
	"tapbench/scripts/needs/needstest"
)

func TestTools(t *testing.T) {
	needstest.LeftOut(t)
	for _, program := range []string{"opensc-tool", "pcsc_scan", "tpm2_checkquote"} {
		if _, err := exec.LookPath(program); err != nil {
			daemontest.Missing(t, err.Error())
		}
	}
}
