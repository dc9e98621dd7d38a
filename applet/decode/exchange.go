package decode

import "tapbench/pcsc/apdu"

// Exchange is what a command and its answer are. Its slices belong to the [Decoder] and are valid
// until its next call.
type Exchange struct {
	// Name is the command's, in its standard's words, such as "GET PROCESSING OPTIONS".
	Name string
	// Source is where the command is specified, with edition and clause, or "".
	Source string
	// Application is the name of the application that is selected after the exchange, or "" if it
	// isn't known, or if the command is for the reader (class FF).
	Application string
	// Known says that the application is one whose data elements the decoder knows, or that the
	// command is one that PC/SC defines for readers.
	Known bool
	// Foreign says that the application is a payment application of somebody else's, such as a plastic
	// card has, and Channel on which logical channel it is selected, from 0.
	Foreign bool
	Channel int
	// Phase is the part of the protocol that the command belongs to; of GET RESPONSE, that which the
	// command that it continues belongs to.
	Phase Phase
	// Continued says that the command is a part of a chain (CLA bit 10) or a GET RESPONSE, whose
	// data is a piece of something longer.
	Continued bool
	// Command and Answer are the data elements, header and status word among them.
	Command, Answer []Field
	// Status is SW1-SW2.
	Status apdu.SW
}

// Phase is a part of the protocol (docs/protocol.md), or of a payment.
type Phase byte

// The phases in their order.
const (
	Other           Phase = iota // commands of no phase
	Selection                    // SELECT and what it answers
	Personalisation              // phase 0: keys, certificates, user, bank account
	Attestation                  // phase 1
	BankAccount                  // phase 2: AID
	TSMAccount                   // phase 3: TID
	Cards                        // phase 4: virtual cards, arming
	Initiation                   // phase 5: GET PROCESSING OPTIONS
	Reading                      // phase 5: READ RECORD
	Authorisation                // phase 5: GENERATE AC
)
