package redact

import (
	"tapbench/applet/decode"
	"tapbench/pcsc/apdu"
)

// owner is whose the account numbers are that an application has shown since it was selected.
type owner byte

const (
	nobody owner = iota // it has shown none
	bench               // of the test IIN, all of them
	holder              // there was another one, or one that can't be read
)

// numbers follows, on each logical channel, whose card a payment application is.
type numbers struct{ owners [apdu.MaxChannel + 1]owner }

// reset forgets what was shown.
func (n *numbers) reset() { n.owners = [apdu.MaxChannel + 1]owner{} }

// exchange looks at an exchange and reports whether it is one with a payment application of a test
// card. That is known from the answer on in which its first account number stands; another number
// in the same selection ends it for good.
func (n *numbers) exchange(x *decode.Exchange, command, answer []byte) bool {
	on := &n.owners[x.Channel]
	if x.Phase == decode.Selection && (x.Status.IsNormal() || x.Status.IsWarning()) {
		*on = nobody
	}
	if !x.Foreign {
		return false
	}
	on.see(x.Command, command)
	on.see(x.Answer, answer)
	return *on == bench
}

// see looks at the account numbers in a message.
func (o *owner) see(fields []decode.Field, message []byte) {
	for i := range fields {
		f := &fields[i]
		if f.Template || f.Off < 0 || f.Len <= 0 || f.Off+f.Len > len(message) {
			continue
		}
		value, test := message[f.Off:f.Off+f.Len], false
		switch f.Secrecy {
		case decode.PAN:
			test = isTestPAN(value)
		case decode.Track:
			t, ok := parseTrack(f, value)
			if !ok {
				continue // a part of a track that has no account number
			}
			test = t.pan.isTest()
		default:
			continue
		}
		switch {
		case !test:
			*o = holder
		case *o == nobody:
			*o = bench
		}
	}
}

// bared reports whether values of that kind may be kept if the card is a test card. A PIN may not,
// nor a name, a key, or what nobody knows.
func bared(s decode.Secrecy) bool {
	return s == decode.Signed || s == decode.History || s == decode.Secured
}
