package daemon

import (
	"errors"
	"strings"
	"testing"
)

const socketTitle = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt\n"

func TestParseSocketsRefuses(t *testing.T) {
	for name, line := range map[string]string{
		"a short line":           "0: 00000000:8C7B 00000000:0000",
		"a port too large":       "0: 00000000:18C7B 00000000:0000 0A",
		"no port":                "0: 00000000 00000000:0000 0A",
		"a state that is no hex": "0: 00000000:8C7B 00000000:0000 XY",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseSockets(strings.NewReader(socketTitle + line + "\n"))
			if err == nil {
				t.Errorf("got %v, want an error", got)
			}
		})
	}
}

func TestCheckSlot(t *testing.T) {
	const port = 0x8C7B
	const (
		listens     = "  0: 00000000:8C7B 00000000:0000 0A 00000000:00000000 00:00000000\n"
		ours        = "  1: 0100007F:C350 0100007F:8C7B 01 00000000:00000000 00:00000000\n"
		established = "  2: 0100007F:8C7B 0100007F:C350 01 00000000:00000000 00:00000000\n"
		left        = "  3: 0100007F:8C7B 0100007F:C352 08 00000000:00000000 00:00000000\n"
		another     = "  4: 0100007F:8C7C 0100007F:C354 01 00000000:00000000 00:00000000\n"
	)
	for name, test := range map[string]struct {
		table string
		want  error
	}{
		"nothing":                             {"", ErrNoSlot},
		"a connection from the port's number": {ours, ErrNoSlot},
		"another slot's card":                 {another, ErrNoSlot},
		"a card":                              {listens + ours + established, ErrReaderTaken},
		"a card that has left":                {listens + left, nil},
		"a card on another slot":              {listens + another, nil},
	} {
		t.Run(name, func(t *testing.T) {
			sockets, err := parseSockets(strings.NewReader(socketTitle + test.table))
			if err != nil {
				t.Fatal(err)
			}
			if err := checkSlot(sockets, port); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestParseTraits(t *testing.T) {
	const before = "pcsc-lite version 1.9.9.\nCopyright (C) someone\nEnabled features:"
	for name, test := range map[string]struct {
		version string
		want    traits
	}{
		"nothing known": {"", traits{usbDrivers: "/usr/lib/pcsc/drivers"}},
		"a folder, no polkit": {
			before + " Linux usbdropdir=/opt/drivers filter\n", traits{usbDrivers: "/opt/drivers"},
		},
		"polkit": {before + " polkit usb\n", traits{"/usr/lib/pcsc/drivers", true}},
		"a folder that isn't absolute": {
			before + " usbdropdir=drivers\n", traits{usbDrivers: "/usr/lib/pcsc/drivers"},
		},
		"words behind the line": {
			before + " usb\nMAX_READERNAME: polkit\n", traits{usbDrivers: "/usr/lib/pcsc/drivers"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := parseTraits(test.version); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}
