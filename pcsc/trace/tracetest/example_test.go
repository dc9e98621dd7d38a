package tracetest_test

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"tapbench/pcsc"
	"tapbench/pcsc/trace/tracetest"
)

// Balance is the code under test: it asks a purse how much is in it.
func Balance(ctx context.Context, card pcsc.Card) (uint32, error) {
	var number [4]byte
	if _, err := rand.Read(number[:]); err != nil {
		return 0, err
	}
	get := append([]byte{0x80, 0x5C, 0x00, 0x02, 0x04}, number[:]...)
	for _, command := range [][]byte{{0x00, 0xA4, 0x04, 0x00, 0x02, 0xF0, 0x01}, append(get, 0x04)} {
		answer, err := card.Transmit(ctx, command)
		if err != nil {
			return 0, err
		}
		if len(answer) == 6 {
			return binary.BigEndian.Uint32(answer), nil
		}
	}
	return 0, errors.New("the purse doesn't say its balance")
}

// TestBalance needs no card and no reader: the recording is the card.
func TestBalance(t *testing.T) {
	card := tracetest.Play(t, "testdata/balance.apdu")
	got, err := Balance(t.Context(), card)
	if err != nil || got != 1250 {
		t.Errorf("got %d, %v, want 1250", got, err)
	}
}

// TestPage holds the example of docs/comparing.md to the one above, which runs.
func TestPage(t *testing.T) {
	page, err := os.ReadFile("../../../docs/comparing.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(page), "```go\n")
	example, _, found := strings.Cut(example, "```")
	if !found || !strings.Contains(string(source), example) {
		t.Errorf("docs/comparing.md has another test than this file:\n%s", example)
	}
}

// What isn't next in the recording fails the test, and so does what nobody asks for.
func ExamplePlay() {
	t := &printed{w: os.Stdout} // in a test: its *testing.T
	defer t.end()

	card := tracetest.Play(t, "testdata/balance.apdu")
	selectPurse := []byte{0x00, 0xA4, 0x04, 0x00, 0x02, 0xF0, 0x01}
	answer, err := card.Transmit(context.Background(), selectPurse)
	fmt.Printf("% X %v\n", answer, err)
	// Output:
	// 90 00 <nil>
	// testdata/balance.apdu:6: nobody asked for command 80 5C 00 02 (10 bytes)
	// want:
	// > 80 5C 00 02 04 (un 12 34 56 78) 04
	// < 00 00 04 E2 90 00
	// took 5120 us
}

// printed is a test that prints what it has to complain of.
type printed struct {
	testing.TB
	w        io.Writer
	cleanups []func()
}

func (p *printed) Helper()           {}
func (p *printed) Cleanup(f func())  { p.cleanups = append(p.cleanups, f) }
func (p *printed) Error(args ...any) { _, _ = fmt.Fprintln(p.w, args...) }

func (p *printed) end() {
	for i := range p.cleanups {
		p.cleanups[len(p.cleanups)-1-i]()
	}
}
