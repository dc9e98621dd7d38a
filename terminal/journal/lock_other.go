//go:build !unix

package journal

import (
	"errors"
	"os"
)

// lockFile can't lock here, and two processes on one journal would give one number twice.
func lockFile(*os.File) error { return errors.ErrUnsupported }
