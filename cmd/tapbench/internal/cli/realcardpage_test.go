package cli_test

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"tapbench/cmd/tapbench/internal/cli"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// TestRealCardPage: the commands of docs/real-card.md are there, with the flags that it names.
func TestRealCardPage(t *testing.T) {
	page, err := os.ReadFile("../../../../docs/real-card.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile(`(?m)^tapbench ([a-z]+(?: [a-z]+)?) ?(.*)$`)
	flags := regexp.MustCompile(`--[a-z-]+`)
	found := commands.FindAllStringSubmatch(string(page), -1)
	if len(found) < 10 {
		t.Fatalf("%d commands on the page", len(found))
	}
	for _, command := range found {
		var out, log bytes.Buffer
		args := append(strings.Fields(command[1]), "--help")
		streams := shell.Streams{
			In: strings.NewReader(""), Out: &out, Err: &log,
			Getenv: func(string) string { return "" },
		}
		if code := cli.Main(t.Context(), args, streams); code != 0 {
			t.Errorf("%s: exit code %d: %s", command[0], code, log.String())
		}
		if !strings.Contains(out.String(), "Usage:\n  tapbench "+command[1]+" ") {
			t.Errorf("%s: no command %s", command[0], command[1])
		}
		for _, flag := range flags.FindAllString(command[2], -1) {
			if !regexp.MustCompile(flag + `[ \[]`).MatchString(out.String()) {
				t.Errorf("%s: no flag %s", command[0], flag)
			}
		}
	}
}
