package message_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const vectorFolder = "../../testdata/vectors/message"

var update = flag.Bool("update", false, "write the vectors anew")

// vector is one file of the vectors that Go and Java share: hexadecimal values under flat names.
type vector struct {
	Name   string            `json:"name"`
	Fields map[string]string `json:"fields"`
}

// fields are a vector's values before they are written as hexadecimal digits.
type fields map[string][]byte

func (f fields) vector(name string) vector {
	v := vector{Name: name, Fields: map[string]string{}}
	for key, value := range f {
		v.Fields[key] = hex.EncodeToString(value)
	}
	return v
}

func (v vector) encode(t *testing.T) []byte {
	t.Helper()
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(raw, '\n')
}

// TestVectors makes every vector anew, from fixed keys, and compares it with its file. A file that
// nobody makes is a failure too.
func TestVectors(t *testing.T) {
	if *update && os.Getenv("CI") != "" {
		t.Fatal("-update is for people: in CI the files stay as they are")
	}
	made := map[string]bool{}
	for name, build := range vectorBuilders() {
		made[name+".json"] = true
		t.Run(name, func(t *testing.T) {
			want := build(t).vector(name)
			path := filepath.Join(vectorFolder, name+".json")
			if *update {
				if err := os.WriteFile(path, want.encode(t), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			compareVector(t, path, want)
		})
	}
	files, err := os.ReadDir(vectorFolder)
	if err != nil || len(files) == 0 {
		t.Fatalf("vectors: %d files, %v", len(files), err)
	}
	for _, file := range files {
		if !made[file.Name()] {
			t.Errorf("%s belongs to no test", file.Name())
		}
	}
}

func compareVector(t *testing.T, path string, want vector) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	var got vector
	if err := decoder.Decode(&got); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s differs (-computed +file):\n%s", path, diff)
	}
	if !bytes.Equal(raw, want.encode(t)) {
		t.Errorf("%s isn't in its canonical form", path)
	}
}
