package redact

import (
	"fmt"

	"tapbench/applet/decode"
	"tapbench/pcsc/apdu"
)

// mostWarnings is how many warnings are kept.
const mostWarnings = 64

// maxAID is the length of the longest application identifier (ISO/IEC 7816-4:2005, 8.2.1.2).
const maxAID = 16

// readerClass is the class of commands that the reader answers itself (PC/SC part 3).
const readerClass = 0xFF

// aid is an application identifier, or nothing.
type aid struct {
	bytes [maxAID]byte
	n     int
}

// reason is what a warning says; there is one warning for each.
type reason struct {
	kind decode.Secrecy
	// reader says that the command, of class FF, is the reader's own.
	reader      bool
	command     string
	application string
	aid         aid
}

// warnings are what a redactor has to say.
type warnings struct {
	words []string
	given map[reason]struct{}
	// selected is the name that was last selected on each logical channel.
	selected [apdu.MaxChannel + 1]aid
}

// reset forgets what was selected.
func (w *warnings) reset() { w.selected = [apdu.MaxChannel + 1]aid{} }

// exchange looks at an exchange in which such secrets were hidden.
func (w *warnings) exchange(x *decode.Exchange, command []byte, hidden kinds) {
	c, err := apdu.ParseCommand(command)
	if err != nil {
		c = apdu.Command{}
	}
	on := &w.selected[apdu.Class(c.CLA).Channel()]
	if x.Phase == decode.Selection && (x.Status.IsNormal() || x.Status.IsWarning()) &&
		c.P1&^0x03 == 0x04 && len(c.Data) <= maxAID {
		*on = aid{n: len(c.Data)}
		copy(on.bytes[:], c.Data)
	}
	if hidden == 0 {
		return
	}
	r := reason{command: x.Name, application: x.Application, aid: *on}
	if c.CLA == readerClass {
		r.reader, r.application, r.aid = true, "", aid{}
	}
	for r.kind = decode.PIN; r.kind <= decode.Secured; r.kind++ {
		if hidden.has(r.kind) {
			w.warn(r)
		}
	}
	for _, kind := range [...]decode.Secrecy{decode.Signed, decode.History} {
		if hidden.has(kind) {
			w.warn(reason{kind: kind, application: r.application, aid: r.aid})
		}
	}
	if !x.Known && hidden.has(decode.Unknown) {
		r.kind, r.command = decode.Unknown, ""
		w.warn(r)
	}
}

// warn adds a warning unless it was given.
func (w *warnings) warn(r reason) {
	if _, ok := w.given[r]; ok || len(w.words) == mostWarnings {
		return
	}
	if w.given == nil {
		w.given = make(map[reason]struct{})
	}
	w.given[r] = struct{}{}
	w.words = append(w.words, r.sentence())
}

// sentence puts the reason in words.
func (r reason) sentence() string {
	to := r.to()
	switch r.kind {
	case decode.PIN:
		return fmt.Sprintf("%s to %s carries a PIN: the recording holds a stand-in", r.command, to)
	case decode.Key:
		return fmt.Sprintf("%s to %s carries a key: the recording holds a stand-in", r.command, to)
	case decode.Secured:
		return fmt.Sprintf("%s to %s is under secure messaging: the recording holds stand-ins",
			r.command, to)
	case decode.Signed:
		return fmt.Sprintf("certificates and signatures of %s hold its account number or give it away: "+
			"the recording holds stand-ins, which nobody can verify", to)
	case decode.History:
		return fmt.Sprintf("the log of %s says what was paid before: the recording holds stand-ins", to)
	default:
		return fmt.Sprintf("%s isn't known: the recording holds stand-ins for its data", to)
	}
}

// to names what was spoken to.
func (r reason) to() string {
	switch {
	case r.reader:
		return "the reader"
	case r.aid.n > 0 && r.application != "":
		return fmt.Sprintf("%s (%X)", r.application, r.aid.bytes[:r.aid.n])
	case r.aid.n > 0:
		return fmt.Sprintf("application %X", r.aid.bytes[:r.aid.n])
	case r.application != "":
		return r.application
	default:
		return "the card's first application"
	}
}
