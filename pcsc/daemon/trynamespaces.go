package daemon

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
)

// TryNamespaces makes the namespaces that a private pcscd lives in, and a mount in them: some
// kernels allow the namespaces and then nothing inside. They are gone when it returns. It wraps
// [ErrNamespaces], with what the kernel said, where [Start] would.
func TryNamespaces(ctx context.Context) error {
	var refusals []error
	for _, attributes := range isolation() {
		command := exec.CommandContext(ctx, "mount", "--make-rprivate", "/")
		command.SysProcAttr = attributes
		out, err := command.CombinedOutput()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		errno := syscall.Errno(0)
		switch exit := new(exec.ExitError); {
		case errors.As(err, &exit):
			err = errors.New(strings.TrimSpace(string(out)))
		case errors.As(err, &errno):
			err = fmt.Errorf("clone: %w", errno)
		}
		refusals = append(refusals, err)
	}
	return fmt.Errorf("%w: %w", ErrNamespaces, errors.Join(refusals...))
}
