//go:build !linux

package swtpm

import "syscall"

// killWithParent does nothing: only Linux has death signals.
func killWithParent(*syscall.SysProcAttr) {}
