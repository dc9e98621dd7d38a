package capture

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"tapbench/pcsc"
	"tapbench/pcsc/trace"
	"tapbench/pcsc/trace/capture/gsmtap"
	"tapbench/pcsc/trace/capture/iso14443"
	"tapbench/pcsc/trace/capture/pcapfile"
)

// stepOf returns the step that packets say, and false for a command that a trace can't hold.
func stepOf(h heard) (trace.Step, bool) {
	switch h.Kind {
	case iso14443.Reset:
		return trace.Step{Kind: trace.Reset}, true
	case iso14443.Remove:
		return trace.Step{Kind: trace.Remove}, true
	case iso14443.Insert:
		return trace.Step{Kind: trace.Insert}, true
	case iso14443.Exchange:
	}
	s := trace.Step{Kind: trace.Exchange, Command: trace.Literal(bytes.Clone(h.Command))}
	switch {
	case pcsc.CheckCommand(h.Command) != nil:
		return s, false
	case !h.Answered:
		s.Failure = trace.FailureComm
	case pcsc.CheckAnswer(h.Answer) != nil:
		s.Failure = trace.FailureBadAnswer
	default:
		s.Answer = trace.Literal(bytes.Clone(h.Answer))
	}
	return s, true
}

// agree reports whether an exchange of a comment is the one that packets say: what is plain is the
// same, what isn't is as long, and bytes that weren't kept are zeros.
func agree(s trace.Step, h heard) bool {
	if h.Kind != iso14443.Exchange || s.Command.Match(h.Command) >= 0 {
		return false
	}
	if s.Failure != "" {
		return !h.Answered
	}
	return h.Answered && s.Answer.Match(h.Answer) < 0
}

// isoEar hears packets of ISO 14443.
type isoEar struct {
	listener iso14443.Listener
}

func newISOEar(lose func(string)) *isoEar {
	return &isoEar{listener: iso14443.Listener{Lost: lose}}
}

func (e *isoEar) hear(p pcapfile.Packet, now time.Duration, _ *trace.Step) error {
	if p.Length > len(p.Data) {
		return at(p, cutShort(p), nil)
	}
	packet, err := iso14443.ParsePacket(p.Data)
	if err == nil {
		err = e.listener.Hear(packet, now)
	}
	if err != nil {
		return at(p, "reading", err)
	}
	return nil
}

func (e *isoEar) next() (heard, bool) { return e.listener.Next() }
func (e *isoEar) interrupt()          { e.listener.Interrupt() }
func (e *isoEar) late() bool          { return false }

func (e *isoEar) fields() trace.Header {
	return append(atrField(e.listener.ATR()), trace.Field{
		Key: trace.KeyProtocol, Value: pcsc.ProtocolT1.String(),
	})
}

// gsmEar hears packets of GSMTAP.
type gsmEar struct {
	lose    func(string)
	stream  gsmtap.Stream
	started bool // stream is that of the first message
	said    bool
	atr     []byte
	queue   []heard
}

func (e *gsmEar) hear(p pcapfile.Packet, now time.Duration, held *trace.Step) error {
	m, err := gsmtap.Parse(p.Link, p.Data)
	var foreign *gsmtap.ForeignError
	switch {
	case errors.As(err, &foreign) && foreign.What == gsmtap.LogPackets && held != nil:
		e.say(recall(*held, now))
		return nil
	case errors.As(err, &foreign):
		e.lose(foreign.What)
		return nil
	case err != nil && p.Length > len(p.Data):
		return at(p, cutShort(p), nil)
	case err != nil:
		return at(p, "reading", err)
	}
	if e.started && m.Stream != e.stream {
		e.lose("GSMTAP packets of another sender or reader than the first")
		return nil
	}
	e.stream, e.started = m.Stream, true
	e.hearMessage(m, now, held)
	return nil
}

func (e *gsmEar) hearMessage(m gsmtap.Message, now time.Duration, held *trace.Step) {
	switch m.SubType {
	case gsmtap.APDU:
		h, ok := divide(m.Payload, held)
		if !ok {
			e.lose("GSMTAP packets in which no command ends")
			return
		}
		h.Begin, h.End = now, now
		e.say(h)
	case gsmtap.ATR:
		if e.atr == nil && !e.said {
			e.atr = bytes.Clone(m.Payload)
			return
		}
		e.say(heard{Kind: iso14443.Reset, Begin: now, End: now})
	case gsmtap.PPSRequest, gsmtap.PPSResponse:
		e.lose("GSMTAP packets with a PPS")
	default:
		e.lose("GSMTAP packets of other sub-types than APDU, ATR and PPS")
	}
}

// recall returns an exchange that only a comment tells.
func recall(s trace.Step, now time.Duration) heard {
	return heard{
		Kind: iso14443.Exchange, Command: filled(s.Command), Answer: filled(s.Answer),
		Answered: s.Failure == "", Begin: now, End: now,
	}
}

// divide finds the command and the answer in a payload: as long as those of the exchange that the
// packet's comment names, or else by their own length fields.
func divide(payload []byte, held *trace.Step) (heard, bool) {
	if held != nil && held.Command.Len()+held.Answer.Len() == len(payload) {
		n := held.Command.Len()
		return heard{
			Kind: iso14443.Exchange, Command: payload[:n], Answer: payload[n:],
			Answered: held.Failure == "",
		}, true
	}
	command, answer, ok := gsmtap.Split(payload)
	return heard{Kind: iso14443.Exchange, Command: command, Answer: answer, Answered: true}, ok
}

func (e *gsmEar) say(h heard) {
	e.said = true
	e.queue = append(e.queue, h)
}

func (e *gsmEar) next() (heard, bool) {
	if len(e.queue) == 0 {
		return heard{}, false
	}
	h := e.queue[0]
	e.queue = e.queue[:0]
	return h, true
}

func (e *gsmEar) interrupt()           {}
func (e *gsmEar) late() bool           { return true }
func (e *gsmEar) fields() trace.Header { return atrField(e.atr) }

// atrField returns the field of an ATR, if it is one that a header can name.
func atrField(atr []byte) trace.Header {
	if len(atr) < 2 || len(atr) > 33 {
		return nil
	}
	return trace.Header{{Key: trace.KeyATR, Value: fmt.Sprintf("% X", atr)}}
}

func cutShort(p pcapfile.Packet) string {
	return fmt.Sprintf("only %d of %d bytes were captured; capture whole packets",
		len(p.Data), p.Length)
}
