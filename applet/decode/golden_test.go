package decode_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/decode"
)

var update = flag.Bool("update", false, "write what is read into the golden files")

// render writes an exchange as text. Of what differs from run to run it shows the label.
func render(b *strings.Builder, p pair, x *decode.Exchange) {
	fmt.Fprintf(b, "%s", x.Name)
	for _, s := range []string{x.Source, x.Application, x.Phase.String()} {
		if s != "" {
			fmt.Fprintf(b, " | %s", s)
		}
	}
	fmt.Fprintf(b, " | known %t, continued %t\n", x.Known, x.Continued)
	for i, fields := range [][]decode.Field{x.Command, x.Answer} {
		message := [][]byte{p.command, p.answer}[i]
		for _, f := range fields {
			renderField(b, []string{">", "<"}[i], f, message[f.Off:f.Off+f.Len])
		}
	}
}

func renderField(b *strings.Builder, mark string, f decode.Field, value []byte) {
	fmt.Fprintf(b, "  %s %3d %3d  %s", mark, f.Start, f.Len, strings.Repeat("  ", f.Depth))
	if f.Tag != 0 {
		fmt.Fprintf(b, "%s ", f.Tag)
	}
	b.WriteString(f.Name)
	switch {
	case f.Template:
	case varies(f.Variation):
		fmt.Fprintf(b, " (%s)", f.Variation.Label())
	case f.Secrecy == decode.Clear && len(value) > 0 && len(value) <= 40:
		fmt.Fprintf(b, ": % X", value)
	}
	if label := f.Secrecy.Label(); label != "" && !f.Template {
		fmt.Fprintf(b, " {%s}", label)
	} else if words := decode.Describe(f, value); words != "" && !varies(f.Variation) {
		fmt.Fprintf(b, " = %s", words)
	}
	b.WriteString("\n")
}

// varies reports whether a value differs from one run of these tests to the next.
func varies(v decode.Variation) bool {
	return v != decode.Constant && v != decode.ProtocolStatus
}

// golden compares text with a file, or writes the file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// TestOwnDialogue: a whole tap of our own card, from the first command to the TC.
func TestOwnDialogue(t *testing.T) {
	d, b := decode.New(), &strings.Builder{}
	for _, p := range ownDialogue(t) {
		render(b, p, d.Exchange(p.command, p.answer))
	}
	golden(t, "own.txt", b.String())
}

// TestPublished: dialogues by the structures of the standards.
func TestPublished(t *testing.T) {
	b := &strings.Builder{}
	for _, e := range published() {
		fmt.Fprintf(b, "# %s\n", e.name)
		d := decode.New()
		for _, p := range []pair{e.first, e.then, e.last} {
			if p.command == nil {
				continue
			}
			x := d.Exchange(p.command, p.answer)
			checkExchange(t, p, x)
			render(b, p, x)
		}
	}
	golden(t, "published.txt", b.String())
}
