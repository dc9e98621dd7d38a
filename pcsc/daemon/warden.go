package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	// wardenVariable marks the environment of a process that is to be the warden.
	wardenVariable = "TAPBENCH_PCSCD_WARDEN"
	// wardenName is what process lists show.
	wardenName = "tapbench-pcscd-warden"

	// The warden's descriptors: its order and, as long as its owner lives, an open pipe; its
	// reports.
	orderDescriptor  = 3
	reportDescriptor = 4

	// readyLimit bounds the wait for pcscd, which takes milliseconds on an idle machine.
	readyLimit = 30 * time.Second
	// askEvery paces the questions whether pcscd is ready.
	askEvery = 2 * time.Millisecond
)

// MaybeHelper reports whether this process was started to be a daemon's warden, and if so does the
// warden's work until its owner is gone. A program that calls [Start] calls MaybeHelper first in
// main, and in TestMain, and returns at once when it answers true.
func MaybeHelper() bool {
	if os.Getenv(wardenVariable) == "" {
		return false
	}
	orders := os.NewFile(orderDescriptor, "orders")
	reports := os.NewFile(reportDescriptor, "reports")
	if orders != nil && reports != nil {
		work(orders, reports)
	}
	return true
}

// order tells the warden what to do.
type order struct {
	Folder  string   `json:"folder"` // the daemon's folder, removed at the end
	Run     string   `json:"run"`    // what becomes /run/pcscd
	Slots   string   `json:"slots"`  // the slot service's socket
	Driver  string   `json:"driver"`
	PCSCD   string   `json:"pcscd"`
	Readers []string `json:"readers"`
}

// report is what the warden tells its owner: first that pcscd is ready or why it isn't, later why
// it ended.
type report struct {
	Ready      bool   `json:"ready"`
	Namespaces bool   `json:"namespaces"` // the namespaces couldn't be arranged
	Error      string `json:"error"`
}

// work carries out the order that comes in through orders, until orders ends.
func work(orders io.Reader, reports io.Writer) {
	tell := json.NewEncoder(reports)
	var o order
	if err := json.NewDecoder(orders).Decode(&o); err != nil {
		_ = tell.Encode(report{Error: "reading the order: " + err.Error()})
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, orders)
	}()
	if r := o.carryOut(ctx, func() { _ = tell.Encode(report{Ready: true}) }); ctx.Err() == nil {
		_ = tell.Encode(r)
	}
}

// carryOut runs pcscd until it ends or ctx does. The kernel ends what is left when the warden, the
// first process of its namespace, returns.
func (o order) carryOut(ctx context.Context, ready func()) report {
	// The folder's path may soon lead elsewhere.
	parent, err := os.OpenRoot(filepath.Dir(o.Folder))
	if err != nil {
		return report{Error: err.Error()}
	}
	defer closeQuietly(parent)
	defer func() { _ = parent.RemoveAll(filepath.Base(o.Folder)) }()

	address := &net.UnixAddr{Name: o.Slots, Net: "unixpacket"}
	listener, err := net.ListenUnix("unixpacket", address)
	if err != nil {
		return report{Error: err.Error()}
	}
	listener.SetUnlinkOnClose(false)
	defer closeQuietly(listener)

	traits, err := askTraits(ctx, o.PCSCD)
	if err != nil {
		return report{Error: err.Error()}
	}
	if err := furnish(o.Run, o.Driver, len(o.Readers), traits.hidden()); err != nil {
		return report{Error: err.Error(), Namespaces: errors.Is(err, fs.ErrPermission)}
	}
	service, err := o.startPCSCD(ctx, traits)
	if err != nil {
		return report{Error: err.Error()}
	}
	ended := make(chan error, 1)
	go func() { ended <- service.Wait() }()
	if err := o.awaitReady(ctx, ended); err != nil {
		return report{Error: err.Error()}
	}
	ready()

	serving, stop := context.WithCancel(ctx)
	defer stop()
	slots := &slotService{listener: listener, slots: len(o.Readers) * SlotsPerReader}
	go slots.serve(serving)
	select {
	case <-ctx.Done():
		return report{}
	case err := <-ended:
		return report{Error: departure(err)}
	}
}

// startPCSCD writes the reader configuration and starts pcscd on it.
func (o order) startPCSCD(ctx context.Context, traits traits) (*exec.Cmd, error) {
	conf := readerConf(o.Readers, insideDrivers, firstPort)
	if err := os.WriteFile(filepath.Join(insideConf, "vpcd"), []byte(conf), 0o600); err != nil {
		return nil, err
	}
	args := append([]string{"--foreground", "--config", insideConf}, traits.arguments()...)
	service := exec.CommandContext(ctx, o.PCSCD, args...)
	service.Env = []string{"PATH=" + os.Getenv("PATH")}
	service.Stdout, service.Stderr = os.Stdout, os.Stderr
	if err := service.Start(); err != nil {
		return nil, err
	}
	return service, nil
}

// awaitReady returns when pcscd answers at its socket. It configures its readers before it opens
// the socket, so every slot must be listening by then.
func (o order) awaitReady(ctx context.Context, ended <-chan error) error {
	limit := time.NewTimer(readyLimit)
	defer limit.Stop()
	ask := time.NewTicker(askEvery)
	defer ask.Stop()
	var dialer net.Dialer
	for {
		conn, err := dialer.DialContext(ctx, "unix", filepath.Join(insideService, socketName))
		if err == nil {
			closeQuietly(conn)
			return o.checkSlots()
		}
		select {
		case <-ask.C:
		case err := <-ended:
			return errors.New(departure(err))
		case <-limit.C:
			return fmt.Errorf("no answer within %v", readyLimit)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// checkSlots returns an error unless vpcd listens for a card at every slot.
func (o order) checkSlots() error {
	sockets, err := tcpSockets()
	if err != nil {
		return err
	}
	for slot := range len(o.Readers) * SlotsPerReader {
		if !holds(sockets, uint16(firstPort+slot), tcpListen) {
			return fmt.Errorf("the driver opened no slot %d: is it libifdvpcd.so, made for this"+
				" pcscd?", slot)
		}
	}
	return nil
}

// departure says how pcscd ended.
func departure(err error) string {
	if err == nil {
		return "pcscd ended"
	}
	return "pcscd ended: " + err.Error()
}

// traits is what `pcscd --version` says about a build of pcscd.
type traits struct {
	usbDrivers string // the folder of drivers for USB readers
	polkit     bool   // asks polkit who may use a card
}

// askTraits asks pcscd how it was built.
func askTraits(ctx context.Context, pcscd string) (traits, error) {
	answer, err := exec.CommandContext(ctx, pcscd, "--version").Output()
	if err != nil {
		return traits{}, fmt.Errorf("asking pcscd for its version: %w", err)
	}
	return parseTraits(string(answer)), nil
}

// parseTraits reads the words behind "Enabled features:".
func parseTraits(version string) traits {
	t := traits{usbDrivers: "/usr/lib/pcsc/drivers"}
	_, features, _ := strings.Cut(version, "Enabled features:")
	features, _, _ = strings.Cut(features, "\n")
	for _, word := range strings.Fields(features) {
		if folder, ok := strings.CutPrefix(word, "usbdropdir="); ok && filepath.IsAbs(folder) {
			t.usbDrivers = folder
		}
		if word == "polkit" {
			t.polkit = true
		}
	}
	return t
}

// hidden returns the folders that pcscd mustn't see.
func (t traits) hidden() []string {
	if info, err := os.Stat(t.usbDrivers); err != nil || !info.IsDir() {
		return nil
	}
	return []string{t.usbDrivers}
}

// arguments returns what a build needs on its command line: no polkit answers in here, and the
// folder's mode keeps other users out.
func (t traits) arguments() []string {
	if t.polkit {
		return []string{"--disable-polkit"}
	}
	return nil
}
