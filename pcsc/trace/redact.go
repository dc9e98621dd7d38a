package trace

import "tapbench/pcsc/apdu"

// Redactor decides what of an exchange may be written. It returns the command and the answer as
// they are to stand in the trace, of the same lengths as the bytes; it mustn't keep or change
// those. What it returns with other lengths isn't written: [HideData] takes its place.
type Redactor func(command, answer []byte) (Message, Message)

// labelData is the label of data that nobody allowed to be written.
const labelData = "data"

// HideData is the [Redactor] that knows nothing and therefore shows only the command's header, its
// length fields and SW1-SW2. Recorders use it unless they are given another.
func HideData(command, answer []byte) (hidden, hiddenAnswer Message) {
	return hideCommand(command), hideAnswer(answer)
}

// RevealAll is the [Redactor] that shows everything, PINs and card numbers included. It is for
// cards whose data is worth nothing.
func RevealAll(command, answer []byte) (shown, shownAnswer Message) {
	return Literal(command), Literal(answer)
}

// hideCommand shows header, Lc and Le. A command whose length fields don't account for its bytes
// is hidden behind its header.
func hideCommand(b []byte) Message {
	c, err := apdu.ParseCommand(b)
	if err != nil {
		shown := min(len(b), apdu.MinCommand)
		return Join(Literal(b[:shown]), Hidden(labelData, len(b)-shown))
	}
	if len(c.Data) == 0 {
		return Literal(b)
	}
	at := apdu.MinCommand + 1
	if b[apdu.MinCommand] == 0 {
		at += 2 // an extended Lc
	}
	return Join(Literal(b[:at]), Hidden(labelData, len(c.Data)), Literal(b[at+len(c.Data):]))
}

// hideAnswer shows SW1-SW2.
func hideAnswer(b []byte) Message {
	if len(b) < 2 {
		return Hidden(labelData, len(b))
	}
	n := len(b) - 2
	return Join(Hidden(labelData, n), Literal(b[n:]))
}
