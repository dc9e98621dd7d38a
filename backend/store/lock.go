package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// lock takes FILE.lock for this process and writes its number in it, for whoever comes second. The
// kernel frees it when the returned file is closed or the process ends.
func lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, unwritable(err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		holder := holder(f)
		return nil, errors.Join(fmt.Errorf("%w%s", ErrInUse, holder), f.Close())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("locking: %w", err), f.Close())
	}
	if err := f.Truncate(0); err != nil {
		return nil, errors.Join(unwritable(err), f.Close())
	}
	if _, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
		return nil, errors.Join(unwritable(err), f.Close())
	}
	return f, nil
}

// holder says which process holds the lock, as far as the lock's file tells.
func holder(f io.Reader) string {
	var b [16]byte
	n, _ := io.ReadFull(f, b[:]) // a short or unreadable file only means that nothing is said
	pid, err := strconv.Atoi(string(bytes.TrimSpace(b[:n])))
	if err != nil || pid <= 0 {
		return ""
	}
	return " by process " + strconv.Itoa(pid)
}

// unwritable names the two common reasons why a file can't be made or written.
func unwritable(err error) error {
	switch {
	case errors.Is(err, os.ErrPermission), errors.Is(err, unix.EROFS):
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		return fmt.Errorf("%w: %w", ErrFull, err)
	default:
		return err
	}
}
