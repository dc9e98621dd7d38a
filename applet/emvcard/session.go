package emvcard

import (
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/emvcard/storedata"
	"tapbench/pcsc/tlv"
)

// session is what a card holds in RAM: a selection or a reset clears all of it.
type session struct {
	at      place
	app     int    // in the image, if at is inApplication
	waiting []byte // the rest of an answer, for GET RESPONSE
	tx      transaction
	draft   storedata.Draft // the personalisation that is under way
	// challenge is GET CHALLENGE's last, for the next command alone.
	challenge *[challengeLen]byte
}

const challengeLen = 8

// place is what is selected.
type place byte

const (
	nothing place = iota
	inPSE
	inPPSE
	inApplication
	inBlank     // the payment application before its personalisation
	inBlankPPSE // and the PPSE
	anywhere    // of a command: wherever the session is, also before the first selection
	inFiles     // of a command: where records are, in the PSE or an application
)

// covers says whether a command that is known at p is known where the session is.
func (p place) covers(at place) bool {
	switch p {
	case anywhere:
		return true
	case inFiles:
		return at == inPSE || at == inApplication
	case nothing, inApplication:
		return at == inApplication
	default:
		return p == at
	}
}

// stage is how far a transaction has come.
type stage byte

const (
	stageSelected  stage = iota // no GET PROCESSING OPTIONS yet
	stageInitiated              // it was answered, the ATC is this transaction's
	stageRequested              // the first cryptogram was an ARQC and a second one may follow
	stageDone                   // the last cryptogram was given
)

// transaction is one run of an application: what its commands have said and what the next ones
// build on.
type transaction struct {
	stage stage
	// What the terminal sent, each as long as its list asks for; nil: not yet.
	pdol, cdol1, cdol2 []byte
	// ac is the first cryptogram: the ARPC answers it, and script keys come from it.
	ac [8]byte
	// first and second are the types that were answered, as in the CID.
	first, second byte
	authenticated authentication // of the issuer
	dda           bool           // INTERNAL AUTHENTICATE was answered
	cda           bool           // a cryptogram was signed
	pin           verification
	// before is what the transactions before have left: the CVR tells the issuer.
	before    before
	exceeded  limits
	unable    bool // to go online: the terminal says so
	completed bool // the second cryptogram was given, or is being made
	relay     relay
	scripted  bool // a script command came in this transaction: account.scripts counts it
	// messaging is that of the scripts; nil: none came. In format 1 it holds the last MAC.
	messaging *cryptogram.Messaging
}

// before is what an account held when the transaction began.
type before struct {
	flags   flags
	scripts scripts
	online  bool
}

// authentication is what came of the issuer's answer.
type authentication struct {
	tried, right bool
	update       [4]byte // card status update, if right and of method 2
	code         [2]byte // authorisation response code, if right and of method 1
}

// verification is what came of the offline PIN.
type verification struct {
	tried, right bool
}

// application returns the selected application, or nil.
func (c *Card) application() *image.Application {
	if c.session.at != inApplication {
		return nil
	}
	return &c.image.Applications[c.session.app]
}

// account returns the selected application's part of a state.
func (c *Card) account(s *state) *account { return &s.accounts[c.session.app] }

// value returns what the terminal has said under a tag, the latest first: in the data of CDOL2,
// CDOL1 or PDOL. It is nil for what no list asks for.
func (c *Card) value(tag tlv.Tag) []byte {
	a, tx := c.application(), &c.session.tx
	for _, list := range [...]struct{ dol, data []byte }{
		{a.CDOL2, tx.cdol2}, {a.CDOL1, tx.cdol1}, {a.PDOL, tx.pdol},
	} {
		if v := pick(list.dol, list.data, tag); v != nil {
			return v
		}
	}
	return nil
}

// pick returns the first value of a tag in a list's data, nil if it isn't there or empty.
func pick(dol, data []byte, tag tlv.Tag) []byte {
	for len(dol) > 0 {
		entry, rest, err := tlv.NextDOL(dol)
		if err != nil || entry.Len > len(data) {
			return nil
		}
		if entry.Tag == tag && entry.Len > 0 {
			return data[:entry.Len]
		}
		dol, data = rest, data[entry.Len:]
	}
	return nil
}
