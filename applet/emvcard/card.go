package emvcard

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/rs/zerolog"

	"tapbench/applet/cardlog"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/saved"
	"tapbench/pcsc"
)

// ErrImage means that an image isn't a card: a list that can't be read, a length out of its range,
// a PIN that is none. The text says which and where.
var ErrImage = errors.New("not the image of a card")

// Config is what a card is made of.
type Config struct {
	// Image is what the card holds. The card keeps it: nobody may change it afterwards.
	Image image.Card
	// Store keeps the state. Default: memory, which is lost with the card.
	Store saved.Store
	// Rand makes challenges, dynamic numbers and paddings. Default: crypto/rand.
	Rand io.Reader
	// Log gets one line at debug level per command, without data.
	Log zerolog.Logger
}

// Card is one EMV card. It prints as "Card(hidden)".
type Card struct {
	image      image.Card
	rand       io.Reader
	log        zerolog.Logger
	commands   []command
	persistent persistent
	session    session
	powered    bool
	blank      *blank // nil: the card was made from an image
}

var _ pcsc.Processor = (*Card)(nil)

// New returns a card with the state that its store holds, or a new one. Power is off. It returns
// [ErrImage], and [saved.ErrForeign] for a store with something else in it, such as another card's
// state.
func New(cfg Config) (*Card, error) {
	if err := checkImage(&cfg.Image); err != nil {
		return nil, err
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	if cfg.Store == nil {
		cfg.Store = &saved.Memory{}
	}
	p, err := load(cfg.Store, &cfg.Image)
	if err != nil {
		return nil, err
	}
	return &Card{
		image: cfg.Image, rand: cfg.Rand, log: cfg.Log, commands: commands(), persistent: p,
	}, nil
}

// ATR returns the answer to reset.
func (c *Card) ATR() []byte { return append([]byte(nil), c.image.ATR...) }

// PowerOn gives power. Nothing is selected then.
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
	answer := c.answer(command)
	cardlog.Command(c.log, command, answer, time.Since(start))
	return answer
}

// Format hides the card's keys, whatever the verb.
func (c *Card) Format(f fmt.State, _ rune) { hide(f, "Card") }

func hide(f fmt.State, name string) { _, _ = io.WriteString(f, name+"(hidden)") }

// random fills p from the card's random source.
func (c *Card) random(p []byte) error {
	if _, err := io.ReadFull(c.rand, p); err != nil {
		return fmt.Errorf("drawing a random number: %w", err)
	}
	return nil
}
