package doctor

import (
	"context"
	"io/fs"

	"tapbench/pcsc/pcscd"
)

// Machine is what the checks see of a machine. [System] returns the one that this process runs on;
// tests put one together.
type Machine struct {
	// Files is the file system, rooted at "/": its paths have no leading slash.
	Files fs.FS
	// UID and User are this process's effective user.
	UID  int
	User string
	// Cgo says whether this program was built with cgo.
	Cgo bool
	// Driver is the folder in which vpcd's driver is looked for first.
	Driver string
	// Applet is the folder of the compiled Java Card applet.
	Applet string
	// Socket is the PC/SC service's socket.
	Socket string
	// Program returns the path of a program, or an error.
	Program func(name string) (string, error)
	// FindDriver returns the path of vpcd's driver, or an error that says how to make it.
	FindDriver func(folder string) (string, error)
	// FindApplet returns an error for a folder that doesn't hold the compiled applet.
	FindApplet func(folder string) error
	// Run runs a program and returns its output, both streams.
	Run func(ctx context.Context, program string, args ...string) (string, error)
	// Isolate tries the namespaces that a private pcscd needs.
	Isolate func(ctx context.Context) error
	// Dial connects to a unix socket and hangs up.
	Dial func(ctx context.Context, socket string) error
	// Readers asks the PC/SC service for its readers.
	Readers func(ctx context.Context) ([]pcscd.Reader, error)
	// Select selects the tapbench application of the card on a reader, which is reset afterwards.
	// An answer that refuses wraps applet.ErrNotOurCard.
	Select func(ctx context.Context, reader string) error
	// OpenTPM asks the TPM at a path for its properties and returns its maker's word.
	OpenTPM func(ctx context.Context, path string) (string, error)
	// Owner returns the name of the group of a file.
	Owner func(path string) string
}

// root returns a command as this user has to give it for it to be root's.
func (m *Machine) root(command string) string {
	if m.UID == 0 {
		return command
	}
	return "sudo " + command
}

// read returns a file's text without the white space around it, empty if it can't be read.
func (m *Machine) read(path string) string {
	text, err := fs.ReadFile(m.Files, path)
	if err != nil {
		return ""
	}
	return trim(string(text))
}

func (m *Machine) exists(path string) bool {
	_, err := fs.Stat(m.Files, path)
	return err == nil
}
