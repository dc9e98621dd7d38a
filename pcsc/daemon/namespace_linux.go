package daemon

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// What the warden's namespaces look like: /run is a file system in memory that holds the daemon's
// folder as /run/pcscd, and beside it the drivers and the reader configuration.
const (
	insideRun     = "/run"
	insideService = "/run/pcscd"
	insideDrivers = "/run/drivers"
	insideConf    = "/run/conf"
)

// isolation returns the ways to start the warden in namespaces of its own, the most capable first.
// Root needs no user namespace, unless a container took its capabilities away.
func isolation() []*syscall.SysProcAttr {
	const private = syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID
	mapped := &syscall.SysProcAttr{
		Setsid:      true, // Ctrl-C in the terminal is for the program, not for the warden
		Cloneflags:  private | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
	}
	if os.Geteuid() != 0 {
		return []*syscall.SysProcAttr{mapped}
	}
	return []*syscall.SysProcAttr{{Setsid: true, Cloneflags: private}, mapped}
}

// diesWithUs returns what ends a process when the thread that started it does.
func diesWithUs() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGTERM}
}

// forbidden reports whether err is how a kernel or a container refuses namespaces, as clone(2),
// unshare(2) and mount(2) list it.
func forbidden(err error) bool {
	for _, errno := range []syscall.Errno{
		syscall.EPERM, syscall.EACCES, syscall.ENOSPC, syscall.EINVAL, syscall.ENOSYS,
		syscall.EUSERS,
	} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}

// furnish arranges the mount and network namespaces that this process was started in. folder
// becomes /run/pcscd. Everything in hidden looks empty afterwards: pcscd would otherwise open the
// machine's USB readers. The driver is copied once for each reader.
func furnish(folder, driver string, readers int, hidden []string) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making the mounts private: %w", err)
	}
	// The folder and the driver may lie below a folder that is about to be hidden.
	if err := os.Chdir(folder); err != nil {
		return err
	}
	source, err := os.Open(driver)
	if err != nil {
		return err
	}
	defer closeQuietly(source)
	const plain = unix.MS_NOSUID | unix.MS_NODEV
	for _, place := range append([]string{insideRun}, hidden...) {
		if err := unix.Mount("tapbench", place, "tmpfs", plain, "size=16m,mode=755"); err != nil {
			return fmt.Errorf("hiding %s: %w", place, err)
		}
	}
	for _, place := range []string{insideService, insideConf, insideDrivers} {
		if err := os.Mkdir(place, 0o700); err != nil {
			return err
		}
	}
	if err := unix.Mount(".", insideService, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("binding the folder to %s: %w", insideService, err)
	}
	for i := range readers {
		if err := copyDriver(source, driverPath(insideDrivers, i)); err != nil {
			return err
		}
	}
	return raiseLoopback()
}

// copyDriver copies a driver that is open.
func copyDriver(driver *os.File, path string) error {
	target, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("copying the driver: %w", err)
	}
	if _, err = driver.Seek(0, io.SeekStart); err == nil {
		_, err = io.Copy(target, driver)
	}
	if err := errors.Join(err, target.Close()); err != nil {
		return fmt.Errorf("copying the driver: %w", err)
	}
	return nil
}

// raiseLoopback brings the network namespace's only interface up (netdevice(7)).
func raiseLoopback() error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("bringing the loopback interface up: %w", err)
	}
	defer func() { _ = unix.Close(socket) }()
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return fmt.Errorf("bringing the loopback interface up: %w", err)
	}
	request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, request); err != nil {
		return fmt.Errorf("bringing the loopback interface up: %w", err)
	}
	return nil
}
