//go:build !unix

package emulator

import (
	"errors"
	"os"
)

// lockFile can't lock here, and two processes on one state would lose keys.
func lockFile(*os.File) error { return errors.ErrUnsupported }
