package channel_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tapbench/tpm/channel"
)

// command is a TPM2_GetRandom for 8 bytes; the tests' TPMs don't look into it.
var command = message(0x8001, 12, 0, 0, 1, 0x7B, 0, 8)

// message frames a command or an answer: tag and announced length, then the rest.
func message(tag uint16, size uint32, rest ...byte) []byte {
	out := binary.BigEndian.AppendUint16(nil, tag)
	return append(binary.BigEndian.AppendUint32(out, size), rest...)
}

// serve answers each command with the next of the answers, then closes; nil never answers.
func serve(t *testing.T, answers ...[]byte) *channel.Channel {
	t.Helper()
	ours, theirs := net.Pipe()
	t.Cleanup(func() { theirs.Close() })
	go func() {
		in := make([]byte, channel.MaxMessage)
		for _, answer := range answers {
			if _, err := theirs.Read(in); err != nil {
				return
			}
			if answer == nil {
				return // and leave the connection open
			}
			if _, err := theirs.Write(answer); err != nil {
				return
			}
		}
		_, _ = theirs.Read(in)
		theirs.Close()
	}()
	ch := channel.New(ours, "test")
	t.Cleanup(func() { ch.Close() })
	return ch
}

func TestExchange_refusesAnswers(t *testing.T) {
	for _, row := range []struct {
		name   string
		answer []byte
	}{
		{"another tag", message(0x00C4, 10, 0, 0, 0, 0)},
		{"a length below the header's", message(0x8001, 9, 0, 0, 0, 0)},
		{"a length of 4 GiB", message(0x8001, 0xFFFFFFFF, 0, 0, 0, 0)},
		{"a length one above the maximum", message(0x8001, channel.MaxMessage+1, 0, 0, 0, 0)},
		{"more than it announces", message(0x8001, 10, 0, 0, 0, 0, 0xEE)},
		{"far more than it announces", append(message(0x8001, 10), make([]byte, 5000)...)},
	} {
		t.Run(row.name, func(t *testing.T) {
			ch := serve(t, row.answer)
			if _, err := ch.Exchange(t.Context(), command); !errors.Is(err, channel.ErrBadAnswer) {
				t.Errorf("got %v, want ErrBadAnswer", err)
			}
			if _, err := ch.Exchange(t.Context(), command); !errors.Is(err, channel.ErrBadAnswer) {
				t.Errorf("afterwards: got %v, want the channel unusable", err)
			}
		})
	}
}

func TestExchange_refusesCommands(t *testing.T) {
	ch := serve(t, message(0x8001, 10, 0, 0, 0, 0))
	for name, bad := range map[string][]byte{
		"nothing":            nil,
		"half a header":      command[:9],
		"a length that lies": message(0x8001, 11, 0, 0, 1, 0x7B, 0, 8),
		"too long":           message(0x8001, 5000, make([]byte, 4994)...),
	} {
		if _, err := ch.Exchange(t.Context(), bad); !errors.Is(err, channel.ErrBadCommand) {
			t.Errorf("%s: got %v, want ErrBadCommand", name, err)
		}
	}
	if _, err := ch.Exchange(t.Context(), command); err != nil {
		t.Errorf("a good command afterwards: %v", err)
	}
}

func TestExchange_answers(t *testing.T) {
	long := message(0x8002, channel.MaxMessage, make([]byte, channel.MaxMessage-6)...)
	short := message(0x8001, 10, 0, 0, 1, 1)
	ch := serve(t, long, short)
	got, err := ch.Exchange(t.Context(), command)
	if err != nil || !bytes.Equal(got, long) {
		t.Fatalf("the longest: got %d bytes, %v", len(got), err)
	}
	kept := bytes.Clone(got)
	if again, err := ch.Send(command); err != nil || !bytes.Equal(again, short) {
		t.Fatalf("the shortest: got %x, %v", again, err)
	}
	if !bytes.Equal(got, kept) {
		t.Error("the second exchange changed the first one's answer")
	}
	if _, err := ch.Bind(t.Context()).Send(command); !errors.Is(err, channel.ErrGone) {
		t.Errorf("after the TPM closed: got %v, want ErrGone", err)
	}
}

func TestExchange_piecemeal(t *testing.T) {
	ours, theirs := net.Pipe()
	ch := channel.New(ours, "test")
	defer ch.Close()
	answer := message(0x8001, 14, 0, 0, 0, 0, 1, 2, 3, 4)
	go func() {
		in := make([]byte, 64)
		_, _ = theirs.Read(in)
		for i := range answer {
			_, _ = theirs.Write(answer[i : i+1])
		}
	}()
	if got, err := ch.Exchange(t.Context(), command); err != nil || !bytes.Equal(got, answer) {
		t.Errorf("got %x, %v", got, err)
	}
}

func TestExchange_cutShort(t *testing.T) {
	ours, theirs := net.Pipe()
	ch := channel.New(ours, "test")
	defer ch.Close()
	go func() {
		in := make([]byte, 64)
		_, _ = theirs.Read(in)
		_, _ = theirs.Write(message(0x8001, 14, 0, 0, 0, 0))
		theirs.Close()
	}()
	if _, err := ch.Exchange(t.Context(), command); !errors.Is(err, channel.ErrGone) {
		t.Errorf("got %v, want ErrGone", err)
	}
}

func TestExchange_time(t *testing.T) {
	t.Run("the context's end", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ch := serve(t, nil)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := ch.Exchange(ctx, command)
			if !errors.Is(err, channel.ErrBusy) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want ErrBusy and the context's error", err)
			}
			ctx = context.Background()
			if _, err := ch.Exchange(ctx, command); !errors.Is(err, channel.ErrBusy) {
				t.Errorf("afterwards: got %v, want the channel unusable", err)
			}
		})
	})
	t.Run("a cancellation", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ch := serve(t, nil)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			_, err := ch.Exchange(ctx, command)
			if !errors.Is(err, context.Canceled) || errors.Is(err, channel.ErrBusy) {
				t.Errorf("got %v, want the context's error alone", err)
			}
		})
	})
	t.Run("no context's end", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ch, start := serve(t, nil), time.Now()
			if _, err := ch.Send(command); !errors.Is(err, channel.ErrBusy) {
				t.Errorf("got %v, want ErrBusy", err)
			}
			if took := time.Since(start); took != channel.MaxWait {
				t.Errorf("waited %v, want %v", took, channel.MaxWait)
			}
		})
	})
	t.Run("a context that ended before", func(t *testing.T) {
		ch := serve(t, message(0x8001, 10, 0, 0, 0, 0))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := ch.Exchange(ctx, command); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the context's error", err)
		}
		if _, err := ch.Exchange(t.Context(), command); err != nil {
			t.Errorf("afterwards: got %v, want the channel usable", err)
		}
	})
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ch := serve(t, nil)
		time.AfterFunc(time.Second, func() { ch.Close() })
		if _, err := ch.Send(command); !errors.Is(err, channel.ErrClosed) {
			t.Errorf("during an exchange: got %v, want ErrClosed", err)
		}
		if _, err := ch.Send(command); !errors.Is(err, channel.ErrClosed) {
			t.Errorf("afterwards: got %v, want ErrClosed", err)
		}
		if err := ch.Close(); err != nil {
			t.Errorf("a second time: %v", err)
		}
	})
	broken := errors.New("stuck")
	ch := channel.New(stuck{broken}, "test")
	if err := ch.Close(); !errors.Is(err, broken) {
		t.Errorf("a connection that doesn't close: got %v, want its error", err)
	}
}

// stuck is a connection without deadlines that can't be closed.
type stuck struct{ err error }

func (s stuck) Read([]byte) (int, error)    { return 0, io.EOF }
func (s stuck) Write(b []byte) (int, error) { return len(b), nil }
func (s stuck) Close() error                { return s.err }

func TestExchange_withoutDeadlines(t *testing.T) {
	ch := channel.New(stuck{}, "/dev/tpm")
	_, err := ch.Send(command)
	if !errors.Is(err, channel.ErrGone) || !strings.Contains(err.Error(), "/dev/tpm") {
		t.Errorf("got %v, want ErrGone and the place", err)
	}
}

func TestDial_refuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dead := filepath.Join(dir, "dead.sock")
	listener, err := net.Listen("unix", dead)
	if err != nil {
		t.Fatal(err)
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	listener.Close()
	for _, row := range []struct {
		name, where string
		want        error
	}{
		{"nothing", "", channel.ErrWhere},
		{"a word", "swtpm", channel.ErrWhere},
		{"a relative path", "run/tpm.sock", channel.ErrWhere},
		{"a relative socket", "unix:tpm.sock", channel.ErrWhere},
		{"TCP without a port", "tcp:localhost", channel.ErrWhere},
		{"a file", file, channel.ErrWhere},
		{"a folder", dir, channel.ErrWhere},
		{"no such path", filepath.Join(dir, "none"), channel.ErrNoTPM},
		{"no such socket", "unix:" + filepath.Join(dir, "none"), channel.ErrNoTPM},
		{"a socket without a process", dead, channel.ErrNoTPM},
		{"a port without a process", "tcp:127.0.0.1:1", channel.ErrNoTPM},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, err := channel.Dial(t.Context(), row.where); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
	if _, err := channel.Dial(t.Context(), "/proc/1/mem/x"); err == nil {
		t.Error("dialled what can't be")
	}
}

func TestDial(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tpm.sock")
	for name, network := range map[string]string{"unix": path, "tcp": "127.0.0.1:0"} {
		listener, err := net.Listen(name, network)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			in := make([]byte, 64)
			_, _ = conn.Read(in)
			_, _ = conn.Write(message(0x8001, 10, 0, 0, 0, 0))
		}()
		where := name + ":" + listener.Addr().String()
		ch, err := channel.Dial(t.Context(), where)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ch.Send(command); err != nil {
			t.Errorf("%s: %v", where, err)
		}
		if ch.Where() != where || !ch.Exclusive() {
			t.Errorf("got %s, exclusive %v", ch.Where(), ch.Exclusive())
		}
		ch.Close()
		listener.Close()
	}
	t.Run("a device", func(t *testing.T) {
		// The null device is no TPM, but it opens as one and has nothing to say.
		ch, err := channel.Dial(t.Context(), os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		defer ch.Close()
		if ch.Exclusive() {
			t.Error("a device counts as exclusive")
		}
		if _, err := ch.Send(command); !errors.Is(err, channel.ErrGone) {
			t.Errorf("got %v, want ErrGone", err)
		}
	})
}
