package apdu

import (
	"errors"
	"fmt"
)

// The limits of one command-response pair, in bytes (ISO/IEC 7816-4:2005, 5.1, table 1).
const (
	// MaxShortNc is the most command data that a short Lc codes.
	MaxShortNc = 255
	// MaxShortNe is the longest answer that a short Le asks for (Le = 00).
	MaxShortNe = 256
	// MaxNc is the most command data that an extended Lc codes.
	MaxNc = 65535
	// MaxNe is the longest answer that an extended Le asks for (Le = 0000).
	MaxNe = 65536
	// MinCommand is the shortest C-APDU: the header alone.
	MinCommand = 4
	// MaxCommand is the longest C-APDU: header, extended Lc, MaxNc bytes and extended Le.
	MaxCommand = 4 + 3 + MaxNc + 2
)

// InsGetResponse is GET RESPONSE (ISO/IEC 7816-4:2005, 7.6.1): it fetches what 61xx announced.
const InsGetResponse = 0xC0

// ErrMalformed means that bytes aren't a C-APDU or R-APDU, or that a [Command] can't be coded as
// one. Nothing was sent.
var ErrMalformed = errors.New("malformed APDU")

// Command is a C-APDU with its lengths decoded: Nc is len(Data), 0 to 65,535 bytes; Ne is the
// longest answer expected, 1 to 65,536 bytes, or 0 when the command asks for none.
type Command struct {
	CLA, INS, P1, P2 byte
	Data             []byte
	Ne               int
}

// ParseCommand decodes a C-APDU, short or extended, cases 1 to 4. Data aliases b. The length fields
// must account for every byte of b, an extended Lc of 0000 is refused, and an error wraps
// [ErrMalformed]. It allocates nothing for well-formed input.
func ParseCommand(b []byte) (Command, error) {
	if len(b) < MinCommand {
		return Command{}, fmt.Errorf("%w: %d bytes, a header has 4", ErrMalformed, len(b))
	}
	data, ne, err := parseBody(b[MinCommand:])
	if err != nil {
		return Command{}, err
	}
	return Command{CLA: b[0], INS: b[1], P1: b[2], P2: b[3], Data: data, Ne: ne}, nil
}

// parseBody decodes what follows the header.
func parseBody(body []byte) (data []byte, ne int, err error) {
	if len(body) == 0 { // case 1
		return nil, 0, nil
	}
	if len(body) == 1 { // case 2
		return nil, shortNe(body[0]), nil
	}
	nc, rest := int(body[0]), body[1:]
	if nc == 0 {
		return parseExtended(rest)
	}
	switch len(rest) {
	case nc: // case 3
		return rest, 0, nil
	case nc + 1: // case 4
		return rest[:nc:nc], shortNe(rest[nc]), nil
	default:
		return nil, 0, fmt.Errorf("%w: Lc says %d bytes, %d follow", ErrMalformed, nc, len(rest))
	}
}

// parseExtended decodes what follows the 00 that marks the extended form.
func parseExtended(body []byte) (data []byte, ne int, err error) {
	if len(body) < 2 {
		return nil, 0, fmt.Errorf("%w: extended length field of %d bytes", ErrMalformed, 1+len(body))
	}
	n, rest := int(body[0])<<8|int(body[1]), body[2:]
	switch {
	case len(rest) == 0: // case 2
		return nil, extendedNe(n), nil
	case n == 0:
		return nil, 0, fmt.Errorf("%w: extended Lc is 0", ErrMalformed)
	case len(rest) == n: // case 3
		return rest, 0, nil
	case len(rest) == n+2: // case 4
		return rest[:n:n], extendedNe(int(rest[n])<<8 | int(rest[n+1])), nil
	default:
		return nil, 0, fmt.Errorf("%w: Lc says %d bytes, %d follow", ErrMalformed, n, len(rest))
	}
}

func shortNe(le byte) int {
	if le == 0 {
		return MaxShortNe
	}
	return int(le)
}

func extendedNe(le int) int {
	if le == 0 {
		return MaxNe
	}
	return le
}

// Extended reports whether the command needs extended length fields: Nc over 255 or Ne over 256.
func (c Command) Extended() bool {
	return len(c.Data) > MaxShortNc || c.Ne > MaxShortNe
}

// Case returns the case of the command, 1 to 4 (ISO/IEC 7816-3:2006, 12.1): whether it carries
// data and whether it asks for some.
func (c Command) Case() int {
	n := 1
	if c.Ne > 0 {
		n++
	}
	if len(c.Data) > 0 {
		n += 2
	}
	return n
}

// AppendTo appends the C-APDU in its shortest form to dst. The error wraps [ErrMalformed] when Data
// is longer than [MaxNc] or Ne lies outside 0 to [MaxNe]; dst then is returned as it was.
func (c Command) AppendTo(dst []byte) ([]byte, error) {
	if len(c.Data) > MaxNc {
		return dst, fmt.Errorf("%w: %d bytes of data, at most %d fit", ErrMalformed, len(c.Data), MaxNc)
	}
	if c.Ne < 0 || c.Ne > MaxNe {
		return dst, fmt.Errorf("%w: Ne is %d, not 0 to %d", ErrMalformed, c.Ne, MaxNe)
	}
	dst = append(dst, c.CLA, c.INS, c.P1, c.P2)
	if c.Extended() {
		return c.appendExtended(dst), nil
	}
	if len(c.Data) > 0 {
		dst = append(dst, byte(len(c.Data)&0xFF))
		dst = append(dst, c.Data...)
	}
	if c.Ne > 0 {
		dst = append(dst, byte(c.Ne&0xFF)) // 256 is coded 00
	}
	return dst, nil
}

// appendExtended appends the body with extended fields. Only the first of them carries the 00 that
// marks the form.
func (c Command) appendExtended(dst []byte) []byte {
	dst = append(dst, 0)
	if n := len(c.Data); n > 0 {
		dst = append(dst, byte(n>>8&0xFF), byte(n&0xFF))
		dst = append(dst, c.Data...)
	}
	if c.Ne > 0 {
		dst = append(dst, byte(c.Ne>>8&0xFF), byte(c.Ne&0xFF)) // 65,536 is coded 0000
	}
	return dst
}

// Encode returns the C-APDU in its shortest form; see [Command.AppendTo] for the errors.
func (c Command) Encode() ([]byte, error) {
	return c.AppendTo(make([]byte, 0, MinCommand+3+len(c.Data)+2))
}
