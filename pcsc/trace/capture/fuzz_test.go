package capture

import (
	"errors"
	"testing"

	"tapbench/pcsc/trace/capture/gsmtap"
	"tapbench/pcsc/trace/capture/iso14443"
	"tapbench/pcsc/trace/capture/pcapfile"
)

// FuzzCapture reads files that are anything. An error says at which packet and byte; and a trace
// that was read is read again from a capture of either kind that is written of it.
func FuzzCapture(f *testing.F) {
	f.Add(foreign(f, gsmtap.LinkEthernet, pysim))
	f.Add(foreign(f, iso14443.LinkType, sniffed))
	f.Add(commented(f, gsmtap.LinkEthernet, "# tapbench-apdu v1", "# tapbench-apdu v1\ntear 1"))
	header, steps := parsed(f, tap)
	for _, open := range openers() {
		file, _ := written(f, open, header, steps)
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		text, _, err := read(t, file)
		var fault *pcapfile.FileError
		if err != nil && !errors.As(err, &fault) {
			t.Fatalf("%T %v", err, err)
		}
		if text == "" {
			return
		}
		header, steps := parsed(t, text)
		for kind, open := range openers() {
			again, lost := written(t, open, header, steps)
			got, _, err := read(t, again)
			if err != nil {
				t.Fatal(err)
			}
			if got != text && len(lost) == 0 {
				t.Fatalf("as %s\n%s\nbecame\n%s", kind, text, got)
			}
		}
	})
}
