//go:build unix

package starter

import (
	"errors"
	"os"
	"syscall"
)

// wait takes the lock when it is free: alone, or beside others that aren't alone.
func wait(file *os.File, alone bool) error {
	how := syscall.LOCK_SH
	if alone {
		how = syscall.LOCK_EX
	}
	for {
		err := syscall.Flock(int(file.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
