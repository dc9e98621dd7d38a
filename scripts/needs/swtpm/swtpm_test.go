// Package swtpm_test stands for the TPM in software.
package swtpm_test

import (
	"testing"

	"tapbench/scripts/needs/needstest"
	"tapbench/tpm/swtpm/swtpmtest"
)

func TestSwtpm(t *testing.T) {
	needstest.LeftOut(t)
	swtpmtest.Start(t)
}
