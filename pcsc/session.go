package pcsc

import (
	"context"
	"fmt"

	"tapbench/pcsc/apdu"
)

// MaxCollected is the most data that [Session.Exchange] collects over GET RESPONSE, in bytes.
const MaxCollected = 65536

// Options say how a session moves long data.
type Options struct {
	// Extended sends data of more than 255 bytes in one extended APDU instead of a chain.
	Extended bool
	// ChunkLen is the longest data field of a link of a chain, 1 to 255; 0 means 255.
	ChunkLen int
}

// Session drives a [Card] command by command as ISO/IEC 7816-4 means it. It belongs to one
// goroutine, as its card does.
type Session struct {
	card    Card
	options Options
	buffer  []byte
}

// NewSession returns a session that chains long commands.
func NewSession(card Card) *Session { return NewSessionWith(card, Options{}) }

// NewSessionWith returns a session with options. A ChunkLen out of its range counts as 255.
func NewSessionWith(card Card, options Options) *Session {
	if options.ChunkLen < 1 || options.ChunkLen > apdu.MaxShortNc {
		options.ChunkLen = apdu.MaxShortNc
	}
	return &Session{card: card, options: options}
}

// Card returns the card that the session drives.
func (s *Session) Card() Card { return s.card }

// Close closes the card's connection.
func (s *Session) Close() error { return s.card.Close() }

// Exchange sends a command and returns the whole answer: it splits data of more than 255 bytes
// into a chain (ISO/IEC 7816-4:2005, 5.1.1.1), sends the command again with the right Le after 6Cxx,
// once, and fetches what 61xx announces (5.1.3), at most [MaxCollected] bytes. A status word that is
// neither 9000 nor a warning (62xx, 63xx) comes back as a *apdu.StatusError beside the response. A
// card that never ends its answer gives [ErrBadAnswer].
func (s *Session) Exchange(ctx context.Context, c apdu.Command) (apdu.Response, error) {
	last, err := s.chain(ctx, c)
	if err != nil {
		return apdu.Response{}, err
	}
	response, err := s.once(ctx, last)
	if err != nil {
		return apdu.Response{}, err
	}
	if ne, ok := response.SW.CorrectNe(); ok {
		last.Ne = ne
		if response, err = s.once(ctx, last); err != nil {
			return apdu.Response{}, err
		}
	}
	if response, err = s.collect(ctx, c, response); err != nil {
		return apdu.Response{}, err
	}
	return response, judge(c, response)
}

// chain sends all links but the last, which it returns.
func (s *Session) chain(ctx context.Context, c apdu.Command) (apdu.Command, error) {
	if s.options.Extended || len(c.Data) <= s.options.ChunkLen {
		return c, nil
	}
	for len(c.Data) > s.options.ChunkLen {
		link := c
		link.CLA |= 0x10
		link.Data, link.Ne = c.Data[:s.options.ChunkLen], 0
		c.Data = c.Data[s.options.ChunkLen:]
		response, err := s.once(ctx, link)
		if err != nil {
			return c, err
		}
		if err := judge(link, response); err != nil {
			return c, err
		}
	}
	return c, nil
}

// collect fetches the rest of an answer that ends in 61xx.
func (s *Session) collect(
	ctx context.Context, c apdu.Command, response apdu.Response,
) (apdu.Response, error) {
	ne, more := response.SW.Waiting()
	if !more {
		return response, nil
	}
	data := append([]byte(nil), response.Data...)
	for more {
		var err error
		response, err = s.once(ctx, apdu.Command{
			CLA: c.CLA & 0x03, INS: apdu.InsGetResponse, Ne: ne, // same logical channel
		})
		if err != nil {
			return apdu.Response{}, err
		}
		data = append(data, response.Data...)
		ne, more = response.SW.Waiting()
		if len(data) > MaxCollected || (more && len(response.Data) == 0) {
			return apdu.Response{}, &Error{
				Op: "collecting the answer", Err: fmt.Errorf("%w: 61xx without end", ErrBadAnswer),
			}
		}
	}
	return apdu.Response{Data: data, SW: response.SW}, nil
}

// once sends one APDU.
func (s *Session) once(ctx context.Context, c apdu.Command) (apdu.Response, error) {
	raw, err := c.AppendTo(s.buffer[:0])
	if err != nil {
		return apdu.Response{}, &Error{Op: "encoding", Err: fmt.Errorf("%w: %w", ErrBadCommand, err)}
	}
	s.buffer = raw
	answer, err := s.card.Transmit(ctx, raw)
	clear(raw) // a buffer that is used again holds no PIN
	if err != nil {
		return apdu.Response{}, err
	}
	response, err := apdu.ParseResponse(answer)
	if err != nil {
		return apdu.Response{}, &Error{Op: "decoding", Err: fmt.Errorf("%w: %w", ErrBadAnswer, err)}
	}
	return response, nil
}

func judge(c apdu.Command, response apdu.Response) error {
	if response.SW.IsNormal() || response.SW.IsWarning() {
		return nil
	}
	return &apdu.StatusError{CLA: c.CLA, INS: c.INS, P1: c.P1, P2: c.P2, SW: response.SW}
}
