package daemon_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tapbench/pcsc/daemon"
	"tapbench/pcsc/daemon/daemontest"
)

// write makes a file in a new folder and returns its path.
func write(t *testing.T, name, text string, mode fs.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestStartRefusesConfigurations(t *testing.T) {
	sound := daemontest.Config(t)
	tests := map[string]struct {
		change func(*daemon.Config)
		want   error
		text   string
	}{
		"a reader without a name": {
			func(c *daemon.Config) { c.Readers = []string{""} }, daemon.ErrConfig, "1 to 121 bytes",
		},
		"a name with a quote": {
			func(c *daemon.Config) { c.Readers = []string{`a"b`} }, daemon.ErrConfig, "quotes",
		},
		"a name with a line break": {
			func(c *daemon.Config) { c.Readers = []string{"a\nb"} }, daemon.ErrConfig, "printable",
		},
		"a name too long": {
			func(c *daemon.Config) { c.Readers = []string{strings.Repeat("a", 122)} },
			daemon.ErrConfig, "not 122",
		},
		"two readers of one name": {
			func(c *daemon.Config) { c.Readers = []string{"a", "a"} }, daemon.ErrConfig, "two readers",
		},
		"too many readers": {
			func(c *daemon.Config) { c.Readers = strings.Split("a b c d e f g h i", " ") },
			daemon.ErrConfig, "at most 8",
		},
		"a folder that is not there": {
			func(c *daemon.Config) { c.Dir = filepath.Join(c.Dir, "absent") },
			daemon.ErrConfig, "absent",
		},
		"a folder with a long path": {
			func(c *daemon.Config) {
				c.Dir = filepath.Join(t.TempDir(), strings.Repeat("long", 25))
				if err := os.Mkdir(c.Dir, 0o700); err != nil {
					t.Fatal(err)
				}
			}, daemon.ErrConfig, "shorter path",
		},
		"no pcscd": {
			func(c *daemon.Config) { c.PCSCD = "/nonexistent/pcscd" },
			daemon.ErrNoPCSCD, "apt-get install pcscd",
		},
		"no driver named": {
			func(c *daemon.Config) { c.Driver = "" }, daemon.ErrNoDriver, "scripts/vpcd-driver.sh",
		},
		"a driver that is not there": {
			func(c *daemon.Config) { c.Driver = "/nonexistent/libifdvpcd.so" },
			daemon.ErrNoDriver, "scripts/vpcd-driver.sh",
		},
		"a folder for a driver": {
			func(c *daemon.Config) { c.Driver = t.TempDir() }, daemon.ErrNoDriver, "is no driver",
		},
		"an empty driver": {
			func(c *daemon.Config) { c.Driver = write(t, "libifdvpcd.so", "", 0o600) },
			daemon.ErrNoDriver, "is no driver",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			config, before := sound, mounts(t)
			test.change(&config)
			d, err := daemon.Start(t.Context(), config)
			if d != nil {
				_ = d.Stop()
			}
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %v, want %v that says %q", err, test.want, test.text)
			}
			checkNothingLeft(t, sound.Dir, before)
		})
	}
}

// fakePCSCD makes a program that answers --version as pcscd does and otherwise runs body.
func fakePCSCD(t *testing.T, body string) string {
	t.Helper()
	return write(t, "pcscd", "#!/bin/sh\n[ \"$1\" = --version ] && exit 0\n"+body+"\n", 0o700)
}

func TestStartUnwindsWhenPCSCDFails(t *testing.T) {
	sound := daemontest.Config(t)
	tests := map[string]struct {
		change func(*daemon.Config)
		want   error
		text   string
	}{
		"a driver that is no library": {
			func(c *daemon.Config) { c.Driver = write(t, "libifdvpcd.so", "no ELF", 0o600) },
			daemon.ErrNotReady, "opened no slot 0",
		},
		"pcscd has no version": {
			func(c *daemon.Config) { c.PCSCD = write(t, "pcscd", "#!/bin/sh\nexit 1\n", 0o700) },
			daemon.ErrNotReady, "asking pcscd for its version",
		},
		"pcscd ends at once": {
			func(c *daemon.Config) { c.PCSCD = fakePCSCD(t, "echo no luck >&2; exit 3") },
			daemon.ErrNotReady, "exit status 3; it said: no luck",
		},
		"pcscd never answers": {
			func(c *daemon.Config) { c.PCSCD = fakePCSCD(t, "exec sleep 60") },
			context.DeadlineExceeded, "",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			config, before := sound, mounts(t)
			test.change(&config)
			ctx := t.Context()
			if errors.Is(test.want, context.DeadlineExceeded) {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, time.Second)
				defer cancel()
			}
			d, err := daemon.Start(ctx, config)
			if d != nil {
				_ = d.Stop()
			}
			if daemontest.Unavailable(err) {
				daemontest.Missing(t, err.Error())
			}
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %v, want %v that says %q", err, test.want, test.text)
			}
			checkNothingLeft(t, sound.Dir, before)
		})
	}
}

func TestStartWithCancelledContext(t *testing.T) {
	config, before := daemontest.Config(t), mounts(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := daemon.Start(ctx, config); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	checkNothingLeft(t, config.Dir, before)
}

func TestStartUnwindsAtEachStep(t *testing.T) {
	cause := errors.New("this step fails")
	for _, step := range []string{"folder", "warden", "ready"} {
		t.Run(step, func(t *testing.T) {
			config, before := daemontest.Config(t), mounts(t)
			reached := false
			err := daemon.StartFailing(t.Context(), config, func(passed string) error {
				if passed != step {
					return nil
				}
				reached = true
				return cause
			})
			if daemontest.Unavailable(err) {
				daemontest.Missing(t, err.Error())
			}
			if !reached || !errors.Is(err, cause) {
				t.Errorf("got %v (step reached: %t), want %v", err, reached, cause)
			}
			checkNothingLeft(t, config.Dir, before)
		})
	}
}
