package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"

	"tapbench/applet"
	"tapbench/applet/jcardsim"
	"tapbench/pcsc"
	"tapbench/pcsc/daemon"
	"tapbench/pcsc/pcscd"
	"tapbench/tpm"
)

// defaultSocket is where the machine's own pcscd listens.
const defaultSocket = "/run/pcscd/pcscd.comm"

// System returns the machine that this process runs on. driver is the folder in which vpcd's driver
// is looked for first, classes that of the compiled applet.
func System(driver, classes string) *Machine {
	m := &Machine{
		Files: os.DirFS("/"), UID: os.Geteuid(), User: userName(), Cgo: true, Driver: driver,
		Applet: classes, Socket: os.Getenv("PCSCLITE_CSOCK_NAME"),
		Program: exec.LookPath, Run: run, Isolate: daemon.TryNamespaces, Dial: dial,
		FindDriver: func(folder string) (string, error) { return daemon.FindDriver(folder) },
		FindApplet: func(folder string) error {
			_, err := jcardsim.Built(folder)
			return err
		},
		Readers: readers, Select: selectOurs, OpenTPM: openTPM, Owner: owner,
	}
	if m.Socket == "" {
		m.Socket = defaultSocket
	}
	// Without a name for the socket only a build without cgo isn't supported.
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := pcscd.Open(ctx, pcscd.Options{}); errors.Is(err, pcsc.ErrNotSupported) {
		m.Cgo = false
	}
	return m
}

func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return strconv.Itoa(os.Geteuid())
}

func run(ctx context.Context, program string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	return string(out), err
}

func dial(ctx context.Context, socket string) error {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", socket)
	if err != nil {
		return err
	}
	return conn.Close()
}

// readers asks the service. The library can't be interrupted while it connects, so that a service
// that says nothing is left alone with it.
func readers(ctx context.Context) ([]pcscd.Reader, error) {
	type answer struct {
		readers []pcscd.Reader
		err     error
	}
	answers := make(chan answer, 1)
	go func() {
		var a answer
		client, err := pcscd.Open(ctx, pcscd.Options{})
		if a.err = err; err == nil {
			a.readers, a.err = client.Readers(ctx)
			_ = client.Close()
		}
		answers <- a
	}()
	select {
	case a := <-answers:
		return a.readers, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// selectOurs has the card to itself meanwhile; whoever uses it already isn't disturbed.
func selectOurs(ctx context.Context, reader string) error {
	client, err := pcscd.Open(ctx, pcscd.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	card, err := client.Connect(ctx, reader, pcscd.ConnectOptions{Exclusive: true})
	if err != nil {
		return err
	}
	session := pcsc.NewSession(card)
	return errors.Join(applet.NewClient(session).Select(ctx), session.Close())
}

func openTPM(ctx context.Context, path string) (string, error) {
	device, err := tpm.Open(ctx, path)
	if err != nil {
		return "", err
	}
	return device.Info().Manufacturer, device.Close()
}

// owner returns the group of a file, by name if it has one.
func owner(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	stat, isStat := info.Sys().(*syscall.Stat_t)
	if !isStat {
		return ""
	}
	id := fmt.Sprint(stat.Gid)
	if group, err := user.LookupGroupId(id); err == nil {
		return group.Name
	}
	return id
}
