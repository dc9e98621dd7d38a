package jcardsim

import (
	"bytes"
	"fmt"
	"io"

	"github.com/rs/zerolog"

	"tapbench/applet/saved"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// CardConfig is what a card is made of. The zero value is a new card in memory.
type CardConfig struct {
	// Store keeps the state. Default: memory, which is lost with the card.
	Store saved.Store
	// Log gets what no answer can say: a machine that is gone, a store that fails.
	Log zerolog.Logger
}

// Card is one simulated card with the applet on it. It prints as "Card(hidden)".
type Card struct {
	machine *Machine
	number  uint32
	store   saved.Store
	log     zerolog.Logger

	run   int    // the machine's run that knows the card
	state []byte // fields as committed last; nil: never
	lost  bool   // it lost its power within a command
}

var _ pcsc.Processor = (*Card)(nil)

// New makes a new card in memory and installs the applet. The card has no keys.
func (m *Machine) New() (*Card, error) { return m.Open(CardConfig{}) }

// Open makes a card with the state that its store holds, or a new one. A store with something else
// in it gives [saved.ErrForeign] or [bound.ErrBound].
//
// [bound.ErrBound]: tapbench/applet/statefile/bound
func (m *Machine) Open(cfg CardConfig) (*Card, error) {
	c := &Card{machine: m, store: cfg.Store, log: cfg.Log}
	if c.store == nil {
		c.store = &saved.Memory{}
	}
	raw, err := c.store.Load()
	if err != nil {
		return nil, fmt.Errorf("loading the secure element's state: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.revive(); err != nil {
		return nil, err
	}
	if raw != nil {
		fields, err := saved.Decode(raw, m.process.hello.state)
		if err != nil {
			return nil, err
		}
		c.state = bytes.Clone(fields)
	}
	m.last++
	c.number = m.last
	return c, c.install()
}

// install makes the card in the machine as it was committed last. The caller holds the lock.
func (c *Card) install() error {
	op := opLoad
	if c.state == nil {
		op = opNew
	}
	if err := c.machine.exchange(c.machine.run, op, c.number, c.state, nil); err != nil {
		return err
	}
	c.run, c.lost = c.machine.run, false
	return nil
}

// Drop takes the card from the machine; what its store holds stays. No command may follow.
func (c *Card) Drop() error { return c.ask(opDrop, nil, nil) }

// State returns what the card's memory holds now, as a store keeps it: private keys in clear.
func (c *Card) State() (state []byte, err error) {
	length := c.machine.stateLen()
	err = c.ask(opSave, nil, func(fields []byte) error {
		if len(fields) != length {
			return fmt.Errorf("%w: a state of %d bytes, not %d", errPipe, len(fields), length)
		}
		state = saved.Encode(fields)
		return nil
	})
	return state, err
}

func (m *Machine) stateLen() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.process.hello.state
}

// ATR returns that of a card with T=1 and T=0 and nothing else to say: jCardSim has no contacts.
func (*Card) ATR() []byte { return []byte{0x3B, 0x80, 0x80, 0x01, 0x01} }

// PowerOn gives power. Volatile state is lost. A machine that is gone is started again, and the
// card has the state that was committed last.
func (c *Card) PowerOn() { c.Reset() }

// PowerOff takes it.
func (c *Card) PowerOff() {
	_ = c.ask(opReset, nil, nil) // a machine that is gone has no power
}

// Reset is a warm reset, and after a loss of power [Card.PowerOn]. What goes wrong is logged, and
// shows with the next command: the card is pulled.
func (c *Card) Reset() {
	if err := c.reset(); err != nil {
		c.log.Error().Err(err).Msg("the simulated card has no power")
	}
}

func (c *Card) reset() error {
	m := c.machine
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.revive(); err != nil {
		return err
	}
	if c.run != m.run || c.lost {
		c.log.Info().Int("pid", m.process.command.Process.Pid).
			Msg("the card goes on with its last state")
		return c.install()
	}
	return m.exchange(c.run, opReset, c.number, nil, nil)
}

// Process answers one command. A change of the state is committed before the answer leaves. The
// answer of a machine that is gone is empty: the card was pulled within the command, or before.
func (c *Card) Process(command []byte) []byte {
	if c.lost {
		return nil
	}
	var answer, fields []byte
	length := c.machine.stateLen()
	err := c.ask(opTransmit, command, func(raw []byte) error {
		a, f, err := parseTransmitted(raw, length)
		answer, fields = bytes.Clone(a), bytes.Clone(f)
		return err
	})
	if err != nil {
		c.log.Error().Err(err).Msg("the simulated card lost its power")
		c.lost = true
		return nil
	}
	if len(fields) == 0 {
		return answer
	}
	if err := c.store.Commit(saved.Encode(fields)); err != nil {
		return c.takeBack(err)
	}
	c.state = fields
	return answer
}

// takeBack puts the card back to its last state, after a change that couldn't be committed, and
// answers as the emulator does then: 6F00, and the session is lost.
func (c *Card) takeBack(err error) []byte {
	c.log.Error().Err(err).Msg("the secure element can't go on")
	c.lost = true
	if err := c.reset(); err != nil {
		c.log.Error().Err(err).Msg("the simulated card has no power")
		return nil
	}
	return apdu.Response{SW: wire.SWUnknown}.Encode()
}

// ask asks for something of this card.
func (c *Card) ask(op operation, data []byte, read func([]byte) error) error {
	c.machine.mu.Lock()
	defer c.machine.mu.Unlock()
	return c.machine.exchange(c.run, op, c.number, data, read)
}

// Format hides the card's keys, whatever the verb.
func (*Card) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "Card(hidden)") }
