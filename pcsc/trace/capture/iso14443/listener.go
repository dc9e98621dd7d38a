package iso14443

import (
	"bytes"
	"fmt"
	"time"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// Kind says what was heard.
type Kind byte

// The kinds.
const (
	// Exchange is a command with its answer, or without one.
	Exchange Kind = iota + 1
	// Reset is an activation of a card that had been active: after DESELECT, or after the field went
	// off, if the card answered the first time that it was asked again.
	Reset
	// Remove is the field going off over an active card that didn't answer when it was asked again.
	Remove
	// Insert is the first activation after that.
	Insert
)

// Heard is what a [Listener] made of one or more packets. Command and Answer are valid until the
// next call of the listener.
type Heard struct {
	Kind     Kind
	Command  []byte
	Answer   []byte
	Answered bool
	// Begin and End are the times of the first and the last of its packets.
	Begin, End time.Duration
}

// stage is how far an exchange has come.
type stage byte

const (
	stageIdle stage = iota
	stageCommand
	stageWaiting
	stageAnswer
)

// Listener makes exchanges and events of packets.
type Listener struct {
	// Lost, if set, is told what was heard and has no place among the exchanges, in fixed words.
	Lost func(what string)

	atr       []byte
	foreign   []byte // the ATR of the last card that was another
	activated bool   // a card was active at some time
	active    bool
	off       bool // the field went off over an active card, and no card was seen since
	offAt     time.Duration
	asked     bool // REQA or REQB was sent since then and not answered yet
	gone      bool // the card that was active was taken away
	said      bool // something was heard, so that an activation is an event
	mark      time.Duration
	marked    bool // mark is when the activation under way began

	technology technology
	last       request // of the last frame to the card
	atqb       []byte
	cid        int

	stage      stage
	begin, end time.Duration
	command    []byte
	spare      []byte // the buffer of the command before
	answer     []byte

	number       byte   // of the last I-block to the card
	toCard       []byte // its data, to know it again
	acknowledged bool   // the card showed that it heard it
	numberCard   byte   // of the last I-block from the card
	fromCard     []byte // its data, nil before the first
	fresh        bool   // the reader asked for something since

	queue []Heard
}

// ATR returns the answer to reset that stands for the first card that was activated, or nil.
func (l *Listener) ATR() []byte { return l.atr }

// Next returns what was heard, in its order, and false when there is nothing more.
func (l *Listener) Next() (Heard, bool) {
	if len(l.queue) == 0 {
		return Heard{}, false
	}
	h := l.queue[0]
	l.queue = append(l.queue[:0], l.queue[1:]...)
	return h, true
}

// Hear takes the next packet, which came at that time. The error means that a chain is longer than
// a command or an answer can be. [Listener.Next] must have returned false before.
func (l *Listener) Hear(p Packet, at time.Duration) error {
	toCard, frame := p.Event.Direction()
	switch {
	case frame && toCard:
		return l.hearReader(p, at)
	case frame:
		return l.hearCard(p, at)
	case p.Event == FieldOff:
		l.hearFieldOff(at)
	}
	return nil
}

// Interrupt ends the exchange under way: its answer won't come.
func (l *Listener) Interrupt() {
	switch l.stage {
	case stageIdle:
		return
	case stageCommand:
		l.lose("commands cut off in a chain of blocks")
	case stageWaiting:
		l.sayUnanswered()
	case stageAnswer:
		l.lose("answers cut off in a chain of blocks")
		l.sayUnanswered()
	}
	l.stage = stageIdle
}

// sayUnanswered says the command that stands and takes another buffer for the next.
func (l *Listener) sayUnanswered() {
	l.say(Heard{Kind: Exchange, Command: l.command, Begin: l.begin, End: l.end})
	l.command, l.spare = l.spare[:0], l.command
}

func (l *Listener) lose(what string) {
	if l.Lost != nil {
		l.Lost(what)
	}
}

func (l *Listener) say(h Heard) {
	if h.Kind == Exchange && len(h.Command) == 0 {
		return // the reader asked whether the card is there
	}
	l.said = true
	l.queue = append(l.queue, h)
}

func (l *Listener) hearFieldOff(at time.Duration) {
	l.Interrupt()
	l.noAnswer()
	l.marked = false
	if l.active {
		l.active, l.off, l.offAt = false, true, at
	}
}

// noAnswer says that the card is gone, if it was asked whether it is there.
func (l *Listener) noAnswer() {
	if l.asked {
		l.asked, l.off, l.gone, l.marked = false, false, true, false
		l.say(Heard{Kind: Remove, Begin: l.offAt, End: l.offAt})
	}
}

// hearReader takes a frame to the card.
func (l *Listener) hearReader(p Packet, at time.Duration) error {
	frame := p.Frame
	if p.Event == ToCard && !bare(frame) {
		whole := false
		if frame, whole = l.technology.strip(frame); !whole {
			frame, whole = technologyUnknown.strip(p.Frame) // another card's, or another try's
			l.last = requestOther
		}
		if !whole {
			l.lose("frames with a wrong CRC")
			return nil
		}
	}
	l.last = requestOf(frame)
	if l.last == requestBlock {
		return l.hearReaderBlock(parseBlock(frame), at)
	}
	l.Interrupt()
	l.noAnswer()
	switch l.last {
	case requestOther:
		l.lose("frames that are neither activation nor blocks")
		return nil
	case requestRATS:
		l.technology, l.cid = technologyA, int(frame[1]&0x0F)
	case requestATTRIB:
		l.technology, l.cid = technologyB, int(frame[8]&0x0F)
	case requestREQA:
		l.technology, l.asked = technologyUnknown, l.off
	case requestREQB:
		l.technology, l.asked = technologyB, l.off
	case requestBlock, requestUID, requestSELECT, requestHLTA, requestPPS:
	}
	l.markActivation(at)
	return nil
}

// markActivation keeps when the reader began to bring the card into another state.
func (l *Listener) markActivation(at time.Duration) {
	if !l.marked {
		l.mark, l.marked = at, true
	}
}

func (l *Listener) hearReaderBlock(b block, at time.Duration) error {
	l.noAnswer()
	if !l.mine(b) {
		return nil
	}
	switch b.kind {
	case blockI:
		return l.hearCommand(b, at)
	case blockACK:
		l.fresh = true
	case blockDESELECT:
		l.Interrupt()
		l.markActivation(at)
	case blockNAK, blockWTX:
	case notABlock:
		l.lose("damaged blocks")
	}
	return nil
}

// mine reports whether a block is of the card that is listened to.
func (l *Listener) mine(b block) bool {
	if b.kind == notABlock || max(b.cid, 0) == l.cid {
		return true
	}
	if !l.activated && l.stage == stageIdle {
		l.cid = max(b.cid, 0) // the capture began in the middle
		return true
	}
	l.lose("blocks of a card with another CID")
	return false
}

// hearCommand takes an I-block to the card.
func (l *Listener) hearCommand(b block, at time.Duration) error {
	again := l.stage != stageIdle && !l.acknowledged && b.number == l.number
	if again && bytes.Equal(b.inf, l.toCard) {
		l.lose("blocks sent again")
		return nil
	}
	if l.stage != stageCommand {
		l.Interrupt()
		l.command, l.answer = l.command[:0], l.answer[:0]
		l.begin = at
	}
	if len(l.command)+len(b.inf) > apdu.MaxCommand {
		return fmt.Errorf("%w: chain of more than %d bytes to the card", ErrPacket, apdu.MaxCommand)
	}
	l.command = append(l.command, b.inf...)
	l.toCard = append(l.toCard[:0], b.inf...)
	l.number, l.acknowledged, l.fresh = b.number, false, true
	l.stage, l.end = stageWaiting, at
	l.marked = false
	if b.more {
		l.stage = stageCommand
	}
	return nil
}

// hearCard takes a frame from the card.
func (l *Listener) hearCard(p Packet, at time.Duration) error {
	frame := p.Frame
	l.asked = false
	if p.Event == FromCard && l.last != requestREQA && l.last != requestUID {
		whole := false
		if frame, whole = l.technology.strip(frame); !whole {
			l.lose("frames with a wrong CRC")
			return nil
		}
	}
	if l.last == requestBlock {
		return l.hearCardBlock(parseBlock(frame), at)
	}
	l.hearState(frame)
	return nil
}

// hearState takes a frame from a card that is being activated.
func (l *Listener) hearState(frame []byte) {
	switch l.last {
	case requestRATS:
		if atr, ok := atrOfATS(frame); ok {
			l.activate(atr)
		} else {
			l.lose("damaged ATS")
		}
	case requestREQB:
		if len(frame) >= lenATQB && frame[0] == codeATQB {
			l.atqb = append(l.atqb[:0], frame...)
		}
	case requestATTRIB:
		if len(l.atqb) >= lenATQB && len(frame) > 0 {
			l.activate(atrOfATQB(l.atqb, frame[0]))
		}
	case requestREQA, requestUID, requestSELECT, requestPPS, requestHLTA, requestBlock:
	case requestOther:
		l.lose("frames that are neither activation nor blocks")
	}
}

// activate notes that a card is ready for blocks.
func (l *Listener) activate(atr []byte) {
	switch {
	case !l.activated && !l.said:
		l.atr = atr
	case l.gone:
		l.say(Heard{Kind: Insert, Begin: l.mark, End: l.mark})
	case l.off:
		l.say(Heard{Kind: Reset, Begin: l.offAt, End: l.offAt})
	default:
		l.say(Heard{Kind: Reset, Begin: l.mark, End: l.mark})
	}
	if l.atr == nil {
		l.atr = atr
	}
	if !bytes.Equal(atr, l.atr) && !bytes.Equal(atr, l.foreign) {
		l.lose("cards with another ATR than the first")
		l.foreign = atr
	}
	l.activated, l.active, l.marked = true, true, false
	l.off, l.gone = false, false
	l.stage = stageIdle
}

func (l *Listener) hearCardBlock(b block, at time.Duration) error {
	if !l.mine(b) {
		return nil
	}
	switch b.kind {
	case blockI:
		return l.hearAnswer(b, at)
	case blockACK:
		if b.number == l.number {
			l.acknowledged = true
		}
	case blockWTX:
		l.lose("waiting time extensions")
	case notABlock:
		l.lose("damaged blocks")
	case blockNAK, blockDESELECT:
	}
	return nil
}

// hearAnswer takes an I-block from the card.
func (l *Listener) hearAnswer(b block, at time.Duration) error {
	repeated := !l.fresh && b.number == l.numberCard
	switch {
	case repeated && l.fromCard != nil && bytes.Equal(b.inf, l.fromCard):
		l.lose("blocks sent again")
		return nil
	case l.stage != stageWaiting && l.stage != stageAnswer:
		l.lose("answers without a command")
		return nil
	case repeated:
		l.lose("blocks out of step")
		return nil
	}
	if len(l.answer)+len(b.inf) > pcsc.MaxResponse {
		return fmt.Errorf("%w: chain of more than %d bytes from the card",
			ErrPacket, pcsc.MaxResponse)
	}
	l.answer = append(l.answer, b.inf...)
	l.fromCard = append(l.fromCard[:0], b.inf...)
	l.numberCard, l.acknowledged, l.fresh = b.number, true, false
	l.stage, l.end = stageAnswer, at
	if b.more {
		return nil
	}
	l.say(Heard{
		Kind: Exchange, Command: l.command, Answer: l.answer, Answered: true,
		Begin: l.begin, End: at,
	})
	l.stage, l.active = stageIdle, !l.off && !l.gone
	return nil
}
