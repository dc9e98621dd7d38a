package show

import (
	"io"
	"time"

	"tapbench/applet/decode"
	"tapbench/pcsc/trace"
)

// Dialogue shows the steps of a trace, or of a dialogue that is under way, as items.
type Dialogue struct {
	reader  trace.Source
	decoder *decode.Decoder
	count   int
	scratch [2][]byte
}

// Open reads the header. Its errors are those of [trace.NewReader].
func Open(r io.Reader) (*Dialogue, error) {
	reader, err := trace.Open(r)
	if err != nil {
		return nil, err
	}
	return &Dialogue{reader: reader, decoder: decode.New()}, nil
}

// Live returns a dialogue that is under way and in no file: [Dialogue.Item] shows it, step by step.
func Live() *Dialogue { return &Dialogue{decoder: decode.New()} }

// Header returns the item that comes before all others.
func (d *Dialogue) Header() *Item {
	item := &Item{Kind: KindHeader, Line: 1}
	for _, f := range d.reader.Header() {
		item.Fields = append(item.Fields, HeaderField{Key: string(f.Key), Value: f.Value})
	}
	return item
}

// Next returns the next item, which is the caller's, or [io.EOF] after the last. Its errors are
// those of [trace.Reader].
func (d *Dialogue) Next() (*Item, error) {
	step, err := d.reader.Next()
	if err != nil {
		return nil, err
	}
	return d.Item(step), nil
}

// Item shows the next step of a dialogue. [Dialogue.Next] calls it for those that it reads.
func (d *Dialogue) Item(step trace.Step) *Item {
	item := &Item{Line: step.Line, Failure: string(step.Failure)}
	switch step.Kind {
	case trace.Exchange:
		d.exchange(item, step)
	case trace.Reset:
		item.Kind = KindReset
		if step.Failure == "" {
			d.decoder.Reset()
		}
	case trace.Tear:
		item.Kind, item.Write = KindTear, step.Write
	case trace.Remove:
		item.Kind = KindRemove
		d.decoder.Reset()
	case trace.Insert:
		item.Kind = KindInsert
	case trace.Idle:
		item.Kind, item.IdleUS = KindIdle, step.Took.Microseconds()
	default:
		item.Kind = Kind(step.Kind.String())
	}
	return item
}

// exchange decodes a command and its answer.
func (d *Dialogue) exchange(item *Item, step trace.Step) {
	d.count++
	d.scratch[0] = flat(d.scratch[0], step.Command)
	d.scratch[1] = flat(d.scratch[1], step.Answer)
	command, answer := d.scratch[0], d.scratch[1]
	if step.Answer == nil {
		answer = nil
	}
	x := d.decoder.Exchange(command, answer)
	item.Kind, item.Number = KindExchange, d.count
	item.Name, item.Source, item.Application = x.Name, x.Source, x.Application
	item.InPhase, item.Phase = x.Phase, x.Phase.String()
	item.Continued = x.Continued
	item.TookUS = int64(step.Took / time.Microsecond)
	item.Command = message(step.Command, command, x.Command, commandRoles(command))
	if answer != nil {
		item.Answer = message(step.Answer, answer, x.Answer, answerRoles(answer))
		item.Status = status(x.Status)
	}
	if item.Name == "" {
		item.Name = "command " + item.Command.Bytes(0, 2)
	}
}

// flat appends the bytes of a message to dst[:0], zeros where they weren't kept.
func flat(dst []byte, m trace.Message) []byte {
	dst = dst[:0]
	for _, p := range m {
		dst = append(dst, p.Bytes...)
		if p.Mark == trace.Absent {
			dst = append(dst, make([]byte, min(p.Len, maxAbsent))...)
		}
	}
	return dst
}

// maxAbsent bounds what a claimed length allocates; the grammar's reader has already held the
// message to the longest APDU.
const maxAbsent = 1 << 17
