package emulator

import (
	"crypto/rand"
	"fmt"
	"io"
	"time"

	"github.com/rs/zerolog"

	"tapbench/applet/cardlog"
	"tapbench/applet/saved"
	"tapbench/applet/wire"
	"tapbench/pcsc"
)

// Config is what a card is made of. The zero value is a new card in memory.
type Config struct {
	// ATR is the answer to reset, 2 to 33 bytes. Default: 3B 80 80 01 01, T=1, as contactless
	// readers make it up (PC/SC Part 3).
	ATR []byte
	// Naming is how terminals find the payment application. Default: as PROTOCOL.md has it.
	Naming Naming
	// Rand makes nonces and challenges, and private keys unless Keys is set. Default: crypto/rand.
	Rand io.Reader
	// Keys makes private keys. Default: from Rand.
	Keys KeySource
	// Recorded has signatures made without chance, by RFC 6979: with Rand and Keys that are recorded
	// the card's answers can be had again.
	Recorded bool
	// Store keeps the state. Default: memory, which is lost with the card.
	Store Store
	// Lacks are algorithms that the card goes without, as on a platform that hasn't them. Default:
	// none.
	Lacks wire.Algorithm
	// Meter counts what each command costs. Default: nobody counts.
	Meter *Meter
	// Log gets one line at debug level per command, without data.
	Log zerolog.Logger
}

// maxATR is the longest answer to reset (ISO/IEC 7816-3:2006, 8.1).
const maxATR = 33

// Card is one secure element. It prints as "Card(hidden)".
type Card struct {
	atr   []byte
	names named
	rand  io.Reader
	keys  KeySource
	sure  bool // signatures take no chance
	log   zerolog.Logger

	lacks      wire.Algorithm
	meter      *Meter
	commands   map[application][]command
	persistent persistent
	next       state // what the command under way makes of the state
	session    session
	powered    bool
}

var _ pcsc.Processor = (*Card)(nil)

// New returns a card with the state that its store holds, or a new one. Power is off. A store with
// something else in it gives [ErrForeign].
func New(cfg Config) (*Card, error) {
	if cfg.ATR == nil {
		cfg.ATR = []byte{0x3B, 0x80, 0x80, 0x01, 0x01}
	}
	if len(cfg.ATR) < 2 || len(cfg.ATR) > maxATR {
		return nil, fmt.Errorf("setting the ATR: %d bytes, not 2 to %d", len(cfg.ATR), maxATR)
	}
	names, err := cfg.Naming.answers()
	if err != nil {
		return nil, err
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	if cfg.Keys == nil {
		cfg.Keys = randomKeys{cfg.Rand}
	}
	if cfg.Store == nil {
		cfg.Store = &saved.Memory{}
	}
	p, err := load(cfg.Store)
	if err != nil {
		return nil, err
	}
	return &Card{
		atr: append([]byte(nil), cfg.ATR...), names: names, rand: cfg.Rand,
		keys: cfg.Keys, sure: cfg.Recorded,
		log: cfg.Log, commands: tables(), persistent: p, meter: cfg.Meter,
		lacks: cfg.Lacks,
	}, nil
}

// ATR returns the answer to reset.
func (c *Card) ATR() []byte { return append([]byte(nil), c.atr...) }

// PowerOn gives power. No application is selected then.
func (c *Card) PowerOn() { c.session, c.powered = session{}, true }

// PowerOff takes power: the session is lost.
func (c *Card) PowerOff() { c.session, c.powered = session{}, false }

// Reset loses the session. A card whose power was cut within a command has power again.
func (c *Card) Reset() { c.PowerOn() }

// Process answers one command. Without power, and when the power is cut within the command, the
// answer is empty.
func (c *Card) Process(command []byte) []byte {
	if !c.powered {
		return nil
	}
	start := time.Now()
	c.meter.begin(command)
	answer := c.answer(command)
	took := time.Since(start)
	c.meter.end(len(command), answer, took)
	cardlog.Command(c.log, command, answer, took)
	return answer
}

// Format hides the card's keys, whatever the verb.
func (c *Card) Format(f fmt.State, _ rune) { hide(f, "Card") }

func hide(f fmt.State, name string) { _, _ = io.WriteString(f, name+"(hidden)") }

// random fills p from the card's random source.
func (c *Card) random(p []byte) error {
	c.meter.random(len(p))
	if _, err := io.ReadFull(c.rand, p); err != nil {
		return fmt.Errorf("drawing a nonce: %w", err)
	}
	return nil
}

// capability is data object DF01.
func (c *Card) capability() []byte {
	const version = 0x02
	algorithms := wire.Algorithms() &^ c.lacks
	return []byte{
		version, wire.BankSlots, wire.TIDSlots, wire.CardSlots, wire.TokenSlots,
		wire.TapTries,
		wire.BufferLen >> 8, wire.BufferLen & 0xFF, byte(algorithms >> 8), byte(algorithms),
	}
}
