package acquirer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// How a request can end without an answer.
var (
	// ErrUnreachable means that no connection came about, or that it broke before the request was
	// sent: nothing was booked. Start the TSM, or check its address.
	ErrUnreachable = errors.New("TSM can't be reached")
	// ErrTLS means that the TSM's certificate, or ours, was refused: nothing was booked.
	ErrTLS = errors.New("TLS certificate refused")
	// ErrRefused means that the TSM doesn't take this terminal's messages: nothing was booked. The
	// merchant identifier must begin with the certificate's party ID.
	ErrRefused = errors.New("TSM refuses the terminal")
	// ErrNoAnswer means that the request was sent and no valid answer came: it may have been booked
	// or may yet be. It must be reversed.
	ErrNoAnswer = errors.New("no answer from the TSM")
)

// NothingBooked reports whether an error of [Client.Authorise] means that nothing was booked and
// nothing will be.
func NothingBooked(err error) bool {
	if errors.Is(err, ErrNoAnswer) {
		return false
	}
	for _, before := range []error{ErrUnreachable, ErrTLS, ErrRefused, ErrFormat} {
		if errors.Is(err, before) {
			return true
		}
	}
	return false
}

// DefaultTimeout is how long a request may take with all that belongs to it.
const DefaultTimeout = 15 * time.Second

// Client sends one terminal's requests to the TSM. It keeps one connection between them, on which
// the terminal has signed on: under TLS 1.3 a client learns only from the first answer whether its
// certificate was accepted, and that answer isn't to be one about money. A connection that the TSM
// has closed meanwhile, or that wasn't used for half a minute, is replaced before a request is
// sent; after any error it isn't used again. Requests at the same time have a connection each.
type Client struct {
	address string
	config  *tls.Config
	// Timeout bounds one request; 0 stands for [DefaultTimeout].
	Timeout time.Duration
	// Observe, if set, is told the MTI and the lengths of each request and answer, for timelines.
	Observe func(mti string, sent, received int)
	// Received, if set, is told each answer before it is read, in clear: for the audit of a bench.
	Received func(raw []byte)

	mu   sync.Mutex
	idle *line // nil if none is kept
}

var _ Decider = (*Client)(nil)

// NewClient returns a client of the TSM at an address, host:port. The configuration has the
// merchant's certificate and checks the TSM's.
func NewClient(address string, config *tls.Config) *Client {
	return &Client{address: address, config: config}
}

// Authorise asks whether a payment may stand. With [ErrNoAnswer] it may have been booked; with
// [ErrFormat], [ErrUnreachable], [ErrTLS] and [ErrRefused] it wasn't.
func (c *Client) Authorise(
	ctx context.Context, q AuthorisationRequest,
) (AuthorisationResponse, error) {
	m, err := q.message()
	if err != nil {
		return AuthorisationResponse{}, fmt.Errorf("making an authorisation: %w", err)
	}
	a, err := exchange(ctx, c, q.Key, m, func(answer isoMessage) (AuthorisationResponse, error) {
		return parseAuthorisationAnswer(answer, q)
	})
	if err != nil {
		return AuthorisationResponse{}, fmt.Errorf("authorising: %w", err)
	}
	return a, nil
}

// Reverse takes an authorisation back. With any error it may still stand.
func (c *Client) Reverse(ctx context.Context, q ReversalRequest) (ReversalResponse, error) {
	m, err := q.message()
	if err != nil {
		return ReversalResponse{}, fmt.Errorf("making a reversal: %w", err)
	}
	a, err := exchange(ctx, c, q.Key, m, func(answer isoMessage) (ReversalResponse, error) {
		return parseReversalAnswer(answer, q)
	})
	if err != nil {
		return ReversalResponse{}, fmt.Errorf("reversing: %w", err)
	}
	return a, nil
}

// Refund gives a payment back, or a part of it. With an error of which [NothingBooked] holds
// nothing was booked; with any other the same request must be sent until there is an answer.
func (c *Client) Refund(ctx context.Context, q RefundRequest) (RefundResponse, error) {
	m, err := q.message()
	if err != nil {
		return RefundResponse{}, fmt.Errorf("making a refund: %w", err)
	}
	a, err := exchange(ctx, c, q.Key, m, func(answer isoMessage) (RefundResponse, error) {
		return parseRefundAnswer(answer, q)
	})
	if err != nil {
		return RefundResponse{}, fmt.Errorf("refunding: %w", err)
	}
	return a, nil
}

// Advise tells that a payment was completed. With any error it has to be told again.
func (c *Client) Advise(ctx context.Context, q AdviceRequest) (AdviceResponse, error) {
	m, err := q.message()
	if err != nil {
		return AdviceResponse{}, fmt.Errorf("making an advice: %w", err)
	}
	a, err := exchange(ctx, c, q.Key, m, func(answer isoMessage) (AdviceResponse, error) {
		return parseAdviceAnswer(answer, q)
	})
	if err != nil {
		return AdviceResponse{}, fmt.Errorf("advising: %w", err)
	}
	return a, nil
}

// Reconcile closes the terminal's day. Of errors holds what holds of [Client.Refund].
func (c *Client) Reconcile(ctx context.Context, q ReconcileRequest) (ReconcileResponse, error) {
	m, err := q.message()
	if err != nil {
		return ReconcileResponse{}, fmt.Errorf("making a reconciliation: %w", err)
	}
	a, err := exchange(ctx, c, q.Key, m, func(answer isoMessage) (ReconcileResponse, error) {
		return parseReconcileAnswer(answer, q)
	})
	if err != nil {
		return ReconcileResponse{}, fmt.Errorf("closing the day: %w", err)
	}
	return a, nil
}

// Manage signs on, signs off, or asks whether the TSM is there. Nothing is ever booked by it.
func (c *Client) Manage(ctx context.Context, k Key, n Network) error {
	m := n.message(k)
	answer, err := exchange(ctx, c, k, m, func(answer isoMessage) (isoMessage, error) {
		return answer, nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", n, err)
	}
	return n.accepted(answer, k)
}

func (c *Client) dial(ctx context.Context) (*tls.Conn, error) {
	plain, err := new(net.Dialer).DialContext(ctx, "tcp", c.address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	config := c.config.Clone()
	if config.ServerName == "" {
		config.ServerName, _, _ = net.SplitHostPort(c.address)
	}
	conn := tls.Client(plain, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = plain.Close()
		return nil, unsent(ctx, err)
	}
	if conn.ConnectionState().Version < tls.VersionTLS13 {
		_ = plain.Close()
		return nil, fmt.Errorf("%w: the TSM speaks no TLS 1.3", ErrTLS)
	}
	return conn, nil
}

func (c *Client) signOn(ctx context.Context, conn net.Conn, k Key) error {
	m := NetworkSignOn.message(k)
	raw, err := m.pack()
	if err != nil {
		return err
	}
	answer, err := c.roundTrip(conn, m.mti, raw)
	if err != nil {
		return unsent(ctx, err)
	}
	return NetworkSignOn.accepted(answer, k)
}

func (c *Client) roundTrip(conn net.Conn, mti string, raw []byte) (isoMessage, error) {
	if err := writeFrame(conn, raw); err != nil {
		return isoMessage{}, err
	}
	back, err := readFrame(conn)
	if err != nil {
		return isoMessage{}, err
	}
	if c.Observe != nil {
		c.Observe(mti, len(raw), len(back))
	}
	if c.Received != nil {
		c.Received(back)
	}
	return unpack(back)
}

// unsent says why nothing was sent.
func unsent(ctx context.Context, err error) error {
	refused := new(tls.CertificateVerificationError)
	alert := new(net.OpError)
	if errors.As(err, &refused) || errors.As(err, &alert) && alert.Op == "remote error" {
		return fmt.Errorf("%w: %w", ErrTLS, err)
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, because(ctx, err))
}

// because returns the context's error, if that is what ended the connection.
func because(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
