package trace_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"tapbench/pcsc/trace"
)

// recordInto names the file into which TestRecordingIsKilled's child records.
const recordInto = "TAPBENCH_TEST_RECORD_INTO"

// TestRecordingIsKilled kills a process that records, and finds every exchange that the process had
// seen the end of.
func TestRecordingIsKilled(t *testing.T) {
	if path := os.Getenv(recordInto); path != "" {
		recordForever(t, path)
	}
	path := filepath.Join(t.TempDir(), "killed.apdu")
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRecordingIsKilled$")
	child.Env = append(os.Environ(), recordInto+"="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	done := 0 // exchanges that the child has told of
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if done, err = strconv.Atoi(lines.Text()); err != nil {
			t.Fatal(err)
		}
		if done == 3000 {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait() // it was killed
	if found := countExchanges(t, path, done); done < 3000 || found < done {
		t.Errorf("the recording has %d exchanges, the process had told of %d", found, done)
	}
}

// countExchanges reads a recording to its end, where a part of a step may stand. Of the exchanges,
// so many are known to be whole.
func countExchanges(t *testing.T, path string, whole int) (found int) {
	t.Helper()
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	in, err := trace.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	answer := bytes.Repeat([]byte{0x5A}, 100)
	for {
		step, err := in.Next()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		if step.Kind != trace.Exchange {
			continue
		}
		found++
		if found <= whole && (step.Answer.Match(answer) >= 0 || step.Took == 0) {
			t.Fatalf("exchange %d isn't whole: %+v", found, step)
		}
	}
}

// recordForever records, and tells how many exchanges are done after each, until it is killed.
func recordForever(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(filepath.Clean(path))
	if err != nil {
		t.Fatal(err)
	}
	card, err := trace.NewRecorder(constantCard(), file, trace.Options{
		Redact: trace.RevealAll, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; ; n++ {
		if _, err := card.Transmit(t.Context(), []byte{0x00, 0xB2, 0x01, 0x0C, 0x00}); err != nil {
			t.Fatal(err)
		}
		_, _ = os.Stdout.WriteString(strconv.Itoa(n) + "\n")
	}
}
