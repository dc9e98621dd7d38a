package logs_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc/trace"
	"tapbench/pcsc/trace/logs"
)

// text reads a log to its end and writes it as a trace.
func text(r io.Reader, o logs.Options) (string, []string, error) {
	in, err := logs.NewReader(r, o)
	if err != nil {
		return "", nil, err
	}
	var out bytes.Buffer
	w, err := trace.NewWriter(&out, in.Header())
	if err != nil {
		return "", nil, err
	}
	for {
		step, err := in.Next()
		if errors.Is(err, io.EOF) {
			return out.String(), in.Losses(), nil
		}
		if err == nil {
			err = w.Write(step)
		}
		if err != nil {
			return out.String(), in.Losses(), err
		}
	}
}

func TestReader(t *testing.T) {
	for _, row := range []struct {
		file   string
		want   []string
		losses []string
	}{
		{"pcscd-1.9.9.log", []string{
			"atr: 3B 80 80 01 01",
			"protocol: T=1",
			"reader: Bench reader 00 00",
			"> 00 A4 04 00 07 F0 54 41 50 42 4E 00",
			"< 6F 04 84 02 01 02 90 00",
			"took 42845 us",
			"> 00 B0 00 00 C8",
			"took 43637 us",
			"> 00 CA 00 66 00",
			"< 6D 00",
			"took 43538 us",
			"remove",
		}, nil},
		{"opensc-0.23.0.log", []string{
			"atr: 3B 80 80 01 01",
			"protocol: T=1",
			"reader: tapbench virtual reader 00 00",
			"> 00 A4 04 00 07 F0 54 41 50 42 4E 00",
			"< 6A 82",
			"> 00 CA 00 66 00",
			"< 6D 00",
		}, nil},
		{"opensc-0.15.log", []string{
			"reader: SCR3310 Smart Card Reader",
			"> 00 C0 00 00 18",
			"< 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14 15 16 17 90 00",
			"took 8000 us",
		}, nil},
		{"gppro-20.log", []string{
			"atr: 3B 80 80 01 01",
			"protocol: T=1",
			"reader: ACS ACR1252 Dual Reader PICC",
			"> 00 A4 04 00 00",
			"< 6F 10 84 08 A0 00 00 01 51 00 00 00 A5 04 9F 65 01 FF 90 00",
			"took 26000 us",
			"> 80 50 00 00 08 01 02 03 04 05 06 07 08 00",
			"< 6A 88",
			"took 1024000 us",
		}, nil},
		{"gppro-25.log", []string{
			"atr: 3B 85 80 01 80 73 C8 21 10 0E",
			"protocol: T=1",
			"reader: ACS ACR1252 Dual Reader PICC",
			"> 00 A4 04 00 08 0F 00 BA 00 00 00 01 01 00",
			"< 6F 00 90 00",
			"took 2410 us",
			"> 80 CA 9F 7F 00",
			"! comm",
			"took 18000 us",
		}, []string{"reason why an answer didn't come: 1"}},
		{"apdu4j.dump", []string{
			"atr: 3B 80 80 01 01",
			"protocol: T=1",
			"> 00 A4 04 00 07 F0 54 41 50 42 4E 00",
			"< 6F 04 84 02 01 02 90 00",
			"took 24000 us",
			"> 00 CA 00 66 00",
			"< 6D 00",
		}, nil},
	} {
		t.Run(row.file, func(t *testing.T) {
			file, err := os.Open(filepath.Join("testdata", row.file))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = file.Close() }()
			got, losses, err := text(file, logs.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for line := range strings.Lines(got) {
				line = strings.TrimSuffix(line, "\n")
				if line == trace.Magic || strings.HasPrefix(line, "  ") ||
					strings.HasPrefix(line, "< 00 01") && strings.Count(line, " ") == 32 ||
					strings.HasPrefix(line, "idle ") || strings.HasPrefix(line, "origin: ") {
					continue
				}
				lines = append(lines, line)
			}
			if diff := cmp.Diff(row.want, lines); diff != "" {
				t.Errorf("trace (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(row.losses, losses); diff != "" {
				t.Errorf("losses (-want +got):\n%s", diff)
			}
		})
	}
}

const daemonHead = "00000001 winscard.c:258:SCardConnect() Attempting Connect to "

func TestReaderRefuses(t *testing.T) {
	long := strings.Repeat("A", 256<<10)
	for _, row := range []struct{ name, log, want string }{
		{"nothing", "", "not a log in a known form"},
		{"noise", "hello\nworld\n", "none of its first lines"},
		{"a line too long", "# ATR: 3B00\n" + long + "\n", "line 2, column 262145: line of more"},
		{"a dump with a digit missing", "00A40400\n900\n", "line 2, column 4: second hex"},
		{"a dump with a letter", "00A40400\n90XX\n", "line 2, column 3: hexadecimal digit"},
		{"a dump's command too short", "# ATR: 3B00\n00A4\n", "line 2, column 1: command of 2 bytes"},
		{"a dump's answer too short", "00A40400\n90\n", "line 2, column 1: answer of 1 bytes"},
		{"a dump cut off", "00A40400\n9000\n00A40400\n", "line 4, column 1: answer expected"},
		{"a dump's ATR", "# ATR: 3G\n", "line 1, column 9: second hex"},
		{"a dump without exchanges", "# ATR: 3B00\n", "no exchange in it"},
		{"an event of ours that isn't one", "# ATR: 3B00\n# tapbench: melt\n", "line 2, column 13"},
		{
			"an answer before its command", "# SCardConnect(\"A\", T=*) -> T=1, 3B00\nA<< 9000 (2ms)\n",
			"line 2, column 1: answer without a command",
		},
		{"a bracket that isn't closed", "A>> 00A40400\nA<< (0000+2 9000\n", "line 2, column 5: bracket"},
		{
			"two readers in one log",
			daemonHead + "A using protocol: 3\n00000001 APDU: 00 A4 04 00\n00000001 SW: 90 00\n" +
				daemonHead + "B using protocol: 3\n00000001 APDU: 00 A4 04 00\n00000001 SW: 90 00\n",
			`line 6, column 1: exchange on reader "B", and on "A" before`,
		},
		{
			"clients mixed without threads",
			"00000001 APDU: 00 A4 04 00\n00000001 APDU: 00 B0 00 00\n00000001 SW: 90 00\n" +
				"00000001 SW: 90 00\n",
			"line 4, column 14: answer without a command before it",
		},
		{"pcscd's bytes", "00000001 APDU: 00 A4 04 0\n", "line 1, column 26: second hex"},
		{
			"OpenSC's number of bytes",
			"0x7f 14:49:18.073 [tokend] a.c:1:f: x\nOutgoing APDU (many bytes):\n",
			"line 2, column 16: number of bytes expected",
		},
		{
			"OpenSC's claim of too many bytes",
			"0x7f 14:49:18.073 [tokend] a.c:1:f: x\nOutgoing APDU (99999999 bytes):\n",
			"line 2, column 16: 99999999 bytes, at most 65538",
		},
		{
			"OpenSC's line of too few bytes",
			"0x7f 14:49:18.073 [tokend] a.c:1:f: x\nOutgoing APDU (5 bytes):\n00 A4\n",
			"line 3, column 6: 5 bytes expected in this line",
		},
		{
			"OpenSC's log cut off",
			"0x7f 14:49:18.073 [tokend] a.c:1:f: x\nOutgoing APDU (5 bytes):\n",
			"line 3, column 1: 5 more bytes of an APDU expected",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, _, err := text(strings.NewReader(row.log), logs.Options{})
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %s", err, row.want)
			}
		})
	}
}

func TestReaderOfChosenReader(t *testing.T) {
	log := daemonHead + "A using protocol: 3\n00000001 APDU: 00 A4 04 00\n00000001 SW: 90 00\n" +
		daemonHead + "B using protocol: 3\n00000001 APDU: 00 B0 00 00\n00000001 SW: 6A 82\n"
	got, losses, err := text(strings.NewReader(log), logs.Options{Reader: "B"})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got, "reader: B\norigin: pcscd\n> 00 B0 00 00\n< 6A 82\n") {
		t.Errorf("got %s", got)
	}
	if diff := cmp.Diff([]string{"exchange of another reader: 1"}, losses); diff != "" {
		t.Error(diff)
	}
}

func TestReaderOfMixedThreads(t *testing.T) {
	const connect = " winscard.c:258:SCardConnect() Attempting Connect to A using protocol: 3\n"
	log := "\x1b[35m00000001\x1b[0m [1]" + connect +
		"00000001 [1] APDU: 00 A4 04 00\n" +
		"00000001 [2]" + connect +
		"00000001 [2] APDU: 00 B0 00 00\n" +
		"00000003 [1] SW: 90 00\n" +
		"00000004 [2] winscard.c:1645:SCardTransmit() Card not transacted: 0x80100069\n"
	got, _, err := text(strings.NewReader(log), logs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := "reader: A\norigin: pcscd\n> 00 A4 04 00\n< 90 00\ntook 5 us\n> 00 B0 00 00\n! removed\n"
	if !strings.Contains(got, want) {
		t.Errorf("got %s, want in it %s", got, want)
	}
}
