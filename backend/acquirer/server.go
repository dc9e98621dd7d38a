package acquirer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"tapbench/applet/message"
)

// The server's patience.
const (
	handshakeTime = 5 * time.Second
	idleTime      = time.Minute
	writeTime     = 5 * time.Second
	decisionTime  = 10 * time.Second
	// graceTime is how long decisions may run on after the server was told to stop.
	graceTime = 5 * time.Second
	// maxConnections is how many terminals may be connected at once. Each keeps its connection for
	// a while.
	maxConnections = 1024
	// maxDrained is how much of a refused terminal's bytes is read.
	maxDrained = 1 << 16
)

// ErrConfig means that a server can't run safely as it was configured. Nothing was served.
var ErrConfig = errors.New("acquirer isn't configured safely")

// ServerConfig is what a server is made of.
type ServerConfig struct {
	Decider Decider
	// TLS has the TSM's certificate and asks clients for theirs; its MinVersion is TLS 1.3.
	TLS *tls.Config
	// Identify returns the merchant's party ID by its certificate, or an error for a peer that is
	// no merchant.
	Identify func(state *tls.ConnectionState) (message.PartyID, error)
	// Log gets one line per message: MTI, STAN, terminal, merchant, code and duration.
	Log zerolog.Logger
	// Received, if set, is told each message before it is read, in clear: for the audit of a bench,
	// never elsewhere. It is called by several goroutines.
	Received func(raw []byte)
}

// server is a running server.
type server struct {
	ServerConfig
	decisions context.Context //nolint:containedctx // ends graceTime after the server's own
}

// Serve answers terminals on a listener until ctx is done, then lets running decisions end for a
// few seconds. It closes the listener and returns nil after a stop that was asked for. A message
// that can't be read ends its connection; one that can be read and isn't as its layout says is
// answered with [CodeFormat], one in another merchant's name with [CodeInvalidMerchant], and one
// whose decision fails with [CodeMalfunction].
func Serve(ctx context.Context, l net.Listener, c ServerConfig) error {
	if c.Decider == nil || c.Identify == nil || c.TLS == nil || c.TLS.MinVersion < tls.VersionTLS13 {
		_ = l.Close()
		return fmt.Errorf("%w: it needs a decider, TLS 1.3 and a way to know merchants", ErrConfig)
	}
	decisions, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	s := &server{ServerConfig: c, decisions: decisions}
	stop := context.AfterFunc(ctx, func() {
		_ = l.Close()
		time.AfterFunc(graceTime, cancel)
	})
	defer stop()
	var running sync.WaitGroup
	defer running.Wait()
	places := make(chan struct{}, maxConnections)
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			if err == nil {
				_ = conn.Close()
			}
			return nil
		}
		if err != nil {
			_ = l.Close()
			return fmt.Errorf("accepting terminals: %w", err)
		}
		select {
		case places <- struct{}{}:
			running.Go(func() {
				defer func() { <-places }()
				s.connection(ctx, conn)
			})
		default:
			_ = conn.Close()
			s.Log.Warn().Msg("terminal turned away: too many are connected")
		}
	}
}

// connection serves one terminal until it leaves, errs or ctx is done.
func (s *server) connection(ctx context.Context, plain net.Conn) {
	defer func() { _ = plain.Close() }()
	conn := tls.Server(plain, s.TLS)
	handshake, cancel := context.WithTimeout(ctx, handshakeTime)
	defer cancel()
	if err := conn.HandshakeContext(handshake); err != nil {
		s.Log.Warn().Err(err).Msg("terminal refused")
		drain(plain)
		return
	}
	state := conn.ConnectionState()
	party, err := s.Identify(&state)
	if err != nil {
		s.Log.Warn().Err(err).Msg("terminal refused")
		return
	}
	// A deadline in the past ends the wait for the next message; a decision goes on.
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	for ctx.Err() == nil {
		if err := conn.SetReadDeadline(time.Now().Add(idleTime)); err != nil || ctx.Err() != nil {
			return
		}
		if err := s.message(conn, party); err != nil {
			if !errors.Is(err, io.EOF) && ctx.Err() == nil {
				s.Log.Warn().Err(err).Str("party", party.String()).Msg("connection ended")
			}
			return
		}
	}
	_ = conn.CloseWrite() // says that no answer was cut off
}

// drain reads what a refused terminal has sent already, for a moment. Closing a connection with
// unread bytes resets it, and the terminal might never see the alert that says why.
func drain(conn net.Conn) {
	tcp, ok := conn.(*net.TCPConn)
	if !ok || tcp.CloseWrite() != nil || tcp.SetReadDeadline(time.Now().Add(time.Second)) != nil {
		return
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(tcp, maxDrained)) // nobody is left to tell
}

// message reads one message and answers it. An error ends the connection.
func (s *server) message(conn net.Conn, party message.PartyID) error {
	raw, err := readFrame(conn)
	if err != nil {
		return err
	}
	if s.Received != nil {
		s.Received(raw)
	}
	start := time.Now()
	request, err := unpack(raw)
	if err != nil {
		return err
	}
	key, err := request.key(party)
	if err != nil {
		return err
	}
	answer, err := s.answer(request, key)
	if err != nil {
		return err
	}
	s.Log.Info().Str("mti", request.mti).Str("party", party.String()).
		Str("merchant", key.Merchant.String()).Str("terminal", key.Terminal.String()).
		Uint32("stan", key.STAN).Str("code", answer.fields[fieldCode]).
		Dur("dur_ms", time.Since(start)).Msg("answered")
	raw, err = answer.pack()
	if err != nil {
		return err
	}
	if err := conn.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	return writeFrame(conn, raw)
}

// answer finds the answer to a request.
func (s *server) answer(request isoMessage, key Key) (isoMessage, error) {
	ctx, cancel := context.WithTimeout(s.decisions, decisionTime)
	defer cancel()
	switch request.mti {
	case mtiAuthorise:
		return respond(ctx, s, key, request, parseAuthorisation, s.Decider.Authorise)
	case mtiReverse:
		return respond(ctx, s, key, request, parseReversal, s.Decider.Reverse)
	case mtiRefund:
		return respond(ctx, s, key, request, parseRefund, s.Decider.Refund)
	case mtiAdvise:
		return respond(ctx, s, key, request, parseAdvice, s.Decider.Advise)
	case mtiReconcile:
		return respond(ctx, s, key, request, parseReconcile, s.Decider.Reconcile)
	case mtiNetwork:
		n, err := parseNetwork(request)
		if err != nil {
			return NetworkSignOn.answer(key, s.malformed(err)), nil
		}
		return n.answer(key, key.owner()), nil
	default:
		return isoMessage{}, fmt.Errorf("%w: message type %.4q", ErrFormat, request.mti)
	}
}

// response is the answer to a request of type Q.
type response[Q, A any] interface {
	// with returns the answer that says nothing but a code.
	with(code Code) A
	// message returns the answer to q.
	message(q Q) (isoMessage, error)
}

// respond reads a request, has it decided and returns the answer.
func respond[Q any, A response[Q, A]](
	ctx context.Context, s *server, key Key, request isoMessage,
	parse func(isoMessage, message.PartyID) (Q, error), decide func(context.Context, Q) (A, error),
) (isoMessage, error) {
	q, err := parse(request, key.Party)
	if err != nil {
		return answerTo(answering(request.mti), key, s.malformed(err)), nil
	}
	var none A
	code := key.owner()
	if !code.Approved() {
		return none.with(code).message(q)
	}
	a, err := decide(ctx, q)
	if err != nil {
		s.Log.Error().Err(err).Str("mti", request.mti).Uint32("stan", key.STAN).Msg("decision failed")
		a = none.with(CodeMalfunction)
	}
	return a.message(q)
}

// answering returns the MTI of a request's answer: the third digit is one more (ISO 8583:1987,
// 4.1).
func answering(mti string) string { return mti[:2] + string(mti[2]+1) + mti[3:] }

func (s *server) malformed(err error) Code {
	s.Log.Warn().Err(err).Msg("malformed request")
	return CodeFormat
}

// owner returns CodeInvalidMerchant unless the merchant identifier begins with the party ID of the
// certificate: a card signs the identifier, so it must say who is paid.
func (k Key) owner() Code {
	if message.PartyID(k.Merchant[:len(k.Party)]) != k.Party {
		return CodeInvalidMerchant
	}
	return CodeApproved
}
