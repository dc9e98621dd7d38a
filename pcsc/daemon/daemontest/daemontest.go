package daemontest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tapbench/pcsc/daemon"
)

// startLimit bounds a start, which takes well under a second on an idle machine.
const startLimit = time.Minute

// Missing ends the test because something that isn't part of Go is missing: what names it.
func Missing(tb testing.TB, what string) {
	tb.Helper()
	if os.Getenv("TAPBENCH_REQUIRE") == "all" {
		tb.Fatalf("TAPBENCH_REQUIRE=all, but this is missing: %s", what)
	}
	tb.Skipf("light path: %s", what)
}

// Config returns a configuration for a daemon with the named readers, whose folder is removed with
// the test. It ends the test if pcscd or the driver is missing.
func Config(tb testing.TB, readers ...string) daemon.Config {
	tb.Helper()
	config, err := FindConfig(readers...)
	if err != nil {
		Missing(tb, err.Error())
	}
	config.Dir = folder(tb)
	return config
}

// FindConfig returns a configuration for a daemon with the named readers in the system's folder
// for temporary files, for a TestMain. The error wraps daemon.ErrNoDriver.
func FindConfig(readers ...string) (daemon.Config, error) {
	root, err := repository()
	if err != nil {
		return daemon.Config{}, err
	}
	driver, err := daemon.FindDriver(filepath.Join(root, "build", "vpcd"))
	if err != nil {
		return daemon.Config{}, err
	}
	return daemon.Config{Readers: readers, Driver: driver}, nil
}

// Start starts a daemon with the named readers that ends with the test.
func Start(tb testing.TB, readers ...string) *daemon.Daemon {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	d, err := daemon.Start(ctx, Config(tb, readers...))
	if Unavailable(err) {
		Missing(tb, err.Error())
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := d.Stop(); err != nil {
			tb.Errorf("stopping the private pcscd: %v", err)
		}
	})
	return d
}

// Unavailable reports whether err says that this machine can't have a private pcscd.
func Unavailable(err error) bool {
	return errors.Is(err, daemon.ErrNoPCSCD) || errors.Is(err, daemon.ErrNoDriver) ||
		errors.Is(err, daemon.ErrNamespaces)
}

// folder returns a new folder with a short path, for sockets, that is removed with the test.
// testing's own folders bear the test's name and can be too long.
func folder(tb testing.TB) string {
	tb.Helper()
	path, err := os.MkdirTemp("", "tb-")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(path); err != nil {
			tb.Error(err)
		}
	})
	return path
}

// repository returns the folder that holds go.mod, from a test's working folder upwards.
func repository() (string, error) {
	path, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
			return path, nil
		}
		parent := filepath.Dir(path)
		if parent == path {
			return "", errors.New("no go.mod above the test's folder")
		}
		path = parent
	}
}
