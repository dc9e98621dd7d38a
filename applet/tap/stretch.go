package tap

import "tapbench/applet/decode"

// Stretch is a part of a dialogue that may be a tap. The zero value is one without commands.
type Stretch struct {
	busy    bool // something but selections has come
	payment bool
}

// EndsBefore reports whether a command of the phase begins a new stretch.
func (s *Stretch) EndsBefore(p decode.Phase) bool { return p == decode.Selection && s.busy }

// Add takes a command into the stretch.
func (s *Stretch) Add(p decode.Phase) {
	switch p {
	case decode.Selection:
	case decode.Initiation, decode.Reading, decode.Authorisation:
		s.busy, s.payment = true, true
	default:
		s.busy = true
	}
}

// IsTap reports whether the stretch has a command of a payment.
func (s *Stretch) IsTap() bool { return s.payment }
