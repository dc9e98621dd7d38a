package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// TPM looks whether this user may use the machine's own TPM.
type TPM struct{}

// Name is the check's name.
func (TPM) Name() string { return "TPM" }

// tpmDevice is the kernel's device with its resource manager.
const tpmDevice = "/dev/tpmrm0"

// Look opens the device and asks for its maker.
func (TPM) Look(ctx context.Context, m *Machine) Finding {
	if !m.exists(tpmDevice[1:]) {
		if m.read("sys/class/tpm/tpm0/tpm_version_major") == "1" {
			return note("this machine's TPM is a TPM 1.2; the bench starts a swtpm instead")
		}
		return note("this machine has none, or it is off in the firmware; the bench starts a swtpm")
	}
	maker, err := m.OpenTPM(ctx, tpmDevice)
	switch {
	case err == nil:
		return ok("%s, made by %s", tpmDevice, maker)
	case errors.Is(err, fs.ErrPermission):
		group := m.Owner(tpmDevice)
		if group == "" || group == "root" {
			return problem(fmt.Sprintf("%s may not use %s, which is root's alone", m.User, tpmDevice),
				m.root("apt-get install tpm-udev"), "# then log in again, or restart")
		}
		return problem(fmt.Sprintf("%s may not use %s: not in its group, %s", m.User, tpmDevice,
			group), m.root("usermod -aG "+group+" "+m.User), "# then log out and in again")
	case errors.Is(err, context.DeadlineExceeded):
		return problem(tpmDevice+" doesn't answer: another program may hold it",
			m.root("fuser -v /dev/tpm0 /dev/tpmrm0"))
	default:
		return problem(fmt.Sprintf("%s: %v", tpmDevice, err), m.root("dmesg | grep -i tpm"))
	}
}
