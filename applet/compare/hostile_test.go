package compare_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"tapbench/applet/compare"
	"tapbench/pcsc/trace"
)

// endless is a trace of so many exchanges, each made by write from its number.
type endless struct {
	n, most int
	write   func(n int) string
	rest    string
}

func newEndless(most int, write func(n int) string) *endless {
	return &endless{most: most, write: write, rest: trace.Magic + "\n"}
}

func (e *endless) Read(b []byte) (int, error) {
	for e.rest == "" {
		if e.n == e.most {
			return 0, io.EOF
		}
		e.rest = e.write(e.n)
		e.n++
	}
	n := copy(b, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func numbered(n int) string {
	return fmt.Sprintf("> 90 10 %02X %02X\n< %02X 90 00\n", n>>8&0xFF, n&0xFF, n>>16&0xFF)
}

// compareEndless compares two traces and returns the summary and the most memory in use, in bytes.
func compareEndless(t testing.TB, a, b *endless) (compare.Summary, uint64) {
	t.Helper()
	one, err1 := trace.NewReader(a)
	other, err2 := trace.NewReader(b)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	var most uint64
	events := 0
	summary, err := compare.Dialogues(one, other, func(compare.Event) error {
		if events++; events%20_000 == 0 || events == 100 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return summary, most
}

// mostMemory is what a comparison may hold at a time: the windows of both sides and the table.
const mostMemory = 64 << 20

func TestHostileDialogues(t *testing.T) {
	const n = 30_000
	same := func(int) string { return "> 00 84 00 00 08\n< 01 02 90 00\n" }
	for _, row := range []struct {
		name string
		a, b *endless
		want compare.Summary
	}{
		{
			"nothing in common", newEndless(n, numbered), newEndless(n, func(n int) string {
				return strings.Replace(numbered(n), "> 90 10", "> 90 20", 1)
			}), compare.Summary{OnlyA: n, OnlyB: n},
		},
		{
			"always the same, once more", newEndless(n, same), newEndless(n+1, same),
			compare.Summary{Same: n, OnlyB: 1},
		},
		{
			"one is the beginning of the other", newEndless(n, numbered), newEndless(n/2, numbered),
			compare.Summary{Same: n / 2, OnlyA: n / 2},
		},
		{
			"one is empty", newEndless(0, numbered), newEndless(n, numbered),
			compare.Summary{OnlyB: n},
		},
		{
			"every other differs", newEndless(n, numbered), newEndless(n, func(n int) string {
				if n%2 == 0 {
					return numbered(n)
				}
				return strings.Replace(numbered(n), "90 00\n", "90 01\n", 1)
			}), compare.Summary{Same: n / 2, Differing: n / 2},
		},
		{
			"shifted by half a window", newEndless(n, func(n int) string { return numbered(n + 500) }),
			newEndless(n, numbered),
			compare.Summary{Same: n - 500, OnlyA: 500, OnlyB: 500},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, memory := compareEndless(t, row.a, row.b)
			if got.Same != row.want.Same || got.Differing != row.want.Differing ||
				got.OnlyA != row.want.OnlyA || got.OnlyB != row.want.OnlyB || got.Moved != 0 {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
			if memory > mostMemory {
				t.Errorf("%d bytes of memory, want at most %d", memory, mostMemory)
			}
		})
	}
}

// Long APDUs fill the window before it has its number of exchanges.
func TestLongAPDUs(t *testing.T) {
	long := func(n int) string {
		line := strings.Repeat(fmt.Sprintf("%02X ", n&0xFF), 31)
		return "> 90 10 00 00\n< " + line + "00\n" + strings.Repeat("  "+line+"00\n", 2000)
	}
	const n = 300
	summary, memory := compareEndless(t, newEndless(n, long),
		newEndless(n, func(n int) string { return long(n + 7) }))
	if got := summary.Same + summary.Differing + summary.Moved + summary.OnlyA; got != n {
		t.Errorf("%d exchanges of A were told, want %d: %+v", got, n, summary)
	}
	if memory > 2*mostMemory {
		t.Errorf("%d bytes of memory, want at most %d", memory, 2*mostMemory)
	}
}
