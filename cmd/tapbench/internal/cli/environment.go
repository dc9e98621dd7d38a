package cli

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

type variable struct{ name, value string }

// upEnvironment is what a second shell, or a command, needs to use a bed. A variable without a
// value is to be unset.
func upEnvironment(bed *bench.Bed, reader string) []variable {
	env := []variable{{"TAPBENCH_READER", reader}}
	if bed.Reader != nil {
		// The machine's own pcscd, when that has the virtual reader, is where no variable says else.
		env = append(env, variable{"PCSCLITE_CSOCK_NAME", bed.Reader.Socket()},
			variable{"TAPBENCH_SLOTS", bed.SlotSocket()})
	}
	if bed.RenewSocket != "" {
		env = append(env, variable{renewVariable, bed.RenewSocket},
			variable{reinstallVariable, renewCommand()})
	}
	if bed.TPM != nil {
		roots, _, _ := bed.TPM.EKRoots() // the bank says what is wrong with the file
		env = append(env, variable{"TAPBENCH_TPM", "unix:" + bed.TPM.Socket()},
			variable{"TAPBENCH_MEASUREMENTS", bed.List},
			variable{"TAPBENCH_EK_ROOTS", roots},
			variable{"TPM2TOOLS_TCTI", bed.TPM.TCTI()})
	}
	return env
}

// shellScript sets the variables in a shell.
func shellScript(env []variable) string {
	var b strings.Builder
	for _, v := range env {
		if v.value == "" {
			fmt.Fprintf(&b, "unset %s\n", v.name)
			continue
		}
		fmt.Fprintf(&b, "export %s='%s'\n", v.name, strings.ReplaceAll(v.value, "'", `'\''`))
	}
	return b.String()
}

// showEnvironment prints what a second shell needs.
func showEnvironment(a *shell.App, dir string, env []variable) error {
	all := make(map[string]string)
	for _, v := range env {
		if v.value != "" {
			all[v.name] = v.value
		}
	}
	return a.Print(all, func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "# the bed is up; in another shell:  . %s\n%s# Ctrl-C ends it\n",
			filepath.Join(dir, "env"), shellScript(env))
	})
}

// The variables by which card check finds out how to make a card fresh.
const (
	renewVariable     = "TAPBENCH_RENEW"
	reinstallVariable = "TAPBENCH_REINSTALL"
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
