package device

import (
	"errors"
	"strings"
	"testing"

	"tapbench/pcsc"
	"tapbench/pcsc/pcscd"
)

func TestChooseReader(t *testing.T) {
	two := []pcscd.Reader{
		{Name: "ACS ACR122U 00 00"},
		{Name: "tapbench virtual reader 00 00", Present: true, ATR: []byte{0x3B, 0x00}},
	}
	both := []pcscd.Reader{two[1], {Name: "tapbench virtual reader 00 01", Present: true}}
	vpcd := []pcscd.Reader{two[0], {Name: "Virtual PCD 00 00", Present: true}}
	mixed := []pcscd.Reader{two[1], {Name: "ACS ACR122U 00 00", Present: true}}
	for _, row := range []struct {
		name    string
		flag    string
		readers []pcscd.Reader
		want    string
		err     error
	}{
		{"no reader", "", nil, "", pcsc.ErrNoReader},
		{"no card anywhere", "", two[:1], "", pcsc.ErrNoCard},
		{"two cards", "", both, "", errChooseReader},
		{"number out of range", "2", two, "", errChooseReader},
		{"part of no name", "omnikey", two, "", errChooseReader},
		{"part of two names", "virtual", both, "", errChooseReader},
		{"a card on a virtual reader beside a real one", "", two, "", errChooseReader},
		{"a card on vpcd's own reader beside a real one", "", vpcd, "", errChooseReader},
		{"a real card beside a virtual one", "", mixed, mixed[1].Name, nil},
		{"the only card", "", both[:1], both[0].Name, nil},
		{"a virtual reader by its name", "virtual", two, two[1].Name, nil},
		{"number", "0", two, two[0].Name, nil},
		{"part of one name, any case", "acr122", two, two[0].Name, nil},
		{"whole name", both[1].Name, both, both[1].Name, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := (&ReaderFlag{Name: row.flag}).Choose(row.readers)
			if !errors.Is(err, row.err) || got.Name != row.want {
				t.Errorf("got %q, %v; want %q, %v", got.Name, err, row.want, row.err)
			}
			if errors.Is(row.err, errChooseReader) && !strings.Contains(err.Error(), "\n  0  ") {
				t.Errorf("the choice isn't listed: %v", err)
			}
		})
	}
}
