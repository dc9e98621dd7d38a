package jcardsim

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Built returns how to start a machine with what scripts/applet.sh has compiled into a folder. An
// error wraps [ErrNotBuilt].
func Built(folder string) (Config, error) {
	path := []string{filepath.Join(folder, "applet"), filepath.Join(folder, "bridge")}
	for _, dir := range path {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return Config{}, fmt.Errorf("%w: no folder %s", ErrNotBuilt, dir)
		}
	}
	libraries, err := filepath.Glob(filepath.Join(folder, "lib", "*.jar"))
	if err != nil || len(libraries) == 0 {
		return Config{}, fmt.Errorf("%w: no library in %s", ErrNotBuilt, filepath.Join(folder, "lib"))
	}
	return Config{
		Classpath: strings.Join(append(path, libraries...), string(filepath.ListSeparator)),
	}, nil
}

// Torn returns how to start a machine from a folder, as [Built] does, whose JVM runs the tearing
// agent over the applet.
func Torn(folder string) (Config, error) { return withAgent(folder, "tapbench;from=/applet") }

// Recorded returns how to start a machine from a folder, as [Built] does, whose cards can draw from
// recorded sources: see [Machine.Record].
func Recorded(folder string) (Config, error) { return withAgent(folder, "sources") }

func withAgent(folder, arguments string) (Config, error) {
	cfg, err := Built(folder)
	if err != nil {
		return Config{}, err
	}
	agent := filepath.Join(folder, "agent.jar")
	if _, err := os.Stat(agent); err != nil {
		return Config{}, fmt.Errorf("%w: no %s", ErrNotBuilt, agent)
	}
	cfg.Options = []string{"-javaagent:" + agent + "=" + arguments}
	return cfg, nil
}
