package jcardsim

import "tapbench/pcsc"

// Card is one simulated card with the applet on it.
type Card struct {
	machine *Machine
	number  uint32
}

var _ pcsc.Processor = (*Card)(nil)

// New makes a card and installs the applet. The card has no keys.
func (m *Machine) New() (*Card, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last++
	number := m.last
	if _, err := m.exchange(opNew, number, nil); err != nil {
		return nil, err
	}
	return &Card{m, number}, nil
}

// Drop takes the card from the machine. Its state is lost; no command may follow.
func (c *Card) Drop() error {
	_, err := c.machine.ask(opDrop, c.number, nil)
	return err
}

// ATR returns that of a card with T=1 and T=0 and nothing else to say: jCardSim has no contacts.
func (*Card) ATR() []byte { return []byte{0x3B, 0x80, 0x80, 0x01, 0x01} }

// PowerOn gives power. Volatile state is lost.
func (c *Card) PowerOn() { c.Reset() }

// PowerOff takes it.
func (c *Card) PowerOff() { c.Reset() }

// Reset is a warm reset. A machine that doesn't answer shows it with the next command.
func (c *Card) Reset() { _, _ = c.machine.ask(opReset, c.number, nil) }

// Process answers one command. The answer of a machine that is gone is empty: the card was pulled.
func (c *Card) Process(command []byte) []byte {
	answer, err := c.machine.ask(opTransmit, c.number, command)
	if err != nil {
		return nil
	}
	return answer
}
