package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// The slot service: the warden listens on a SOCK_SEQPACKET socket. A client sends one packet of one
// byte, the slot; the answer is one packet of a verdict byte and a text, and with verdictConnected
// the connection's file descriptor (SCM_RIGHTS, unix(7)).
const (
	verdictConnected byte = iota
	verdictTaken
	verdictNoSlot
	verdictFailed
)

const (
	// maxAnswer bounds an answer of the slot service, in bytes.
	maxAnswer = 1024
	// dialLimit bounds one connection to a slot. vpcd queues a single card: while one that was
	// already taken away is still queued, the kernel answers the next one a second later.
	dialLimit = 5 * time.Second
)

// DialSlotAt connects to a slot of a daemon that another process started: socket is that daemon's
// [Daemon.SlotSocket]. It is what a card in a second shell uses. Errors are those of
// [Daemon.DialSlot].
func DialSlotAt(ctx context.Context, socket string, slot int) (net.Conn, error) {
	conn, err := dialSlot(ctx, socket, slot)
	if err == nil {
		return conn, nil
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return nil, fmt.Errorf("laying a card on slot %d: %w", slot, err)
}

func dialSlot(ctx context.Context, socket string, slot int) (net.Conn, error) {
	if slot < 0 || slot >= MaxReaders*SlotsPerReader {
		return nil, ErrNoSlot
	}
	var dialer net.Dialer
	service, err := dialer.DialContext(ctx, "unixpacket", socket)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStopped, err)
	}
	defer closeQuietly(service)
	stop := context.AfterFunc(ctx, func() { closeQuietly(service) })
	defer stop()
	if _, err := service.Write([]byte{byte(slot)}); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStopped, err)
	}
	unixConn, ok := service.(*net.UnixConn)
	if !ok {
		return nil, fmt.Errorf("%w: unexpected kind of socket", ErrStopped)
	}
	return receiveSlot(unixConn)
}

// receiveSlot reads the slot service's answer and makes a connection of the descriptor in it.
func receiveSlot(service *net.UnixConn) (net.Conn, error) {
	answer := make([]byte, maxAnswer)
	rights := make([]byte, syscall.CmsgSpace(4))
	n, rightsLen, _, _, err := service.ReadMsgUnix(answer, rights)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStopped, err)
	}
	file, err := descriptor(rights[:rightsLen])
	if err != nil {
		return nil, err
	}
	if file != nil {
		defer closeQuietly(file)
	}
	if n == 0 {
		return nil, ErrStopped
	}
	switch text := string(answer[1:n]); answer[0] {
	case verdictConnected:
		if file == nil {
			return nil, errors.New("the slot service sent no connection")
		}
		return net.FileConn(file)
	case verdictTaken:
		return nil, ErrReaderTaken
	case verdictNoSlot:
		return nil, ErrNoSlot
	default:
		return nil, errors.New(text)
	}
}

// descriptor takes the file descriptor out of a control message; nil if there is none.
func descriptor(rights []byte) (*os.File, error) {
	messages, err := syscall.ParseSocketControlMessage(rights)
	if err != nil {
		return nil, fmt.Errorf("reading the slot service's answer: %w", err)
	}
	if len(messages) == 0 {
		return nil, nil
	}
	descriptors, err := syscall.ParseUnixRights(&messages[0])
	if err != nil || len(descriptors) != 1 {
		return nil, fmt.Errorf("reading the slot service's answer: %d descriptors: %w",
			len(descriptors), err)
	}
	return os.NewFile(uintptr(descriptors[0]), "slot"), nil
}

// slotService hands out connections to the slots. It runs in the warden.
type slotService struct {
	listener *net.UnixListener
	slots    int
	// one makes looking whether a slot is free and connecting to it one act.
	one sync.Mutex
	// calls are the requests under way.
	calls sync.WaitGroup
}

// serve answers requests until ctx is cancelled, and returns when the last has ended.
func (s *slotService) serve(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() { _ = s.listener.Close() })
	defer stop()
	defer s.calls.Wait()
	for {
		conn, err := s.listener.AcceptUnix()
		if err != nil {
			return
		}
		s.calls.Go(func() {
			defer closeQuietly(conn)
			s.answer(ctx, conn)
		})
	}
}

// answer serves one request. A client that leaves early only loses its answer.
func (s *slotService) answer(ctx context.Context, client *net.UnixConn) {
	stop := context.AfterFunc(ctx, func() { closeQuietly(client) })
	defer stop()
	if err := client.SetDeadline(time.Now().Add(2 * dialLimit)); err != nil {
		return
	}
	request := make([]byte, 1)
	if n, err := client.Read(request); err != nil || n != 1 {
		return
	}
	file, err := s.connect(ctx, request[0])
	if err != nil {
		_, _ = client.Write(append([]byte{verdict(err)}, err.Error()...))
		return
	}
	defer closeQuietly(file)
	rights := syscall.UnixRights(int(file.Fd()))
	_, _, _ = client.WriteMsgUnix([]byte{verdictConnected}, rights, nil)
}

func verdict(err error) byte {
	switch {
	case errors.Is(err, ErrReaderTaken):
		return verdictTaken
	case errors.Is(err, ErrNoSlot):
		return verdictNoSlot
	default:
		return verdictFailed
	}
}

// connect dials a free slot from within this network namespace.
func (s *slotService) connect(ctx context.Context, slot byte) (*os.File, error) {
	if int(slot) >= s.slots {
		return nil, ErrNoSlot
	}
	s.one.Lock()
	defer s.one.Unlock()
	conn, err := dialFree(ctx, firstPort+uint16(slot))
	if err != nil {
		return nil, err
	}
	defer closeQuietly(conn)
	return conn.File()
}

// dialFree connects to the slot at port of this network namespace if no card lies there.
func dialFree(ctx context.Context, port uint16) (*net.TCPConn, error) {
	sockets, err := tcpSockets()
	if err != nil {
		return nil, err
	}
	if err := checkSlot(sockets, port); err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: dialLimit}
	conn, err := dialer.DialContext(ctx, "tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, err
	}
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		closeQuietly(conn)
		return nil, errors.New("unexpected kind of connection")
	}
	return tcp, nil
}
