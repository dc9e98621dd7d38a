package logs_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"tapbench/pcsc/trace"
	"tapbench/pcsc/trace/logs"
)

// fuzz reads any bytes as one form. What is read must be a trace, and reading it again from the
// dump that it makes must give the same.
func fuzz(f *testing.F, form logs.Form) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "*.*"))
	if err != nil || len(files) == 0 {
		f.Fatal(err, files)
	}
	for _, name := range files {
		seed, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, log []byte) {
		first, _, err := text(bytes.NewReader(log), logs.Options{Form: form})
		var syntax *trace.SyntaxError
		switch {
		case err == nil:
		case errors.Is(err, logs.ErrForm):
			return
		case errors.As(err, &syntax):
			if syntax.Line < 1 || syntax.Column < 1 {
				t.Errorf("no place in %v", err)
			}
			return
		default:
			t.Fatalf("log of %d bytes: %v", len(log), err)
		}
		again, err := throughDump(first)
		if err != nil {
			t.Fatalf("%v in the dump of:\n%s", err, first)
		}
		if again != first {
			t.Errorf("got %s, want %s", again, first)
		}
	})
}

// throughDump writes a trace as a dump and reads that.
func throughDump(trc string) (string, error) {
	in, err := trace.NewReader(bytes.NewReader([]byte(trc)))
	if err != nil {
		return "", err
	}
	var dump bytes.Buffer
	w, err := logs.NewDumpWriter(&dump, in.Header())
	if err != nil {
		return "", err
	}
	for {
		step, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = w.Write(step)
		}
		if err != nil {
			return "", err
		}
	}
	again, _, err := text(&dump, logs.Options{Form: logs.APDU4J})
	return again, err
}

func FuzzAPDU4J(f *testing.F) { fuzz(f, logs.APDU4J) }
func FuzzGPPro(f *testing.F)  { fuzz(f, logs.GPPro) }
func FuzzPCSCD(f *testing.F)  { fuzz(f, logs.PCSCD) }
func FuzzOpenSC(f *testing.F) { fuzz(f, logs.OpenSC) }
