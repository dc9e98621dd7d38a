package saved_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"tapbench/applet/saved"
	"tapbench/applet/statefile/bound"
)

func TestDecodeRefuses(t *testing.T) {
	fields := []byte("all that a card keeps")
	good := saved.Encode(fields)
	change := func(at int) []byte {
		raw := bytes.Clone(good)
		raw[at] ^= 1
		return raw
	}
	for name, row := range map[string]struct {
		raw  []byte
		want error
		says string
	}{
		"nothing":             {nil, saved.ErrForeign, "0 bytes"},
		"text":                {[]byte("a shopping list\n"), saved.ErrForeign, "other beginning"},
		"cut off":             {good[:len(good)-1], saved.ErrForeign, "length"},
		"a byte too many":     {append(bytes.Clone(good), 0), saved.ErrForeign, "length"},
		"another name":        {change(0), saved.ErrForeign, "other beginning"},
		"another version":     {change(7), saved.ErrForeign, "version 4, this program's is 5"},
		"of the next century": {change(6), saved.ErrForeign, "version 261"},
		"name alone":          {[]byte("TAPBSE\x00\x05"), saved.ErrForeign, "8 bytes"},
		"a bit of the fields": {change(10), saved.ErrForeign, "checksum"},
		"a bit of the sum":    {change(len(good) - 1), saved.ErrForeign, "checksum"},
		"bound":               {append([]byte("TBBOUND\x01"), good...), bound.ErrBound, "bound"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := saved.Decode(row.raw, len(fields))
			if !errors.Is(err, row.want) || !strings.Contains(err.Error(), row.says) {
				t.Errorf("got %v, want %v with %q", err, row.want, row.says)
			}
		})
	}
	beginning := good[:8]
	if _, err := saved.Decode(beginning, len(beginning)-saved.Overhead); !errors.Is(err,
		saved.ErrForeign) {
		t.Errorf("a state that is cut off before its fields: %v", err)
	}
	if got, err := saved.Decode(good, len(fields)); err != nil || !bytes.Equal(got, fields) {
		t.Errorf("got %q, %v", got, err)
	}
}

// FuzzDecode wants of whatever is accepted that it is written the same way again.
func FuzzDecode(f *testing.F) {
	f.Add(saved.Encode([]byte("all that a card keeps")), 21)
	f.Add([]byte("TAPBSE\x00\x05"), 0)
	f.Add([]byte{}, -40)
	f.Add([]byte("TAPBSE\x00\x05"), -32)
	f.Fuzz(func(t *testing.T, raw []byte, length int) {
		fields, err := saved.Decode(raw, length)
		if err == nil && (len(fields) != length || !bytes.Equal(saved.Encode(fields), raw)) {
			t.Errorf("%x has the fields %x", raw, fields)
		}
	})
}

func TestMemory(t *testing.T) {
	var m saved.Memory
	if raw, err := m.Load(); raw != nil || err != nil {
		t.Errorf("new: got %q, %v", raw, err)
	}
	state := []byte("first")
	if err := m.Commit(state); err != nil {
		t.Fatal(err)
	}
	state[0] = 'F'
	if raw, err := m.Load(); string(raw) != "first" || err != nil {
		t.Errorf("got %q, %v", raw, err)
	}
}
