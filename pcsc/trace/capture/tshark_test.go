package capture

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc/trace"
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

func TestTsharkFindsNothingWrong(t *testing.T) {
	header, steps := parsed(t, tap)
	for kind, open := range openers() {
		t.Run(kind, func(t *testing.T) {
			file, _ := written(t, open, header, steps)
			text := shark(t, file, "-V", "-o", "ip.check_checksum:TRUE",
				"-o", "udp.check_checksum:TRUE", "-d", "iso14443.subdissector,iso7816")
			for line := range strings.Lines(text) {
				for _, fault := range []string{"Malformed", "Bad", "incorrect", "Error"} {
					if strings.Contains(line, fault) {
						t.Errorf("tshark says %s", line)
					}
				}
			}
			if !strings.Contains(text, "> 00 20 00 80 08 [pin 8]") {
				t.Error("no comment with what is marked")
			}
		})
	}
}

// Every instruction but FETCH, TERMINAL RESPONSE and ENVELOPE, whose random data is malformed.
func TestTsharkFindsNoInstructionMalformed(t *testing.T) {
	random := rand.New(rand.NewPCG(4729, 264))
	var steps []trace.Step
	for i := range 2048 {
		command := []byte{byte(random.IntN(256)), byte(i & 0xFF), byte(random.IntN(10)), byte(i >> 8)}
		if slices.Contains([]byte{0x12, 0x14, 0xC2}, command[1]) {
			continue
		}
		data := bytes.Repeat([]byte{byte(random.IntN(256))}, 1+random.IntN(40))
		switch random.IntN(4) {
		case 1:
			command = append(command, byte(random.IntN(20)))
		case 2:
			command = slices.Concat(command, []byte{byte(len(data))}, data)
		case 3:
			command = slices.Concat(command, []byte{byte(len(data))}, data, []byte{0})
		}
		answer := []byte{0x6A, 0x83}
		if random.IntN(2) == 0 {
			answer = append(make([]byte, random.IntN(40)), 0x90, 0)
		}
		steps = append(steps, trace.Step{
			Kind: trace.Exchange, Command: trace.Literal(command), Answer: trace.Literal(answer),
		})
	}
	for kind, open := range openers() {
		file, _ := written(t, open, nil, steps)
		out := shark(t, file, "-Y", "_ws.malformed", "-d", "iso14443.subdissector,iso7816")
		if out != "" {
			t.Errorf("%s: malformed:\n%s", kind, out)
		}
	}
}

func TestTsharkNamesTheFramesOfISO14443(t *testing.T) {
	header, steps := parsed(t, tap)
	file, _ := written(t, NewISO14443Writer, header, steps)
	got := shark(t, file, "-d", "iso14443.subdissector,iso7816", "-T", "fields",
		"-E", "separator=|", "-e", "frame.time_epoch", "-e", "iso14443.event", "-e", "iso14443.inf",
		"-e", "_ws.col.Info")
	want := `0.000000000|0xfc||Field on
0.000000000|0xfe||REQA
0.000000000|0xff||ATQA
0.000000000|0xfe||Anticollision
0.000000000|0xff||UID
0.000000000|0xfe||Select
0.000000000|0xff||SAK
0.000000000|0xfe||RATS
0.000000000|0xff||ATS
0.000000000|0xfe|00a404000e325041592e5359532e444446303100|Select file
0.008500000|0xff|6f0284009000|Response APDU (to Select file)
`
	if diff := cmp.Diff(want, got[:min(len(want), len(got))]); diff != "" {
		t.Errorf("first lines (-want +got):\n%s", diff)
	}
	for _, name := range []string{
		"Read record, EF 1, record 1", "Response APDU (to Read record)", "Verify", "Get challenge",
	} {
		if !strings.Contains(got, "|"+name+"\n") {
			t.Errorf("no line %q in\n%s", name, got)
		}
	}
}

func TestTsharkNamesTheCommandsOfGSMTAP(t *testing.T) {
	header, steps := parsed(t, tap)
	file, _ := written(t, NewGSMTAPWriter, header, steps)
	got := shark(t, file, "-T", "fields", "-E", "separator=|", "-e", "gsm_sim.apdu.ins",
		"-e", "gsm_sim.apdu.sw", "-e", "gsm_sim.aid", "-e", "gsmtap_log.ident",
		"-e", "gsmtap_log.string")
	want := `|||tapbench|
0xa4|0x9000|325041592e5359532e4444463031||
0xa8|0x9000|||
0xb2|0x9000|||
|||tapbench|> 00 B2 02 0C 08 < 6A 83
0x20|0x63c2|||
0x84|0x9000|||
|||tapbench|> 00 88 00 00 04 11 22 33 44 00 < 77 00 90 00
|||tapbench|remove insert > 00 A4 04 00 < 90 00
|||tapbench|tear 2 > 80 AE 80 00 02 83 00 00 ! removed
0xca|0x9000|||
|||tapbench|tear 1
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("packets (-want +got):\n%s", diff)
	}
}

func TestWhatTsharkWroteIsReadAgain(t *testing.T) {
	header, steps := parsed(t, tap)
	for kind, open := range openers() {
		t.Run(kind, func(t *testing.T) {
			file, _ := written(t, open, header, steps)
			again := filepath.Join(t.TempDir(), "again")
			shark(t, file, "-w", again)
			copied, err := os.ReadFile(again)
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := read(t, copied)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tap, got); diff != "" {
				t.Errorf("as pcapng (-want +got):\n%s", diff)
			}
			shark(t, file, "-F", "pcap", "-w", again)
			if copied, err = os.ReadFile(again); err != nil {
				t.Fatal(err)
			}
			got, _, err = read(t, copied)
			if err != nil || !strings.Contains(got, "> 80 A8 00 00 02 83 00 00\n< 77 0A 82 02") {
				t.Errorf("as pcap %v:\n%s", err, got)
			}
		})
	}
}
