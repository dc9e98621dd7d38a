//go:build cgo

package pcscd

import (
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"
)

// line is a second descriptor of the socket over which libpcsclite talks to the service for one
// SCARDCONTEXT. PC/SC has no way to break an exchange off, but when this socket is shut down the
// library's call returns at once, and to the service the program has left: when the card has
// answered, it ends the connection, with a reset if that was exclusive or in a transaction. A nil
// line does nothing: the exchange then ends by itself.
type line struct {
	mu         sync.Mutex
	descriptor int // -1 when closed
}

// hangUp breaks off what is under way and the SCARDCONTEXT with it.
func (l *line) hangUp() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.descriptor >= 0 {
		_ = unix.Shutdown(l.descriptor, unix.SHUT_RDWR)
	}
}

// close lets go of the socket.
func (l *line) close() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.descriptor >= 0 {
		_ = unix.Close(l.descriptor)
		l.descriptor = -1
	}
}

// serviceSockets returns this process's connections to a unix socket of that file name, as the
// service bound it: descriptors by inode.
func serviceSockets(service string) map[uint64]int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil
	}
	sockets := make(map[uint64]int)
	for _, entry := range entries {
		descriptor, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		peer, err := unix.Getpeername(descriptor)
		if err != nil {
			continue
		}
		address, ok := peer.(*unix.SockaddrUnix)
		var status unix.Stat_t
		if ok && filepath.Base(address.Name) == service && unix.Fstat(descriptor, &status) == nil {
			sockets[status.Ino] = descriptor
		}
	}
	return sockets
}

// holdNew takes hold of the one connection that is in after and not in before; nil if it isn't one.
func holdNew(before, after map[uint64]int) *line {
	found := -1
	for inode, descriptor := range after {
		if _, old := before[inode]; old {
			continue
		}
		if found >= 0 {
			return nil
		}
		found = descriptor
	}
	if found < 0 {
		return nil
	}
	own, err := unix.FcntlInt(uintptr(found), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	return &line{descriptor: own}
}
