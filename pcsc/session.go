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
	// Extended sends long data, and asks for a long answer, in one extended APDU. Without it no
	// extended APDU is sent at all: data of more than ChunkLen bytes goes as a chain, and an Ne
	// over 256 asks for 256 bytes and leaves the rest to 61xx.
	Extended bool
	// ChunkLen is the longest data field of a link of a chain, 1 to 255 bytes; 0 means 255.
	ChunkLen int
	// MaxAnswer is the most data that is collected over GET RESPONSE for one command, in bytes; 0
	// means [MaxCollected].
	MaxAnswer int
}

// Session drives a [Card] command by command as ISO/IEC 7816-4 means it. It belongs to one
// goroutine, as its card does.
type Session struct {
	card    Card
	options Options
	buffer  []byte // of the command under way; the card keeps nothing of it
}

// NewSession returns a session that chains long commands.
func NewSession(card Card) *Session { return NewSessionWith(card, Options{}) }

// NewSessionWith returns a session with options. A ChunkLen out of its range counts as 255, a
// MaxAnswer out of its range as [MaxCollected].
func NewSessionWith(card Card, options Options) *Session {
	if options.ChunkLen < 1 || options.ChunkLen > apdu.MaxShortNc {
		options.ChunkLen = apdu.MaxShortNc
	}
	if options.MaxAnswer < 1 || options.MaxAnswer > MaxCollected {
		options.MaxAnswer = MaxCollected
	}
	return &Session{card: card, options: options}
}

// Card returns the card that the session drives.
func (s *Session) Card() Card { return s.card }

// Close closes the card's connection.
func (s *Session) Close() error { return s.card.Close() }

// Exchange sends a command and returns the whole answer:
//   - long data is split into a chain, unless the options say extended (ISO/IEC 7816-4:2005,
//     5.1.1.1); a link that isn't answered 9000 ends it;
//   - 6Cxx makes it send the same APDU again with that Le, once;
//   - 61xx makes it fetch the rest with GET RESPONSE (7.6.1) on the same logical channel, at most
//     [MaxCollected] bytes or what the options say, and put it behind the data that came so far.
//
// A status word that is neither 9000 nor a warning (62xx, 63xx) comes back as an
// *[apdu.StatusError] with the header of c, beside the response. Every other error is an *[Error]:
// [ErrBadCommand] before anything was sent, [ErrBadAnswer] for an answer without end, the context's
// error, which is looked at before each APDU, or the card's. After an error within a chain the card
// may still wait for the rest: reset it, or send a command that isn't part of a chain.
func (s *Session) Exchange(ctx context.Context, c apdu.Command) (apdu.Response, error) {
	if err := s.check(c); err != nil {
		return apdu.Response{}, err
	}
	last, response, err := s.chain(ctx, c)
	if err != nil {
		return response, err
	}
	if response, err = s.reissue(ctx, last); err != nil {
		return apdu.Response{}, err
	}
	if response, err = s.collect(ctx, c, response); err != nil {
		return apdu.Response{}, err
	}
	if response.SW != apdu.SWNormal && !response.SW.IsWarning() {
		return response, c.Refused(response.SW)
	}
	return response, nil
}

// check refuses what couldn't be sent to its end, before its beginning is sent.
func (s *Session) check(c apdu.Command) error {
	fault := ""
	switch {
	case len(c.Data) > apdu.MaxNc:
		fault = fmt.Sprintf("%d bytes of data, at most %d can be sent", len(c.Data), apdu.MaxNc)
	case c.Ne < 0 || c.Ne > apdu.MaxNe:
		fault = fmt.Sprintf("Ne is %d, not 0 to %d", c.Ne, apdu.MaxNe)
	case s.split(c) && !apdu.Class(c.CLA).WithChaining(true).Chaining():
		fault = fmt.Sprintf("%d bytes of data, and class %02X has no chaining", len(c.Data), c.CLA)
	default:
		return nil
	}
	return &Error{Op: "encoding", Err: fmt.Errorf("%w: %s", ErrBadCommand, fault)}
}

// split reports whether the data goes out as a chain.
func (s *Session) split(c apdu.Command) bool {
	return !s.options.Extended && len(c.Data) > s.options.ChunkLen
}

// chain sends all links but the last, which it returns. If the card refuses a link, the error comes
// with the link's response.
func (s *Session) chain(
	ctx context.Context, c apdu.Command,
) (apdu.Command, apdu.Response, error) {
	rest := c
	if !s.options.Extended {
		rest.Ne = min(c.Ne, apdu.MaxShortNe)
	}
	for s.split(rest) {
		link := rest
		link.CLA = byte(apdu.Class(c.CLA).WithChaining(true))
		link.Data, link.Ne = rest.Data[:s.options.ChunkLen], 0
		rest.Data = rest.Data[s.options.ChunkLen:]
		response, err := s.once(ctx, link)
		switch {
		case err != nil:
			return rest, apdu.Response{}, err
		case response.SW != apdu.SWNormal:
			return rest, response, c.Refused(response.SW)
		case len(response.Data) > 0:
			return rest, apdu.Response{}, badAnswer("data in answer to a link of a chain")
		}
	}
	return rest, apdu.Response{}, nil
}

// reissue sends one APDU, and once more if 6Cxx names another Le.
func (s *Session) reissue(ctx context.Context, c apdu.Command) (apdu.Response, error) {
	response, err := s.once(ctx, c)
	if err != nil {
		return apdu.Response{}, err
	}
	ne, wrong := response.SW.CorrectNe()
	if !wrong {
		return response, nil
	}
	c.Ne = ne
	return s.once(ctx, c)
}

// collect fetches the rest of an answer that ends in 61xx. Each round brings at least a byte, so
// the bound on the bytes bounds the rounds.
func (s *Session) collect(
	ctx context.Context, c apdu.Command, response apdu.Response,
) (apdu.Response, error) {
	ne, more := response.SW.Waiting()
	if !more {
		return response, nil
	}
	get := apdu.Command{CLA: byte(apdu.Class(c.CLA).ForGetResponse()), INS: apdu.InsGetResponse}
	data := append([]byte(nil), response.Data...)
	for more {
		get.Ne = ne
		var err error
		if response, err = s.reissue(ctx, get); err != nil {
			return apdu.Response{}, err
		}
		data = append(data, response.Data...)
		ne, more = response.SW.Waiting()
		if len(data) > s.options.MaxAnswer {
			return apdu.Response{}, badAnswer(fmt.Sprintf("more than %d bytes", s.options.MaxAnswer))
		}
		if more && len(response.Data) == 0 {
			return apdu.Response{}, badAnswer("61xx without data in answer to GET RESPONSE")
		}
	}
	return apdu.Response{Data: data, SW: response.SW}, nil
}

// once sends one APDU.
func (s *Session) once(ctx context.Context, c apdu.Command) (apdu.Response, error) {
	if err := ctx.Err(); err != nil {
		return apdu.Response{}, &Error{Op: "transmitting", Err: err}
	}
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
		return apdu.Response{}, badAnswer(err.Error())
	}
	return response, nil
}

func badAnswer(what string) error {
	return &Error{Op: "collecting the answer", Err: fmt.Errorf("%w: %s", ErrBadAnswer, what)}
}
