package generaltest

import (
	"bytes"
	"fmt"
	"testing"

	"tapbench/applet/emvcard"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/pcsctest"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/general/outcome"
)

// Stream is bytes that decide, one after the other; behind the last one all are 0.
type Stream []byte

// Next takes a byte.
func (s *Stream) Next() byte {
	if len(*s) == 0 {
		return 0
	}
	b := (*s)[0]
	*s = (*s)[1:]
	return b
}

// take takes n bytes.
func (s *Stream) take(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = s.Next()
	}
	return b
}

// streamCard is the right card, except where a stream says otherwise: a byte below [deviates] for a
// command lets its answer pass, any other one changes it.
type streamCard struct {
	pcsc.Processor
	stream *Stream
	last   []byte // answer
	honest [][]byte
	sent   [][]byte
}

// deviates is the first byte that changes an answer.
const deviates = 0xC0

// tags are objects that a stream can change.
func tags() []tlv.Tag {
	return []tlv.Tag{
		0x6F, 0x84, 0xA5, 0x50, 0x87, 0x88, 0x9F38, 0x61, 0x4F, 0xBF0C, 0x77, 0x80, 0x82, 0x94, 0x70,
		0x5A, 0x5F34, 0x5F24, 0x5F25, 0x5F28, 0x9F07, 0x9F08, 0x9F42, 0x8C, 0x8D, 0x8E, 0x9F0D, 0x9F0E,
		0x9F0F, 0x9F49, 0x8F, 0x90, 0x92, 0x9F32, 0x93, 0x9F46, 0x9F47, 0x9F48, 0x9F4A, 0x97, 0x9F14,
		0x9F23, 0x9F36, 0x9F13, 0x9F17, 0x9F27, 0x9F26, 0x9F10, 0x9F4B,
	}
}

// Process answers one command.
func (c *streamCard) Process(command []byte) []byte {
	c.sent = append(c.sent, bytes.Clone(command))
	answer := c.Processor.Process(bytes.Clone(command))
	c.honest = append(c.honest, bytes.Clone(answer))
	if c.stream.Next() >= deviates {
		answer = c.deviate(answer)
	}
	c.last = answer
	return answer
}

// deviate changes an answer.
func (c *streamCard) deviate(answer []byte) []byte {
	s := c.stream
	switch s.Next() % 8 {
	case 0:
		return append([]byte(nil), s.take(2)...)
	case 1:
		return nil
	case 2:
		return append(s.take(int(s.Next())), 0x90, 0x00)
	case 3:
		return bytes.Clone(c.last)
	case 4:
		return append(bytes.Clone(answer[:max(0, len(answer)-2)]), s.take(2)...)
	case 5:
		return apply(answer, fmt.Sprintf("xor @%d %02X", s.Next(), s.Next()|0x01))
	case 6:
		return apply(answer, fmt.Sprintf("cut %d", s.Next()))
	default:
		return apply(answer, c.edit())
	}
}

// edit is an act on an object.
func (c *streamCard) edit() string {
	s := c.stream
	all := tags()
	tag, other := all[int(s.Next())%len(all)], all[int(s.Next())%len(all)]
	value := s.take(int(s.Next()) % 12)
	switch s.Next() % 6 {
	case 0:
		return fmt.Sprintf("drop %s", tag)
	case 1:
		return fmt.Sprintf("repeat %s", tag)
	case 2:
		return fmt.Sprintf("rename %s %s", tag, other)
	case 3:
		return fmt.Sprintf("length %s %d", tag, s.Next())
	case 4:
		return fmt.Sprintf("add %s %X", tag, value)
	default:
		return fmt.Sprintf("set %s %X", tag, value)
	}
}

// fixed is a card with one answer.
type fixed struct {
	pcsc.Processor
	answer []byte
}

func (f fixed) Process([]byte) []byte { return f.answer }

// apply changes an answer by an act; one that can't be done changes nothing.
func apply(answer []byte, act string) []byte {
	d, err := pcsctest.ParseDeviation("00: " + act)
	if err != nil {
		return answer
	}
	return pcsctest.NewDeviant(fixed{answer: answer}, d).Process(make([]byte, apdu.MinCommand))
}

// Streamed is a payment that a stream has decided.
type Streamed struct {
	Paid
	// Honest are the answers that the card itself gave, each beside the command of its place.
	Honest [][]byte
}

// PayStream pays once, with terminal, issuer and purchase that the stream's first bytes choose, and
// with a card whose answers the others change.
func (b *Bench) PayStream(t testing.TB, bytes []byte) Streamed {
	t.Helper()
	stream := Stream(bytes)
	c := chosen(&stream)
	within, err := emvcard.New(emvcard.Config{Image: b.Card})
	if err != nil {
		t.Fatal(err)
	}
	card := &streamCard{Processor: within, stream: &stream}
	kernel, host, purchase := c.terminal(t, b)
	connection := pcsc.NewDirect(card)
	out, err := kernel.Pay(t.Context(), connection, host, purchase)
	_ = connection.Close()
	<-connection.Done()
	return Streamed{Paid{Outcome: out, Err: err, Commands: card.sent}, card.honest}
}

// chosen is a case without a card.
func chosen(s *Stream) Case {
	pick := func(words ...string) []string {
		if n := int(s.Next()); n > 0 {
			return words[(n-1)%len(words) : (n-1)%len(words)+1]
		}
		return nil
	}
	return Case{
		Place: "stream",
		Terminal: append(append(pick("type 21", "type 23", "type 14", "way listed", "way contactless",
			"aid F054415042454E4348 partial", "choose 0"),
			pick("capabilities E0F8C0", "capabilities E0F880", "capabilities E0F800", "pin 1234",
				"skip-pin", "no-ca", "other-ca", "no-pad")...),
			pick("tac-denial 0000008000", "tac-online FFFFFFFFFF", "tac-default FFFFFFFFFF",
				"tac-denial FCF8FCF8F0", "random 99 99 0", "exception", "floor 1")...),
		Issuer: pick("unreachable", "arc 3035", "arc 3031", "arpc-wrong", "arpc-none",
			"script 71128609841E000004AABBCCDD9F180400000001", "script 720B8609841E000004AABBCCDD",
			"script 72208609841E000004AABBCCDD", "script-long", "arc 5858"),
		Pay: pick("amount 20000", "online", "type 01", "cashback 500", "amount 999999999000"),
	}
}

// Approved says whether the payment was approved.
func (s Streamed) Approved() bool { return s.Outcome.Result == outcome.Approved }
