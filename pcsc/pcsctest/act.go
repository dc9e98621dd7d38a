package pcsctest

import (
	"fmt"
	"strings"

	"tapbench/pcsc/apdu"
)

// arguments are the words after an act's name. A read that fails is remembered, so that acts can be
// put together first and the error looked at once.
type arguments struct {
	words []string
	err   error
}

// parseAct reads one act and adds it.
func (d *Deviation) parseAct(words []string) error {
	if len(words) == 0 {
		return fmt.Errorf("no act")
	}
	given := &arguments{words: words[1:]}
	edit, isEdit := given.edit(words[0])
	instead, isInstead := given.instead(words[0])
	switch {
	case !isEdit && !isInstead:
		return fmt.Errorf("%q is no act", words[0])
	case given.err != nil:
		return fmt.Errorf("%s: %w", words[0], given.err)
	case len(given.words) > 0:
		return fmt.Errorf("%s: %q is too much", words[0], strings.Join(given.words, " "))
	case isInstead && d.instead != nil:
		return fmt.Errorf("%s: a second answer", words[0])
	case isInstead:
		d.instead = instead
	default:
		d.edits = append(d.edits, edit)
	}
	return nil
}

// instead returns an act that answers for the card.
func (a *arguments) instead(name string) (func([]byte) ([]byte, int), bool) {
	var answer []byte
	endless := 0
	switch name {
	case "sw":
		answer = a.sw().Encode()
	case "answer":
		answer = a.digits()
	case "silent":
	case "endless":
		endless = max(1, a.number(256))
		answer = endlessAnswer(endless, 0)
	case "stale":
		return func(first []byte) ([]byte, int) { return first, 0 }, true
	default:
		return nil, false
	}
	return func([]byte) ([]byte, int) { return answer, endless }, true
}

// edit returns an act that changes the card's answer.
func (a *arguments) edit(name string) (edit, bool) {
	switch name {
	case "status":
		sw := a.sw().SW
		return func(r apdu.Response) (apdu.Response, bool) { r.SW = sw; return r, true }, true
	case "data":
		data := a.optionalDigits()
		return onData(func([]byte) ([]byte, bool) { return data, true }), true
	case "append":
		more := a.digits()
		return onData(func(data []byte) ([]byte, bool) { return append(data, more...), true }), true
	case "cut":
		n := a.number(65536)
		return onData(func(data []byte) ([]byte, bool) {
			return data[:max(0, len(data)-n)], len(data) >= n
		}), true
	case "xor":
		return a.xor(), true
	default:
		return a.object(name)
	}
}

// onData makes an edit of one that sees the data alone.
func onData(change func(data []byte) ([]byte, bool)) edit {
	return func(r apdu.Response) (apdu.Response, bool) {
		data, ok := change(append([]byte(nil), r.Data...))
		return apdu.Response{Data: data, SW: r.SW}, ok
	}
}

// next takes one argument.
func (a *arguments) next() string {
	if len(a.words) == 0 {
		a.fail(fmt.Errorf("an argument is missing"))
		return ""
	}
	word := a.words[0]
	a.words = a.words[1:]
	return word
}

func (a *arguments) fail(err error) {
	if a.err == nil {
		a.err = err
	}
}

func (a *arguments) digits() []byte {
	b, err := digits(a.next())
	if err != nil {
		a.fail(err)
	}
	return b
}

func (a *arguments) optionalDigits() []byte {
	if len(a.words) == 0 {
		return nil
	}
	return a.digits()
}

func (a *arguments) number(most int) int {
	n, err := number(a.next(), most)
	if err != nil {
		a.fail(err)
	}
	return n
}

func (a *arguments) sw() apdu.Response {
	b := a.digits()
	if len(b) != 2 {
		a.fail(fmt.Errorf("%d bytes are no status word", len(b)))
		return apdu.Response{}
	}
	return apdu.Response{SW: apdu.SW(b[0])<<8 | apdu.SW(b[1])}
}
