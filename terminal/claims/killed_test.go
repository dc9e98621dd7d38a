package claims_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// appendInto names the folder into which TestProcessIsKilled's child appends.
const appendInto = "TAPBENCH_TEST_APPEND_INTO"

// TestProcessIsKilled kills a process that appends, and finds every claim that it had told of.
func TestProcessIsKilled(t *testing.T) {
	if path := os.Getenv(appendInto); path != "" {
		j := open(t, folder(t, path))
		for i := 0; ; i++ {
			if _, err := j.Append(key(i), payload(i)); err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Fprintln(os.Stdout, i+1); err != nil {
				t.Fatal(err)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "claims")
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProcessIsKilled$")
	child.Env = append(os.Environ(), appendInto+"="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	told := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if told, err = strconv.Atoi(lines.Text()); err != nil {
			t.Fatal(err)
		}
		if told == 100 {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait() // it was killed
	there := whole(t, open(t, folder(t, path)))
	for i := range told {
		if _, ok := there[key(i)]; !ok {
			t.Errorf("claim %d of %d is lost", i, told)
		}
	}
	if told < 100 {
		t.Errorf("the process told of %d claims", told)
	}
}
