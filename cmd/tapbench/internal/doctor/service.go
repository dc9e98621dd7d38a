package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// Service looks whether the machine's PC/SC service lets this user in.
type Service struct{}

// Name is the check's name.
func (Service) Name() string { return "PC/SC service" }

// Look connects to the socket by itself first: the library has one error for all that goes wrong.
func (Service) Look(ctx context.Context, m *Machine) Finding {
	err := m.Dial(ctx, m.Socket)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return problem(fmt.Sprintf("%s may not use %s: its permissions forbid it", m.User, m.Socket),
			"ls -ld "+m.Socket, m.root("chmod a+rw "+m.Socket))
	case err != nil:
		return notRunning(m)
	}
	if !m.Cgo {
		return note("pcscd runs; this program was built without cgo and can't ask it")
	}
	_, err = m.Readers(ctx)
	switch {
	case err == nil:
		return ok("pcscd runs at %s and lets %s in", m.Socket, m.User)
	case errors.Is(err, context.DeadlineExceeded):
		return problem("pcscd runs and doesn't answer", restart(m))
	case !m.exists("run/dbus/system_bus_socket"):
		return problem("pcscd runs and sends everybody away: it asks polkit, which doesn't run here",
			m.root("kill $(cat /run/pcscd/pcscd.pid)"), m.root("pcscd --disable-polkit"))
	default:
		return problem(fmt.Sprintf("pcscd runs and sends %s away, as polkit has it do", m.User),
			"echo '"+polkitRule(m.User)+"' | "+m.root("tee /etc/polkit-1/rules.d/60-pcscd.rules"),
			restart(m))
	}
}

// notRunning says how pcscd is started here. A machine can do without it.
func notRunning(m *Machine) Finding {
	switch {
	case m.Socket != defaultSocket:
		return problem("no pcscd answers at "+m.Socket+", which PCSCLITE_CSOCK_NAME names",
			"unset PCSCLITE_CSOCK_NAME")
	case !installed(m):
		return note("pcscd isn't installed", m.root("apt-get install pcscd"))
	case m.exists("run/systemd/system"):
		return note("pcscd doesn't run", m.root("systemctl enable --now pcscd.socket"))
	default:
		return note("pcscd doesn't run", m.root("pcscd"))
	}
}

func installed(m *Machine) bool {
	for _, name := range []string{"pcscd", "/usr/sbin/pcscd", "/usr/local/sbin/pcscd"} {
		if _, err := m.Program(name); err == nil {
			return true
		}
	}
	return false
}

func restart(m *Machine) string {
	if m.exists("run/systemd/system") {
		return m.root("systemctl restart pcscd.service")
	}
	return m.root("kill $(cat /run/pcscd/pcscd.pid)") + "; " + m.root("pcscd")
}

// polkitRule lets a user in. Its actions are pcsc-lite's own.
func polkitRule(user string) string {
	return `polkit.addRule(function(action, subject) { if (subject.user == "` + user + `" && ` +
		`(action.id == "org.debian.pcsc-lite.access_pcsc" || ` +
		`action.id == "org.debian.pcsc-lite.access_card")) return polkit.Result.YES; });`
}
