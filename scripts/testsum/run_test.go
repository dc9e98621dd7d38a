package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sum runs the command in a folder of its own and returns what it prints and its exit code.
func sum(ctx context.Context, t *testing.T, args ...string) (string, int) {
	t.Helper()
	var output strings.Builder
	code := run(ctx, args, &output, &output)
	return output.String(), code
}

// noSkips returns the flags for an empty list of allowed skips.
func noSkips(t *testing.T) []string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "skips.txt")
	write(t, name, "# none\n")
	return []string{"-allow", name}
}

func TestWrongCalls(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"nothing to test":    {[]string{"-light"}, 2, "Usage of testsum"},
		"a flag with no end": {[]string{"-java"}, 2, "flag needs an argument"},
		"no list of skips":   {[]string{"-allow", "missing", "./..."}, 1, "list of allowed skips"},
		"no recorded run": {
			append(noSkips(t), "-read", "missing"), 1, "reading the recorded run",
		},
	} {
		t.Run(name, func(t *testing.T) {
			output, code := sum(t.Context(), t, c.args...)
			if code != c.code || !strings.Contains(output, c.want) {
				t.Errorf("got exit code %d, want %d and %q in\n%s", code, c.code, c.want, output)
			}
		})
	}
}

func TestParseOptionsLeavesGoItsFlags(t *testing.T) {
	args := []string{"-light", "-java", "applet", "-count=1", "-run", "-light", "./..."}
	got, err := parseOptions(args, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"-count=1", "-run", "-light", "./..."}
	if diff := cmp.Diff(want, got.test); diff != "" || !got.light || got.java != "applet" {
		t.Errorf("got %+v (-want +got):\n%s", got, diff)
	}
}

func TestParseAllowed(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"refuses an entry without a reason": {"tapbench/a TestB\n", `list:1: got "tapbench/a TestB"`},
		"refuses an empty reason":           {"tapbench/a TestB: \n", "list:1: got"},
		"refuses an entry without a test":   {"# x\n\ntapbench/a: why\n", "list:3: got"},
		"refuses a long list": {
			strings.Repeat("tapbench/a TestB: why\n", 11), "list has 11 entries, at most 10",
		},
		"accepts a short list": {strings.Repeat("tapbench/a TestB: why\n", 10), ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseAllowed("list", c.text)
			if (c.want == "") != (err == nil) ||
				err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// module makes a Go module with one test and moves there.
func module(t *testing.T, body string) {
	t.Helper()
	t.Chdir(t.TempDir())
	write(t, "go.mod", "module example.org/m\n\ngo 1.26\n")
	write(t, "a_test.go", "package m\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\n"+
		"func TestIt(t *testing.T) {\n\t_ = os.Args\n\t"+body+"\n}\n")
}

func TestGoTest(t *testing.T) {
	skips := noSkips(t)
	module(t, "")
	if output, code := sum(t.Context(), t, append(skips, "./missing")...); code != 1 ||
		!strings.Contains(output, "0 passed, 1 failed") {
		t.Errorf("got exit code %d for a package that isn't there:\n%s", code, output)
	}
	output, code := sum(t.Context(), t, append(skips, "-count=1", "./...")...)
	if code != 0 || !strings.HasSuffix(output, "\n1 passed, 0 failed, 0 skipped\n") {
		t.Errorf("got exit code %d, want 0 and one test:\n%s", code, output)
	}
}

func TestInterruptedRunFails(t *testing.T) {
	skips := noSkips(t)
	started := filepath.Join(t.TempDir(), "started")
	if err := syscall.Mkfifo(started, 0o600); err != nil {
		t.Fatal(err)
	}
	module(t, "if _, err := os.OpenFile(`"+started+"`, os.O_WRONLY, 0); err != nil {\n"+
		"\t\tt.Fatal(err)\n\t}\n\tselect {}")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	go func() {
		if f, err := os.Open(started); err == nil { // once the test under the test has begun
			cancel()
			_ = f.Close()
		}
	}()
	output, code := sum(ctx, t, append(skips, "-count=1", "./...")...)
	for _, want := range []string{"TestIt didn't finish", "the run was interrupted"} {
		if code != 1 || !strings.Contains(output, want) {
			t.Errorf("got exit code %d, want 1 and %q in\n%s", code, want, output)
		}
	}
}
