package received_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/cmd/tapbench/internal/received"
)

func TestReadRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON":            "hello\n",
		"no path":            `{"data":"AA=="}` + "\n",
		"no base64":          `{"at":"/v1/info","data":"?"}` + "\n",
		"a line without end": strings.Repeat("x", 5<<20),
	} {
		t.Run(name, func(t *testing.T) {
			err := received.Read(strings.NewReader(text), func(received.Message) error { return nil })
			if !errors.Is(err, received.ErrFormat) {
				t.Errorf("got %v, want %v", err, received.ErrFormat)
			}
		})
	}
}

func TestRecorder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "received", "tsm.jsonl")
	want := []received.Message{
		{At: "/v1/info", Data: []byte("{}")},
		{At: received.AtISO8583, Data: []byte{0, 0xFF, '\n'}},
	}
	for _, m := range want { // a party that is started again goes on
		r, err := received.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		r.Add(m.At, m.Data)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"whole": raw, "cut off": append(raw, `{"at":"/v1`...),
	} {
		t.Run(name, func(t *testing.T) {
			var got []received.Message
			err := received.Read(bytes.NewReader(text), func(m received.Message) error {
				got = append(got, m)
				return nil
			})
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%v, -want +got:\n%s", err, diff)
			}
		})
	}
}

func TestRecorderNil(t *testing.T) {
	var r *received.Recorder
	r.Add("/", nil)
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// FuzzRead has every message that is read written and read again.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"at":"/v1/info","data":"e30="}` + "\n"))
	f.Add([]byte("\n{}\n"))
	path := filepath.Join(f.TempDir(), "record")
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		var first, second []received.Message
		r, err := received.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		_ = received.Read(bytes.NewReader(text), func(m received.Message) error {
			first = append(first, m)
			r.Add(m.At, m.Data)
			return nil
		})
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		err = received.Read(file, func(m received.Message) error {
			second = append(second, m)
			return nil
		})
		if diff := cmp.Diff(first, second); err != nil || diff != "" {
			t.Errorf("%v, -first +second:\n%s", err, diff)
		}
	})
}
