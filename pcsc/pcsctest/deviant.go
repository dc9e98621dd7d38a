package pcsctest

import (
	"slices"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// Deviant is a card that departs from a card within where deviations say so, and is that card
// everywhere else.
type Deviant struct {
	within     pcsc.Processor
	deviations []*following
	endless    int // bytes of each answer without end, or 0
	commands   [][]byte
}

// following is a deviation and how far it has come.
type following struct {
	Deviation
	met     int    // commands that fit
	first   []byte // the answer to the first of them
	applied bool
}

var _ pcsc.Processor = (*Deviant)(nil)

// NewDeviant returns a card that departs from within as the deviations say. Where more than one
// fits a command, each changes what the one before left.
func NewDeviant(within pcsc.Processor, deviations ...Deviation) *Deviant {
	c := &Deviant{within: within}
	for _, d := range deviations {
		c.deviations = append(c.deviations, &following{Deviation: d})
	}
	return c
}

// ATR returns that of the card within.
func (c *Deviant) ATR() []byte { return c.within.ATR() }

// PowerOn gives the card within power.
func (c *Deviant) PowerOn() { c.endless = 0; c.within.PowerOn() }

// PowerOff takes it.
func (c *Deviant) PowerOff() { c.endless = 0; c.within.PowerOff() }

// Reset resets the card within. Deviations go on counting.
func (c *Deviant) Reset() { c.endless = 0; c.within.Reset() }

// Commands returns what was sent to the card since it was made, in order.
func (c *Deviant) Commands() [][]byte { return slices.Clone(c.commands) }

// Unapplied returns the lines of the deviations that have changed nothing yet: no command fitted,
// or the object to be edited wasn't there. A test whose card should deviate and doesn't proves
// nothing.
func (c *Deviant) Unapplied() []string {
	var lines []string
	for _, d := range c.deviations {
		if !d.applied {
			lines = append(lines, d.text)
		}
	}
	return lines
}

// Process answers one command.
func (c *Deviant) Process(command []byte) []byte {
	command = slices.Clone(command)
	c.commands = append(c.commands, command)
	if c.endless > 0 && len(command) > 1 && command[1] == apdu.InsGetResponse {
		return endlessAnswer(c.endless, c.endless)
	}
	c.endless = 0
	fitting := c.fitting(command)
	answer := c.ask(command, fitting)
	for _, d := range fitting {
		if d.due() {
			answer = d.change(answer)
		}
	}
	for _, d := range fitting {
		if d.met == 1 {
			d.first = slices.Clone(answer)
		}
	}
	return answer
}

// fitting returns the deviations whose pattern fits a command, counted.
func (c *Deviant) fitting(command []byte) []*following {
	var fitting []*following
	for _, d := range c.deviations {
		if d.fits(command) {
			d.met++
			fitting = append(fitting, d)
		}
	}
	return fitting
}

// ask returns the first answer that a deviation gives instead of the card, or the card's.
func (c *Deviant) ask(command []byte, fitting []*following) []byte {
	for _, d := range fitting {
		if !d.due() || d.instead == nil {
			continue
		}
		d.applied = true
		answer, endless := d.instead(d.first)
		c.endless = endless
		return answer
	}
	return c.within.Process(slices.Clone(command))
}

// due says whether the deviation is for this time.
func (d *following) due() bool {
	return d.from == 0 || d.met == d.from || d.onwards && d.met > d.from
}

// change edits an answer; one that isn't an R-APDU stays as it is.
func (d *following) change(answer []byte) []byte {
	response, err := apdu.ParseResponse(answer)
	if err != nil {
		return answer
	}
	for _, edit := range d.edits {
		changed, ok := edit(response)
		if ok {
			response, d.applied = changed, true
		}
	}
	return response.Encode()
}

// endlessAnswer is n bytes and 61xx.
func endlessAnswer(n, data int) []byte {
	return apdu.Response{Data: make([]byte, data), SW: 0x6100 | apdu.SW(n&0xFF)}.Encode()
}
