package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// prover runs models of one kind.
type prover struct {
	tools []string // programs that must be on the PATH
	// prove runs a model in a folder of its own and returns its verdicts.
	prove func(ctx context.Context, folder string, m model) ([]string, error)
}

// provers returns all of them; models is the folder of the models.
func provers(models string) map[string]prover {
	files := source(models)
	return map[string]prover{
		"proverif": {[]string{"proverif"}, files.proverif},
		"spin":     {[]string{"spin", "cc"}, files.spin},
		"maude":    {[]string{"maude"}, files.maude},
	}
}

// missing returns the first program that isn't on the PATH, or "".
func (p prover) missing() string {
	for _, tool := range p.tools {
		if _, err := exec.LookPath(tool); err != nil {
			return tool
		}
	}
	return ""
}

// source is the folder of the models.
type source string

// read returns a file's variant.
func (s source) read(name string, flags []string) (string, error) {
	text, err := os.ReadFile(filepath.Join(string(s), filepath.FromSlash(name)))
	if err != nil {
		return "", fmt.Errorf("reading the model: %w", err)
	}
	return variant(string(text), flags), nil
}

// copy writes a file's variant into a folder.
func (s source) copy(name string, flags []string, to string) error {
	text, err := s.read(name, flags)
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, []byte(text), 0o600); err != nil {
		return fmt.Errorf("writing the variant: %w", err)
	}
	return nil
}

// proverif gives ProVerif one library, made of all of the model's.
func (s source) proverif(ctx context.Context, folder string, m model) ([]string, error) {
	var library strings.Builder
	for _, name := range m.with {
		text, err := s.read(name+".pvl", nil)
		if err != nil {
			return nil, err
		}
		library.WriteString(text)
	}
	if err := os.WriteFile(filepath.Join(folder, "library.pvl"), []byte(library.String()),
		0o600); err != nil {
		return nil, fmt.Errorf("writing the library: %w", err)
	}
	if err := s.copy(m.source+".pv", m.variant, filepath.Join(folder, "model.pv")); err != nil {
		return nil, err
	}
	output, err := execute(ctx, folder, "", "proverif", "-lib", "library", "model.pv")
	if err != nil {
		return nil, err
	}
	return readProVerif(output)
}

// spin writes the verifier in C, compiles it and runs it.
func (s source) spin(ctx context.Context, folder string, m model) ([]string, error) {
	if err := s.copy(m.source+".pml", nil, filepath.Join(folder, "model.pml")); err != nil {
		return nil, err
	}
	arguments := make([]string, 0, len(m.variant)+2)
	for _, flag := range m.variant {
		arguments = append(arguments, "-D"+flag)
	}
	arguments = append(arguments, "-a", "model.pml")
	if _, err := execute(ctx, folder, "", "spin", arguments...); err != nil {
		return nil, err
	}
	arguments = []string{"-O1", "-w", "-DSAFETY", "-o", "pan", "pan.c"}
	if _, err := execute(ctx, folder, "", "cc", arguments...); err != nil {
		return nil, err
	}
	output, err := execute(ctx, folder, "", filepath.Join(folder, "pan"), "-m100000")
	if err != nil {
		return nil, err
	}
	return readSpin(output)
}

func (s source) maude(ctx context.Context, _ string, m model) ([]string, error) {
	text, err := s.read(m.source+".maude", m.variant)
	if err != nil {
		return nil, err
	}
	output, err := execute(ctx, "", text, "maude", "-no-banner", "-no-wrap")
	if err != nil {
		return nil, err
	}
	return readMaude(output)
}

// execute runs a program and returns all that it prints.
func execute(ctx context.Context, folder, input, name string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, name, arguments...)
	command.Dir, command.Stdin = folder, strings.NewReader(input)
	command.WaitDelay = time.Second
	output, err := command.CombinedOutput()
	if ctx.Err() != nil {
		return "", fmt.Errorf("%s: %w", filepath.Base(name), ctx.Err())
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", filepath.Base(name), err, lastLine(string(output)))
	}
	return string(output), nil
}

// lastLine returns the last line that says something.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
