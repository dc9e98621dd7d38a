package measure

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"syscall"
)

// EchoCard answers for a card on a connection to vpcd until it closes: every command is answered
// with its own bytes and 9000. It is the least that a card can do, written against vpcd's protocol
// alone, as the baseline of the link.
func EchoCard(conn net.Conn) error {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return errors.New("echo card: not a socket")
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	frame := make([]byte, 2+65535)
	for {
		if err := quickAck(raw); err != nil {
			return err
		}
		if _, err := io.ReadFull(conn, frame[:2]); err != nil {
			return err
		}
		n := int(binary.BigEndian.Uint16(frame))
		if err := quickAck(raw); err != nil {
			return err
		}
		if _, err := io.ReadFull(conn, frame[2:2+n]); err != nil {
			return err
		}
		answer := echo(frame[2 : 2+n])
		if answer == nil {
			continue
		}
		out := binary.BigEndian.AppendUint16(nil, uint16(len(answer))) //nolint:gosec // a short APDU
		if _, err := conn.Write(append(out, answer...)); err != nil {
			return err
		}
	}
}

// echo answers one frame: control bytes have no answer, but 04, which asks for the ATR.
func echo(frame []byte) []byte {
	if len(frame) != 1 {
		return append(append([]byte(nil), frame...), 0x90, 0x00)
	}
	if frame[0] == 4 {
		return []byte{0x3B, 0x80, 0x80, 0x01, 0x01}
	}
	return nil
}

// quickAck makes the kernel acknowledge at once: vpcd writes length and payload apart, and waits.
func quickAck(raw syscall.RawConn) error {
	var failed error
	err := raw.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	})
	return errors.Join(err, failed)
}
