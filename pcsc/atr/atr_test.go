package atr_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc/atr"
)

func unhex(tb testing.TB, text string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestParseRefuses(t *testing.T) {
	for _, row := range []struct {
		name, atr string
		off       int
		what      string
	}{
		{"nothing", "", 0, "TS is missing"},
		{"one byte", "3B", 1, "T0 is missing"},
		{"another TS", "00 00", 0, "neither 3B nor 3F"},
		{"TA1 missing", "3B 10", 2, "TA1 is missing"},
		{"TD1 missing", "3B 80", 2, "TD1 is missing"},
		{"TB2 missing", "3B 80 20", 3, "TB2 is missing"},
		{"too few historical bytes", "3B 03 41 42", 4, "3 historical bytes announced, 2 there"},
		{"a byte too many", "3B 00 00", 2, "1 byte too many"},
		{"bytes behind TCK", "3B 80 01 81 00 00", 4, "2 bytes too many"},
		{"too long", strings.Repeat("3B", 34), 33, "34 bytes are more than 33"},
		{"TDs without end", "3B" + strings.Repeat("80", 32), 33, "TD32 is missing"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := atr.Parse(unhex(t, row.atr))
			fault := new(atr.Error)
			if !errors.As(err, &fault) || fault.Off != row.off ||
				!strings.Contains(fault.What, row.what) {
				t.Errorf("got %v, want byte %d: %s", err, row.off+1, row.what)
			}
		})
	}
}

// words writes the items one to a line.
func words(raw []byte, a *atr.ATR) string {
	var b strings.Builder
	for _, item := range a.Items {
		fmt.Fprintf(&b, "%s% X  %s: %s\n", strings.Repeat("  ", item.Depth),
			raw[item.Off:item.Off+item.Len], item.Name, item.Text)
	}
	for _, fault := range a.Faults {
		fmt.Fprintln(&b, "!", fault)
	}
	return b.String() + a.String() + "\n"
}

func TestParse(t *testing.T) {
	for _, row := range []struct{ name, atr, want string }{
		{"the shortest", "3B 00", `3B  TS: direct convention
00  T0: no more interface bytes, no historical bytes
contact card, T=0
`},
		{"inverse convention", "3F 00", `3F  TS: inverse convention
00  T0: no more interface bytes, no historical bytes
contact card, T=0
`},
		{"a wrong check byte", "3B 80 01 82", `3B  TS: direct convention
80  T0: TD1 follows, no historical bytes
01  TD1: T=1, no more interface bytes
82  TCK: check byte, wrong: should be 81
! the check byte TCK is 82, not 81
contact card, T=1
`},
		{"no check byte", "3B 80 01", `3B  TS: direct convention
80  T0: TD1 follows, no historical bytes
01  TD1: T=1, no more interface bytes
! the check byte TCK is missing
contact card, T=1
`},
		{"card service data", "3B 03 80 31 C0", `3B  TS: direct convention
03  T0: no more interface bytes, 3 historical bytes
80 31 C0  historical bytes: compact TLV
  31 C0  card service data: selects by full DF name, selects by partial DF name, read by ` +
			`READ RECORD, has an MF
contact card, T=0
`},
		{"an object beyond its end", "3B 02 80 75", `3B  TS: direct convention
02  T0: no more interface bytes, 2 historical bytes
80 75  historical bytes: compact TLV
! a data object of the historical bytes announces 5 bytes, 0 are there
contact card, T=0
`},
		{"ours", "3B 80 80 01 01", `3B  TS: direct convention
80  T0: TD1 follows, no historical bytes
80  TD1: T=0, TD2 follows
01  TD2: T=1, no more interface bytes
01  TCK: check byte, right
contactless card (ISO/IEC 14443-4)
`},
		{
			"MIFARE Classic 1K", "3B 8F 80 01 80 4F 0C A0 00 00 03 06 03 00 01 00 00 00 00 6A",
			`3B  TS: direct convention
8F  T0: TD1 follows, 15 historical bytes
80  TD1: T=0, TD2 follows
01  TD2: T=1, no more interface bytes
80 4F 0C A0 00 00 03 06 03 00 01 00 00 00 00  historical bytes: compact TLV
  A0 00 00 03 06  RID: PC/SC Workgroup
  03  standard: ISO/IEC 14443 A, part 3
  00 01  card name: MIFARE Classic 1K
6A  TCK: check byte, right
contactless memory card MIFARE Classic 1K
`,
		},
		{
			"a GlobalPlatform card", "3B F8 13 00 00 81 31 FE 45 4A 43 4F 50 76 32 34 31 B7",
			`3B  TS: direct convention
F8  T0: TA1, TB1, TC1, TD1 follow, 8 historical bytes
13  TA1: Fi=372, Di=4: 93 clock cycles a bit, at most 5.0 MHz
00  TB1: programming voltage, deprecated; to be ignored
00  TC1: extra guard time N=0
81  TD1: T=1, TD2 follows
31  TD2: T=1, TA3, TB3 follow
FE  TA3: information fields of at most 254 bytes
45  TB3: T=1 waiting times: BWI=4, CWI=5
4A 43 4F 50 76 32 34 31  historical bytes: proprietary
B7  TCK: check byte, right
contact card, T=1
`,
		},
		{
			"an OpenPGP card", "3B DA 18 FF 81 B1 FE 75 1F 03 00 31 C5 73 C0 01 40 00 90 00 0C",
			`3B  TS: direct convention
DA  T0: TA1, TC1, TD1 follow, 10 historical bytes
18  TA1: Fi=372, Di=12: 31 clock cycles a bit, at most 5.0 MHz
FF  TC1: extra guard time: least (N=255)
81  TD1: T=1, TD2 follows
B1  TD2: T=1, TA3, TB3, TD3 follow
FE  TA3: information fields of at most 254 bytes
75  TB3: T=1 waiting times: BWI=7, CWI=5
1F  TD3: T=15, TA4 follows
03  TA4: clock can't be stopped; voltage class A (5 V), B (3 V)
00 31 C5 73 C0 01 40 00 90 00  historical bytes: compact TLV and a status indicator
  31 C5  card service data: selects by full DF name, selects by partial DF name, read by ` +
				`GET DATA, no MF
  73 C0 01 40  card capabilities: full DF name, partial DF name, data units of 1 byte, ` +
				`extended Lc and Le, no logical channels but the basic one
  00 90 00  status indicator: no life cycle information, SW 9000
0C  TCK: check byte, right
contact card, T=1
`,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			raw := unhex(t, row.atr)
			a, err := atr.Parse(raw)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, words(raw, a)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestInterfaceBytes(t *testing.T) {
	for _, row := range []struct{ name, atr, item, want string }{
		{"speed of a reserved Fi", "3B 10 71", "TA1", "speed: reserved for future use"},
		{"speed of a reserved Di", "3B 10 1F", "TA1", "speed: reserved for future use"},
		{"fastest", "3B 10 97", "TA1", "Fi=512, Di=64: 8 clock cycles a bit, at most 5.0 MHz"},
		{
			"specific mode", "3B 80 10 81", "TA2",
			"specific mode, T=1, can't change to negotiable mode, speed as TA1 says",
		},
		{
			"specific mode by other means", "3B 80 10 10", "TA2",
			"specific mode, T=0, can change to negotiable mode, speed fixed by other means",
		},
		{"waiting time of T=0", "3B 80 40 0A", "TC2", "T=0 waiting time integer WI=10"},
		{"check of T=1 blocks", "3B 80 81 41 01 40", "TC3", "T=1 blocks end in a CRC"},
		{"a protocol that we don't know", "3B 80 85 15 07 12", "TA3", "specific to T=5"},
		{"C6", "3B 80 80 2F 80 2F", "TB3", "contact C6: proprietary use"},
		{
			"no voltage class", "3B 80 80 1F C0 DF", "TA3",
			"clock can be stopped either way; voltage class: reserved for future use",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			a, err := atr.Parse(unhex(t, row.atr))
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range a.Items {
				if item.Name == row.item {
					if item.Text != row.want {
						t.Errorf("got %q, want %q", item.Text, row.want)
					}
					return
				}
			}
			t.Errorf("no %s in %v", row.item, a.Items)
		})
	}
}

// FuzzParse checks that the items of what is accepted are all of its bytes, in their order, and
// that what lies within lies within.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"3B00", "3B80800101", "3B8F8001804F0CA000000306030001000000006A",
		"3BDA18FF81B1FE751F030031C573C001400090000C", "3BF81300008131FE454A434F5076323431B7",
	} {
		f.Add(unhex(f, seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := atr.Parse(b)
		at, outer := 0, atr.Item{}
		for _, item := range a.Items {
			if item.Depth == 0 {
				if item.Off != at || item.Len < 1 {
					t.Fatalf("% X: %+v doesn't follow byte %d", b, item, at)
				}
				at, outer = item.Off+item.Len, item
				continue
			}
			if item.Off < outer.Off || item.Off+item.Len > outer.Off+outer.Len {
				t.Fatalf("% X: %+v isn't within %+v", b, item, outer)
			}
		}
		if err == nil && at != len(b) {
			t.Fatalf("% X: the items end at %d", b, at)
		}
		if fault := new(atr.Error); err != nil && (!errors.As(err, &fault) || fault.Off > len(b)) {
			t.Fatalf("% X: %v", b, err)
		}
		_ = a.String()
	})
}
