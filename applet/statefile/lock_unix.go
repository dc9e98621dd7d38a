//go:build unix

package statefile

import (
	"errors"
	"os"
	"syscall"
)

// lockFile takes the lock for this process, until the file is closed or the process ends.
func lockFile(file *os.File) error {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrInUse
	}
	return err
}
