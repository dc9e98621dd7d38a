package emulator

import (
	"errors"
	"slices"

	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// request is a command that has passed the checks before its own: chain collected, P1-P2 and length
// right, host proven, life cycle right.
type request struct {
	p1, p2 byte
	data   []byte
}

// command says what a command's checks are, in their order, and what it does. Act changes next, a
// copy of the state; what it changed is committed before the answer leaves. An error that isn't a
// status word is answered by 6F00.
type command struct {
	class   wire.CLA
	ins     wire.INS
	chains  bool // its data may come in a chain
	params  paramCheck
	lengths []int          // of the data, each right
	open    bool           // needs no proof by the host
	any     bool           // needs no launch
	life    wire.LifeCycle // in which it works; 0: in each
	needs   wire.Algorithm // which the platform may lack
	act     action
}

type (
	paramCheck func(p1, p2 byte) error
	action     func(c *Card, r request, next *state) ([]byte, error)
)

// interindustry, own and without make the rows of the tables below.
func interindustry(ins wire.INS, params paramCheck, act action, lengths ...int) command {
	return command{
		class: wire.CLAInterindustry, ins: ins, params: params, act: act, lengths: lengths,
	}
}

func own(ins wire.INS, params paramCheck, act action, lengths ...int) command {
	return command{
		class: wire.CLAProprietary, ins: ins, params: params, act: act, lengths: lengths,
	}
}

func (c command) chained() command { c.chains = true; return c }

func (c command) unproven() command { c.open, c.any = true, true; return c }

func (c command) locked() command { c.any = true; return c }

func (c command) with(needs wire.Algorithm) command { c.needs = needs; return c }

func (c command) in(life wire.LifeCycle) command { c.life = life; return c }

// tables returns the commands of each application.
func tables() map[application][]command {
	fetch := interindustry(wire.InsGetResponse, noParams, (*Card).getResponse, 0).unproven()
	return map[application][]command{
		management: append(managementCommands(), fetch),
		payment:    append(paymentCommands(), fetch),
		offline:    append(offlineCommands(), fetch),
		ppse:       {fetch},
	}
}

// answer runs one command in the order of PROTOCOL.md. It is empty when the power was cut.
func (c *Card) answer(raw []byte) []byte {
	parsed, err := apdu.ParseCommand(raw)
	if err != nil {
		c.session.drop(apdu.Command{})
		c.session.chain = chain{}
		return apdu.Response{SW: wire.SWWrongLength}.Encode()
	}
	c.session.drop(parsed)
	data, err := c.dispatch(parsed)
	if errors.Is(err, errPower) {
		c.PowerOff()
		return nil
	}
	var refused apdu.SW
	switch {
	case err == nil:
		return c.session.answer(data, parsed.Ne).Encode()
	case errors.As(err, &refused):
		return apdu.Response{SW: refused}.Encode()
	default:
		c.log.Error().Err(err).Msg("the secure element can't go on")
		c.session = session{}
		return apdu.Response{SW: wire.SWUnknown}.Encode()
	}
}

// dispatch makes the checks that all commands share, and hands over to the command.
func (c *Card) dispatch(parsed apdu.Command) ([]byte, error) {
	if parsed.CLA == byte(wire.CLAInterindustry) && parsed.INS == byte(wire.InsSelect) {
		c.session.chain = chain{}
		return c.selectApplication(parsed)
	}
	cmd, err := c.find(parsed)
	if err != nil {
		c.session.chain = chain{}
		return nil, err
	}
	data, complete, err := c.collect(parsed, cmd)
	if err != nil || !complete {
		return nil, err
	}
	if cmd == nil {
		return nil, wire.SWInstructionNotSupported
	}
	if cmd.needs&c.lacks != 0 {
		return nil, wire.SWFunctionNotSupported
	}
	r := request{parsed.P1, parsed.P2, data}
	if err := c.check(cmd, r); err != nil {
		return nil, err
	}
	c.next = c.persistent.state
	answer, err := cmd.act(c, r, &c.next)
	if err != nil {
		return nil, err
	}
	if c.next != c.persistent.state {
		c.meter.commit(&c.persistent.state, &c.next)
		if err := c.persistent.commit(&c.next); err != nil {
			return nil, err
		}
	}
	return answer, nil
}

// find looks at the class and returns the command, or nil for one that isn't known.
func (c *Card) find(parsed apdu.Command) (*command, error) {
	class := wire.CLA(parsed.CLA) &^ wire.CLAChaining
	if class != wire.CLAInterindustry && class != wire.CLAProprietary {
		return nil, wire.SWClassNotSupported
	}
	table := c.commands[c.session.selected]
	for i := range table {
		if table[i].class == class && byte(table[i].ins) == parsed.INS {
			return &table[i], nil
		}
	}
	return nil, nil // its turn comes after the chain's
}

// collect adds a link to the chain, or returns the data of a whole command.
func (c *Card) collect(parsed apdu.Command, cmd *command) (data []byte, complete bool, err error) {
	open := c.session.chain
	c.session.chain = chain{}
	if open.open && open.header != header(parsed) {
		return nil, false, wire.SWLastCommandExpected
	}
	more := parsed.CLA&byte(wire.CLAChaining) != 0
	if more && (cmd == nil || !cmd.chains) {
		return nil, false, wire.SWClassNotSupported
	}
	if !more && !open.open {
		return parsed.Data, true, nil
	}
	if len(open.data)+len(parsed.Data) > wire.BufferLen {
		return nil, false, wire.SWWrongLength
	}
	data = slices.Concat(open.data, parsed.Data)
	if more {
		c.session.chain = chain{open: true, header: header(parsed), data: data}
		return nil, false, nil
	}
	return data, true, nil
}

// check looks at P1-P2, length, security status and life cycle.
func (c *Card) check(cmd *command, r request) error {
	if err := cmd.params(r.p1, r.p2); err != nil {
		return err
	}
	lengths := cmd.lengths
	if cmd.ins == wire.InsLaunch && cmd.class == wire.CLAProprietary {
		lengths = launchLengths(r.p1)
	}
	if !slices.Contains(lengths, len(r.data)) {
		return wire.SWWrongLength
	}
	life := c.persistent.state.life
	public := cmd.open || (cmd.ins == wire.InsGetData && isPublic(r))
	if life == wire.LifeCyclePersonalized && !public && !c.session.proven {
		return wire.SWSecurityStatusNotSatisfied
	}
	if !cmd.any && c.persistent.state.launch.stored() && !c.session.launched {
		return wire.SWSecurityStatusNotSatisfied
	}
	if cmd.life != 0 && cmd.life != life {
		return wire.SWConditionsNotSatisfied
	}
	return nil
}

// selectApplication is SELECT.
func (c *Card) selectApplication(parsed apdu.Command) ([]byte, error) {
	if parsed.P1 != wire.P1SelectByAID || parsed.P2 != 0 {
		return nil, wire.SWIncorrectP1P2
	}
	var fci []byte
	var selected application
	switch wire.AID(parsed.Data) {
	case wire.AIDManagement:
		selected = management
	case c.names.payment:
		selected, fci = payment, c.names.fci
	case wire.AIDOffline:
		selected, fci = offline, offlineFCI()
	case wire.AIDPPSE:
		selected, fci = ppse, c.names.ppse
	default:
		return nil, wire.SWFileNotFound
	}
	c.session = session{selected: selected}
	return fci, nil
}

// getResponse is GET RESPONSE: all that waits, of which the dispatcher gives as much as Le asks.
func (c *Card) getResponse(request, *state) ([]byte, error) {
	if len(c.session.waiting) == 0 {
		return nil, wire.SWConditionsNotSatisfied
	}
	waiting := c.session.waiting
	c.session.waiting = nil
	return waiting, nil
}

// noParams wants P1-P2 0000.
func noParams(p1, p2 byte) error { return within(p1, 1, p2, 1) }

func bankParams(p1, p2 byte) error    { return within(p1, wire.BankSlots, p2, 1) }
func tidParams(p1, p2 byte) error     { return within(p1, wire.TIDSlots, p2, 1) }
func cardParams(p1, p2 byte) error    { return within(p1, wire.CardSlots, p2, 1) }
func tokenParams(p1, p2 byte) error   { return within(p1, wire.TokenSlots, p2, 1) }
func tidBankParams(p1, p2 byte) error { return within(p1, wire.TIDSlots, p2, wire.BankSlots) }

func tokenTIDParams(p1, p2 byte) error {
	return within(p1, wire.TokenSlots, p2, wire.TIDSlots)
}

// armParams wants conditions.
func armParams(p1, p2 byte) error {
	return within(p1, byte(wire.ArmMutual|wire.ArmReuse)+1, p2, 1)
}

// cardRequestParams wants a card slot, and a kind and a TSM account slot in one byte.
func cardRequestParams(p1, p2 byte) error {
	if p2>>4 > byte(wire.CardUntilExpiry) {
		return wire.SWIncorrectP1P2
	}
	return within(p1, wire.CardSlots, p2&0x0F, wire.TIDSlots)
}

// within wants each parameter below its bound.
func within(p1, bound1, p2, bound2 byte) error {
	if p1 >= bound1 || p2 >= bound2 {
		return wire.SWIncorrectP1P2
	}
	return nil
}
