package vpcd

import (
	"io"
	"net"
	"syscall"
)

// quickAck returns what reads from conn without ever delaying an acknowledgement, if conn is a TCP
// connection; see the package's documentation.
func quickAck(conn net.Conn) io.Reader {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return conn
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return conn
	}
	return &quickAckReader{conn: tcp, raw: raw, set: setQuickAck}
}

// setQuickAck asks the kernel to acknowledge at once. A refusal costs time, not data.
func setQuickAck(descriptor uintptr) {
	_ = syscall.SetsockoptInt(int(descriptor), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
}

type quickAckReader struct {
	conn *net.TCPConn
	raw  syscall.RawConn
	set  func(uintptr)
}

// Read sets TCP_QUICKACK before it waits, for what comes, and again afterwards, for what came:
// reading itself may clear it.
func (q *quickAckReader) Read(p []byte) (int, error) {
	_ = q.raw.Control(q.set)
	n, err := q.conn.Read(p)
	_ = q.raw.Control(q.set)
	return n, err
}
