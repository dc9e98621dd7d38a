package capture

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tap is a dialogue as a reader and a payment card have it, with all that may go wrong.
const tap = `# tapbench-apdu v1
atr: 3B 88 80 01 41 42 43 44 45 46 47 48 01
protocol: T=1
reader: a reader
> 00 A4 04 00 0E 32 50 41 59 2E 53 59 53 2E 44 44 46 30 31 00
< 6F 02 84 00 90 00
took 8500 us
> 80 A8 00 00 02 83 00 00
< 77 0A 82 02 19 80 94 04 08 01 01 00 90 00
took 120 us
> 00 B2 01 0C 00
< 70 05 57 03 {pan 11 22 33} 90 00
> 00 B2 02 0C 08
< 6A 83
reset
> 00 20 00 80 08 [pin 8]
< 63 C2
> 00 84 00 00 08
< (un 11 22 33 44 55 66 77 88) 90 00
> 00 88 00 00 04 11 22 33 44 00
< 77 00 90 00
remove
insert
> 00 A4 04 00
< 90 00
tear 2
> 80 AE 80 00 02 83 00 00
! removed
> 80 CA 9F 36 00
< 9F 36 02 00 01 90 00
tear 1
`

// shark runs tshark, or skips the test.
func shark(t *testing.T, file []byte, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("tshark")
	if err != nil {
		if os.Getenv("TAPBENCH_REQUIRE") == "all" {
			t.Fatal(err)
		}
		t.Skipf("light path: %v", err)
	}
	name := filepath.Join(t.TempDir(), "trace.pcapng")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	var fault strings.Builder
	command := exec.CommandContext(t.Context(), path, append([]string{"-n", "-r", name}, args...)...)
	command.Stderr = &fault
	out, err := command.Output()
	if err != nil {
		t.Fatalf("tshark: %v: %s", err, fault.String())
	}
	return string(out)
}

func TestTsharkFindsNothingMalformed(t *testing.T) {
	header, steps := parsed(t, tap)
	for kind, open := range openers() {
		t.Run(kind, func(t *testing.T) {
			file, _ := written(t, open, header, steps)
			filter := "_ws.malformed || _ws.short || iso14443.crc.status == 0 || " +
				"ip.checksum.status == 0 || udp.checksum.status == 0"
			out := shark(t, file, "-Y", filter, "-o", "ip.check_checksum:TRUE",
				"-o", "udp.check_checksum:TRUE", "-d", "iso14443.subdissector,iso7816")
			if out != "" {
				t.Errorf("tshark complains about\n%s", out)
			}
			if text := shark(t, file, "-V"); strings.Contains(text, "Malformed") {
				t.Error("tshark -V says Malformed")
			}
		})
	}
}

func TestTsharkNamesTheFramesOfISO14443(t *testing.T) {
	header, steps := parsed(t, tap)
	file, _ := written(t, NewISO14443Writer, header, steps)
	lines := strings.Split(shark(t, file, "-d", "iso14443.subdissector,iso7816",
		"-T", "fields", "-e", "_ws.col.Info"), "\n")
	want := []string{
		"Field on", "REQA", "ATQA", "Anticollision", "UID", "Select", "SAK", "RATS", "ATS",
		"Select file", "Response APDU (to Select file)",
	}
	if diff := cmp.Diff(want, lines[:len(want)]); diff != "" {
		t.Errorf("first lines (-want +got):\n%s", diff)
	}
	for _, name := range []string{
		"Read record, EF 1, record 1", "Response APDU (to Read record)", "Verify", "Get challenge",
	} {
		if !slices.Contains(lines, name) {
			t.Errorf("no line %q in %q", name, lines)
		}
	}
	got := shark(t, file, "-Y", "iso14443.inf", "-T", "fields", "-E", "separator=/t",
		"-e", "frame.time_epoch", "-e", "iso14443.event", "-e", "iso14443.inf")
	first := "0.000000000\t0xfe\t00a404000e325041592e5359532e444446303100\n" +
		"0.008500000\t0xff\t6f0284009000\n"
	if !strings.HasPrefix(got, first) {
		t.Errorf("blocks are\n%s\nwant first\n%s", got, first)
	}
}

func TestTsharkNamesTheCommandsOfGSMTAP(t *testing.T) {
	header, steps := parsed(t, tap)
	file, _ := written(t, NewGSMTAPWriter, header, steps)
	got := shark(t, file, "-Y", "gsm_sim", "-T", "fields", "-E", "separator=/t",
		"-e", "gsm_sim.apdu.ins", "-e", "gsm_sim.apdu.sw", "-e", "gsm_sim.aid")
	want := `0xa4	0x9000	325041592e5359532e4444463031
0xa8	0x9000	
0xb2	0x9000	
0x20	0x63c2	
0x84	0x9000	
0xca	0x9000	
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("SIM packets (-want +got):\n%s", diff)
	}
	got = shark(t, file, "-Y", "gsmtap_log", "-T", "fields", "-e", "gsmtap_log.ident",
		"-e", "gsmtap_log.string", "-E", "separator=/t")
	for _, line := range []string{
		"> 00 B2 02 0C 08 < 6A 83", "remove insert > 00 A4 04 00 < 90 00",
		"tear 2 > 80 AE 80 00 02 83 00 00 ! removed", "tear 1",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("no log line %q in\n%s", line, got)
		}
	}
}

func TestTsharkShowsTheHeaderAsComment(t *testing.T) {
	header, steps := parsed(t, tap)
	for kind, open := range openers() {
		file, _ := written(t, open, header, steps)
		if !strings.Contains(shark(t, file, "-V"), "> 00 20 00 80 08 [pin 8]") {
			t.Errorf("%s: no comment with what is marked", kind)
		}
	}
}
