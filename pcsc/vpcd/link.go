package vpcd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"tapbench/pcsc"
)

// link carries frames over a connection, and keeps its buffers from one to the next.
type link struct {
	conn    net.Conn
	reader  *bufio.Reader
	in, out []byte
}

func newLink(conn net.Conn) *link {
	return &link{conn: conn, reader: bufio.NewReaderSize(quickAck(conn), growth)}
}

// receive returns the next frame's payload, which the next call overwrites.
func (l *link) receive() ([]byte, error) {
	payload, err := readFrame(l.reader, l.in)
	if err != nil {
		return nil, err
	}
	l.in = payload
	return payload, nil
}

// send sends one frame in one write.
func (l *link) send(payload ...byte) error {
	frame, err := appendFrame(l.out[:0], payload)
	if err != nil {
		return err
	}
	l.out = frame
	_, err = l.conn.Write(frame)
	return err
}

// lost turns a connection's error into what it means: gone if the other end has left, otherwise
// pcsc.ErrComm.
func lost(err, gone error) error {
	for _, departure := range []error{
		io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, syscall.ECONNRESET, syscall.EPIPE,
	} {
		if errors.Is(err, departure) {
			return gone
		}
	}
	return fmt.Errorf("%w: %w", pcsc.ErrComm, err)
}

// closeQuietly closes a connection that nobody is interested in any more.
func closeQuietly(c io.Closer) { _ = c.Close() }
