package apdu_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc/apdu"
)

func TestParseResponseRefuses(t *testing.T) {
	for _, row := range []struct {
		name string
		raw  []byte
	}{
		{"nothing", nil},
		{"half a status word", []byte{0x90}},
		{"more than 65,536 bytes of data", make([]byte, apdu.MaxResponse+1)},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, err := apdu.ParseResponse(row.raw); !errors.Is(err, apdu.ErrMalformed) {
				t.Errorf("ParseResponse of %d bytes: got %v, want ErrMalformed", len(row.raw), err)
			}
		})
	}
}

func TestParseResponse(t *testing.T) {
	for _, row := range []struct {
		name, raw string
		want      apdu.Response
	}{
		{"status word alone", "6A 82", apdu.Response{Data: []byte{}, SW: apdu.SWFileNotFound}},
		{"data and status", "6F 00 90 00", apdu.Response{Data: []byte{0x6F, 0}, SW: apdu.SWNormal}},
	} {
		t.Run(row.name, func(t *testing.T) {
			raw := unhex(t, row.raw)
			got, err := apdu.ParseResponse(raw)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("ParseResponse(%s) (-want +got):\n%s", row.raw, diff)
			}
			if again := got.Encode(); !bytes.Equal(again, raw) {
				t.Errorf("Encode: got % X, want % X", again, raw)
			}
		})
	}
}
