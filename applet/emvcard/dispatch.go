package emvcard

import (
	"errors"

	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// request is a command that has passed the checks before its own: class, instruction, P1-P2, Lc and
// what the state allows.
type request struct {
	header [5]byte // CLA, INS, P1, P2, Lc as they were sent, for secure messaging
	data   []byte
	// challenge is the card's, if GET CHALLENGE was the command before.
	challenge *[challengeLen]byte
}

func (r request) p1() byte { return r.header[2] }
func (r request) p2() byte { return r.header[3] }

// command says what a command's checks are, in their order, and what it does.
type command struct {
	class, ins byte // the class without the bit of secure messaging
	// secure says that the command comes with secure messaging and not without.
	secure bool
	// at is where the command is known; zero: in an application.
	at place
	// offered says whether a selected application has the command; nil: each has.
	offered func(a *image.Application) bool
	params  func(p1, p2 byte) bool
	length  func(c *Card, n int) bool
	// allowed looks at the security status (6982, 6983), then at the state (6985); nil: always.
	allowed func(c *Card, r request) error
	act     action
}

// action is what a command does. It changes next, a copy of the state, and the session. What it
// changed of the state is committed before the answer leaves, whatever the status word: one that
// refuses leaves next alone, unless the refusal itself is to be remembered. An error that is an
// apdu.SW is the answer's status word, with the data before it; any other error is answered by 6F00
// and commits nothing.
type action func(c *Card, r request, next *state) ([]byte, error)

// The classes of EMV 4.3 Book 3, 6.3.2. Bits 4 and 3 say secure messaging (Book 2, 9.1).
const (
	interindustry byte = 0x00
	proprietary   byte = 0x80
	classSecure   byte = 0x0C
)

// secureClass is the bits by which the commands of the selected application say it.
func (c *Card) secureClass() byte {
	if a := c.application(); a != nil {
		return a.Scheme.SecureClass()
	}
	return cryptogram.ClassFormat2
}

// commands returns all commands. Order plays no part: class and instruction name one.
func commands() []command {
	table := []command{
		{
			ins: byte(wire.InsGetResponse), at: anywhere, params: noParams, length: exactly(0),
			act: (*Card).getResponse,
		},
	}
	table = append(table, transactionCommands()...)
	table = append(table, issuerCommands()...)
	return append(table, blankCommands()...)
}

// answer runs one command in the order of EMV.md. It is empty when the power was cut.
func (c *Card) answer(raw []byte) []byte {
	parsed, err := apdu.ParseCommand(raw)
	if err != nil {
		c.session.waiting = nil
		return apdu.Response{SW: apdu.SWWrongLength}.Encode()
	}
	data, err := c.run(parsed)
	var sw apdu.SW
	switch {
	case err == nil:
		return c.deliver(parsed, data, apdu.SWNormal).Encode()
	case errors.As(err, &sw):
		return c.deliver(parsed, data, sw).Encode()
	case errors.Is(err, errPower):
		c.PowerOff()
		return nil
	default:
		c.log.Error().Err(err).Msg("the card can't go on")
		c.session = session{}
		return apdu.Response{SW: apdu.SWUnknown}.Encode()
	}
}

// run makes the checks, has the command act and commits what it changed.
func (c *Card) run(parsed apdu.Command) ([]byte, error) {
	fetches := parsed.CLA == interindustry && parsed.INS == apdu.InsGetResponse
	if !fetches {
		c.session.waiting = nil
	}
	if parsed.CLA == interindustry && parsed.INS == byte(wire.InsSelect) {
		return c.selectFile(parsed)
	}
	cmd, r, err := c.check(parsed)
	if !fetches {
		c.session.challenge = nil // it was for this command, which has it
	}
	if err != nil {
		return nil, err
	}
	next := c.persistent.state.clone()
	data, err := cmd.act(c, r, &next)
	var sw apdu.SW
	if err != nil && !errors.As(err, &sw) {
		return nil, err
	}
	if failed := c.persistent.commit(&next); failed != nil {
		return nil, failed
	}
	return data, err
}

// check looks at a command in the order of EMV.md: class, instruction, secure messaging, P1-P2, Lc,
// security status, state.
func (c *Card) check(parsed apdu.Command) (*command, request, error) {
	r := request{
		header: [5]byte{parsed.CLA, parsed.INS, parsed.P1, parsed.P2, byte(len(parsed.Data))},
		data:   parsed.Data, challenge: c.session.challenge,
	}
	class, said := parsed.CLA&^classSecure, parsed.CLA&classSecure
	if class != interindustry && class != proprietary || said != 0 && said != c.secureClass() {
		return nil, r, apdu.SWCLANotSupported
	}
	cmd := c.find(class, parsed.INS)
	switch secure := said != 0; {
	case cmd == nil:
		return nil, r, apdu.SWINSNotSupported
	case secure && !cmd.secure:
		return nil, r, apdu.SWSecureMessagingNotSupported
	case !secure && cmd.secure:
		return nil, r, apdu.SWSMObjectsMissing
	case !cmd.params(parsed.P1, parsed.P2):
		return nil, r, apdu.SWIncorrectP1P2
	case len(parsed.Data) > apdu.MaxShortNc || !cmd.length(c, len(parsed.Data)):
		return nil, r, apdu.SWWrongLength
	}
	if cmd.allowed != nil {
		return cmd, r, cmd.allowed(c, r)
	}
	return cmd, r, nil
}

// find returns the command, or nil for one that isn't known where the session is.
func (c *Card) find(class, ins byte) *command {
	for i := range c.commands {
		cmd := &c.commands[i]
		if cmd.class != class || cmd.ins != ins || !cmd.at.covers(c.session.at) {
			continue
		}
		if a := c.application(); a != nil && cmd.offered != nil && !cmd.offered(a) {
			continue
		}
		return cmd
	}
	return nil
}

// noParams wants P1-P2 0000.
func noParams(p1, p2 byte) bool { return p1 == 0 && p2 == 0 }

// exactly and between want so many bytes of data.
func exactly(want int) func(*Card, int) bool {
	return func(_ *Card, n int) bool { return n == want }
}

func between(least, most int) func(*Card, int) bool {
	return func(_ *Card, n int) bool { return n >= least && n <= most }
}
