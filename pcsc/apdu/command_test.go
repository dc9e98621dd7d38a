package apdu_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc/apdu"
)

// unhex decodes spaced hexadecimal.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatalf("test row %q: %v", s, err)
	}
	return b
}

func TestParseCommandRefuses(t *testing.T) {
	for _, row := range []struct{ name, raw string }{
		{"nothing", ""},
		{"a header cut short", "00 A4 04"},
		{"short Lc beyond the end", "00 A4 04 00 02 AA"},
		{"short Lc and two bytes of Le", "00 A4 04 00 01 AA 00 00"},
		{"extended mark alone with one byte", "00 B0 00 00 00 01"},
		{"extended Lc of 0 with data", "00 B0 00 00 00 00 00 AA"},
		{"extended Lc of 0 with Le", "00 B0 00 00 00 00 00 00 00"},
		{"extended Lc beyond the end", "00 D6 00 00 00 00 03 AA BB"},
		{"extended Lc and one byte of Le", "00 D6 00 00 00 00 01 AA 00"},
		{"extended Lc and three bytes of Le", "00 D6 00 00 00 00 01 AA 00 00 00"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := apdu.ParseCommand(unhex(t, row.raw))
			if !errors.Is(err, apdu.ErrMalformed) {
				t.Errorf("ParseCommand(%s): got %v, %v, want ErrMalformed", row.raw, got, err)
			}
		})
	}
}

func TestParseCommand(t *testing.T) {
	long := bytes.Repeat([]byte{0x5A}, 256)
	for _, row := range []struct {
		name      string
		raw       []byte
		want      apdu.Command
		kind      int
		canonical bool
	}{
		{
			"case 1", unhex(t, "00 44 00 00"),
			apdu.Command{INS: 0x44},
			1, true,
		},
		{
			"case 2, Le 1", unhex(t, "80 CA 9F 36 01"),
			apdu.Command{CLA: 0x80, INS: 0xCA, P1: 0x9F, P2: 0x36, Ne: 1},
			2, true,
		},
		{
			"case 2, Le 00 is 256", unhex(t, "00 B2 01 0C 00"),
			apdu.Command{INS: 0xB2, P1: 1, P2: 0x0C, Ne: 256},
			2, true,
		},
		{
			"case 2, extended", unhex(t, "00 B0 00 00 00 01 01"),
			apdu.Command{INS: 0xB0, Ne: 257},
			2, true,
		},
		{
			"case 2, extended 0000 is 65536", unhex(t, "00 B0 00 00 00 00 00"),
			apdu.Command{INS: 0xB0, Ne: 65536},
			2, true,
		},
		{
			"case 2, extended without need", unhex(t, "00 B0 00 00 00 00 10"),
			apdu.Command{INS: 0xB0, Ne: 16},
			2, false,
		},
		{
			"case 3", unhex(t, "00 20 00 80 02 12 34"),
			apdu.Command{INS: 0x20, P2: 0x80, Data: []byte{0x12, 0x34}},
			3, true,
		},
		{
			"case 3, extended", append(unhex(t, "00 D6 00 00 00 01 00"), long...),
			apdu.Command{INS: 0xD6, Data: long},
			3, true,
		},
		{
			"case 3, extended without need", unhex(t, "00 D6 00 00 00 00 01 AA"),
			apdu.Command{INS: 0xD6, Data: []byte{0xAA}},
			3, false,
		},
		{
			"case 4", unhex(t, "00 A4 04 00 01 AA 00"),
			apdu.Command{INS: 0xA4, P1: 4, Data: []byte{0xAA}, Ne: 256},
			4, true,
		},
		{
			"case 4, extended for Nc", append(append(unhex(t, "00 CB 00 00 00 01 00"), long...), 0, 5),
			apdu.Command{INS: 0xCB, Data: long, Ne: 5},
			4, true,
		},
		{
			"case 4, extended for Ne", unhex(t, "00 CB 00 00 00 00 01 AA 01 01"),
			apdu.Command{INS: 0xCB, Data: []byte{0xAA}, Ne: 257},
			4, true,
		},
		{
			"a reader's pseudo-APDU of class FF", unhex(t, "FF CA 00 00 00"),
			apdu.Command{CLA: 0xFF, INS: 0xCA, Ne: 256},
			2, true,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := apdu.ParseCommand(row.raw)
			if err != nil {
				t.Fatalf("ParseCommand(% X): %v", row.raw, err)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("ParseCommand(% X) (-want +got):\n%s", row.raw, diff)
			}
			if got.Case() != row.kind {
				t.Errorf("Case: got %d, want %d", got.Case(), row.kind)
			}
			again, err := got.Encode()
			if err != nil {
				t.Fatalf("Encode: %v", err)
			}
			if bytes.Equal(again, row.raw) != row.canonical {
				t.Errorf("Encode: got % X from % X, want equal: %t", again, row.raw, row.canonical)
			}
		})
	}
}

func TestEncodeRefuses(t *testing.T) {
	for _, row := range []struct {
		name    string
		command apdu.Command
	}{
		{"more data than an extended Lc codes", apdu.Command{Data: make([]byte, apdu.MaxNc+1)}},
		{"a negative Ne", apdu.Command{Ne: -1}},
		{"an Ne that no Le codes", apdu.Command{Ne: apdu.MaxNe + 1}},
	} {
		t.Run(row.name, func(t *testing.T) {
			prefix := []byte{1, 2}
			got, err := row.command.AppendTo(prefix)
			if !errors.Is(err, apdu.ErrMalformed) {
				t.Errorf("AppendTo: got %v, want ErrMalformed", err)
			}
			if !bytes.Equal(got, prefix) {
				t.Errorf("AppendTo returned % X, want the slice as it was", got)
			}
		})
	}
}

func TestLongestCommand(t *testing.T) {
	longest := apdu.Command{Data: make([]byte, apdu.MaxNc), Ne: apdu.MaxNe}
	raw, err := longest.Encode()
	if err != nil || len(raw) != apdu.MaxCommand {
		t.Fatalf("Encode: got %d bytes, %v, want %d", len(raw), err, apdu.MaxCommand)
	}
	if got, err := apdu.ParseCommand(raw); err != nil || got.Ne != apdu.MaxNe {
		t.Errorf("ParseCommand: got Ne %d, %v, want %d", got.Ne, err, apdu.MaxNe)
	}
}

func TestDataOfCase4CannotGrowIntoLe(t *testing.T) {
	raw := unhex(t, "00 A4 04 00 01 AA 42")
	command, err := apdu.ParseCommand(raw)
	if err != nil {
		t.Fatal(err)
	}
	_ = append(command.Data, 0)
	if raw[6] != 0x42 {
		t.Errorf("appending to Data changed Le to %02X", raw[6])
	}
}

func TestParseCommandDoesNotAllocate(t *testing.T) {
	raw := unhex(t, "00 A4 04 00 07 A0 00 00 00 04 10 10 00")
	allocs := testing.AllocsPerRun(100, func() {
		if _, err := apdu.ParseCommand(raw); err != nil {
			t.Error(err)
		}
	})
	if allocs != 0 {
		t.Errorf("ParseCommand allocates %v times, want 0", allocs)
	}
}

func FuzzParseCommand(f *testing.F) {
	for _, seed := range []string{
		"00440000", "80CA9F3601", "00B2010C00", "00B00000000101", "00B00000000000",
		"00200080021234", "00A4040001AA00", "00CB000000000001AA0101", "00D600000000 01AA",
		"00CB00000000 01 AA 0101", "FFCA000000", "00B000000000", "",
	} {
		f.Add(unhex(f, seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		command, err := apdu.ParseCommand(raw)
		if err != nil {
			if !errors.Is(err, apdu.ErrMalformed) {
				t.Fatalf("ParseCommand(% X): %v doesn't wrap ErrMalformed", raw, err)
			}
			return
		}
		canonical, err := command.Encode()
		if err != nil {
			t.Fatalf("Encode of parsed % X: %v", raw, err)
		}
		if len(canonical) > len(raw) {
			t.Fatalf("canonical form % X is longer than % X", canonical, raw)
		}
		again, err := apdu.ParseCommand(canonical)
		if err != nil {
			t.Fatalf("ParseCommand of canonical % X: %v", canonical, err)
		}
		if diff := cmp.Diff(command, again); diff != "" {
			t.Fatalf("decoding the encoding of % X (-want +got):\n%s", raw, diff)
		}
		twice, err := again.Encode()
		if err != nil || !bytes.Equal(twice, canonical) {
			t.Fatalf("re-encoding % X: got % X, %v", canonical, twice, err)
		}
		if len(canonical) == len(raw) && !bytes.Equal(canonical, raw) {
			t.Fatalf("two canonical forms of equal length: % X and % X", raw, canonical)
		}
	})
}
