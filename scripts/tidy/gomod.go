package main

import (
	"context"
	"os/exec"
	"strings"
)

// checkModule asks the go command whether go.mod and go.sum name what is imported and nothing else.
func checkModule(ctx context.Context, root string) []finding {
	command := exec.CommandContext(ctx, "go", "mod", "tidy", "-diff")
	command.Dir = root
	output, err := command.CombinedOutput()
	if err == nil {
		return nil
	}
	text := strings.TrimSpace(string(output))
	if text == "" {
		text = err.Error()
	}
	text = "go mod tidy has something to do\n" + text
	return []finding{{path: "go.mod", line: 1, text: text, rule: "module"}}
}
