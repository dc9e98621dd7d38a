package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// lockAttempts bounds how often a lock's file may be replaced while it is being locked.
const lockAttempts = 10

// lock is an exclusive lock among the processes of this machine (flock(2)). It ends with its
// process.
type lock struct {
	file *os.File
}

// takeLock takes the lock of a file, which it makes if need be. If another process holds it, the
// error wraps ErrReaderTaken.
func takeLock(path string) (*lock, error) {
	for range lockAttempts {
		l, err := tryLock(path)
		if l != nil || err != nil {
			return l, err
		}
	}
	return nil, fmt.Errorf("%w: %s is replaced again and again", ErrReaderTaken, path)
}

// tryLock returns neither lock nor error if the file was removed meanwhile.
func tryLock(path string) (*lock, error) {
	const flags = os.O_RDWR | os.O_CREATE | syscall.O_NOFOLLOW
	file, err := os.OpenFile(path, flags, 0o600)
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("%w: %s is another user's", ErrReaderTaken, path)
	}
	if err != nil {
		return nil, fmt.Errorf("locking the virtual reader: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		closeQuietly(file)
		return nil, fmt.Errorf("%w: another bench holds %s", ErrReaderTaken, path)
	}
	held, err := file.Stat()
	if err != nil {
		closeQuietly(file)
		return nil, fmt.Errorf("locking the virtual reader: %w", err)
	}
	if there, err := os.Lstat(path); err == nil && os.SameFile(held, there) {
		return &lock{file: file}, nil
	}
	closeQuietly(file)
	return nil, nil
}

// release removes the file, as long as the lock keeps others from taking it, and gives the lock
// back.
func (l *lock) release() error {
	return errors.Join(os.Remove(l.file.Name()), l.file.Close())
}
