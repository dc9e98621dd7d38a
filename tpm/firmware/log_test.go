package firmware_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-eventlog/register"
	"github.com/google/go-eventlog/tcg"

	"tapbench/testdata"
	"tapbench/tpm/firmware"
	"tapbench/tpm/measure"
)

// TestRecorded replays what real firmware logged to the PCRs that the kernel read from its TPM.
func TestRecorded(t *testing.T) {
	logs, err := fs.Glob(testdata.Firmware, "firmware/*.log")
	if err != nil || len(logs) == 0 {
		t.Fatalf("no logs in testdata/firmware: %v", err)
	}
	for _, name := range logs {
		stem := strings.TrimSuffix(name, ".log")
		t.Run(path.Base(stem), func(t *testing.T) {
			log := recorded(t, stem)
			list, err := measure.ParseList(read(t, stem+".ima"))
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for pcr := range 11 {
				value := log.Replay(pcr)
				if !firmware.Explains(pcr) {
					value = list.Replay(pcr)
				}
				fmt.Fprintf(&got, "%d %X\n", pcr, value)
			}
			if diff := cmp.Diff(string(read(t, stem+".pcrs")), got.String()); diff != "" {
				t.Errorf("PCRs (-kernel +replayed):\n%s", diff)
			}
			first := list.Entries()[0]
			if first.Path != firmware.AggregateName || first.Digest != log.BootAggregate() {
				t.Errorf("the list begins with %s %x, want %x", first.Path, first.Digest,
					log.BootAggregate())
			}
		})
	}
}

func TestRecordedSecureBoot(t *testing.T) {
	for stem, want := range map[string]firmware.SecureBoot{
		"firmware/ovmf": {},
		"firmware/ovmf-secureboot": {
			On: true, Authorities: []string{"O=SnakeOil,L=Fort Collins,ST=Colorado,C=US"},
		},
	} {
		got, err := recorded(t, stem).SecureBoot()
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", stem, err, diff)
		}
	}
}

func TestRecordedInWords(t *testing.T) {
	var got []string
	for _, e := range recorded(t, "firmware/ovmf-secureboot").Events() {
		got = append(got, fmt.Sprintf("%d %s %v %s", e.PCR, e.Type, e.Measured(), e))
	}
	if diff := cmp.Diff(strings.Split(strings.TrimSpace(words), "\n"), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRecordedByGoogle compares what go-eventlog reads.
func TestRecordedByGoogle(t *testing.T) {
	for _, stem := range []string{"firmware/ovmf", "firmware/ovmf-secureboot"} {
		if diff := cmp.Diff(theirs(t, read(t, stem+".log")), ours(recorded(t, stem))); diff != "" {
			t.Errorf("%s (-go-eventlog +ours):\n%s", stem, diff)
		}
	}
}

// plain is an event without its methods.
type plain struct {
	PCR    int
	Type   uint32
	Digest string
	Data   string
}

func ours(log *firmware.Log) (out []plain) {
	for _, e := range log.Events() {
		out = append(out, plain{e.PCR, uint32(e.Type), hex.EncodeToString(e.Digest[:]), string(e.Data)})
	}
	return out
}

func theirs(t *testing.T, raw []byte) (out []plain) {
	t.Helper()
	log, err := tcg.ParseEventLog(raw, tcg.ParseOpts{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range log.Events(register.HashSHA256) {
		out = append(out, plain{e.Index, uint32(e.Type), hex.EncodeToString(e.Digest), string(e.Data)})
	}
	return out
}

func TestReplayFirstValue(t *testing.T) {
	digest := [32]byte{1}
	from := func(last byte) [32]byte {
		return measure.Extend([32]byte{31: last}, digest)
	}
	for _, row := range []struct {
		name   string
		events []event
		want   [32]byte
	}{
		{"no event", nil, [32]byte{}},
		{"informative events only", []event{{0, 3, digest, []byte("text")}}, [32]byte{}},
		{"locality 0", []event{{0, 8, digest, nil}}, from(0)},
		{"locality 3", []event{locality(3), {0, 8, digest, nil}}, from(3)},
		{"locality of another PCR", []event{
			{1, 3, digest, locality(3).data}, {0, 8, digest, nil},
		}, from(0)},
		{"hardware root", []event{{0, 0x80000010, digest, nil}}, from(4)},
		{"hardware root and locality", []event{locality(3), {0, 0x80000010, digest, nil}}, from(4)},
	} {
		t.Run(row.name, func(t *testing.T) {
			log, err := firmware.Parse(encode(row.events...))
			if err != nil {
				t.Fatal(err)
			}
			if got := log.Replay(0); got != row.want {
				t.Errorf("got %x, want %x", got, row.want)
			}
		})
	}
}

func TestExplains(t *testing.T) {
	for pcr, want := range map[int]bool{-1: false, 0: true, 9: true, 10: false, 15: true, 16: false} {
		if got := firmware.Explains(pcr); got != want {
			t.Errorf("PCR %d: got %v, want %v", pcr, got, want)
		}
	}
}

func TestLogCannotBeChanged(t *testing.T) {
	raw := encode(event{7, 4, sha256.Sum256(make([]byte, 4)), make([]byte, 4)})
	log, err := firmware.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	before := ours(log)
	clear(raw)
	clear(log.Events()[0].Data[:1])
	log.Events()[0].Data[3] = 9
	if diff := cmp.Diff(before, ours(log)); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

func recorded(t *testing.T, stem string) *firmware.Log {
	t.Helper()
	log, err := firmware.Parse(read(t, stem+".log"))
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := testdata.Firmware.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const words = `
0 EV_S_CRTM_VERSION true 2 bytes
0 EV_EFI_PLATFORM_FIRMWARE_BLOB false firmware of 917504 bytes at 820000
0 EV_EFI_PLATFORM_FIRMWARE_BLOB false firmware of 12582912 bytes at 900000
7 EV_EFI_VARIABLE_DRIVER_CONFIG true SecureBoot = 01
7 EV_EFI_VARIABLE_DRIVER_CONFIG true PK, 935 bytes
7 EV_EFI_VARIABLE_DRIVER_CONFIG true KEK, 935 bytes
7 EV_EFI_VARIABLE_DRIVER_CONFIG true db, 935 bytes
7 EV_EFI_VARIABLE_DRIVER_CONFIG true dbx, 76 bytes
7 EV_SEPARATOR true the firmware hands over
1 EV_EFI_VARIABLE_BOOT false BootOrder = 0000010002000300
1 EV_EFI_VARIABLE_BOOT false Boot0000, 62 bytes
1 EV_EFI_VARIABLE_BOOT false Boot0001, 108 bytes
1 EV_EFI_VARIABLE_BOOT false Boot0002, 78 bytes
1 EV_EFI_VARIABLE_BOOT false Boot0003, 88 bytes
4 EV_EFI_ACTION true Calling EFI Application from Boot Option
0 EV_SEPARATOR true the firmware hands over
1 EV_SEPARATOR true the firmware hands over
2 EV_SEPARATOR true the firmware hands over
3 EV_SEPARATOR true the firmware hands over
4 EV_SEPARATOR true the firmware hands over
5 EV_SEPARATOR true the firmware hands over
6 EV_SEPARATOR true the firmware hands over
4 EV_EFI_ACTION true Returning from EFI Application from Boot Option
4 EV_EFI_ACTION true Calling EFI Application from Boot Option
7 EV_EFI_VARIABLE_AUTHORITY true db, 907 bytes
4 EV_EFI_BOOT_SERVICES_APPLICATION false image of 9365008 bytes at 1C4E7018
11 EV_IPL false .linux
11 EV_IPL false .linux
11 EV_IPL false .cmdline
11 EV_IPL false .cmdline
11 EV_IPL false .initrd
11 EV_IPL false .initrd
9 EV_EVENT_TAG false LOADED_IMAGE::LoadOptions
9 EV_EVENT_TAG false Linux initrd
5 EV_EFI_ACTION true Exit Boot Services Invocation
5 EV_EFI_ACTION true Exit Boot Services Returned with Success
`
