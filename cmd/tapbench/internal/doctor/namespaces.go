package doctor

import "context"

// Namespaces looks whether this user may have namespaces, in which a private pcscd lives.
type Namespaces struct{}

// Name is the check's name.
func (Namespaces) Name() string { return "namespaces" }

// switches are the kernel's ways to forbid user namespaces, with what allows them again.
func switches() []struct{ file, forbids, name, allow string } {
	return []struct{ file, forbids, name, allow string }{
		{
			"proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
			"AppArmor restricts user namespaces",
			"sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
		},
		{
			"proc/sys/kernel/unprivileged_userns_clone", "0",
			"user namespaces are root's alone",
			"sysctl -w kernel.unprivileged_userns_clone=1",
		},
		{
			"proc/sys/user/max_user_namespaces", "0",
			"no user namespace may be made",
			"sysctl -w user.max_user_namespaces=15000",
		},
	}
}

// Look tries them as a private pcscd would, and asks the kernel's settings only why it failed.
func (Namespaces) Look(ctx context.Context, m *Machine) Finding {
	err := m.Isolate(ctx)
	if err == nil {
		return ok("may be made")
	}
	for _, s := range switches() {
		if m.read(s.file) == s.forbids {
			return problem("forbidden: "+s.name, m.root(s.allow))
		}
	}
	text := err.Error()
	switch {
	case m.exists(".dockerenv") || m.exists("run/.containerenv"):
		return problem(text+"; this is a container",
			"docker run --privileged …", "tapbench up --system-pcscd -- CMD")
	case m.UID != 0:
		return problem(text, "sudo tapbench up -- CMD")
	default:
		return problem(text, "tapbench up --system-pcscd -- CMD")
	}
}
