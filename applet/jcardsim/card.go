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
	// Contactless, if it isn't nil, has the card be a contactless EMV card (applet/EMV.md) whose
	// payment application has this name, 5 to 16 bytes. Default: what the store holds, or a new
	// secure element.
	Contactless []byte
	// Log gets what no answer can say: a machine that is gone, a store that fails.
	Log zerolog.Logger
}

// Card is one simulated card with the applet on it. It prints as "Card(hidden)".
type Card struct {
	machine     *Machine
	number      uint32
	store       saved.Store
	log         zerolog.Logger
	contactless []byte // nil: a secure element

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
	if n := len(cfg.Contactless); cfg.Contactless != nil && (n < minName || n > maxName) {
		return nil, fmt.Errorf("%w: %d bytes, expected %d to %d", ErrName, n, minName, maxName)
	}
	c := &Card{machine: m, store: cfg.Store, log: cfg.Log, contactless: cfg.Contactless}
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
		if err := c.take(raw); err != nil {
			return nil, err
		}
	}
	m.last++
	c.number = m.last
	return c, c.install()
}

// install makes the card in the machine as it was committed last. The caller holds the lock.
func (c *Card) install() error {
	op, data := opLoad, c.state
	switch {
	case c.contactless != nil && c.state != nil:
		op = opReissue
	case c.contactless != nil:
		op, data = opIssue, c.contactless
	case c.state == nil:
		op = opNew
	}
	if err := c.machine.exchange(c.machine.run, op, c.number, data, nil); err != nil {
		return err
	}
	c.run, c.lost = c.machine.run, false
	return nil
}

// Drop takes the card from the machine; what its store holds stays. No command may follow.
func (c *Card) Drop() error { return c.ask(opDrop, nil, nil) }

// State returns what the card's memory holds now, as a store keeps it: private keys in clear.
func (c *Card) State() (state []byte, err error) {
	c.machine.mu.Lock()
	length := c.stateLen()
	c.machine.mu.Unlock()
	err = c.ask(opSave, nil, func(fields []byte) error {
		if len(fields) != length {
			return fmt.Errorf("%w: a state of %d bytes, not %d", errPipe, len(fields), length)
		}
		state = saved.Encode(fields)
		return nil
	})
	return state, err
}

// stateLen is how many bytes the card's state has. The caller holds the lock.
func (c *Card) stateLen() int {
	if c.contactless != nil {
		return c.machine.process.hello.contactless
	}
	return c.machine.process.hello.element
}

// An application's name has 5 to 16 bytes (EMV 4.3 Book 1, 12.2.1).
const minName, maxName = 5, 16

// take has the card begin with a state. A contactless card's begins with the name of its payment
// application, length [1] before it. The caller holds the lock.
func (c *Card) take(raw []byte) error {
	contactless := c.machine.process.hello.contactless
	isContactless := len(raw) == saved.Overhead+contactless
	length := c.stateLen()
	if isContactless && c.contactless == nil {
		length = contactless
	}
	fields, err := saved.Decode(raw, length)
	if err != nil {
		return err
	}
	if isContactless {
		n := int(fields[0])
		if n < minName || n > maxName {
			return fmt.Errorf("%w: a name of %d bytes", saved.ErrForeign, n)
		}
		name := bytes.Clone(fields[1 : 1+n])
		if c.contactless != nil && !bytes.Equal(name, c.contactless) {
			return fmt.Errorf("%w: its payment application is %X, not %X", saved.ErrForeign, name,
				c.contactless)
		}
		c.contactless = name
	}
	c.state = bytes.Clone(fields)
	return nil
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
	c.machine.mu.Lock()
	length := c.stateLen()
	c.machine.mu.Unlock()
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
