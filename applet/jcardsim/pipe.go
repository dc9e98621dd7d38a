package jcardsim

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// operation is what a request asks for.
type operation byte

const (
	opNew      operation = 'N'
	opLoad     operation = 'L'
	opIssue    operation = 'E'
	opReissue  operation = 'F'
	opSave     operation = 'S'
	opTransmit operation = 'T'
	opMeasured operation = 'M'
	opReset    operation = 'R'
	opDrop     operation = 'D'
	opCut      operation = 'C'
	opRecord   operation = 'K'
	opCount    operation = 'O'
	opHide     operation = 'A'
)

// maxData is the most that one message holds, in bytes.
const maxData = 1<<16 - 1

// errPipe means that what came over the pipe isn't what the bridge says.
var errPipe = errors.New("damaged answer")

// pipe speaks with the bridge: one message each way, one write for each. It doesn't allocate what
// an answer claims.
type pipe struct {
	in     io.Writer
	out    io.Reader
	buffer [2 + maxData]byte
}

// ask sends a request, operation [1] || card [4] || length [2] || data, and returns its answer,
// which is the pipe's until the next one.
func (p *pipe) ask(op operation, card uint32, data []byte) ([]byte, error) {
	if len(data) > maxData {
		return nil, fmt.Errorf("request of %d bytes, at most %d", len(data), maxData)
	}
	request := append(make([]byte, 0, 7+len(data)), byte(op))
	request = binary.BigEndian.AppendUint32(request, card)
	request = binary.BigEndian.AppendUint16(request, uint16(len(data))) //nolint:gosec // as above
	if _, err := p.in.Write(append(request, data...)); err != nil {
		return nil, err
	}
	return p.receive()
}

// receive reads length [2] || data, and returns the data.
func (p *pipe) receive() ([]byte, error) {
	const head = 2
	have := 0
	for {
		if have >= head {
			length := int(binary.BigEndian.Uint16(p.buffer[:]))
			if have > head+length {
				return nil, fmt.Errorf("%w: %d bytes more than said", errPipe, have-head-length)
			}
			if have == head+length {
				return p.buffer[head:have], nil
			}
		}
		n, err := p.out.Read(p.buffer[have:])
		have += n
		if err != nil && n == 0 {
			return nil, cutOff(err, have)
		}
	}
}

// cutOff turns an end within an answer into [io.ErrUnexpectedEOF].
func cutOff(err error, have int) error {
	if errors.Is(err, io.EOF) && have > 0 {
		return io.ErrUnexpectedEOF
	}
	return err
}

// hello is what the bridge says first: "TAPJ" || version of its protocol [1] || length of the
// fields of an element's state [2] || of a contactless card's [2].
type hello struct{ element, contactless int }

const (
	helloName = "TAPJ"
	protocol  = 2
)

func parseHello(raw []byte) (hello, error) {
	rest, ok := bytes.CutPrefix(raw, []byte(helloName))
	switch {
	case !ok || len(rest) != 5:
		return hello{}, fmt.Errorf("%w: not a hello: %.16x", errPipe, raw)
	case rest[0] != protocol:
		return hello{}, fmt.Errorf("%w: the bridge's version is %d, not %d: run scripts/applet.sh",
			errPipe, rest[0], protocol)
	}
	return hello{
		element:     int(binary.BigEndian.Uint16(rest[1:])),
		contactless: int(binary.BigEndian.Uint16(rest[3:])),
	}, nil
}

// parseTransmitted splits the answer to a command, length [2] || the card's answer || its state's
// fields, or nothing where the command didn't change them. Both are parts of raw.
func parseTransmitted(raw []byte, state int) (answer, fields []byte, err error) {
	if len(raw) < 2 {
		return nil, nil, fmt.Errorf("%w: %d bytes to a command", errPipe, len(raw))
	}
	length, rest := int(binary.BigEndian.Uint16(raw)), raw[2:]
	if length > len(rest) {
		return nil, nil, fmt.Errorf("%w: a card's answer of %d bytes in %d", errPipe, length, len(rest))
	}
	answer, fields = rest[:length], rest[length:]
	if len(fields) != 0 && len(fields) != state {
		return nil, nil, fmt.Errorf("%w: a state of %d bytes, not %d", errPipe, len(fields), state)
	}
	return answer, fields, nil
}

// parseMeasured reads a duration, in ns [8].
func parseMeasured(raw []byte) (time.Duration, error) {
	if len(raw) != 8 || raw[0] > 0x7F {
		return 0, fmt.Errorf("%w: not a duration: %.16x", errPipe, raw)
	}
	return time.Duration(binary.BigEndian.Uint64(raw)), nil //nolint:gosec // as above
}
