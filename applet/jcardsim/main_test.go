package jcardsim_test

import (
	"testing"

	"tapbench/pcsc/daemon"
)

// TestMain lets this binary be the warden of a private pcscd.
func TestMain(m *testing.M) {
	if daemon.MaybeHelper() {
		return
	}
	m.Run()
}
