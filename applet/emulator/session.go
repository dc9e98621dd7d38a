package emulator

import (
	"bytes"

	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// session is what a card holds in RAM: a selection or a reset clears all of it. On a Java Card
// these are transient arrays, CLEAR_ON_DESELECT, of the lengths below.
type session struct {
	selected  application
	challenge challenge
	proven    bool // the host has shown the pairing key
	launched  bool // and the program that it was started as
	chain     chain
	waiting   []byte // the rest of an answer, for GET RESPONSE
	tap       tap
	offline   offlineTap
	merchant  merchantProof // of the tap, online or offline
	relay     relay         // of the tap, online or offline
}

// application is what SELECT has selected.
type application byte

const (
	nothing application = iota
	management
	payment
	offline
	ppse
)

// challenge is the card's challenge to the host.
type challenge struct {
	held  bool
	bytes [wire.NonceLen]byte
}

// chain collects the data of a chained command.
type chain struct {
	open   bool
	header [4]byte // of the first link, without the chaining bit
	data   []byte  // at most wire.BufferLen
}

// header returns a command's header without the chaining bit.
func header(c apdu.Command) [4]byte {
	return [4]byte{c.CLA &^ byte(wire.CLAChaining), c.INS, c.P1, c.P2}
}

// drop forgets what only the next command could have used: the waiting answer unless that command
// is GET RESPONSE, the challenge unless it is that or one that answers it.
func (s *session) drop(c apdu.Command) {
	interindustry := c.CLA == byte(wire.CLAInterindustry)
	ours := c.CLA == byte(wire.CLAProprietary)
	fetches := interindustry && c.INS == byte(wire.InsGetResponse)
	proves := interindustry && c.INS == byte(wire.InsExternalAuthenticate) ||
		ours && (c.INS == byte(wire.InsPutReference) || c.INS == byte(wire.InsLaunch))
	if !fetches {
		s.waiting = nil
	}
	if !fetches && !proves {
		s.challenge = challenge{}
	}
}

// stage is how far a tap has come.
type stage byte

const (
	stageNone      stage = iota // no GET PROCESSING OPTIONS yet
	stageOffered                // it was accepted, nothing was released
	stageReleased               // record 1 or 3 may have been read: the card is spent
	stageRequested              // an ARQC was given, or what a token's key signed
)

// tap is one run of the payment application.
type tap struct {
	stage stage
	slot  int // of the card
	// What GET PROCESSING OPTIONS said.
	terms terms
	date  [wire.DateLen]byte
	// What the first GENERATE AC said and answered.
	cdol1 []byte
	arqc  [wire.CryptogramLen]byte
}

// answer cuts data to what Le asks for and keeps the rest for GET RESPONSE.
func (s *session) answer(data []byte, ne int) apdu.Response {
	n := min(len(data), ne)
	response := apdu.Response{Data: data[:n], SW: wire.SWNormal}
	if rest := data[n:]; len(rest) > 0 {
		s.waiting = bytes.Clone(rest) // data may be a part of the state
		response.SW = wire.SWBytesRemaining
		if len(rest) <= 0xFF {
			response.SW |= apdu.SW(len(rest) & 0xFF)
		}
	}
	return response
}
