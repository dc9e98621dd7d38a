package doctor_test

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"tapbench/applet"
	"tapbench/applet/jcardsim"
	"tapbench/cmd/tapbench/internal/doctor"
	"tapbench/pcsc"
	"tapbench/pcsc/daemon"
	"tapbench/pcsc/pcscd"
)

const ourReader = "ACS ACR122U PICC Interface 00 00"

// healthy is a machine on which everything works: an ACR122U with our card, a TPM, all programs.
func healthy() (*doctor.Machine, fstest.MapFS) {
	files := fstest.MapFS{
		"sys/bus/usb/devices/1-2/idVendor":          text("072f\n"),
		"sys/bus/usb/devices/1-2/idProduct":         text("2200\n"),
		"proc/modules":                              text("btrfs 1 0 - Live 0x0\n"),
		"dev/tpmrm0":                                text(""),
		"run/dbus/system_bus_socket":                text(""),
		"run/systemd/system/x":                      text(""),
		"usr/lib/pcsc/drivers/ifd-ccid.bundle/x":    text(""),
		"proc/sys/kernel/unprivileged_userns_clone": text("1\n"),
	}
	m := &doctor.Machine{
		Files: files, UID: 1000, User: "alice", Cgo: true, Driver: "build/vpcd",
		Applet: "build/applet", FindApplet: func(string) error { return nil },
		Socket:     "/run/pcscd/pcscd.comm",
		Program:    func(name string) (string, error) { return "/usr/bin/" + name, nil },
		FindDriver: func(folder string) (string, error) { return folder + "/libifdvpcd.so", nil },
		Run: func(_ context.Context, program string, _ ...string) (string, error) {
			if strings.HasSuffix(program, "swtpm") {
				return "TPM emulator version 0.7.1, Copyright (c) 2014-2022 IBM Corp.", nil
			}
			if strings.HasSuffix(program, "java") {
				return "openjdk version \"17.0.9\" 2023-10-17\n", nil
			}
			return "pcsc-lite version 1.9.9.\nEnabled features: …\n", nil
		},
		Isolate: func(context.Context) error { return nil },
		Dial:    func(context.Context, string) error { return nil },
		Readers: func(context.Context) ([]pcscd.Reader, error) {
			return []pcscd.Reader{
				{Name: ourReader, Present: true, ATR: []byte{0x3B, 0x80, 0x80, 0x01, 0x01}},
			}, nil
		},
		Select:  func(context.Context, string) error { return nil },
		OpenTPM: func(context.Context, string) (string, error) { return "IFX", nil },
		Owner:   func(string) string { return "tss" },
	}
	return m, files
}

func text(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

// fault is a machine's fault, and what doctor must say of it.
type fault struct {
	check  string
	breaks func(m *doctor.Machine, files fstest.MapFS)
	level  doctor.Level
	text   string // a part of it
	mend   string // a part of the commands, joined by line breaks
	stops  []doctor.Way
}

func lacks(m *doctor.Machine, names ...string) {
	m.Program = func(name string) (string, error) {
		if slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(name, n) }) {
			return "", errors.New("not found")
		}
		return "/usr/bin/" + name, nil
	}
}

func says(m *doctor.Machine, answer string, err error) {
	m.Run = func(context.Context, string, ...string) (string, error) { return answer, err }
}

func readers(m *doctor.Machine, err error, all ...pcscd.Reader) {
	m.Readers = func(context.Context) ([]pcscd.Reader, error) { return all, err }
}

func forbids(m *doctor.Machine, files fstest.MapFS, file, value string) {
	m.Isolate = func(context.Context) error { return daemon.ErrNamespaces }
	if file != "" {
		files[file] = text(value + "\n")
	}
}

func software() []doctor.Way { return []doctor.Way{doctor.Demo, doctor.Applet} }

func softwareFaults() map[string]fault {
	old := func(version string) func(*doctor.Machine, fstest.MapFS) {
		return func(m *doctor.Machine, _ fstest.MapFS) { says(m, version, nil) }
	}
	return map[string]fault{
		"a build without cgo": {
			"this program",
			func(m *doctor.Machine, _ fstest.MapFS) { m.Cgo = false },
			doctor.Problem, "without cgo", "CGO_ENABLED=1 make build",
			[]doctor.Way{doctor.Demo, doctor.Applet, doctor.RealSE},
		},
		"no pcscd": {
			"pcscd", func(m *doctor.Machine, _ fstest.MapFS) { lacks(m, "pcscd") },
			doctor.Problem, "isn't installed", "sudo apt-get install pcscd", software(),
		},
		"a pcscd that can't be run": {
			"pcscd",
			func(m *doctor.Machine, _ fstest.MapFS) { says(m, "", syscall.ENOEXEC) },
			doctor.Problem, "can't be run: exec format error", "--reinstall pcscd", software(),
		},
		"no driver for virtual readers": {
			"virtual reader",
			func(m *doctor.Machine, _ fstest.MapFS) {
				m.FindDriver = func(string) (string, error) { return "", daemon.ErrNoDriver }
			}, doctor.Problem, "isn't in build/vpcd", "scripts/vpcd-driver.sh", software(),
		},
		"no swtpm": {
			"swtpm", func(m *doctor.Machine, _ fstest.MapFS) { lacks(m, "swtpm") },
			doctor.Problem, "swtpm isn't installed", "swtpm swtpm-tools", software(),
		},
		"swtpm without its tools": {
			"swtpm",
			func(m *doctor.Machine, _ fstest.MapFS) { lacks(m, "swtpm_setup") },
			doctor.Problem, "swtpm_setup isn't", "swtpm-tools", software(),
		},
		"a swtpm that is too old": {
			"swtpm", old("TPM emulator version 0.6.3, Copyright"),
			doctor.Problem, "version 0.6.3; 0.7 or newer", "apt-get install", software(),
		},
		"a swtpm without a version": {
			"swtpm", old("TPM emulator"),
			doctor.Problem, "doesn't say its version", "", software(),
		},
		"AppArmor's restriction": {
			"namespaces",
			func(m *doctor.Machine, f fstest.MapFS) {
				forbids(m, f, "proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1")
			}, doctor.Problem, "AppArmor", "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
			software(),
		},
		"Debian's switch": {
			"namespaces",
			func(m *doctor.Machine, f fstest.MapFS) {
				forbids(m, f, "proc/sys/kernel/unprivileged_userns_clone", "0")
			}, doctor.Problem, "root's alone", "unprivileged_userns_clone=1", software(),
		},
		"no user namespaces allowed": {
			"namespaces",
			func(m *doctor.Machine, f fstest.MapFS) {
				forbids(m, f, "proc/sys/user/max_user_namespaces", "0")
			}, doctor.Problem, "no user namespace", "user.max_user_namespaces=15000", software(),
		},
		"a container's ban": {
			"namespaces",
			func(m *doctor.Machine, f fstest.MapFS) { forbids(m, f, ".dockerenv", "") },
			doctor.Problem, "this is a container", "--privileged", software(),
		},
		"a ban without a reason": {
			"namespaces",
			func(m *doctor.Machine, f fstest.MapFS) { forbids(m, f, "", "") },
			doctor.Problem, "forbidden", "sudo tapbench up", software(),
		},
	}
}

func appletFaults() map[string]fault {
	java := func(answer string, err error) func(*doctor.Machine, fstest.MapFS) {
		return func(m *doctor.Machine, _ fstest.MapFS) {
			run := m.Run
			m.Run = func(ctx context.Context, program string, args ...string) (string, error) {
				if strings.HasSuffix(program, "java") {
					return answer, err
				}
				return run(ctx, program, args...)
			}
		}
	}
	applet := []doctor.Way{doctor.Applet}
	const install = "sudo apt-get install default-jdk-headless"
	return map[string]fault{
		"no Java": {
			"Java", func(m *doctor.Machine, _ fstest.MapFS) { lacks(m, "java") },
			doctor.Note, "isn't installed", install, applet,
		},
		"a Java that can't be run": {
			"Java", java("", syscall.ENOEXEC), doctor.Problem, "can't be run", install, applet,
		},
		"an old Java": {
			"Java", java("openjdk version \"11.0.2\" 2019-01-15", nil),
			doctor.Note, "is version 11; 17 or newer", install, applet,
		},
		"a Java without a version": {
			"Java", java("hello", nil), doctor.Note, "doesn't say its version", "", applet,
		},
		"an applet that isn't compiled": {
			"applet", func(m *doctor.Machine, _ fstest.MapFS) {
				m.FindApplet = func(string) error { return jcardsim.ErrNotBuilt }
			}, doctor.Note, "isn't built", "make applet", applet,
		},
	}
}

func deviceFaults() map[string]fault {
	reader, tap := []doctor.Way{doctor.RealSE}, pcscd.Reader{Name: ourReader}
	card := pcscd.Reader{Name: ourReader, Present: true, ATR: []byte{0x3B, 0x01, 0x02}}
	dial := func(err error) func(*doctor.Machine, fstest.MapFS) {
		return func(m *doctor.Machine, _ fstest.MapFS) {
			m.Dial = func(context.Context, string) error { return err }
			readers(m, pcsc.ErrNoService)
		}
	}
	listed := func(err error, all ...pcscd.Reader) func(*doctor.Machine, fstest.MapFS) {
		return func(m *doctor.Machine, _ fstest.MapFS) { readers(m, err, all...) }
	}
	selects := func(err error) func(*doctor.Machine, fstest.MapFS) {
		return func(m *doctor.Machine, _ fstest.MapFS) {
			readers(m, nil, card)
			m.Select = func(context.Context, string) error { return err }
		}
	}
	tpm := func(err error, group string) func(*doctor.Machine, fstest.MapFS) {
		return func(m *doctor.Machine, _ fstest.MapFS) {
			m.OpenTPM = func(context.Context, string) (string, error) { return "", err }
			m.Owner = func(string) string { return group }
		}
	}
	storage := card
	storage.ATR = []byte("\x3B\x8F\x80\x01\x80\x4F\x0C\xA0\x00\x00\x03\x06" +
		"\x03\x00\x01\x00\x00\x00\x00\x6A")
	mute := pcscd.Reader{Name: ourReader, Present: true, Mute: true}
	device := []doctor.Way{doctor.RealPM}
	return map[string]fault{
		"a pcscd that doesn't run": {
			"PC/SC service", dial(fs.ErrNotExist),
			doctor.Note, "doesn't run", "sudo systemctl enable --now pcscd.socket", reader,
		},
		"a socket whose permissions forbid": {
			"PC/SC service", dial(fs.ErrPermission),
			doctor.Problem, "alice may not use /run/pcscd/pcscd.comm", "chmod a+rw", reader,
		},
		"polkit's refusal": {
			"PC/SC service", listed(pcsc.ErrNoService),
			doctor.Problem, "sends alice away, as polkit", `subject.user == "alice"`, reader,
		},
		"a pcscd that asks a polkit which isn't there": {
			"PC/SC service",
			func(m *doctor.Machine, f fstest.MapFS) {
				readers(m, pcsc.ErrNoService)
				delete(f, "run/dbus/system_bus_socket")
			}, doctor.Problem, "which doesn't run here", "sudo pcscd --disable-polkit", reader,
		},
		"a pcscd that hangs": {
			"PC/SC service", listed(context.DeadlineExceeded),
			doctor.Problem, "doesn't answer", "systemctl restart pcscd", reader,
		},
		"another service's socket that is gone": {
			"PC/SC service",
			func(m *doctor.Machine, f fstest.MapFS) {
				dial(fs.ErrNotExist)(m, f)
				m.Socket = "/tmp/bed/pcscd.comm"
			}, doctor.Problem, "which PCSCLITE_CSOCK_NAME names", "unset PCSCLITE", reader,
		},
		"the kernel's driver on an ACR122U": {
			"kernel driver",
			func(_ *doctor.Machine, f fstest.MapFS) {
				f["proc/modules"] = text("nfc 1 1 pn533, Live\npn533 1 1 pn533_usb\npn533_usb 1 0 -\n")
			}, doctor.Problem, "holds the ACR122U", "sudo modprobe -r pn533_usb pn533 nfc\n", reader,
		},
		"no reader": {
			"reader",
			func(m *doctor.Machine, f fstest.MapFS) {
				readers(m, nil)
				delete(f, "sys/bus/usb/devices/1-2/idVendor")
			}, doctor.Note, "none; plug one in", "tapbench up", reader,
		},
		"a reader that pcscd doesn't see": {
			"reader", listed(nil),
			doctor.Problem, "doesn't see it", "restart pcscd", reader,
		},
		"a reader without pcscd's driver": {
			"reader",
			func(m *doctor.Machine, f fstest.MapFS) {
				readers(m, nil)
				delete(f, "usr/lib/pcsc/drivers/ifd-ccid.bundle/x")
				f["sys/bus/usb/devices/1-2:1.0/bInterfaceClass"] = text("0b\n")
			}, doctor.Problem, "no driver for it", "install libccid", reader,
		},
		"no card": {"card", listed(nil, tap), doctor.Note, "no card on the reader", "# lay one on", reader},
		"a card that doesn't answer": {
			"card", listed(nil, mute),
			doctor.Problem, "doesn't answer", "lay it on again", reader,
		},
		"a card that only stores": {
			"application", listed(nil, storage),
			doctor.Problem, "only stores data", "lay a card with", reader,
		},
		"a card that isn't ours": {
			"application", selects(applet.ErrNotOurCard),
			doctor.Problem, "isn't ours: it has no tapbench application (ATR 3B0102)", "", reader,
		},
		"a card that another program has": {
			"application", selects(pcsc.ErrSharing),
			doctor.Problem, "in use by another program", "scdaemon", reader,
		},
		"a card that leaves": {
			"application", selects(pcsc.ErrCardRemoved),
			doctor.Problem, "card removed", "", reader,
		},
		"a TPM without the permission": {
			"TPM", tpm(fs.ErrPermission, "tss"),
			doctor.Problem, "alice may not use /dev/tpmrm0: not in its group, tss",
			"sudo usermod -aG tss alice", device,
		},
		"a TPM that is root's": {
			"TPM", tpm(fs.ErrPermission, "root"),
			doctor.Problem, "root's alone", "tpm-udev", device,
		},
		"a TPM that is held": {
			"TPM", tpm(context.DeadlineExceeded, "tss"),
			doctor.Problem, "another program may hold it", "fuser", device,
		},
		"no TPM": {
			"TPM",
			func(_ *doctor.Machine, f fstest.MapFS) { delete(f, "dev/tpmrm0") },
			doctor.Note, "this machine has none", "", device,
		},
		"a TPM 1.2": {
			"TPM",
			func(_ *doctor.Machine, f fstest.MapFS) {
				delete(f, "dev/tpmrm0")
				f["sys/class/tpm/tpm0/tpm_version_major"] = text("1\n")
			}, doctor.Note, "TPM 1.2", "", device,
		},
	}
}

func TestEachFaultIsFound(t *testing.T) {
	for _, faults := range []map[string]fault{softwareFaults(), appletFaults(), deviceFaults()} {
		for name, f := range faults {
			t.Run(name, func(t *testing.T) { f.test(t) })
		}
	}
}

func (f fault) test(t *testing.T) {
	m, files := healthy()
	f.breaks(m, files)
	report := doctor.Examine(t.Context(), m)
	var found doctor.Finding
	for _, finding := range report.Findings {
		if finding.Check == f.check {
			found = finding
		}
	}
	if found.Level != f.level || !strings.Contains(found.Text, f.text) ||
		!strings.Contains(strings.Join(found.Mend, "\n")+"\n", f.mend) {
		t.Errorf("found %v %q, mended by %q", found.Level, found.Text, found.Mend)
	}
	for _, way := range doctor.Ways() {
		if stops := slices.Contains(f.stops, way); report.Works[way] == stops {
			t.Errorf("%s works: %t", way, !stops)
		}
	}
	if healthy := !slices.Contains(f.stops, doctor.Demo); report.Healthy() != healthy {
		t.Errorf("healthy for the demo: %t", !healthy)
	}
	// Asked for, no way that doesn't work has notes alone.
	for _, finding := range doctor.Examine(t.Context(), m, f.stops...).Findings {
		if finding.Check == f.check && finding.Level != doctor.Problem {
			t.Errorf("asked for, it is a %v", finding.Level)
		}
	}
}

func TestHealthyMachineHasNoFindings(t *testing.T) {
	m, _ := healthy()
	report := doctor.Examine(t.Context(), m, doctor.Ways()...)
	for _, f := range report.Findings {
		if f.Level != doctor.OK || len(f.Mend) > 0 {
			t.Errorf("%v %s: %s", f.Level, f.Check, f.Text)
		}
	}
	if !report.Healthy() {
		t.Error("not healthy")
	}
}

func TestRootNeedsNoSudo(t *testing.T) {
	m, _ := healthy()
	m.UID = 0
	lacks(m, "pcscd")
	for _, f := range doctor.Examine(t.Context(), m).Findings {
		for _, command := range f.Mend {
			if strings.Contains(command, "sudo") {
				t.Errorf("%s: %s", f.Check, command)
			}
		}
	}
}

func TestAHangingCheckIsCutOff(t *testing.T) {
	m, _ := healthy()
	m.Select = func(ctx context.Context, _ string) error {
		if _, limited := ctx.Deadline(); !limited {
			t.Error("no limit")
		}
		return context.DeadlineExceeded
	}
	if doctor.Examine(t.Context(), m, doctor.RealSE).Healthy() {
		t.Error("healthy with a card that hangs")
	}
}
