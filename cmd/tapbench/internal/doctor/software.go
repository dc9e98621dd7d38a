package doctor

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

func trim(s string) string { return strings.TrimSpace(s) }

// Build looks whether this program can reach readers at all.
type Build struct{}

// Name is the check's name.
func (Build) Name() string { return "this program" }

// Look looks at how the program was built.
func (Build) Look(_ context.Context, m *Machine) Finding {
	if m.Cgo {
		return ok("built with the PC/SC library")
	}
	return problem("built without cgo, so it reaches no reader",
		m.root("apt-get install gcc libc6-dev pkg-config libpcsclite-dev"),
		"CGO_ENABLED=1 make build")
}

// PCSCD looks for the program pcscd, of which each bench runs one of its own.
type PCSCD struct{}

// Name is the check's name.
func (PCSCD) Name() string { return "pcscd" }

// Look looks where services are, too.
func (PCSCD) Look(ctx context.Context, m *Machine) Finding {
	for _, name := range []string{"pcscd", "/usr/sbin/pcscd", "/usr/local/sbin/pcscd"} {
		path, err := m.Program(name)
		if err != nil {
			continue
		}
		version, err := m.Run(ctx, path, "--version")
		if err != nil {
			return problem(fmt.Sprintf("%s can't be run: %v", path, err),
				m.root("apt-get install --reinstall pcscd"))
		}
		first, _, _ := strings.Cut(version, "\n")
		return ok("%s, %s", path, strings.TrimSuffix(trim(first), "."))
	}
	return problem("pcscd isn't installed", m.root("apt-get install pcscd"))
}

// Driver looks for vpcd's driver, which virtual readers need.
type Driver struct{}

// Name is the check's name.
func (Driver) Name() string { return "virtual reader" }

// Look looks in the folder for it and where Debian installs it.
func (Driver) Look(_ context.Context, m *Machine) Finding {
	path, err := m.FindDriver(m.Driver)
	if err != nil {
		return problem("vpcd's driver, libifdvpcd.so, isn't in "+m.Driver, "scripts/vpcd-driver.sh")
	}
	return ok("driver %s", path)
}

// SWTPM looks for swtpm and the programs that make its TPM.
type SWTPM struct{}

// The oldest swtpm that the bench is made for. Debian 12 and Ubuntu 24.04 have 0.7.
const oldestMajor, oldestMinor = 0, 7

// Name is the check's name.
func (SWTPM) Name() string { return "swtpm" }

// Look looks whether all are there and new enough.
func (SWTPM) Look(ctx context.Context, m *Machine) Finding {
	install := m.root("apt-get install swtpm swtpm-tools")
	var path string
	for _, name := range []string{"swtpm_setup", "swtpm_localca", "swtpm"} {
		var err error
		if path, err = m.Program(name); err != nil {
			return problem(name+" isn't installed", install)
		}
	}
	out, err := m.Run(ctx, path, "--version")
	if err != nil {
		return problem(fmt.Sprintf("%s can't be run: %v", path, err), install)
	}
	version, major, minor := swtpmVersion(out)
	switch {
	case version == "":
		return note(fmt.Sprintf("%s doesn't say its version; %d.%d or newer is needed",
			path, oldestMajor, oldestMinor))
	case major < oldestMajor || major == oldestMajor && minor < oldestMinor:
		return problem(fmt.Sprintf("%s is version %s; %d.%d or newer is needed", path, version,
			oldestMajor, oldestMinor), install)
	}
	return ok("%s, version %s", path, version)
}

// swtpmVersion reads "TPM emulator version 0.7.3, Copyright …". The version is empty if there is
// none.
func swtpmVersion(out string) (version string, major, minor int) {
	_, after, found := strings.Cut(out, "version ")
	if !found {
		return "", 0, 0
	}
	version, _, _ = strings.Cut(after, "\n")
	version, _, _ = strings.Cut(version, ",")
	version, _, _ = strings.Cut(version, " ")
	parts := strings.Split(version, ".")
	if len(parts) < 2 {
		return "", 0, 0
	}
	major, err := strconv.Atoi(parts[0])
	if err != nil {
		return "", 0, 0
	}
	if minor, err = strconv.Atoi(parts[1]); err != nil {
		return "", 0, 0
	}
	return version, major, minor
}
