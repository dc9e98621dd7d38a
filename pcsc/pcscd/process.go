//go:build cgo

package pcscd

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/ebfe/scard"

	"tapbench/pcsc"
)

const (
	socketVariable = "PCSCLITE_CSOCK_NAME"
	// defaultSocket is the path that is compiled into libpcsclite.
	defaultSocket = "/run/pcscd/pcscd.comm"
)

// process is what this process shares because the libraries below share it.
//
//nolint:gochecknoglobals // libpcsclite and ebfe/scard keep this state once in a process
var process processState

type processState struct {
	mu sync.Mutex
	// socket is the service that libpcsclite has settled on; empty before the first use.
	socket string
	// establishing is held while the library connects to the service.
	establishing sync.Mutex
	// waiting marks the numbers of the waits under way.
	waiting []bool
}

// settle makes this process talk to the service at socket, unless it talks to another already.
func (p *processState) settle(socket string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.socket == "" {
		if socket == "" {
			socket = os.Getenv(socketVariable)
		} else if err := os.Setenv(socketVariable, socket); err != nil {
			return fmt.Errorf("%w: %w", pcsc.ErrNotSupported, err)
		}
		if socket == "" {
			socket = defaultSocket
		}
		p.socket = socket
		return nil
	}
	if socket != "" && socket != p.socket {
		return fmt.Errorf("%w: this process talks to %s already, and libpcsclite allows one service"+
			" for each process; talk to %s from another process", pcsc.ErrNotSupported, p.socket,
			socket)
	}
	return nil
}

// establish makes an SCARDCONTEXT. One at a time, for hold tells the library's new socket from the
// others.
func (p *processState) establish() (*scard.Context, error) {
	p.establishing.Lock()
	defer p.establishing.Unlock()
	return scard.EstablishContext()
}

// hold makes an SCARDCONTEXT and takes hold of the socket that the library talks over for it.
func (p *processState) hold() (*scard.Context, *line, error) {
	p.mu.Lock()
	service := filepath.Base(p.socket)
	p.mu.Unlock()
	p.establishing.Lock()
	defer p.establishing.Unlock()
	before := serviceSockets(service)
	sc, err := scard.EstablishContext()
	if err != nil {
		return nil, nil, err
	}
	return sc, holdNew(before, serviceSockets(service)), nil
}

// waitNumber returns the lowest number that no other wait has, and its return.
func (p *processState) waitNumber() (number int, done func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for number < len(p.waiting) && p.waiting[number] {
		number++
	}
	if number == len(p.waiting) {
		p.waiting = append(p.waiting, false)
	}
	p.waiting[number] = true
	return number, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.waiting[number] = false
	}
}

// waitName returns a reader's name as a wait hands it to the binding: with a NUL, where the library
// stops reading, and the wait's number behind it. The binding keeps names alive in a map by name,
// so that a wait's names must be no other's; low numbers keep the map small.
func waitName(name string, wait int) string { return name + "\x00" + strconv.Itoa(wait) }
