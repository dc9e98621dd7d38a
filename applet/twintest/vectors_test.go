package twintest

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"testing"

	"tapbench/testdata"
)

var vectorFlag = flag.String("twins.vector", "", "ask both twins the dialogue in this file")

// TestVectors asks both twins what once made them differ.
func TestVectors(t *testing.T) {
	machine := recorded(t, "")
	if *vectorFlag != "" {
		raw, err := os.ReadFile(*vectorFlag)
		if err != nil {
			t.Fatal(err)
		}
		ask(t, &fuzzer{machine: machine}, raw)
		return
	}
	files, err := fs.Glob(testdata.Vectors, "vectors/twins/*.apdu")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d vectors, %v", len(files), err)
	}
	for _, name := range files {
		t.Run(name, func(t *testing.T) {
			raw, err := fs.ReadFile(testdata.Vectors, name)
			if err != nil {
				t.Fatal(err)
			}
			ask(t, &fuzzer{machine: machine}, raw)
		})
	}
}

func ask(t *testing.T, f *fuzzer, raw []byte) {
	t.Helper()
	steps, answers, err := readVector(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	w, err := newTwins(f.machine, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range steps {
		answer, err := w.do(s)
		if err != nil {
			t.Fatalf("step %d: %v", i+1, err)
		}
		if !bytes.Equal(answer, answers[i]) {
			t.Fatalf("step %d: both answer %X, want %X", i+1, answer, answers[i])
		}
	}
	if err := w.close(); err != nil {
		t.Error(err)
	}
}
