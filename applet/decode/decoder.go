package decode

import (
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// Decoder follows one dialogue.
type Decoder struct {
	exchange Exchange
	// One for each logical channel.
	channels [apdu.MaxChannel + 1]dialogue
	// The two halves of the exchange at hand.
	command, answer reading
	// chain collects the data of chained commands, whose header chained is.
	chain   []byte
	chained [apdu.MinCommand]byte
	// pending collects the answer of the command that GET RESPONSE continues.
	pending   []byte
	continued apdu.Command // without data
	means     command
	waiting   bool
	// length is that of the command at hand.
	length int
}

// maxWhole is how many bytes of a chain or a continued answer are put together; what is longer is
// read piece by piece.
const maxWhole = apdu.MaxNc

// New returns a decoder at the beginning of a dialogue, with nothing selected.
func New() *Decoder { return &Decoder{} }

// Reset forgets what a reset card has forgotten.
func (d *Decoder) Reset() {
	for i := range d.channels {
		d.channels[i].reset()
	}
	d.chain, d.pending, d.waiting = d.chain[:0], d.pending[:0], false
}

// Exchange reads a C-APDU and its R-APDU, which is nil where none came.
func (d *Decoder) Exchange(command, answer []byte) *Exchange {
	x := &d.exchange
	*x = Exchange{}
	d.command.fields, d.answer.fields = d.command.fields[:0], d.answer.fields[:0]
	response, err := apdu.ParseResponse(answer)
	if err == nil {
		x.Status = response.SW
	}
	c, err := apdu.ParseCommand(command)
	if err != nil {
		d.malformed(command, answer)
		return x
	}
	x.Channel = apdu.Class(c.CLA).Channel()
	dialogue := &d.channels[x.Channel]
	means := commandOf(c, dialogue.kind)
	if means.verb == getProcessingOptions && !dialogue.kind.known() && initiated(c, response) {
		dialogue.becomes()
	}
	x.Name, x.Source, x.Phase = means.name, means.source, means.phase
	d.readHeader(c, means, len(command))
	d.readCommand(c, means, dialogue)
	d.waiting = d.waiting && means.verb == getResponse
	if d.waiting {
		x.Continued = true
		c, means = d.continued, d.means
		x.Phase = means.phase
	}
	if means.verb == selecting && !d.waiting && carriedOut(x.Status) {
		dialogue.selected(c)
	}
	if means.verb == manageChannel && x.Status == apdu.SWNormal {
		d.manageChannel(c, response.Data)
	}
	d.readAnswer(c, means, dialogue, response, len(answer))
	x.Application, x.Known = dialogue.name, dialogue.kind.known()
	x.Foreign = dialogue.kind == payment
	if c.CLA == 0xFF {
		x.Application, x.Known, x.Foreign = "", means.verb != unsupported, false
	}
	x.Command, x.Answer = d.command.fields, d.answer.fields
	return x
}

// carriedOut reports whether a command was, if with a reservation.
func carriedOut(sw apdu.SW) bool { return sw.IsNormal() || sw.IsWarning() }

// manageChannel forgets what was selected on a channel that is opened or closed.
func (d *Decoder) manageChannel(c apdu.Command, answer []byte) {
	n := int(c.P2)
	if n == 0 && len(answer) == 1 {
		n = int(answer[0])
	}
	if n < len(d.channels) {
		d.channels[n].reset()
	}
}

// malformed reads a command that isn't a C-APDU. Its header may be kept and says whether the rest
// is a PIN or a key.
func (d *Decoder) malformed(command, answer []byte) {
	x := &d.exchange
	x.Name = "malformed command"
	d.waiting, d.chain = false, d.chain[:0]
	for i, name := range [...]string{"CLA", "INS", "P1", "P2"} {
		if i < len(command) {
			d.command.header(name, i, 1, Binary)
		}
	}
	var none dialogue
	if head := apdu.MinCommand; len(command) > head {
		c := apdu.Command{CLA: command[0], INS: command[1], P1: command[2], P2: command[3]}
		d.command.begin(&none, command[head:], 0, head, false)
		if !d.command.secret(c, commandOf(c, unselected)) {
			d.command.bytes("data", trait{})
		}
	}
	n := max(0, len(answer)-2)
	d.answer.begin(&none, answer[:n], 0, 0, false)
	d.answer.bytes("data", trait{})
	d.answer.status(len(answer))
	x.Command, x.Answer = d.command.fields, d.answer.fields
}

// readCommand reads the data field and what follows it.
func (d *Decoder) readCommand(c apdu.Command, means command, on *dialogue) {
	more := apdu.Class(c.CLA).Chaining()
	header := [apdu.MinCommand]byte{byte(apdu.Class(c.CLA).WithChaining(false)), c.INS, c.P1, c.P2}
	if header != d.chained || len(d.chain)+len(c.Data) > maxWhole {
		d.chain = d.chain[:0]
	}
	d.chained = header
	d.exchange.Continued = more || len(d.chain) > 0
	at := d.dataOffset(c)
	whole, before := c.Data, len(d.chain)
	if d.exchange.Continued {
		d.chain = append(d.chain, c.Data...)
		whole = d.chain
	}
	d.command.begin(on, whole, before, at, more)
	if len(c.Data) > 0 {
		d.command.data(c, means)
	}
	if !more {
		d.chain = d.chain[:0]
	}
	d.readLe(c, at)
}

// readAnswer reads the answer to c, or the piece of it that has come.
func (d *Decoder) readAnswer(
	c apdu.Command, means command, on *dialogue, response apdu.Response, n int,
) {
	if !d.waiting {
		d.pending = d.pending[:0]
	}
	more := response.SW.SW1() == 0x61
	whole, before := response.Data, len(d.pending)
	if before+len(whole) > maxWhole {
		d.pending, before = d.pending[:0], 0
	}
	if more || before > 0 {
		d.pending = append(d.pending, response.Data...)
		whole = d.pending
	}
	if means.verb == selecting && !more && carriedOut(response.SW) {
		on.answered(whole)
	}
	d.answer.begin(on, whole, before, 0, more)
	if len(response.Data) > 0 {
		d.answer.answerData(c, means)
	}
	d.answer.status(n)
	d.follow(c, means, on, response.SW)
}

// follow takes up what the answer means for the commands that come.
func (d *Decoder) follow(c apdu.Command, means command, on *dialogue, sw apdu.SW) {
	if means.verb == getProcessingOptions {
		on.acs = 0
	}
	if means.verb == generateAC && sw == apdu.SWNormal {
		on.acs++
	}
	if sw != apdu.SWNormal {
		d.chain = d.chain[:0] // a card that refuses a piece drops the chain
	}
	d.waiting = sw.SW1() == 0x61
	if d.waiting {
		d.continued, d.means = apdu.Command{CLA: c.CLA, INS: c.INS, P1: c.P1, P2: c.P2}, means
	}
}

// data reads the data field of a command.
func (r *reading) data(c apdu.Command, means command) {
	switch {
	case r.secret(c, means):
	case means.verb == ownCommand:
		r.ownCommand(wire.INS(c.INS))
	case r.partial:
		r.bytes("data", trait{})
	default:
		r.dataOf(c, means.verb)
	}
}

// secret reads a data field that is secret as a whole, and reports whether it is.
func (r *reading) secret(c apdu.Command, means command) bool {
	switch {
	case means.verb == pinBearing:
		r.bytes("verification data", trait{Binary, Constant, PIN})
	case means.verb == keyBearing:
		r.bytes("key data", trait{Binary, Constant, Key})
	case apdu.Class(c.CLA).SecureMessaging() != apdu.SMNone:
		r.bytes("secured data", trait{Binary, Ciphertext, Secured})
	default:
		return false
	}
	return true
}

// dataOf reads a complete data field that isn't secret as a whole.
func (r *reading) dataOf(c apdu.Command, v verb) {
	switch v {
	case selecting:
		r.selection(c)
	case getProcessingOptions:
		r.processingOptions()
	case generateAC:
		r.cryptogramData()
	case internalAuthenticate:
		r.listed(r.dialogue.ddol, "authentication-related data", r.allowed(Challenge))
	case computeChecksum:
		r.listed(r.dialogue.udol, "UDOL data", r.allowed(Challenge))
	case relayResistance:
		r.bytes("terminal relay resistance entropy", r.allowed(Challenge))
	case externalAuthenticate:
		r.externalData()
	case initializeUpdate:
		r.bytes("host challenge", r.allowed(Challenge))
	case install:
		r.installing(c)
	case putData:
		r.putObject(c)
	case uid, plain, unsupported, ticking:
		r.bytes("data", trait{})
	default:
		r.objects()
	}
}

// answerData reads the data field of an answer.
func (r *reading) answerData(c apdu.Command, means command) {
	if apdu.Class(c.CLA).SecureMessaging() != apdu.SMNone && c.CLA != 0xFF {
		r.bytes("secured data", trait{Binary, Ciphertext, Secured})
		return
	}
	r.learn, r.offer = true, means.verb == selecting
	switch {
	case means.verb == ownCommand:
		r.ownAnswer(wire.INS(c.INS))
	case means.verb == deciphering, means.verb == keyBearing, means.verb == pinBearing:
		r.bytes("data", trait{Binary, Constant, Key})
	case r.partial:
		r.bytes("data", trait{})
	case r.format1(means.verb):
	default:
		r.answerOf(c, means.verb)
	}
}

// answerOf reads a complete answer that isn't secret as a whole.
func (r *reading) answerOf(c apdu.Command, v verb) {
	switch v {
	case getChallenge:
		r.bytes("challenge", trait{Binary, Challenge, Clear})
	case readRecord:
		r.record(c)
	case getData:
		r.dataObject(c)
	case initializeUpdate:
		r.secureChannel()
	case ticking:
		r.bytes(nameChainValue, trait{Binary, FreshIdentity, Clear})
	case uid:
		name := "UID"
		if c.P1 == 0x01 {
			name = "historical bytes of the ATS"
		}
		r.bytes(name, trait{Binary, FreshIdentity, Unknown})
	case install, deleteObject:
		r.confirmation()
	case manageChannel:
		r.bytes("logical channel", trait{Integer, Constant, Clear})
	case externalAuthenticate, unsupported:
		r.bytes("data", trait{})
	default:
		r.objects()
	}
}

// allowed returns the trait of bytes that may be kept if the application is known.
func (r *reading) allowed(v Variation) trait {
	t := trait{Binary, v, Unknown}
	if r.dialogue.kind.known() {
		t.secrecy = Clear
	}
	return t
}
