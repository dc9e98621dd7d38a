package firmware_test

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"tapbench/testdata"
	"tapbench/tpm/firmware"
)

// Where parts of a log of encode begin.
const (
	specAt  = 32
	eventAt = specAt + 33
)

func TestParseRefuses(t *testing.T) {
	good := encode(event{0, 8, [32]byte{1}, []byte("text")}, event{7, 4, [32]byte{2}, make([]byte, 4)})
	set := func(at int, values ...byte) func([]byte) []byte {
		return func(b []byte) []byte { copy(b[at:], values); return b }
	}
	for _, row := range []struct {
		name string
		edit func([]byte) []byte
		want error
	}{
		{"nothing", func([]byte) []byte { return nil }, firmware.ErrFormat},
		{"cut short", func(b []byte) []byte { return b[:len(b)-1] }, firmware.ErrFormat},
		{"bytes after", func(b []byte) []byte { return append(b, 0xFF) }, firmware.ErrFormat},
		{"too large", func([]byte) []byte { return make([]byte, firmware.MaxLog+1) }, firmware.ErrTooLarge},
		{"of the older form", set(specAt, 'X'), firmware.ErrFormat},
		{"a first event that extends", set(4, 8), firmware.ErrFormat},
		{"a first event of another PCR", set(0, 1), firmware.ErrFormat},
		{"another version", set(specAt+21, 3), firmware.ErrFormat},
		{"too many banks", set(specAt+24, 9), firmware.ErrFormat},
		{"no bank", set(specAt+24, 0, 0, 0, 0, 4, 0, 0, 0, 0), firmware.ErrBank},
		{"only another bank", set(specAt+28, 0x0C), firmware.ErrBank},
		{"digests of no length", set(specAt+30, 0), firmware.ErrFormat},
		{"SHA-256 of another length", set(specAt+30, 31), firmware.ErrFormat},
		{"vendor data beyond the event", set(specAt+32, 1), firmware.ErrFormat},
		{"a PCR that no TPM has", set(eventAt, 24), firmware.ErrFormat},
		{"padding", set(eventAt, 0xFF, 0xFF, 0xFF, 0xFF), firmware.ErrFormat},
		{"no digest", set(eventAt+8, 0), firmware.ErrBank},
		{"two digests", set(eventAt+8, 2), firmware.ErrBank},
		{"a digest of another bank", set(eventAt+12, 0x0C), firmware.ErrBank},
		{"an event of claimed length", set(eventAt+46, 0, 0, 1), firmware.ErrFormat},
		{"an event above the limit", set(eventAt+46, 1, 0, 1), firmware.ErrFormat},
		{"a locality after an extension", func(b []byte) []byte {
			return append(b, encode(locality(3))[eventAt:]...)
		}, firmware.ErrOrder},
		{"a hardware root after an extension", func(b []byte) []byte {
			return append(b, encode(event{0, 0x80000010, [32]byte{}, nil})[eventAt:]...)
		}, firmware.ErrOrder},
	} {
		t.Run(row.name, func(t *testing.T) {
			log, err := firmware.Parse(row.edit(bytes.Clone(good)))
			if !errors.Is(err, row.want) || log != nil {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
	if _, err := firmware.Parse(good); err != nil {
		t.Errorf("unchanged: %v", err)
	}
}

// FuzzParse: what is read is what go-eventlog reads; words hold no control characters; nothing
// panics.
func FuzzParse(f *testing.F) {
	logs, err := fs.Glob(testdata.Firmware, "firmware/*.log")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range logs {
		f.Add(read(f, name))
	}
	f.Add(encode(locality(3), event{0, 8, [32]byte{1}, []byte("text")}))
	f.Fuzz(func(t *testing.T, b []byte) {
		log, err := firmware.Parse(b)
		if err != nil {
			return
		}
		read := ours(log)
		for i, e := range log.Events() {
			if strings.ContainsFunc(e.String(), unicode.IsControl) {
				t.Errorf("event %d: %q", i+1, e)
			}
			if e.PCR == firmware.NoPCR {
				return // go-eventlog takes it for padding
			}
		}
		if google := theirs(t, b); !slices.Equal(google, read) {
			t.Errorf("(-go-eventlog +ours):\n%s", cmp.Diff(google, read))
		}
		if _, err := log.SecureBoot(); err != nil && !errors.Is(err, firmware.ErrSecureBoot) {
			t.Error(err)
		}
	})
}
