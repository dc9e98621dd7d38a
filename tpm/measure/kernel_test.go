package measure_test

import (
	"encoding/hex"
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/testdata"
	"tapbench/tpm/measure"
)

// TestKernel replays what a real kernel's IMA kept to the PCR 10 that the kernel read from its TPM.
func TestKernel(t *testing.T) {
	lists, err := fs.Glob(testdata.IMA, "ima/*.bin")
	if err != nil || len(lists) == 0 {
		t.Fatalf("no lists in testdata/ima: %v", err)
	}
	for _, name := range lists {
		t.Run(path.Base(name), func(t *testing.T) {
			binary := read(t, name)
			list, err := measure.ParseList(binary)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(binary, list.Encode()); diff != "" {
				t.Errorf("written again (-want +got):\n%s", diff)
			}
			stem := strings.TrimSuffix(name, ".bin")
			if diff := cmp.Diff(string(read(t, stem+".txt")), list.ASCII()); diff != "" {
				t.Errorf("in ASCII (-kernel +ours):\n%s", diff)
			}
			value := list.Replay(measure.DefaultPCR)
			want := strings.ToLower(strings.TrimSpace(string(read(t, stem+".pcr10"))))
			if got := hex.EncodeToString(value[:]); got != want {
				t.Errorf("PCR 10: replayed %s, the kernel read %s", got, want)
			}
		})
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := testdata.IMA.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
