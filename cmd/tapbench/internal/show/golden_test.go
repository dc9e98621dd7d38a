package show_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"tapbench/cmd/tapbench/internal/show"
)

var update = flag.Bool("update", false, "write what is shown into the golden files")

// TestShownTrace shows a trace in every way. The file's first part is the trace; the others are
// what is shown of it.
func TestShownTrace(t *testing.T) {
	t.Parallel()
	const name = "testdata/tap.txtar"
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if os.Getenv("CI") != "" {
			t.Fatal("golden files are not written in CI")
		}
		archive.Files = archive.Files[:1]
	}
	trace := string(archive.Files[0].Data)
	forms := []struct {
		name string
		o    *show.Options
	}{
		{"text", &show.Options{}},
		{"narrow", &show.Options{Width: 60}},
		{"brief", &show.Options{Brief: true}},
		{"bytes", &show.Options{Bytes: true, Width: 120}},
		{"colour", &show.Options{Colour: true, Brief: true}},
		{"json", nil},
	}
	for n, form := range forms {
		got := shown(t, trace, form.o)
		got = strings.ReplaceAll(got, "\x1b", "␛")
		if *update {
			archive.Files = append(archive.Files, txtar.File{Name: form.name, Data: []byte(got)})
			continue
		}
		if n+1 >= len(archive.Files) {
			t.Fatalf("%s has no part %s", name, form.name)
		}
		if diff := cmp.Diff(string(archive.Files[n+1].Data), got); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", form.name, diff)
		}
	}
	if *update {
		if err := os.WriteFile(name, txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// shown returns a whole trace as text, or as JSON Lines without options.
func shown(t *testing.T, trace string, o *show.Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out, strings.NewReader(trace), o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// write shows a whole trace.
func write(w io.Writer, r io.Reader, o *show.Options) error {
	d, err := show.Open(r)
	if err != nil {
		return err
	}
	hand := func(i *show.Item) error { return show.WriteJSON(w, i) }
	if o != nil {
		text := show.NewText(w, *o)
		hand = func(i *show.Item) error {
			text.Item(i)
			return text.Err()
		}
	}
	if err := hand(d.Header()); err != nil {
		return err
	}
	var totals show.Totals
	for {
		item, err := d.Next()
		if errors.Is(err, io.EOF) {
			return hand(totals.Item())
		}
		if err != nil {
			return err
		}
		totals.Add(item)
		if err := hand(item); err != nil {
			return err
		}
	}
}
