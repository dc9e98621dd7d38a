package redact

import (
	"crypto/rand"

	"tapbench/applet/decode"
	"tapbench/pcsc/trace"
)

// Config is what a [Redactor] needs.
type Config struct {
	// Key is the file's: stand-ins are the same under the same key. It must be drawn anew for each
	// file and written nowhere, since PANs and PINs can be guessed by whoever has it. If it is all
	// zeros, [New] draws one.
	Key [32]byte
}

// Redactor takes the secrets out of one dialogue, exchange by exchange. It belongs to one
// goroutine.
type Redactor struct {
	decoder *decode.Decoder
	forge   forger
	known   register
	numbers numbers
	said    warnings
	// What the next call of Redact overwrites: the parts of both messages, and the bytes of the
	// stand-ins in them.
	command, answer draft
	// ours says that the exchange at hand is one with a test card.
	ours bool
}

// New returns the redactor of one file.
func New(c Config) *Redactor {
	for c.Key == [32]byte{} {
		_, _ = rand.Read(c.Key[:]) // which never fails
	}
	return &Redactor{decoder: decode.New(), forge: newForger(c.Key)}
}

// Reset forgets what a card forgets that is reset: selections, channels, chains. Stand-ins stay as
// they are.
func (r *Redactor) Reset() {
	r.decoder.Reset()
	r.numbers.reset()
	r.said.reset()
}

// Redact is the file's trace.Redactor: it returns a C-APDU and its R-APDU, which is nil where none
// came, as they may be written. Both have the lengths that were handed in. They alias command,
// answer and buffers of the redactor: they are valid until its next call, or until one of those
// changes. Calling it allocates nothing once the buffers have grown.
func (r *Redactor) Redact(command, answer []byte) (redacted, redactedAnswer trace.Message) {
	x := r.decoder.Exchange(command, answer)
	r.learn(x.Command, command)
	r.learn(x.Answer, answer)
	r.ours = r.numbers.exchange(x, command, answer)
	r.command.begin(command)
	r.write(&r.command, x.Command)
	r.answer.begin(answer)
	r.write(&r.answer, x.Answer)
	r.said.exchange(x, command, r.command.hidden|r.answer.hidden)
	return r.command.message(), r.answer.message()
}

// Warnings returns what whoever gets the file should know, each sentence once, the oldest first:
// which PINs, keys and secured data were replaced, and which applications nobody knows. At most 64
// are kept.
func (r *Redactor) Warnings() []string { return append([]string(nil), r.said.words...) }

// write adds the fields to the draft. Bytes that no field covers are hidden.
func (r *Redactor) write(d *draft, fields []decode.Field) {
	n := len(d.source)
	for i := range fields {
		f := &fields[i]
		end := f.Off + f.Len
		if f.Len < 0 || f.Off < f.Start || end > n || end < d.at {
			continue // not where it says; what it was to cover will be hidden
		}
		if f.Start > d.at {
			r.hide(d, &decode.Field{}, f.Start)
		}
		if f.Off > d.at {
			d.keep(f.Off, decode.Constant) // tag and length
		}
		if !f.Template && end > d.at {
			r.value(d, f, end)
		}
	}
	if d.at < n {
		r.hide(d, &decode.Field{}, n)
	}
}

// value adds the rest of the message up to end, which is the value of a field.
func (r *Redactor) value(d *draft, f *decode.Field, end int) {
	switch {
	case f.Secrecy == decode.Clear:
		r.clear(d, f, end)
	case f.Secrecy == decode.PAN && isTestPAN(d.source[d.at:end]),
		f.Secrecy == decode.Track && isTestTrack(f, d.source[d.at:end]):
		d.keep(end, f.Variation)
	case r.ours && bared(f.Secrecy):
		d.keep(end, f.Variation)
	default:
		r.hide(d, f, end)
	}
}

// hide adds a stand-in for the bytes up to end, which are the value of a field or, by the zero
// field, nobody knows what.
func (r *Redactor) hide(d *draft, f *decode.Field, end int) {
	value := d.source[d.at:end]
	r.forge.value(d.standIn(end, f.Secrecy), f, value)
}

// clear adds a value that may be kept, but for the secrets in it that are known from elsewhere.
func (r *Redactor) clear(d *draft, f *decode.Field, end int) {
	for end-d.at >= leastForm {
		h, ok := r.known.find(d.source[d.at:end])
		if !ok {
			break
		}
		at := d.at + h.from
		if at > d.at {
			d.keep(at, f.Variation)
		}
		b := d.standIn(at+h.to-h.from, h.kind)
		copy(b, d.source[at:])
		h.write(b)
	}
	if d.at < end {
		d.keep(end, f.Variation)
	}
}

// learn registers the secrets of a message.
func (r *Redactor) learn(fields []decode.Field, message []byte) {
	for i := range fields {
		f := &fields[i]
		if f.Secrecy < decode.PAN || f.Secrecy > decode.Key || f.Template {
			continue
		}
		if f.Off < 0 || f.Len < leastSecret || f.Off+f.Len > len(message) {
			continue
		}
		r.known.add(&r.forge, f, message[f.Off:f.Off+f.Len])
	}
}
