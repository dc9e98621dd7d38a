// Package scripts_test runs the set-up scripts where they can't hurt: in a folder of their own,
// with stand-ins for the programs that would change the machine.
package scripts_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestSetup runs testdata/*.txtar. Each finds the shell scripts in $WORK/scripts and on its PATH
// nothing but $WORK/bin, which holds what it brings and the few programs that change nothing.
func TestSetup(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Join(env.WorkDir, "bin"))
			if err := linkPrograms(filepath.Join(env.WorkDir, "bin")); err != nil {
				return err
			}
			return copyScripts(filepath.Join(env.WorkDir, "scripts"))
		},
	})
}

// linkPrograms puts harmless programs into a folder, and makes what it finds there executable.
func linkPrograms(dir string) error {
	brought, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return err
	}
	for _, name := range brought {
		if err := os.Chmod(name, 0o755); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, name := range []string{
		"cat", "cksum", "cp", "dirname", "env", "find", "mkdir", "rm", "sed", "sh", "touch",
	} {
		program, err := exec.LookPath(name)
		if err != nil {
			return fmt.Errorf("the scripts need %s: %w", name, err)
		}
		if err := os.Symlink(program, filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// copyScripts copies the scripts under test into a folder, but for those that it holds already.
func copyScripts(dir string) error {
	scripts, err := filepath.Glob("*.sh")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, name := range scripts {
		target := filepath.Join(dir, name)
		if _, err := os.Stat(target); err == nil {
			if err := os.Chmod(target, 0o755); err != nil {
				return err
			}
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(target, text, 0o755); err != nil {
			return err
		}
	}
	return nil
}
