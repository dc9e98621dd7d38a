package doctor

import (
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// KernelDriver looks whether the kernel's own NFC driver holds an ACR122U, which pcscd then can't
// have.
type KernelDriver struct{}

// Name is the check's name.
func (KernelDriver) Name() string { return "kernel driver" }

const (
	usbDevices = "sys/bus/usb/devices"
	acr122     = "072f:2200" // ACR122U, and others with its PN532
)

// nfcModules returns the kernel's modules that take the reader, the one that others need last.
func nfcModules() []string { return []string{"pn533_usb", "pn533", "nfc"} }

// Look looks for the reader on the bus and for the modules.
func (KernelDriver) Look(_ context.Context, m *Machine) Finding {
	if !slices.Contains(usbIDs(m), acr122) {
		return ok("no ACR122U here that one could hold")
	}
	var loaded []string
	for _, line := range strings.Split(m.read("proc/modules"), "\n") {
		if name, _, _ := strings.Cut(line, " "); slices.Contains(nfcModules(), name) {
			loaded = append(loaded, name)
		}
	}
	if !slices.Contains(loaded, nfcModules()[0]) {
		return ok("none holds the ACR122U")
	}
	slices.SortFunc(loaded, func(a, b string) int {
		return slices.Index(nfcModules(), a) - slices.Index(nfcModules(), b)
	})
	return problem("the kernel's NFC driver, pn533_usb, holds the ACR122U",
		m.root("modprobe -r "+strings.Join(loaded, " ")),
		`printf 'blacklist %s\n' pn533_usb pn533 nfc | `+
			m.root("tee /etc/modprobe.d/blacklist-nfc.conf"),
		"# then plug the reader out and in again")
}

// usbIDs returns the vendor and product of each USB device, as lsusb prints them.
func usbIDs(m *Machine) []string {
	devices, err := fs.ReadDir(m.Files, usbDevices)
	if err != nil {
		return nil
	}
	var ids []string
	for _, d := range devices {
		vendor := m.read(path.Join(usbDevices, d.Name(), "idVendor"))
		product := m.read(path.Join(usbDevices, d.Name(), "idProduct"))
		if vendor != "" {
			ids = append(ids, vendor+":"+product)
		}
	}
	return ids
}

// ccidPlugged reports whether a USB device has an interface of the class of smart-card readers, 0B.
func ccidPlugged(m *Machine) bool {
	devices, err := fs.ReadDir(m.Files, usbDevices)
	if err != nil {
		return false
	}
	for _, d := range devices {
		class := m.read(path.Join(usbDevices, d.Name(), "bInterfaceClass"))
		if strings.EqualFold(class, "0b") {
			return true
		}
	}
	return slices.Contains(usbIDs(m), acr122)
}

// Reader looks whether the service has a reader.
type Reader struct{}

// Name is the check's name.
func (Reader) Name() string { return "reader" }

// Look asks the service, and the bus why there is none.
func (Reader) Look(ctx context.Context, m *Machine) Finding {
	readers, err := m.Readers(ctx)
	switch {
	case err != nil:
		return note("can't be asked for: see above")
	case len(readers) > 0:
		names := make([]string, len(readers))
		for i, r := range readers {
			names[i] = r.Name
		}
		return ok("%s", strings.Join(names, ", "))
	case ccidPlugged(m) && !m.exists("usr/lib/pcsc/drivers/ifd-ccid.bundle"):
		return problem("a reader is plugged in and pcscd has no driver for it",
			m.root("apt-get install libccid"), restart(m))
	case ccidPlugged(m):
		return problem("a reader is plugged in and pcscd doesn't see it", restart(m))
	default:
		return note("none; plug one in, or use a virtual one", "tapbench up -- CMD")
	}
}
