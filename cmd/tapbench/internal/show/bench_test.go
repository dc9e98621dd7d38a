package show_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"tapbench/cmd/tapbench/internal/show"
	"tapbench/pcsc/trace"
)

// BenchmarkTraceShow shows a trace as text, beside reading it and throwing it away.
func BenchmarkTraceShow(b *testing.B) {
	archive, err := txtar.ParseFile("testdata/tap.txtar")
	if err != nil {
		b.Fatal(err)
	}
	text := string(archive.Files[0].Data)
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if err := write(io.Discard, strings.NewReader(text), &show.Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("baseline", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if err := readAll(text); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func readAll(text string) error {
	r, err := trace.NewReader(strings.NewReader(text))
	for err == nil {
		_, err = r.Next()
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
