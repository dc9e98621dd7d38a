package swtpm

import "syscall"

// killWithParent makes the kernel kill the process when the thread that started it ends.
func killWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
