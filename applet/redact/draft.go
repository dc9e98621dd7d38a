package redact

import (
	"slices"

	"tapbench/applet/decode"
	"tapbench/pcsc/trace"
)

// draft is a message that is being written, from its first byte to its last.
type draft struct {
	source []byte
	at     int // how many bytes of the source are written
	parts  []trace.Part
	forged []byte // the bytes of the stand-ins
	hidden kinds  // what they stand for
}

// kinds is a set of decode.Secrecy.
type kinds uint16

func (k kinds) has(s decode.Secrecy) bool { return k>>s&1 != 0 }

// begin starts a message over.
func (d *draft) begin(source []byte) {
	d.source, d.at, d.hidden = source, 0, 0
	d.parts = d.parts[:0]
	d.forged = slices.Grow(d.forged[:0], len(source)) // so that no part of it moves
}

// message returns what is written, nil if that is nothing.
func (d *draft) message() trace.Message {
	if len(d.parts) == 0 {
		return nil
	}
	return d.parts
}

// keep adds the bytes up to end as they are.
func (d *draft) keep(end int, v decode.Variation) {
	p := trace.Part{Bytes: d.source[d.at:end]}
	if label := v.Label(); label != "" {
		p.Mark, p.Label = trace.Varying, label
	}
	if last := len(d.parts) - 1; p.Mark == trace.Plain && last >= 0 &&
		d.parts[last].Mark == trace.Plain {
		n := len(d.parts[last].Bytes)
		d.parts[last].Bytes = d.source[d.at-n : end]
	} else {
		d.parts = append(d.parts, p)
	}
	d.at = end
}

// standIn adds a stand-in for the bytes up to end and returns where its bytes go, which hold
// anything.
func (d *draft) standIn(end int, s decode.Secrecy) []byte {
	from, n := len(d.forged), end-d.at
	d.forged = d.forged[:from+n]
	b := d.forged[from : from+n : from+n]
	d.parts = append(d.parts, trace.Part{Mark: trace.StandIn, Label: s.Label(), Bytes: b})
	d.hidden |= 1 << s
	d.at = end
	return b
}
