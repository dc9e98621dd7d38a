package replay

import (
	"bytes"

	"tapbench/applet/decode"
	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
	"tapbench/pcsc/trace"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/rules"
)

// emvTap is what a recorded payment with somebody else's card says of its terminal and its issuer.
type emvTap struct {
	values, later map[tlv.Tag][]byte // what was said up to the first cryptogram, and from then on
	names         [][]byte           // of applications that were selected, each once
	ppse, pse     bool               // were selected
	verified      []int              // how long the data of each VERIFY were
	acs           int                // GENERATE ACs
	p1            byte               // of the last
	authenticated bool               // by INTERNAL AUTHENTICATE
	issuerAuth    []byte             // 91
	before, after []byte             // commands of scripts, each as 86
	relay         recordedRelay
}

// readEMV finds out what a payment says.
func readEMV(steps []trace.Step) *emvTap {
	t := &emvTap{values: make(map[tlv.Tag][]byte), later: make(map[tlv.Tag][]byte)}
	d := decode.New()
	for _, s := range steps {
		if s.Kind != trace.Exchange {
			continue
		}
		command, answer := zeroed(s.Command), zeroed(s.Answer)
		x := d.Exchange(command, answer)
		t.relay.read(s, command, answer)
		c, err := apdu.ParseCommand(command)
		if err != nil {
			continue
		}
		t.command(c, command)
		into := t.values
		if t.acs > 1 {
			into = t.later
		}
		for _, f := range x.Command {
			if _, seen := into[f.Tag]; f.Tag != 0 && !f.Template && !seen {
				into[f.Tag] = command[f.Off : f.Off+f.Len]
			}
		}
	}
	return t
}

// The instructions that say what a terminal did (EMV 4.3 Book 3, 6.5).
const (
	insVerify               = 0x20
	insExternalAuthenticate = 0x82
	insInternalAuthenticate = 0x88
	insSelect               = 0xA4
	insGenerateAC           = 0xAE
)

// command takes what is said by the header.
func (t *emvTap) command(c apdu.Command, raw []byte) {
	switch {
	case c.INS == insSelect && c.P1 == 0x04:
		t.selected(c.Data)
	case c.INS == insVerify:
		t.verified = append(t.verified, len(c.Data))
	case c.INS == insInternalAuthenticate:
		t.authenticated = true
	case c.INS == insExternalAuthenticate && t.acs > 0:
		t.issuerAuth = c.Data
	case c.INS == insGenerateAC:
		t.acs++
		t.p1 = c.P1
	case apdu.Class(c.CLA).SecureMessaging() != apdu.SMNone && t.acs == 1:
		t.before = tlv.Append(t.before, emv.TagScriptCommand, raw)
	case apdu.Class(c.CLA).SecureMessaging() != apdu.SMNone && t.acs > 1:
		t.after = tlv.Append(t.after, emv.TagScriptCommand, raw)
	}
}

// selected takes a name.
func (t *emvTap) selected(name []byte) {
	switch string(name) {
	case string(wire.AIDPPSE):
		t.ppse = true
	case emv.NamePSE:
		t.pse = true
	default:
		for _, known := range t.names {
			if bytes.Equal(known, name) {
				return
			}
		}
		t.names = append(t.names, name)
	}
}

// way is how the terminal looked for applications.
func (t *emvTap) way() entry.Way {
	switch {
	case t.ppse && t.pse:
		return entry.Anyhow
	case t.ppse:
		return entry.Contactless
	case t.pse:
		return entry.Contact
	default:
		return entry.Listed
	}
}

// tvr are the terminal verification results that the card was told first, or those that it was told
// with its second cryptogram.
func (t *emvTap) tvr(second bool) rules.TVR {
	from := t.values
	if second {
		from = t.later
	}
	var tvr rules.TVR
	copy(tvr[:], from[emv.TagTVR])
	return tvr
}

// probed returns how many exchanges of a payment come before the terminal's kernel begins: it may
// have looked what card it is before, and selects the same once more.
func probed(steps []trace.Step) int {
	var first []byte
	begin, own := 0, false
	for n, s := range steps {
		c, err := apdu.ParseCommand(zeroed(s.Command))
		if err != nil || c.INS != insSelect || c.P1 != 0x04 {
			continue
		}
		directory := string(c.Data) == string(wire.AIDPPSE) || string(c.Data) == emv.NamePSE
		switch {
		case first == nil && string(c.Data) == string(wire.AIDPayment):
			own = true // looked for as the first of a list
		case first == nil:
			first = c.Data
		case bytes.Equal(c.Data, first):
			if directory || own {
				begin, own = n, false
			}
		case !directory && !own:
			return begin
		}
	}
	return begin
}
