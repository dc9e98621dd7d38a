package starter

import (
	"fmt"
	"syscall"
)

// Exec puts the program in this process's place: the file that was measured, even if another one
// lies under its path by now. Whether its content was changed since isn't seen; a kernel's IMA
// would. It returns only if that fails. A script can't be executed so.
func (p *Program) Exec(args, env []string) error {
	path := fmt.Sprintf("/proc/self/fd/%d", p.file.Fd())
	if err := syscall.Exec(path, args, env); err != nil {
		return fmt.Errorf("starting %s: %w", p.Path, err)
	}
	return nil
}
