// Package reader_test stands for the virtual reader: the binding to PC/SC, pcscd, the driver that
// gives it the reader, and the namespaces that keep all that from the rest of the machine.
package reader_test

import (
	"testing"

	"tapbench/pcsc/daemon"
	"tapbench/pcsc/daemon/daemontest"
	"tapbench/scripts/needs/needstest"
)

func TestMain(m *testing.M) {
	if !daemon.MaybeHelper() {
		m.Run()
	}
}

func TestReader(t *testing.T) {
	needstest.LeftOut(t)
	if !hasCgo {
		daemontest.Missing(t, "cgo, which the binding to PC/SC needs: a C compiler")
	}
	daemontest.Start(t, "needs")
}
