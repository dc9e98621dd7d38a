package testbed

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// writeEnvironment writes the file whole: whoever waits for it may read it at once.
func writeEnvironment(path, script string) error {
	if err := os.WriteFile(path+".new", []byte(script), 0o600); err != nil {
		return fmt.Errorf("writing the environment: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("writing the environment: %w", err)
	}
	return nil
}

// Variable is one of the environment; without a value it is to be unset.
type Variable struct{ Name, Value string }

// Environment is what a second shell, or a command, needs to use a bed. A variable without a
// value is to be unset.
func Environment(bed *bench.Bed, reader string) []Variable {
	env := []Variable{{"TAPBENCH_READER", reader}}
	if bed.Reader != nil {
		// The machine's own pcscd, when that has the virtual reader, is where no variable says else.
		env = append(env, Variable{"PCSCLITE_CSOCK_NAME", bed.Reader.Socket()},
			Variable{"TAPBENCH_SLOTS", bed.SlotSocket()})
	}
	if bed.RenewSocket != "" {
		env = append(env, Variable{RenewVariable, bed.RenewSocket},
			Variable{ReinstallVariable, renewCommand()})
	}
	if bed.TPM != nil {
		roots, _, _ := bed.TPM.EKRoots() // the bank says what is wrong with the file
		env = append(env, Variable{"TAPBENCH_TPM", "unix:" + bed.TPM.Socket()},
			Variable{"TAPBENCH_MEASUREMENTS", bed.List},
			Variable{"TAPBENCH_EK_ROOTS", roots},
			Variable{"TPM2TOOLS_TCTI", bed.TPM.TCTI()})
	}
	return env
}

// shellScript sets the variables in a shell.
func shellScript(env []Variable) string {
	var b strings.Builder
	for _, v := range env {
		if v.Value == "" {
			fmt.Fprintf(&b, "unset %s\n", v.Name)
			continue
		}
		fmt.Fprintf(&b, "export %s='%s'\n", v.Name, strings.ReplaceAll(v.Value, "'", `'\''`))
	}
	return b.String()
}

// showEnvironment prints what a second shell needs.
func showEnvironment(a *shell.App, dir string, env []Variable) error {
	all := make(map[string]string)
	for _, v := range env {
		if v.Value != "" {
			all[v.Name] = v.Value
		}
	}
	return a.Print(all, func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "# the bed is up; in another shell:  . %s\n%s# Ctrl-C ends it\n",
			filepath.Join(dir, "env"), shellScript(env))
	})
}

// The variables by which card check finds out how to make a card fresh.
const (
	RenewVariable     = "TAPBENCH_RENEW"
	ReinstallVariable = "TAPBENCH_REINSTALL"
)

// renewCommand is how a shell runs card renew.
func renewCommand() string {
	program, err := os.Executable()
	if err != nil {
		program = "tapbench"
	}
	if regexp.MustCompile(`[^A-Za-z0-9/._-]`).MatchString(program) {
		program = "'" + strings.ReplaceAll(program, "'", `'\''`) + "'"
	}
	return program + " card renew"
}
