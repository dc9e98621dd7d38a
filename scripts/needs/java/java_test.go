// Package java_test stands for the Java Card applet on jCardSim.
package java_test

import (
	"testing"

	"tapbench/applet/jcardsim/jcardsimtest"
	"tapbench/scripts/needs/needstest"
)

func TestJava(t *testing.T) {
	needstest.LeftOut(t)
	jcardsimtest.Machine(t)
}
