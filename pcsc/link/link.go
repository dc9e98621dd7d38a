package link

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/atr"
)

// Why a card left the link. [Link.Err] wraps one of them.
var (
	// ErrCarry means that the reader can't carry a command or its answer. Use shorter APDUs, or
	// another reader.
	ErrCarry = errors.New("the reader can't carry it")
	// ErrWaiting means that the card took longer than its waiting time, and that the reader grants
	// no more.
	ErrWaiting = errors.New("the card asked for more time, which the reader doesn't grant")
	// ErrFault means that a planned fault took the card away.
	ErrFault = errors.New("planned fault")
)

// Config says what lies between a card and its host.
type Config struct {
	// Reader is the model. The zero value is the ideal one.
	Reader Reader
	// ATS is what the card says of itself to a contactless reader. Default: [DefaultATS].
	ATS []byte
	// Clock lets the delays pass. Default: nothing takes time.
	Clock Clock
	// Work is what the command that was carried out last took on the card modelled. Default: none.
	Work func() time.Duration
	// Faults are what goes wrong. Default: nothing.
	Faults Faults
	// Rand draws the card's identifier anew in each field, if the reader is contactless. Default:
	// crypto/rand.
	Rand io.Reader
	// Happened is told of each fault that takes place, before it does.
	Happened func(Fault)
	// Ended is called when the card leaves, with what [Link.Err] returns from then on.
	Ended func(error)
}

// Link is a card behind a model of a reader and of the link to it. It is the card to whom it is
// given. A card that left is back after the next PowerOn.
type Link struct {
	card    pcsc.Processor
	cfg     Config
	ats     ATS
	channel Channel
	uid     [uidLen]byte
	leds    byte // of the reader: bit 0 red, bit 1 green
	number  int  // of the exchange
	err     error
}

var _ pcsc.Processor = (*Link)(nil)

// On lays a card on a reader. An error wraps [ErrATS].
func On(card pcsc.Processor, cfg Config) (*Link, error) {
	if cfg.Reader.Level == 0 {
		cfg.Reader, _ = ReaderNamed(Ideal)
	}
	if cfg.ATS == nil {
		cfg.ATS = DefaultATS()
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	if cfg.Clock == nil {
		cfg.Clock = new(Virtual)
	}
	ats, err := ParseATS(cfg.ATS)
	if err != nil {
		return nil, err
	}
	return &Link{card: card, cfg: cfg, ats: ats, channel: cfg.Reader.channel(ats)}, nil
}

// ATR returns what a contactless reader makes up from the card's answer to select, else the card's.
func (l *Link) ATR() []byte {
	if l.cfg.Reader.Contactless {
		return l.ats.ATR()
	}
	return l.card.ATR()
}

// PowerOn brings the card into the field, with a new identifier.
func (l *Link) PowerOn() {
	l.err = nil
	l.enter()
	l.card.PowerOn()
}

// PowerOff takes it out.
func (l *Link) PowerOff() { l.card.PowerOff() }

// Reset is a warm reset; over the contactless link the field goes off and on.
func (l *Link) Reset() {
	l.enter()
	l.card.Reset()
}

func (l *Link) enter() {
	l.uid[0] = uidRandom
	if _, err := io.ReadFull(l.cfg.Rand, l.uid[1:]); err != nil {
		l.leave(fmt.Errorf("drawing an identifier: %w", err))
	}
}

// Err returns why the card left, or nil.
func (l *Link) Err() error { return l.err }

func (l *Link) leave(err error) []byte {
	if l.err == nil {
		l.err = err
		l.card.PowerOff()
		if l.cfg.Ended != nil {
			l.cfg.Ended(err)
		}
	}
	return nil
}

// Process carries a command to the card and its answer back. The answer is empty if the card left.
func (l *Link) Process(command []byte) []byte {
	if l.err != nil {
		return nil
	}
	l.number++
	if l.cfg.Reader.Contactless && len(command) > 0 && command[0] == claReader {
		l.cfg.Clock.Wait(l.cfg.Reader.Exchange)
		return l.pseudo(command)
	}
	if err := l.carries(command); err != nil {
		return l.leave(fmt.Errorf("exchange %d: %w", l.number, err))
	}
	fault := l.cfg.Faults.at(l.number, len(command))
	if fault.Kind != 0 && l.cfg.Happened != nil {
		l.cfg.Happened(fault)
	}
	l.cfg.Clock.Wait(fault.delay())
	sent := len(command)
	command, arrives := fault.onCommand(command)
	if !arrives {
		return l.leave(fmt.Errorf("exchange %d: %w: %s", l.number, ErrFault, fault))
	}
	if fault.Kind == Duplicate {
		_ = l.card.Process(append([]byte(nil), command...))
	}
	answer := l.card.Process(command)
	return l.back(fault, sent, answer)
}

// back carries an answer to the host.
func (l *Link) back(fault Fault, sent int, answer []byte) []byte {
	if len(answer) == 0 { // the card itself is gone
		return nil
	}
	if l.cfg.Work != nil {
		work := l.cfg.Work()
		if l.cfg.Reader.NoWTX && work > l.ats.Waiting {
			l.cfg.Clock.Wait(l.ats.Waiting)
			return l.leave(fmt.Errorf("exchange %d: %w: %s, it has %s", l.number, ErrWaiting, work,
				l.ats.Waiting))
		}
		l.cfg.Clock.Wait(work)
	}
	l.cfg.Clock.Wait(l.time(Exchange{Sent: sent, Received: len(answer)}))
	if longest := l.cfg.Reader.longestAnswer(); longest > 0 && len(answer) > longest {
		return l.leave(fmt.Errorf("exchange %d: %w: an answer of %d bytes, at most %d",
			l.number, ErrCarry, len(answer), longest))
	}
	answer, arrives := fault.onAnswer(answer)
	if !arrives {
		return l.leave(fmt.Errorf("exchange %d: %w: %s", l.number, ErrFault, fault))
	}
	return answer
}

// time is what an exchange takes between card and host, without the card.
func (l *Link) time(e Exchange) time.Duration {
	r := l.cfg.Reader
	if r.Contactless {
		return l.channel.Time(e)
	}
	if r.Clock == 0 {
		return r.Exchange
	}
	// T=1: a prologue of 3 bytes and a check byte for each block, 12 etu for each byte, of 372/12
	// periods of the clock where TA1 is 97 (ISO/IEC 7816-3:2006, 7.2 and 11.3).
	const overhead, etus, periods = 4, 12, 512 / 16
	bytes := e.Sent + e.Received
	for _, n := range []int{e.Sent, e.Received} {
		bytes += overhead * max(1, (n+r.IFSD-1)/max(1, r.IFSD))
	}
	return r.Exchange + time.Duration(bytes*etus*periods)*time.Millisecond/time.Duration(r.Clock)
}

// channel is the contactless link between the reader and a card.
func (r Reader) channel(card ATS) Channel {
	c := Channel{Frame: card.Frame, Turn: r.Turn, Reader: r.Exchange}
	if r.Frame > 0 {
		c.Frame = min(c.Frame, r.Frame)
	}
	if len(r.Rates) > 0 {
		c.Rate = r.Rates[len(r.Rates)-1]
	}
	return c
}

// carries says whether reader and card's protocol together can carry a command.
func (l *Link) carries(command []byte) error {
	r := l.cfg.Reader
	if r.Level != LevelTPDU || len(command) == 0 {
		return r.Carries(command)
	}
	offer, err := atr.Parse(l.card.ATR())
	if err != nil || !slices.Contains(offer.Protocols, 0) || slices.Contains(offer.Protocols, 1) {
		return r.Carries(command)
	}
	if parsed, err := apdu.ParseCommand(command); err == nil && parsed.Extended() {
		return fmt.Errorf("%w: %d bytes with extended length, the card has T=0 only", ErrCarry,
			len(command))
	}
	return nil
}

// Carries says whether the reader can carry a command at all. An error wraps [ErrCarry].
func (r Reader) Carries(command []byte) error {
	if r.Level != LevelShortAPDU {
		return nil
	}
	parsed, err := apdu.ParseCommand(command)
	if err == nil && parsed.Extended() || len(command) > r.Message-ccidHeader {
		return fmt.Errorf("%w: %d bytes with extended length, %s takes short APDUs only", ErrCarry,
			len(command), r.Name)
	}
	return nil
}

// longestAnswer is in bytes, with SW1-SW2; 0 is no limit.
func (r Reader) longestAnswer() int {
	if r.Level != LevelShortAPDU {
		return 0
	}
	return min(r.Message-ccidHeader, apdu.MaxShortNe+2)
}
