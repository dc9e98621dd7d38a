package twintest

import (
	"bytes"
	"slices"

	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// situation is what an element holds in RAM, as far as its dialogue tells: that is what the cells
// of the table and the platform's rules need.
type situation struct {
	selected wire.AID // empty: none
	proven   bool     // the host has shown its key
	tap      tapStage
}

// tapStage is how far a tap has come.
type tapStage byte

const (
	tapNone     tapStage = iota // no GET PROCESSING OPTIONS was accepted
	tapOffered                  // one was
	tapReleased                 // a record that spends was read
	tapSigned                   // the first GENERATE AC was answered by a signature
)

func (s tapStage) String() string {
	return [...]string{"none", "offered", "released", "signed"}[s]
}

// applications are the AIDs of all applications.
func applications() []wire.AID {
	return []wire.AID{wire.AIDManagement, wire.AIDPayment, wire.AIDOffline, wire.AIDPPSE}
}

// longestAID is how many bytes an AID has at most (ISO/IEC 7816-4:2013, 8.2.1.2).
const longestAID = 16

// isPlatforms says whether PROTOCOL.md leaves the answer to a step to a Java Card's platform: bytes
// that aren't a command, what comes before a selection, other selections than by a whole AID, and
// other logical channels.
func (s *situation) isPlatforms(step Step) bool {
	if step.Command == nil {
		return false
	}
	c, err := apdu.ParseCommand(step.Command)
	if err != nil {
		return true
	}
	if _, ok := selection(step.Command); ok {
		return false
	}
	const manageChannel = 0x70
	interindustry := c.CLA == byte(wire.CLAInterindustry)
	if interindustry && c.INS == byte(wire.InsSelect) {
		return s.selected == "" ||
			c.P1 == wire.P1SelectByAID && (c.P2 != 0 || begins(c.Data) || len(c.Data) > longestAID)
	}
	class := apdu.Class(c.CLA)
	return s.selected == "" || interindustry && c.INS == manageChannel ||
		class.Coded() && class.Channel() != 0
}

// begins says whether an application's AID begins so.
func begins(name []byte) bool {
	return slices.ContainsFunc(applications(), func(aid wire.AID) bool {
		return bytes.HasPrefix([]byte(aid), name)
	})
}

// pass takes the answer to a step.
func (s *situation) pass(step Step, answer []byte) {
	if step.Command == nil {
		*s = situation{}
		return
	}
	s.follow(step, answer)
}

// follow takes the answer to a command.
func (s *situation) follow(step Step, answer []byte) {
	c, err := apdu.ParseCommand(step.Command)
	if err != nil {
		return
	}
	sw := swOf(answer)
	done := sw == wire.SWNormal || sw&0xFF00 == wire.SWBytesRemaining
	if c.CLA == byte(wire.CLAInterindustry) && c.INS == byte(wire.InsSelect) {
		if done {
			*s = situation{selected: wire.AID(c.Data)}
		}
		return
	}
	if sw == wire.SWUnknown {
		*s = situation{}
		return
	}
	s.followOwn(c, sw, done)
}

// followOwn takes the answer to a command of the application's.
func (s *situation) followOwn(c apdu.Command, sw apdu.SW, done bool) {
	reached := done || sw == wire.SWConditionsNotSatisfied || sw == wire.SWWrongData
	authenticates := c.CLA == byte(wire.CLAInterindustry) &&
		c.INS == byte(wire.InsExternalAuthenticate)
	switch {
	case s.selected == wire.AIDPayment || s.selected == wire.AIDOffline:
		if reached {
			s.followTap(c, done)
		}
	case authenticates && s.selected == wire.AIDManagement && sw != wire.SWConditionsNotSatisfied:
		s.proven = done || s.proven && sw != wire.SWSecurityStatusNotSatisfied
	}
}

// followTap takes the answer to a command of a payment that was accepted, or failed from state on.
func (s *situation) followTap(c apdu.Command, done bool) {
	online := s.selected == wire.AIDPayment
	if !done {
		if c.INS == byte(wire.InsGetProcessingOptions) && c.CLA == byte(wire.CLAProprietary) {
			s.tap = tapNone
		}
		return
	}
	switch wire.INS(c.INS) { //nolint:exhaustive // others don't change the stage
	case wire.InsGetProcessingOptions:
		s.tap = tapOffered
	case wire.InsReadRecord:
		if s.tap == tapOffered && (c.P1 != 2 || !online) {
			s.tap = tapReleased
		}
	case wire.InsGenerateAC:
		if c.P1 == wire.P1AAC || s.tap == tapSigned && online {
			s.tap = tapNone
		} else {
			s.tap = tapSigned
		}
	case wire.InsPutData:
		s.tap = tapNone
	}
}
