package vpcd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// Serve lays a card on the reader at the other end of conn and answers for it until the card is
// taken away or the reader goes. It owns conn, which it closes, and calls the processor from this
// goroutine only. When it returns, the processor has no power.
//
// Cancelling ctx takes the card away, also in the middle of a command: the processor finishes that
// one, but no answer leaves any more.
//
// The reader asks for the ATR several times a second to see whether the card is there; those
// questions reach ATR only.
//
// Serve always returns an error, a *pcsc.Error that wraps
//   - the context's error after a cancellation;
//   - pcsc.ErrNoReader when the reader closed the connection;
//   - pcsc.ErrCardRemoved when the processor answered with nothing: the card lost its power;
//   - pcsc.ErrBadAnswer when an answer is longer than [MaxPayload]: it can't be sent, and the card
//     is taken away;
//   - pcsc.ErrComm when the bytes from the reader aren't frames, or the connection broke.
func Serve(ctx context.Context, conn net.Conn, card pcsc.Processor) error {
	defer closeQuietly(conn)
	stop := context.AfterFunc(ctx, func() { closeQuietly(conn) })
	defer stop()
	s := server{link: newLink(conn), card: card}
	defer s.power(false)
	var err error
	for err == nil {
		// A card that is already taken away carries nothing out.
		if err = ctx.Err(); err == nil {
			err = s.step(ctx)
		}
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return &pcsc.Error{Op: "serving a card", Err: err}
}

// server is the card's end of one connection.
type server struct {
	link    *link
	card    pcsc.Processor
	powered bool
}

// step answers one frame.
func (s *server) step(ctx context.Context) error {
	payload, err := s.link.receive()
	switch {
	case err != nil:
		return lost(err, pcsc.ErrNoReader)
	case len(payload) == 0:
		return lost(errors.New("the reader sent an empty frame"), pcsc.ErrNoReader)
	case len(payload) > 1:
		return s.process(ctx, payload)
	}
	switch payload[0] {
	case controlOff:
		s.power(false)
	case controlOn:
		s.power(true)
	case controlReset:
		s.card.Reset()
	case controlATR:
		return s.answer(s.card.ATR())
	default:
		return s.process(ctx, payload)
	}
	return nil
}

// power gives or takes power where it isn't so already: vpcd repeats itself.
func (s *server) power(on bool) {
	switch {
	case on && !s.powered:
		s.card.PowerOn()
	case !on && s.powered:
		s.card.PowerOff()
	}
	s.powered = on
}

// process answers one C-APDU, unless the card has been taken away meanwhile. What is shorter than a
// header never reaches the processor: a card answers it with 6700, wrong length.
func (s *server) process(ctx context.Context, command []byte) error {
	if len(command) < apdu.MinCommand {
		return s.answer(apdu.Response{SW: apdu.SWWrongLength}.Encode())
	}
	answer := s.card.Process(bytes.Clone(command))
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.answer(answer)
}

// answer sends what the card said. Nothing, which the reader takes for an empty reader, ends the
// connection.
func (s *server) answer(payload []byte) error {
	err := s.link.send(payload...)
	switch {
	case errors.Is(err, errTooLong):
		return fmt.Errorf("%w: %w", pcsc.ErrBadAnswer, err)
	case err != nil:
		return lost(err, pcsc.ErrNoReader)
	case len(payload) == 0:
		return pcsc.ErrCardRemoved
	default:
		return nil
	}
}
