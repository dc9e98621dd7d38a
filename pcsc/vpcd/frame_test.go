package vpcd

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestReadFrame(t *testing.T) {
	long := bytes.Repeat([]byte{0xA5}, MaxPayload)
	tests := []struct {
		name   string
		stream []byte
		want   []byte
		err    error
	}{
		{"nothing", nil, nil, io.EOF},
		{"half a length", []byte{0x00}, nil, io.ErrUnexpectedEOF},
		{"a length alone", []byte{0x00, 0x01}, nil, io.ErrUnexpectedEOF},
		{"a payload cut short", []byte{0x00, 0x02, 0x01}, nil, io.ErrUnexpectedEOF},
		{
			"the longest length, cut short", append([]byte{0xFF, 0xFF}, long[:9000]...), nil,
			io.ErrUnexpectedEOF,
		},
		{"an empty payload", []byte{0x00, 0x00}, []byte{}, nil},
		{"a control", []byte{0x00, 0x01, 0x04}, []byte{0x04}, nil},
		{
			"a command, and more behind it",
			[]byte{0, 4, 0, 0xA4, 4, 0, 0xFF, 0xFF},
			[]byte{0, 0xA4, 4, 0},
			nil,
		},
		{"the longest payload", append([]byte{0xFF, 0xFF}, long...), long, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for kind, r := range map[string]io.Reader{
				"at once":      bytes.NewReader(test.stream),
				"byte by byte": iotest.OneByteReader(bytes.NewReader(test.stream)),
			} {
				got, err := readFrame(r, nil)
				if !errors.Is(err, test.err) {
					t.Errorf("%s: got error %v, want %v", kind, err, test.err)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("%s: (-want +got)\n%s", kind, diff)
				}
			}
		})
	}
}

func TestReadFrameMakesNoRoomForClaims(t *testing.T) {
	const runs = 100
	stream := []byte{0xFF, 0xFF, 1, 2, 3}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		if _, err := readFrame(bytes.NewReader(stream), nil); err == nil {
			t.Fatal("a frame of 65,535 bytes out of 5")
		}
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / runs; each > 3*growth {
		t.Errorf("allocated %d bytes for 3 that came and 65,535 that were claimed, want at most %d",
			each, 3*growth)
	}
}

func TestReadFrameReusesItsBuffer(t *testing.T) {
	frame := []byte{0, 4, 0, 0xA4, 4, 0}
	stream := bytes.NewReader(frame)
	buffer := make([]byte, 0, 16)
	allocations := testing.AllocsPerRun(100, func() {
		stream.Reset(frame)
		if _, err := readFrame(stream, buffer); err != nil {
			t.Fatal(err)
		}
	})
	if allocations != 0 {
		t.Errorf("got %v allocations for each frame, want none", allocations)
	}
}

func TestAppendFrameRefusesWhatIsTooLong(t *testing.T) {
	got, err := appendFrame([]byte{1}, make([]byte, MaxPayload+1))
	if !errors.Is(err, errTooLong) || !bytes.Equal(got, []byte{1}) {
		t.Errorf("got % X, %v, want 01 and %v", got, err, errTooLong)
	}
}

// FuzzFrame checks that reading takes a stream apart without losing, inventing or copying a byte:
// the frames, written again, are what was read of it, and only an incomplete frame is left.
func FuzzFrame(f *testing.F) {
	for _, seed := range []string{
		"", "\x00", "\x00\x00", "\x00\x01\x04", "\x00\x01\x01\x00\x01\x04", "\xFF\xFF\x00",
		"\x00\x05\x00\xA4\x04\x00\x00\x00\x02\x90", "\x00\x02\x90\x00\x00\x00\x00\x01",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := bytes.NewReader(stream)
		var again, buffer []byte
		for {
			payload, err := readFrame(r, buffer)
			if err != nil {
				rest := stream[len(again):]
				if complete := len(rest) >= headerLen &&
					len(rest)-headerLen >= int(binary.BigEndian.Uint16(rest)); complete {
					t.Fatalf("a complete frame was refused: %v", err)
				}
				if errors.Is(err, io.EOF) != (len(rest) == 0) {
					t.Fatalf("%d bytes left and %v", len(rest), err)
				}
				return
			}
			if cap(payload) > len(stream)+2*growth {
				t.Fatalf("room for %d bytes after a stream of %d", cap(payload), len(stream))
			}
			buffer = payload
			if again, err = appendFrame(again, payload); err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(stream, again) {
				t.Fatalf("the frames, written again, are % X, the stream % X", again, stream)
			}
		}
	})
}
