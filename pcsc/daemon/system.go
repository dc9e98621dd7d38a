package daemon

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/rs/zerolog"
)

const (
	systemRun  = "/run/pcscd"
	systemConf = "/etc/reader.conf.d"
	// systemEntry is the file that System writes there.
	systemEntry = "tapbench-vpcd"
	// systemLock is the lock's file in the folder for temporary files.
	systemLock = "tapbench-vpcd.lock"
)

// System is the machine's own pcscd with one virtual reader, for machines that forbid namespaces.
// Unlike a [Daemon]'s, its reader is open to everybody on the machine and, for vpcd listens on
// every interface, to the network; and there is one of it. It must be called from the namespaces
// that pcscd is in.
type System struct {
	// Consent says that the user has agreed to what [System.Plan] says. Without it nothing on the
	// machine is changed.
	Consent bool
	// Driver is the path of libifdvpcd.so; see [FindDriver].
	Driver string
	// PCSCD is the path of pcscd. Empty: it is looked for.
	PCSCD string
	// Log receives the lines of a pcscd that had to be started, at level debug.
	Log zerolog.Logger
}

// Change is one change to the machine.
type Change struct {
	What string // what is done
	Undo string // the command that undoes it, should the bench be kept from doing so itself
}

// Plan is what has to be changed to have a virtual reader. No changes: there is one already.
type Plan []Change

// String returns one line for each change, and one for how to undo it.
func (p Plan) String() string {
	if len(p) == 0 {
		return "nothing is changed: the machine's own pcscd has a virtual reader\n"
	}
	var b strings.Builder
	for _, c := range p {
		fmt.Fprintf(&b, "%s\n  undone at the end, or by: %s\n", c.What, c.Undo)
	}
	return b.String()
}

// situation is what System finds.
type situation int

const (
	readerThere    situation = iota // vpcd's slots listen
	servicePresent                  // pcscd runs without vpcd, or systemd starts it for a client
	serviceAbsent
)

// look finds out what there is, without leaving a trace.
func (s System) look() (situation, error) {
	sockets, err := tcpSockets()
	if err != nil {
		return 0, err
	}
	if holds(sockets, firstPort, tcpListen) {
		return readerThere, nil
	}
	info, err := os.Stat(filepath.Join(systemRun, socketName))
	waiting := err == nil && info.Mode().Type() == os.ModeSocket && systemdRuns()
	if waiting || servicePID() != 0 {
		return servicePresent, nil
	}
	return serviceAbsent, nil
}

// servicePID returns the process number of the pcscd that runs, or 0.
func servicePID() int {
	text, err := os.ReadFile(filepath.Join(systemRun, "pcscd.pid"))
	if err != nil {
		return 0
	}
	// pcscd 1.9.9 writes the number, a line break, and what was in its buffer behind it.
	number, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(number)
	if err != nil || pid <= 0 || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return 0
	}
	return pid
}

// systemdRuns reports whether this machine was started by systemd.
func systemdRuns() bool {
	_, err := os.Stat("/run/systemd/system")
	return err == nil
}

// systemBus reports whether this machine has D-Bus's system bus, over which polkit is asked.
func systemBus() bool {
	_, err := os.Stat("/run/dbus/system_bus_socket")
	return err == nil
}

// Plan says what [System.Start] would change and how each change is undone. It changes nothing.
func (s System) Plan() (Plan, error) {
	found, err := s.look()
	if err != nil {
		return nil, err
	}
	return planFor(found), nil
}

func planFor(found situation) Plan {
	open := fmt.Sprintf("; its virtual reader listens on the TCP ports %d and %d of every interface",
		firstPort, firstPort+1)
	entry := filepath.Join(systemConf, systemEntry)
	restart := strings.Join(restartCommand(), " ")
	switch found {
	case servicePresent:
		return Plan{
			{"write " + entry, "rm " + entry},
			{"restart pcscd, which ends what others do with their cards: " + restart + open, restart},
		}
	case serviceAbsent:
		return Plan{{"start pcscd" + open, "kill $(cat " + systemRun + "/pcscd.pid)"}}
	default:
		return nil
	}
}

// restartCommand returns what has pcscd read its configuration again. pcscd --hotplug doesn't.
func restartCommand() []string { return []string{"systemctl", "restart", "pcscd.service"} }
