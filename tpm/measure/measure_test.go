package measure_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"tapbench/tpm/measure"
)

// kernelLines were printed by Linux: the first under Debian (an example in a project's manual), the
// second on the kernel's own mailing list. They are the witness that this package isn't checked
// against itself only.
const kernelLines = "10 bb24b135e1c911c97aad8f1c1863efc08cd44c11 ima-ng " +
	"sha256:d41dd4adacf5a35df426461dd8a92d7bdd5ba29bb61a1c3531bec0ada386f8dd " +
	"/usr/lib/x86_64-linux-gnu/libresolv.so.2\n" +
	"11 50b5a68bea0776a84eef6725f17ce474756e51c0 ima-ng " +
	"sha256:15e1efee080fe54f5d7404af7e913de01671e745ce55215d89f3d6521d3884f0 /root/cat\n"

func TestParseASCII_kernel(t *testing.T) {
	list, err := measure.ParseASCII(kernelLines)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(kernelLines, list.ASCII()); diff != "" {
		t.Errorf("printed again (-want +got):\n%s", diff)
	}
	again, err := measure.ParseList(list.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(list.Entries(), again.Entries()); diff != "" {
		t.Errorf("through the binary form (-want +got):\n%s", diff)
	}
}

// TestEncode_layout spells the binary form out, so that a change of layout can't hide behind a
// parser that changed with it. The hash is the kernel's, from kernelLines.
func TestEncode_layout(t *testing.T) {
	list := mustASCII(t, strings.SplitAfter(kernelLines, "\n")[1])
	want := "0b000000" + "50b5a68bea0776a84eef6725f17ce474756e51c0" + "06000000" + "696d612d6e67" +
		"3a000000" +
		"28000000" + "7368613235363a00" +
		"15e1efee080fe54f5d7404af7e913de01671e745ce55215d89f3d6521d3884f0" +
		"0a000000" + "2f726f6f742f63617400"
	if got := hex.EncodeToString(list.Encode()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestReplay(t *testing.T) {
	first := measure.Entry{PCR: 10, Digest: [32]byte{1}, Path: "/a"}
	second := measure.Entry{PCR: 10, Digest: [32]byte{2}, Path: "/b"}
	other := measure.Entry{PCR: 23, Digest: [32]byte{3}, Path: "/c"}

	var empty measure.List
	if got := empty.Replay(10); got != [32]byte{} {
		t.Errorf("empty list: got %x, want zero", got)
	}
	one := sha256.Sum256(join([32]byte{}, first.TemplateHash()))
	two := sha256.Sum256(join(one, second.TemplateHash()))
	list := mustList(t, first, other, second)
	if got := list.Replay(10); got != two {
		t.Errorf("two entries: got %x, want %x", got, two)
	}
	if swapped := mustList(t, second, first); swapped.Replay(10) == two {
		t.Error("a reordered list replays to the same value")
	}
	if got := list.Replay(11); got != [32]byte{} {
		t.Errorf("PCR without entries: got %x, want zero", got)
	}
}

func TestAppend_refuses(t *testing.T) {
	good := measure.Entry{PCR: 10, Path: "/x"}
	for name, entry := range map[string]measure.Entry{
		"a negative PCR":      {PCR: -1, Path: "/x"},
		"a PCR beyond 23":     {PCR: 24, Path: "/x"},
		"no path":             {PCR: 10},
		"a path too long":     {PCR: 10, Path: "/" + strings.Repeat("x", measure.MaxPath)},
		"a space in the path": {PCR: 10, Path: "/my file"},
		"a line feed":         {PCR: 10, Path: "/my\nfile"},
		"a NUL":               {PCR: 10, Path: "/my\x00file"},
	} {
		t.Run(name, func(t *testing.T) {
			list := mustList(t, good)
			if err := list.Append(entry); !errors.Is(err, measure.ErrEntry) {
				t.Errorf("got %v, want ErrEntry", err)
			}
			if list.Len() != 1 {
				t.Errorf("got %d entries, want the list as it was", list.Len())
			}
		})
	}
	t.Run("a list that is full", func(t *testing.T) {
		long := measure.Entry{PCR: 10, Path: "/" + strings.Repeat("x", measure.MaxPath-1)}
		list, err := new(measure.List), error(nil)
		for err == nil {
			err = list.Append(long)
		}
		if !errors.Is(err, measure.ErrTooLong) {
			t.Errorf("got %v, want ErrTooLong", err)
		}
		if n := len(list.Encode()); n > measure.MaxList {
			t.Errorf("list of %d bytes", n)
		}
	})
}

func TestParseList_refuses(t *testing.T) {
	entry := measure.Entry{PCR: 10, Digest: [32]byte{7}, Path: "/usr/bin/wallet"}
	good := mustList(t, entry).Encode()
	change := func(offset int, with ...byte) []byte {
		b := append([]byte(nil), good...)
		copy(b[offset:], with)
		return b
	}
	const name, data = 28, 38 // offsets of the name and of the template data
	for _, row := range []struct {
		name string
		in   []byte
		want error
	}{
		{"more than MaxList", make([]byte, measure.MaxList+1), measure.ErrTooLong},
		{"a list cut short", good[:len(good)-1], measure.ErrFormat},
		{"half a header", good[:10], measure.ErrFormat},
		{"a PCR beyond 23", change(0, 24), measure.ErrEntry},
		{"a violation", change(4, make([]byte, 20)...), measure.ErrViolation},
		{"another template", change(name, 'x'), measure.ErrTemplate},
		{"a length of 4 GiB", change(24, 0xFF, 0xFF, 0xFF, 0xFF), measure.ErrFormat},
		{"a data length beyond the end", change(data-4, 0xFF), measure.ErrFormat},
		{"another hash algorithm", change(data+4, 's', 'h', 'a', '5', '1', '2'), measure.ErrTemplate},
		{"a digest field of another length", change(data, 39), measure.ErrTemplate},
		{"a path length beyond the data", change(data+44, 0xFF), measure.ErrFormat},
		{"bytes after the path", change(data+44, 3), measure.ErrFormat},
		{"a path without NUL", change(len(good)-1, 'x'), measure.ErrFormat},
		{"a changed digest", change(data+12, 8), measure.ErrTemplateHash},
		{"a changed path", change(len(good)-2, 'x'), measure.ErrTemplateHash},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, err := measure.ParseList(row.in); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
}

func TestParseASCII_refuses(t *testing.T) {
	line := strings.SplitAfter(kernelLines, "\n")[0]
	edit := func(old, with string) string { return strings.Replace(line, old, with, 1) }
	for _, row := range []struct {
		name, in string
		want     error
	}{
		{"more than MaxList", strings.Repeat("\n", measure.MaxList+1), measure.ErrTooLong},
		{"no line feed", strings.TrimSpace(line), measure.ErrFormat},
		{"an empty line", "\n", measure.ErrFormat},
		{"a field too many", edit("/usr", "/usr /usr"), measure.ErrFormat},
		{"a PCR that is no number", edit("10", "xx"), measure.ErrFormat},
		{"a PCR beyond 23", edit("10", "99"), measure.ErrEntry},
		{"a violation", edit("bb24b135e1c911c97aad8f1c1863efc08cd44c11",
			strings.Repeat("0", 40)), measure.ErrViolation},
		{"another template", edit("ima-ng", "ima-sig"), measure.ErrTemplate},
		{"another hash algorithm", edit("sha256", "sha512"), measure.ErrTemplate},
		{"half a digest", edit("d41dd4ad", ""), measure.ErrFormat},
		{"upper case digits", edit("d41dd4ad", "D41DD4AD"), measure.ErrFormat},
		{"a changed path", edit("libresolv", "libresalv"), measure.ErrTemplateHash},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, err := measure.ParseASCII(row.in); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
}

func TestContent(t *testing.T) {
	got, err := measure.Content("/opt/my wallet", strings.NewReader("release 1"))
	if err != nil {
		t.Fatal(err)
	}
	want := measure.Entry{
		PCR: 10, Digest: sha256.Sum256([]byte("release 1")), Path: "/opt/my_wallet",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
	if _, err := measure.Content("/a\nb", strings.NewReader("")); !errors.Is(err, measure.ErrEntry) {
		t.Errorf("a line feed in the path: got %v, want ErrEntry", err)
	}
	broken := errors.New("disk on fire")
	if _, err := measure.Content("/a", iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("unreadable content: got %v, want the cause", err)
	}
}

func FuzzParseList(f *testing.F) {
	list, err := measure.ParseASCII(kernelLines)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(list.Encode())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, in []byte) {
		list, err := measure.ParseList(in)
		if err != nil {
			return
		}
		if diff := cmp.Diff(in, list.Encode(), cmp.Comparer(sameBytes)); diff != "" {
			t.Errorf("written again (-read +written):\n%s", diff)
		}
		again, err := measure.ParseASCII(list.ASCII())
		if err != nil {
			t.Fatalf("its own ASCII form is refused: %v", err)
		}
		if again.Replay(measure.DefaultPCR) != list.Replay(measure.DefaultPCR) {
			t.Error("the ASCII form replays to another value")
		}
	})
}

func sameBytes(a, b []byte) bool { return string(a) == string(b) }

func join(a, b [32]byte) []byte { return append(a[:], b[:]...) }

func mustList(t *testing.T, entries ...measure.Entry) *measure.List {
	t.Helper()
	list := new(measure.List)
	for _, e := range entries {
		if err := list.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

func mustASCII(t *testing.T, text string) *measure.List {
	t.Helper()
	list, err := measure.ParseASCII(text)
	if err != nil {
		t.Fatal(err)
	}
	return list
}
