package acquirer

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
)

// TestIdleLine says what a client does with the connection of its last request.
func TestIdleLine(t *testing.T) {
	p := newParties(t, time.Now)
	q := authorisation(t, p.merchant.ID)
	other := q
	other.Terminal[0] = 'X'
	tests := []struct {
		name string
		next AuthorisationRequest
		// between happens after the first answer.
		between func(t *testing.T, c *Client, stop func())
		err     error
		sent    []string
	}{
		{
			"the TSM has stopped and nobody listens", q,
			func(_ *testing.T, _ *Client, stop func()) { stop() }, ErrUnreachable, nil,
		},
		{
			"the TSM was started again", q, func(t *testing.T, c *Client, stop func()) {
				stop()
				c.address, _ = start(t, p.serverConfig(&desk{}, zerolog.Nop()))
			}, nil, []string{mtiNetwork, mtiAuthorise},
		},
		{
			"it wasn't used for long", q, func(_ *testing.T, c *Client, _ func()) {
				c.idle.used = c.idle.used.Add(-maxIdle - time.Second)
			}, nil, []string{mtiNetwork, mtiAuthorise},
		},
		{
			"the client was closed", q, func(t *testing.T, c *Client, _ func()) {
				if err := c.Close(); err != nil {
					t.Error(err)
				}
			}, nil, []string{mtiNetwork, mtiAuthorise},
		},
		{
			"another terminal asks", other, func(*testing.T, *Client, func()) {}, nil,
			[]string{mtiNetwork, mtiAuthorise},
		},
		{
			"the same terminal asks", q, func(*testing.T, *Client, func()) {}, nil,
			[]string{mtiAuthorise},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			address, stop := start(t, p.serverConfig(&desk{}, zerolog.Nop()))
			c := NewClient(address, p.clientTLS(t))
			t.Cleanup(func() { _ = c.Close() })
			if _, err := c.Authorise(t.Context(), q); err != nil {
				t.Fatal(err)
			}
			test.between(t, c, stop)
			var sent []string
			c.Observe = func(mti string, _, _ int) { sent = append(sent, mti) }
			_, err := c.Authorise(t.Context(), test.next)
			if !errors.Is(err, test.err) || test.err == nil && err != nil {
				t.Errorf("Authorise: got error %v, want %v", err, test.err)
			}
			if err != nil && !NothingBooked(err) {
				t.Errorf("Authorise: %v says that something may be booked", err)
			}
			if !cmp.Equal(sent, test.sent) {
				t.Errorf("the client sent %v, want %v", sent, test.sent)
			}
		})
	}
}

// TestKeptLineBreaks lets the TSM die when it has read a request on a connection that was kept.
func TestKeptLineBreaks(t *testing.T) {
	p := newParties(t, time.Now)
	q := authorisation(t, p.merchant.ID)
	address := fakeTSM(t, p, CodeApproved, func(conn net.Conn) {
		if _, err := readFrame(conn); err != nil {
			t.Errorf("reading the first request: %v", err)
			return
		}
		m, err := approval().message(q)
		if err != nil {
			t.Errorf("making the answer: %v", err)
			return
		}
		_, _ = conn.Write(frame(t, m))
		if _, err := readFrame(conn); err != nil {
			t.Errorf("reading the second request: %v", err)
		}
	})
	c := NewClient(address, p.clientTLS(t))
	if _, err := c.Authorise(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	_, err := c.Authorise(t.Context(), q)
	if !errors.Is(err, ErrNoAnswer) || NothingBooked(err) {
		t.Errorf("Authorise: got error %v, want %v", err, ErrNoAnswer)
	}
	if c.idle != nil {
		t.Error("the broken connection is kept")
	}
}
