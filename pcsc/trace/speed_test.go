package trace_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"tapbench/pcsc/trace"
)

func TestReadAllocatesNothing(t *testing.T) {
	const many = 2000
	head, steps, _ := strings.Cut(allLines(), "3B 00\n")
	in, err := trace.NewReader(strings.NewReader(head + "3B 00\n" + strings.Repeat(steps, many)))
	if err != nil {
		t.Fatal(err)
	}
	var step trace.Step
	readRound := func(rounds int) {
		for rounds > 0 {
			if err := in.Read(&step); err != nil {
				t.Fatal(err)
			}
			if step.Kind == trace.Insert { // the last of each round
				rounds--
			}
		}
	}
	readRound(1) // which takes the memory for the longest message, and learns the labels
	if got := testing.AllocsPerRun(1, func() { readRound(many/2 - 1) }); got != 0 {
		t.Errorf("got %v allocations in %d rounds, want none", got, many/2-1)
	}
}

func TestReplayAllocatesNothing(t *testing.T) {
	const many = 1000
	dialogue, err := trace.Load(strings.NewReader(magic +
		strings.Repeat("> 00 84 00 00 04\n< (un 12 34 56 78) 90 00\ntook 5 us\nidle 7 us\n", 2*many)))
	if err != nil {
		t.Fatal(err)
	}
	player := dialogue.Player()
	command := []byte{0x00, 0x84, 0x00, 0x00, 0x04}
	ctx := t.Context()
	got := testing.AllocsPerRun(1, func() { // it runs twice
		for range many {
			answer, err := player.Transmit(ctx, command)
			if err != nil || len(answer) != 6 {
				t.Fatal(answer, err)
			}
		}
	})
	if got != 0 {
		t.Errorf("got %v allocations in %d exchanges, want none", got, many)
	}
	if err := player.Close(); err != nil {
		t.Error(err)
	}
}

// TestAPlayerOfAStreamAllocatesForManyAtOnce plays from a text: each allocation serves as many
// answers as fit into it.
func TestAPlayerOfAStreamAllocatesForManyAtOnce(t *testing.T) {
	const many = 4000
	player, err := trace.NewPlayer(strings.NewReader(
		magic + strings.Repeat("> 00 84 00 00 04\n< 12 34 56 78 90 00\n", 2*many)))
	if err != nil {
		t.Fatal(err)
	}
	command := []byte{0x00, 0x84, 0x00, 0x00, 0x04}
	ctx := t.Context()
	got := testing.AllocsPerRun(1, func() { // it runs twice
		for range many {
			if _, err := player.Transmit(ctx, command); err != nil {
				t.Fatal(err)
			}
		}
	})
	if want := many / 1000.0; got > want {
		t.Errorf("got %v allocations in %d exchanges, want at most %v", got, many, want)
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

// TestMemoryIsThatOfOneExchange passes a long trace on and looks at the heap on the way.
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
	before := heap()
	for n := 0; ; n++ {
		if n%(many/5) == 0 {
			if now := heap(); now > before+256<<10 {
				t.Errorf("after %d exchanges the heap has grown by %d bytes", n, now-before)
			}
		}
		err := in.Read(&step)
		if errors.Is(err, io.EOF) {
			if n != many {
				t.Errorf("read %d steps, want %d", n, many)
			}
			return
		}
		if err == nil {
			err = out.Write(step)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// heap returns how many bytes are in use.
func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
