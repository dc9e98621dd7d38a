package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rs/zerolog"
)

const (
	// DefaultReader is the friendly name of a reader that isn't named otherwise.
	DefaultReader = "tapbench virtual reader"
	// SlotsPerReader is how many slots vpcd gives each reader.
	SlotsPerReader = 2
	// MaxReaders is how many readers fit one pcscd: 16 slots (PCSCLITE_MAX_READERS_CONTEXTS).
	MaxReaders = 16 / SlotsPerReader
	// MaxReaderName is the longest friendly name in bytes: MAX_READERNAME is 128 with its NUL, and
	// pcscd appends " 00 00".
	MaxReaderName = 128 - 1 - 6

	// firstPort is the card's side of slot 0; slot n is at firstPort+n. It is vpcd's own default.
	firstPort = 0x8C7B
	// maxSocketPath is the longest path of a unix socket in bytes: sun_path holds 108 with its NUL.
	maxSocketPath = 107

	driverName      = "libifdvpcd.so"
	installedDriver = "/usr/lib/pcsc/drivers/serial/" + driverName
)

// Config says what to start.
type Config struct {
	// Dir is the existing folder in which the daemon makes a folder of its own, of mode 0700.
	// Empty: the system's folder for temporary files. Socket paths are short (107 bytes), so this
	// one has to be too.
	Dir string
	// Readers are friendly names, 1 to MaxReaders of them, each of 1 to MaxReaderName printable
	// ASCII characters without a double quote. None: one reader, DefaultReader. Some programs call
	// a reader contactless only when its name begins "ACS ACR12".
	Readers []string
	// Driver is the path of libifdvpcd.so; see [FindDriver].
	Driver string
	// PCSCD is the path of pcscd. Empty: it is looked for.
	PCSCD string
	// Log receives pcscd's own lines at level debug. The zero value is silent.
	Log zerolog.Logger
}

// settle fills in the defaults, makes the paths absolute and checks everything that can be checked
// before anything is started.
func (c Config) settle() (Config, error) {
	if len(c.Readers) == 0 {
		c.Readers = []string{DefaultReader}
	}
	if len(c.Readers) > MaxReaders {
		return Config{}, fmt.Errorf("%w: %d readers, pcscd holds at most %d",
			ErrConfig, len(c.Readers), MaxReaders)
	}
	seen := make(map[string]bool, len(c.Readers))
	for _, name := range c.Readers {
		if err := checkName(name); err != nil {
			return Config{}, err
		}
		if seen[name] {
			return Config{}, fmt.Errorf("%w: two readers are named %q", ErrConfig, name)
		}
		seen[name] = true
	}
	var err error
	if c.PCSCD, err = findPCSCD(c.PCSCD); err != nil {
		return Config{}, err
	}
	if c.Driver, err = checkDriver(c.Driver); err != nil {
		return Config{}, err
	}
	if c.Dir == "" {
		c.Dir = os.TempDir()
	}
	if c.Dir, err = filepath.Abs(c.Dir); err != nil {
		return Config{}, fmt.Errorf("%w: folder: %w", ErrConfig, err)
	}
	return c, nil
}

// checkName refuses what reader.conf(5) can't hold.
func checkName(name string) error {
	if name == "" || len(name) > MaxReaderName {
		return fmt.Errorf("%w: a reader's name has 1 to %d bytes, not %d",
			ErrConfig, MaxReaderName, len(name))
	}
	for _, c := range []byte(name) {
		if c < ' ' || c > '~' || c == '"' {
			return fmt.Errorf("%w: a reader's name is printable ASCII without quotes, not %q",
				ErrConfig, name)
		}
	}
	return nil
}

// findPCSCD returns the absolute path of pcscd, which ordinary users don't have in their PATH.
func findPCSCD(path string) (string, error) {
	candidates := []string{path}
	if path == "" {
		candidates = []string{"pcscd", "/usr/sbin/pcscd", "/usr/local/sbin/pcscd"}
	}
	for _, candidate := range candidates {
		if found, err := exec.LookPath(candidate); err == nil {
			return filepath.Abs(found)
		}
	}
	if path != "" {
		return "", fmt.Errorf("%w at %s: %s", ErrNoPCSCD, path, mendPCSCD)
	}
	return "", fmt.Errorf("%w: %s", ErrNoPCSCD, mendPCSCD)
}

// FindDriver returns the path of libifdvpcd.so in the first of the folders that holds it, else
// the installed one, else an error that wraps [ErrNoDriver] and says how to make it.
func FindDriver(folders ...string) (string, error) {
	for _, folder := range folders {
		if path, err := checkDriver(filepath.Join(folder, driverName)); err == nil {
			return path, nil
		}
	}
	if path, err := checkDriver(installedDriver); err == nil {
		return path, nil
	}
	if len(folders) == 0 {
		return "", fmt.Errorf("%w: %s", ErrNoDriver, mendDriver)
	}
	return "", fmt.Errorf("%w in %s: %s", ErrNoDriver, strings.Join(folders, ", "), mendDriver)
}

// checkDriver returns the absolute path of a driver that can be read.
func checkDriver(path string) (string, error) {
	if path == "" {
		return "", fmt.Errorf("%w: %s", ErrNoDriver, mendDriver)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNoDriver, err)
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: %s is not there; %s", ErrNoDriver, path, mendDriver)
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNoDriver, err)
	}
	defer closeQuietly(file)
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNoDriver, err)
	}
	if !info.Mode().IsRegular() || info.Size() == 0 {
		return "", fmt.Errorf("%w: %s is no driver; %s", ErrNoDriver, path, mendDriver)
	}
	return path, nil
}

// readerConf returns the reader configuration, as reader.conf(5) defines it, for virtual readers
// at port, port+2 and so on, whose drivers are in a folder, by driverPath. DEVICENAME must name
// /dev/null: vpcd takes any other host as a card to connect to, and pcscd then aborts when that
// card leaves.
func readerConf(names []string, drivers string, port int) string {
	var b strings.Builder
	for i, name := range names {
		b.WriteString(confEntry(name, driverPath(drivers, i), port+i*SlotsPerReader))
	}
	return b.String()
}

// confEntry returns the configuration of one virtual reader.
func confEntry(name, driver string, port int) string {
	return fmt.Sprintf(`FRIENDLYNAME "%[1]s"
DEVICENAME   /dev/null:0x%04[3]X
LIBPATH      %[2]s
CHANNELID    0x%04[3]X

`, name, driver, port)
}

// driverPath returns where the driver of the i-th reader is. Each has its own copy: vpcd keeps its
// slots in global variables, so that two readers of one library would share their slots.
func driverPath(folder string, i int) string {
	return filepath.Join(folder, fmt.Sprintf("libifdvpcd-%d.so", i))
}
