package trace_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"tapbench/pcsc/trace"
)

func TestReadAllocatesNothing(t *testing.T) {
	text := trace.Magic + "\n" + strings.Repeat("> 00 84 00 00 04\n< (un 12 34 56 78) {pan 54} 90 00\n"+
		"took 5 us\nidle 7 us\n", 3000)
	in, err := trace.NewReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var step trace.Step
	read := func() {
		if err := in.Read(&step); err != nil {
			t.Fatal(err)
		}
	}
	read()
	if got := testing.AllocsPerRun(4000, read); got != 0 {
		t.Errorf("got %v allocations a step, want none", got)
	}
}

func TestReplayAllocatesNothing(t *testing.T) {
	text := trace.Magic + "\n" + strings.Repeat("> 00 84 00 00 04\n< (un 12 34 56 78) 90 00\n", 3000)
	dialogue, err := trace.Load(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	player := dialogue.Player()
	command := []byte{0x00, 0x84, 0x00, 0x00, 0x04}
	got := testing.AllocsPerRun(2000, func() {
		answer, err := player.Transmit(t.Context(), command)
		if err != nil || len(answer) != 6 {
			t.Fatal(answer, err)
		}
	})
	if got != 0 { // the memory for answers is taken for thousands at once
		t.Errorf("got %v allocations an exchange, want none", got)
	}
}

// TestAnswersAreTheCallers shows that a caller may keep and change what it got.
func TestAnswersAreTheCallers(t *testing.T) {
	dialogue, err := trace.Load(strings.NewReader(
		trace.Magic + "\n> 00 84 00 00 02\n< 12 34 90 00\n> 00 84 00 00 02\n< 56 78 90 00\n"))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		player := dialogue.Player()
		var answers [][]byte
		for range 2 {
			answer, err := player.Transmit(t.Context(), []byte{0x00, 0x84, 0x00, 0x00, 0x02})
			if err != nil {
				t.Fatal(err)
			}
			answers = append(answers, answer)
		}
		answers[0] = append(answers[0], 0xFF)
		clear(answers[0])
		if want := []byte{0x56, 0x78, 0x90, 0x00}; !bytes.Equal(answers[1], want) {
			t.Errorf("got %X, want %X", answers[1], want)
		}
	}
}

// endless is a text of so many exchanges, made as it is read.
type endless struct {
	left int
	text bytes.Buffer
}

func (e *endless) Read(p []byte) (int, error) {
	for e.text.Len() < len(p) && e.left > 0 {
		e.left--
		_, _ = fmt.Fprintf(&e.text, "> 00 B2 %02X 0C 00\n< 70 00 90 00\ntook 5 us\n", e.left%256)
	}
	return e.text.Read(p)
}

// TestMemoryIsThatOfOneExchange passes a long trace on and looks at the heap.
func TestMemoryIsThatOfOneExchange(t *testing.T) {
	const many = 200_000
	text := io.MultiReader(strings.NewReader(trace.Magic+"\n"), &endless{left: many})
	in, err := trace.NewReader(text)
	if err != nil {
		t.Fatal(err)
	}
	out, err := trace.NewWriter(io.Discard, nil)
	if err != nil {
		t.Fatal(err)
	}
	var step trace.Step
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for n := 0; ; n++ {
		err := in.Read(&step)
		if errors.Is(err, io.EOF) {
			if n != many {
				t.Errorf("read %d steps, want %d", n, many)
			}
			break
		}
		if err == nil {
			err = out.Write(step)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if after.HeapAlloc > before.HeapAlloc+1<<20 {
		t.Errorf("the heap grew by %d bytes", after.HeapAlloc-before.HeapAlloc)
	}
}

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
	found := countExchanges(t, path)
	if done < 3000 || found < done {
		t.Errorf("the recording has %d exchanges, the process had told of %d", found, done)
	}
}

// countExchanges reads a recording to its end.
func countExchanges(t *testing.T, path string) (found int) {
	t.Helper()
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	dialogue, err := trace.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	steps := dialogue.Source()
	for {
		step, err := steps.Next()
		if err != nil {
			return found
		}
		if step.Kind == trace.Exchange {
			found++
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
