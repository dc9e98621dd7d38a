package channel

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Dial connects to the TPM at a place:
//
//	unix:PATH      a unix socket, such as swtpm's data socket
//	tcp:HOST:PORT  the same over TCP
//	/dev/tpmrm0    the kernel's device, with its resource manager
//	/PATH          a socket or a device, whichever it is
//
// It opens the connection and sends nothing. Errors: [ErrWhere], [ErrNoTPM], [ErrBusy], or the
// system's, such as [fs.ErrPermission].
func Dial(ctx context.Context, where string) (*Channel, error) {
	network, address, prefixed := strings.Cut(where, ":")
	switch {
	case prefixed && network == "unix" && filepath.IsAbs(address):
		return dialSocket(ctx, where, "unix", address)
	case prefixed && network == "tcp" && strings.Contains(address, ":"):
		return dialSocket(ctx, where, "tcp", address)
	case !filepath.IsAbs(where):
		return nil, fmt.Errorf("%w: %q", ErrWhere, where)
	}
	info, err := os.Stat(where)
	if err != nil {
		return nil, dialError(where, err)
	}
	switch mode := info.Mode(); {
	case mode&fs.ModeSocket != 0:
		return dialSocket(ctx, where, "unix", where)
	case mode&fs.ModeCharDevice != 0:
		return openDevice(where)
	default:
		return nil, fmt.Errorf("%w: %s is neither a socket nor a device", ErrWhere, where)
	}
}

func dialSocket(ctx context.Context, where, network, address string) (*Channel, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, dialError(where, err)
	}
	return New(conn, where), nil
}

// openDevice opens the kernel's device for blocking use: in the other mode a read before the
// answer is there returns nothing and looks like the end.
func openDevice(path string) (*Channel, error) {
	fd, err := syscall.Open(path, syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, dialError(path, err)
	}
	return &Channel{conn: os.NewFile(uintptr(fd), path), where: path}, nil
}

// dialError finds the meaning of a failed connection.
func dialError(where string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED),
		errors.Is(err, syscall.ENXIO), errors.Is(err, syscall.ENODEV):
		return fmt.Errorf("%w: %s: %w", ErrNoTPM, where, err)
	case errors.Is(err, syscall.EBUSY), errors.Is(err, syscall.EAGAIN):
		return fmt.Errorf("%w: %s: %w", ErrBusy, where, err)
	default:
		return fmt.Errorf("connecting to the TPM at %s: %w", where, err)
	}
}

// isClosed reports that a connection had been closed before.
func isClosed(err error) bool { return errors.Is(err, net.ErrClosed) }
