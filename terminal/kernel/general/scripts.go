package general

import (
	"context"
	"errors"
	"fmt"
	"io"

	"tapbench/applet/emv"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// maxScripts is how long the issuer's scripts may be together (EMV 4.3 Book 4, 6.3.9).
const maxScripts = 128

func (t *transaction) scriptsBefore(ctx context.Context) error {
	return t.runScripts(ctx, emv.TagScriptBefore, rules.ScriptBefore)
}

func (t *transaction) scriptsAfter(ctx context.Context) error {
	return t.runScripts(ctx, emv.TagScriptAfter, rules.ScriptAfter)
}

// runScripts carries out the issuer's scripts of one kind (EMV 4.3 Book 3, 10.10), up to the one
// that goes beyond the length that a terminal takes: that and those behind it aren't performed
// (Book 4, 12.2.4). Nor is one whose own length is wrong (Book 3, annex E).
func (t *transaction) runScripts(ctx context.Context, tag tlv.Tag, bit rules.TVRBit) error {
	if t.out.Answer == nil || len(t.out.Answer.Scripts) == 0 || t.endsFirst() {
		return nil
	}
	rest, before := t.out.Answer.Scripts, tag == emv.TagScriptBefore
	for used := 0; len(rest) > 0; {
		e, n, err := nextScript(rest)
		if errors.Is(err, io.EOF) {
			return nil
		}
		used += n
		rest = rest[n:]
		if e.Tag != tag {
			continue
		}
		script := outcome.Script{Before: before, Malformed: true}
		switch {
		case err != nil:
			t.note(clause.ScriptFormat, "script can't be read: "+err.Error())
		case used > maxScripts:
			t.note(clause.ScriptLength, fmt.Sprintf("script ends at byte %d, this terminal takes %d: "+
				"not performed", used, maxScripts))
		default:
			script, err = t.runScript(ctx, e.Value, before)
		}
		t.out.Scripts = append(t.out.Scripts, script)
		t.out.TSI.Set(rules.DidScripts)
		if err != nil && !script.Malformed {
			return err
		}
		if script.Failed() {
			t.mark(bit, clause.Scripts, fmt.Sprintf("script %X failed at command %d", script.ID,
				script.Done+1))
		}
	}
	return nil
}

// nextScript reads one object of the issuer's scripts, and how many bytes it takes. One whose
// length is wrong takes all, and has the tag that it begins with.
func nextScript(b []byte) (tlv.Element, int, error) {
	r := tlv.NewReader(b)
	e, err := r.Next()
	if err != nil && !errors.Is(err, io.EOF) {
		e.Tag = tlv.Tag(b[0]) // 71 and 72 are of one byte
	}
	return e, len(b) - r.Left(), err
}

// runScript carries out one script: its commands in order, up to one that fails. A warning (62xx,
// 63xx) isn't a failure. A script that can't be read isn't begun.
func (t *transaction) runScript(
	ctx context.Context, body []byte, before bool,
) (outcome.Script, error) {
	id, commands, err := readScript(body)
	s := outcome.Script{Before: before, ID: id, Commands: len(commands)}
	if err != nil {
		s.Malformed = true
		t.note(clause.Scripts, "script can't be read: "+err.Error())
		return s, nil //nolint:nilerr // a script that fails ends nothing
	}
	for _, c := range commands {
		response, err := t.ask(ctx, c)
		if err != nil {
			return s, err
		}
		s.SW = response.SW
		if s.SW != apdu.SWNormal && !s.SW.IsWarning() {
			return s, nil
		}
		s.Done++
	}
	return s, nil
}

// readScript takes a script's identifier and commands apart.
func readScript(body []byte) (id [4]byte, commands []apdu.Command, err error) {
	r := tlv.NewReader(body)
	for {
		e, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return id, commands, nil
		case err != nil:
			return id, nil, err
		case e.Tag == emv.TagScriptID && len(e.Value) == len(id):
			id = [4]byte(e.Value)
		case e.Tag == emv.TagScriptCommand:
			c, err := apdu.ParseCommand(e.Value)
			if err != nil {
				return id, nil, err
			}
			commands = append(commands, c)
		default:
			return id, nil, fmt.Errorf("%w: %s in a script", emv.ErrData, emv.Describe(e.Tag))
		}
	}
}
