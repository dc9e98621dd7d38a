package jcardsim_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"tapbench/applet/jcardsim"
)

func TestReceive(t *testing.T) {
	for name, row := range map[string]struct {
		raw  string
		want string
		err  error
	}{
		"nothing":                 {"", "", io.EOF},
		"half a length":           {"\x00", "", io.ErrUnexpectedEOF},
		"less than said":          {"\xFF\xFFab", "", io.ErrUnexpectedEOF},
		"more than said":          {"\x00\x01ab", "", jcardsim.ErrPipe},
		"more than said, nothing": {"\x00\x00a", "", jcardsim.ErrPipe},
		"no data":                 {"\x00\x00", "", nil},
		"data":                    {"\x00\x02ab", "ab", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := jcardsim.Receive(bytes.NewReader([]byte(row.raw)))
			if !errors.Is(err, row.err) || string(got) != row.want {
				t.Errorf("got %q, %v, want %q, %v", got, err, row.want, row.err)
			}
		})
	}
	t.Run("byte by byte", func(t *testing.T) {
		raw := append([]byte{0xFF, 0xFF}, make([]byte, 1<<16-1)...)
		got, err := jcardsim.Receive(iotest.OneByteReader(bytes.NewReader(raw)))
		if err != nil || !bytes.Equal(got, raw[2:]) {
			t.Errorf("got %d bytes, %v", len(got), err)
		}
	})
}

func TestParseTransmitted(t *testing.T) {
	const state = 3
	for name, row := range map[string]struct {
		raw, answer, fields string
		ok                  bool
	}{
		"nothing":                 {"", "", "", false},
		"half a length":           {"\x00", "", "", false},
		"longer than there is":    {"\x00\x03ab", "", "", false},
		"a state that's too long": {"\x00\x02ab1234", "", "", false},
		"half a state":            {"\x00\x02ab12", "", "", false},
		"power was cut":           {"\x00\x00", "", "", true},
		"nothing changed":         {"\x00\x02ab", "ab", "", true},
		"changed":                 {"\x00\x02ab123", "ab", "123", true},
	} {
		t.Run(name, func(t *testing.T) {
			answer, fields, err := jcardsim.ParseTransmitted([]byte(row.raw), state)
			if (err == nil) != row.ok || err != nil && !errors.Is(err, jcardsim.ErrPipe) ||
				string(answer) != row.answer || string(fields) != row.fields {
				t.Errorf("got %q, %q, %v", answer, fields, err)
			}
		})
	}
}

// FuzzTransmitted wants of whatever is accepted that it is written the same way again.
func FuzzTransmitted(f *testing.F) {
	f.Add([]byte("\x00\x02\x90\x00"))
	f.Add([]byte("\x00\x02\x90\x00abcdefgh"))
	f.Add([]byte("\xFF\xFF\x90\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		const state = 8
		answer, fields, err := jcardsim.ParseTransmitted(raw, state)
		if err != nil {
			return
		}
		again := binary.BigEndian.AppendUint16(nil, uint16(len(answer)))
		again = append(append(again, answer...), fields...)
		if !bytes.Equal(again, raw) || len(fields) != 0 && len(fields) != state {
			t.Errorf("%x became %x", raw, again)
		}
	})
}
