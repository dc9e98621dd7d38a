package doctor

import (
	"context"
	"fmt"

	"tapbench/applet/jcardsim"
)

// Java looks for the virtual machine in which the simulated Java Card runs.
type Java struct{}

// Name is the check's name.
func (Java) Name() string { return "Java" }

// Look looks whether it is there and new enough. An old one may be good for something else.
func (Java) Look(ctx context.Context, m *Machine) Finding {
	install := m.root("apt-get install default-jdk-headless")
	path, err := m.Program("java")
	if err != nil {
		return note("java isn't installed", install)
	}
	said, err := m.Run(ctx, path, "-version")
	if err != nil {
		return problem(fmt.Sprintf("%s can't be run: %v", path, err), install)
	}
	version, known := jcardsim.JavaVersion(said)
	switch {
	case !known:
		return note(fmt.Sprintf("%s doesn't say its version; %d or newer is needed", path,
			jcardsim.MinJava))
	case version < jcardsim.MinJava:
		return note(fmt.Sprintf("%s is version %d; %d or newer is needed", path, version,
			jcardsim.MinJava), install)
	}
	return ok("%s, version %d", path, version)
}

// Classes looks for the compiled Java Card applet.
type Classes struct{}

// Name is the check's name.
func (Classes) Name() string { return "applet" }

// Look looks in the folder for it.
func (Classes) Look(_ context.Context, m *Machine) Finding {
	if err := m.FindApplet(m.Applet); err != nil {
		return note(err.Error(), "make applet")
	}
	return ok("compiled in %s", m.Applet)
}
