package pcsc_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"tapbench/pcsc"
)

// processor answers with what its function says and keeps a journal of its power.
type processor struct {
	atr     []byte
	process func([]byte) []byte
	power   []string
}

func (p *processor) ATR() []byte                   { return p.atr }
func (p *processor) PowerOn()                      { p.power = append(p.power, "on") }
func (p *processor) PowerOff()                     { p.power = append(p.power, "off") }
func (p *processor) Reset()                        { p.power = append(p.power, "reset") }
func (p *processor) Process(command []byte) []byte { return p.process(command) }

func TestDirectReadsTheProtocolFromTheATR(t *testing.T) {
	for _, row := range []struct {
		name, atr string
		want      pcsc.Protocol
	}{
		{"nothing", "", pcsc.ProtocolUnknown},
		{"TD1 announced and missing", "3B 80", pcsc.ProtocolUnknown},
		{"no TD1", "3B 00", pcsc.ProtocolT0},
		{"no TD1 behind TA1 and historical bytes", "3B 12 11 AA BB", pcsc.ProtocolT0},
		{"T=15 alone", "3B 80 8F 0F 00", pcsc.ProtocolUnknown},
		{"TD2 announced and missing", "3B 80 80", pcsc.ProtocolUnknown},
		{"T=0 alone in TD1", "3B 80 00", pcsc.ProtocolT0},
		{"T=0 first, T=1 second", "3B 80 80 01 01", pcsc.ProtocolT1},
		{"T=1 first, T=0 second", "3B 80 81 00 00", pcsc.ProtocolT1},
		{"T=1 behind TA1, TB1 and TC1", "3B F0 11 00 FF 01", pcsc.ProtocolT1},
	} {
		t.Run(row.name, func(t *testing.T) {
			card := pcsc.NewDirect(&processor{atr: unhex(t, row.atr)})
			if got := card.Protocol(); got != row.want {
				t.Errorf("ATR %s: got %s, want %s", row.atr, got, row.want)
			}
		})
	}
}

func TestDirectJudgesAnswers(t *testing.T) {
	for _, row := range []struct {
		name   string
		answer []byte
		err    error
		after  error // what the next command answers
	}{
		{"none: the card lost its power", nil, pcsc.ErrCardRemoved, pcsc.ErrCardRemoved},
		{"one byte", []byte{0x90}, pcsc.ErrBadAnswer, pcsc.ErrBadAnswer},
		{"one byte too many", make([]byte, pcsc.MaxResponse+1), pcsc.ErrBadAnswer, pcsc.ErrBadAnswer},
		{"the longest", make([]byte, pcsc.MaxResponse), nil, nil},
		{"a status word", []byte{0x90, 0}, nil, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			card := pcsc.NewDirect(&processor{process: func([]byte) []byte { return row.answer }})
			for _, want := range []error{row.err, row.after} {
				answer, err := card.Transmit(t.Context(), make([]byte, 4))
				if !errors.Is(err, want) {
					t.Fatalf("Transmit: got %v, want %v", err, want)
				}
				if want == nil && !bytes.Equal(answer, row.answer) {
					t.Errorf("Transmit: got %d bytes, want %d", len(answer), len(row.answer))
				}
			}
		})
	}
}

func TestDirectRefusesWhatIsNoCommand(t *testing.T) {
	card := pcsc.NewDirect(&processor{process: func([]byte) []byte {
		t.Error("it reached the card")
		return []byte{0x90, 0}
	}})
	for _, n := range []int{0, 3, 65545} {
		if _, err := card.Transmit(t.Context(), make([]byte, n)); !errors.Is(err, pcsc.ErrBadCommand) {
			t.Errorf("%d bytes: got %v, want ErrBadCommand", n, err)
		}
	}
	if err := card.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := card.Transmit(t.Context(), nil); !errors.Is(err, pcsc.ErrClosed) {
		t.Errorf("after Close: got %v, want ErrClosed", err)
	}
}

// TestDirectEndsWithinACommand ends the connection in each of the ways there are while the
// processor works: the caller is free at once, the processor is switched off after its command and
// never during it.
func TestDirectEndsWithinACommand(t *testing.T) {
	for _, row := range []struct {
		name  string
		end   func(card *pcsc.Direct, cancel context.CancelFunc)
		err   error
		after error
	}{
		{
			"cancelled", func(_ *pcsc.Direct, cancel context.CancelFunc) { cancel() },
			context.Canceled, pcsc.ErrClosed,
		},
		{
			"removed", func(card *pcsc.Direct, _ context.CancelFunc) { card.Remove() },
			pcsc.ErrCardRemoved, pcsc.ErrCardRemoved,
		},
		{
			"closed", func(card *pcsc.Direct, _ context.CancelFunc) { _ = card.Close() },
			pcsc.ErrClosed, pcsc.ErrClosed,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			within, release := make(chan struct{}), make(chan struct{})
			p := &processor{}
			p.process = func([]byte) []byte {
				close(within)
				<-release
				p.power = append(p.power, "processed")
				return []byte{0x90, 0}
			}
			card := pcsc.NewDirect(p)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				<-within
				row.end(card, cancel)
			}()
			if _, err := card.Transmit(ctx, make([]byte, 4)); !errors.Is(err, row.err) {
				t.Errorf("the command: got %v, want %v", err, row.err)
			}
			if _, err := card.Transmit(t.Context(), make([]byte, 4)); !errors.Is(err, row.after) {
				t.Errorf("the next command: got %v, want %v", err, row.after)
			}
			if err := card.Reset(t.Context()); !errors.Is(err, row.after) {
				t.Errorf("a reset: got %v, want %v", err, row.after)
			}
			close(release)
			<-card.Done()
			if got, want := len(p.power), 3; got != want || p.power[2] != "off" {
				t.Errorf("power: got %q, want on, processed, off", p.power)
			}
			_ = card.Close()
			if _, err := card.Transmit(t.Context(), make([]byte, 4)); !errors.Is(err, pcsc.ErrClosed) {
				t.Errorf("after Close: got %v, want ErrClosed", err)
			}
		})
	}
}

func TestDirectSwitchesTheProcessorOnceEachWay(t *testing.T) {
	p := &processor{atr: []byte{0x3B, 0x00}}
	card := pcsc.NewDirect(p)
	if err := card.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	card.ATR()[0] = 0
	if got := card.ATR(); got[0] != 0x3B {
		t.Errorf("the caller changed the ATR to % X", got)
	}
	for range 2 {
		if err := card.Close(); err != nil {
			t.Error(err)
		}
	}
	<-card.Done()
	if len(p.power) != 3 || p.power[1] != "reset" {
		t.Errorf("power: got %q, want on, reset, off", p.power)
	}
}
