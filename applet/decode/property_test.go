package decode_test

import (
	"fmt"
	"testing"

	"tapbench/applet/decode"
)

// check reports what is wrong with the fields of a message: fields lie within it, in its order, and
// in the template that comes before them, and each byte belongs to one field, either as its value
// or as its tag and length.
func check(fields []decode.Field, message []byte) error {
	var open []decode.Field // the templates that the field at hand may lie in
	at := 0
	for i, f := range fields {
		end := f.Off + f.Len
		switch {
		case f.Start < 0 || f.Off < f.Start || f.Len < 0 || end > len(message):
			return fmt.Errorf("field %d %q lies at %d, %d, %d of %d", i, f.Name, f.Start, f.Off, end,
				len(message))
		case f.Start != at:
			return fmt.Errorf("field %d %q begins at %d, not %d", i, f.Name, f.Start, at)
		case f.Depth > len(open):
			return fmt.Errorf("field %d %q is at depth %d, not in a template", i, f.Name, f.Depth)
		case f.Name == "" && f.Tag == 0:
			return fmt.Errorf("field %d has neither name nor tag", i)
		}
		if err := closed(open[f.Depth:], at); err != nil {
			return err
		}
		open = open[:f.Depth]
		if f.Depth > 0 && end > open[f.Depth-1].Off+open[f.Depth-1].Len {
			return fmt.Errorf("field %d %q is longer than its template", i, f.Name)
		}
		at = end
		if f.Template {
			open, at = append(open, f), f.Off
		}
	}
	if at != len(message) {
		return fmt.Errorf("fields end at %d of %d", at, len(message))
	}
	return closed(open, at)
}

// closed reports the first of the templates whose fields don't end where it does.
func closed(open []decode.Field, at int) error {
	for _, t := range open {
		if end := t.Off + t.Len; end != at {
			return fmt.Errorf("template %q ends at %d, its fields at %d", t.Name, end, at)
		}
	}
	return nil
}

// checkExchange fails the test if fields aren't as check wants them, or a secret is described.
func checkExchange(t testing.TB, p pair, x *decode.Exchange) {
	t.Helper()
	for _, half := range []struct {
		message []byte
		fields  []decode.Field
	}{{p.command, x.Command}, {p.answer, x.Answer}} {
		if err := check(half.fields, half.message); err != nil {
			t.Errorf("%s % X: %v\n%+v", x.Name, half.message, err, half.fields)
		}
		for _, f := range half.fields {
			words := decode.Describe(f, half.message[f.Off:f.Off+f.Len])
			if f.Secrecy != decode.Clear && len(words) > len("ends in 1234, the rest is hidden") {
				t.Errorf("%s: %q is described as %q", x.Name, f.Name, words)
			}
		}
	}
}

// TestFields: the property holds in a whole dialogue of ours.
func TestFields(t *testing.T) {
	d := decode.New()
	for _, p := range ownDialogue(t) {
		checkExchange(t, p, d.Exchange(p.command, p.answer))
	}
}

// FuzzExchange reads two exchanges one after the other; the first may select, send lists, or leave
// an answer or a chain half done.
func FuzzExchange(f *testing.F) {
	dialogue := ownDialogue(f)
	for i := 1; i < len(dialogue); i++ {
		f.Add(dialogue[i-1].command, dialogue[i-1].answer, dialogue[i].command, dialogue[i].answer)
	}
	for _, e := range published() {
		f.Add(e.first.command, e.first.answer, e.then.command, e.then.answer)
	}
	f.Fuzz(func(t *testing.T, firstCommand, firstAnswer, command, answer []byte) {
		d := decode.New()
		for range 2 { // with buffers that were used, too
			first, then := pair{firstCommand, firstAnswer}, pair{command, answer}
			checkExchange(t, first, d.Exchange(first.command, first.answer))
			checkExchange(t, then, d.Exchange(then.command, then.answer))
			d.Reset()
		}
	})
}
