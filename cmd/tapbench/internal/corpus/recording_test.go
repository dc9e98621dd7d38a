package corpus_test

import (
	"bytes"
	"context"
	"testing"

	"tapbench/applet/emulator"
	"tapbench/applet/redact"
	"tapbench/pcsc"
	"tapbench/pcsc/relay"
	"tapbench/pcsc/trace"
)

// redactionKey makes the stand-ins the same in each making. A key that is known is safe here alone:
// what it hides are secrets of a bench that is gone when the recording ends.
func redactionKey() (key [32]byte) {
	copy(key[:], "the corpus hides nothing of value")
	return key
}

// recording is one card on a reader, and the file that is written of it.
type recording struct {
	*trace.Recorder
	t      *testing.T
	card   *emulator.Card // nil: an EMV card
	any    pcsc.Processor // that card, or the same
	seat   relay.Seat
	link   *pcsc.Direct
	redact *redact.Redactor
	text   bytes.Buffer
}

// record lays a card on a reader and begins a recording without times. Ending the test takes the
// card off.
func record(t *testing.T, card *emulator.Card, comments ...string) *recording {
	t.Helper()
	r := recordAny(t, card, comments...)
	r.card = card
	return r
}

// recordAny lays any card on a reader.
func recordAny(t *testing.T, card pcsc.Processor, comments ...string) *recording {
	t.Helper()
	r := &recording{t: t, any: card, redact: redact.New(redact.Config{Key: redactionKey()})}
	r.connect()
	t.Cleanup(r.leave)
	var header trace.Header
	for _, line := range comments {
		header = append(header, trace.Field{Key: trace.KeyComment, Value: line})
	}
	header = append(header,
		trace.Field{Key: trace.KeyOrigin, Value: "corpus"},
		trace.Field{Key: trace.KeyRedaction, Value: trace.RedactionStandIns})
	var err error
	r.Recorder, err = trace.NewRecorder(&r.seat, &r.text, trace.Options{
		Header: header, Redact: r.redact.Redact,
	})
	check(t, err)
	return r
}

// connect gives the card power.
func (r *recording) connect() {
	r.link = pcsc.NewDirect(r.any)
	r.seat.Take(r.link)
}

// leave takes the power, and waits until the card is still.
func (r *recording) leave() {
	_ = r.link.Close()
	<-r.link.Done()
}

// away takes the card off the reader and puts it back.
func (r *recording) away() {
	r.t.Helper()
	r.leave()
	check(r.t, r.Note(trace.Step{Kind: trace.Remove}))
	r.back()
}

// back puts a card back, or gives a torn one its power again.
func (r *recording) back() {
	r.t.Helper()
	r.leave()
	r.redact.Reset()
	r.connect()
	check(r.t, r.Note(trace.Step{Kind: trace.Insert}))
}

// pull takes the card off the reader after n more commands, before it hears the next one.
func (r *recording) pull(n int) { r.seat.Take(&pulled{Direct: r.link, left: n}) }

// pulled is a connection that ends after some commands.
type pulled struct {
	*pcsc.Direct
	left int
}

// Transmit passes a command on, as long as the card is there.
func (p *pulled) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if p.left == 0 {
		p.Remove()
	}
	p.left--
	return p.Direct.Transmit(ctx, command)
}

// reset resets the card.
func (r *recording) reset() {
	r.t.Helper()
	check(r.t, r.Reset(r.t.Context()))
	r.redact.Reset()
}

// tear has the power cut at the n-th write from now on.
func (r *recording) tear(n int) {
	r.t.Helper()
	r.card.Tear(n)
	check(r.t, r.Note(trace.Step{Kind: trace.Tear, Write: n}))
}

// Close leaves the card where it is: what closes it is one connection's end.
func (r *recording) Close() error { return r.Err() }

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
