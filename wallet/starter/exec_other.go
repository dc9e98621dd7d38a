//go:build !linux

package starter

import (
	"errors"
	"fmt"
)

// Exec can't start a file that is open here, and another one might lie under its path by now.
func (p *Program) Exec([]string, []string) error {
	return fmt.Errorf("starting %s: %w", p.Path, errors.ErrUnsupported)
}
