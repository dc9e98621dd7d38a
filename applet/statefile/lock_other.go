//go:build !unix

package statefile

import (
	"errors"
	"os"
)

// lockFile can't lock here, and two processes on one state would lose what the other one wrote.
func lockFile(*os.File) error { return errors.ErrUnsupported }
