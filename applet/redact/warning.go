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

// aid is an application identifier, or nothing.
type aid struct {
	bytes [maxAID]byte
	n     int
}

// reason is what a warning says; there is one warning for each.
type reason struct {
	kind        decode.Secrecy
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
	for s := decode.PIN; s <= decode.Secured; s++ {
		if hidden.has(s) {
			w.warn(reason{s, x.Name, x.Application, *on})
		}
	}
	if !x.Known && hidden.has(decode.Unknown) {
		w.warn(reason{decode.Unknown, "", x.Application, *on})
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
	switch r.kind {
	case decode.PIN:
		return fmt.Sprintf("%s to %s carries a PIN: the recording holds a stand-in", r.command, r.to())
	case decode.Key:
		return fmt.Sprintf("%s to %s carries a key: the recording holds a stand-in", r.command, r.to())
	case decode.Secured:
		return fmt.Sprintf("%s to %s is under secure messaging: the recording holds stand-ins",
			r.command, r.to())
	default:
		return fmt.Sprintf("what %s says isn't known: the recording holds stand-ins", r.to())
	}
}

// to names the application.
func (r reason) to() string {
	name := r.application
	if name == "" {
		name = "an application"
	}
	switch {
	case r.aid.n > 0:
		return fmt.Sprintf("%s (%X)", name, r.aid.bytes[:r.aid.n])
	case r.application == "":
		return "the card"
	default:
		return name
	}
}
