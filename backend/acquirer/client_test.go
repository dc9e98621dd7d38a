package acquirer

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tapbench/backend/pki"
)

// fakeTSM accepts one connection, signs the terminal on and leaves the rest to a test.
func fakeTSM(t *testing.T, p parties, signOnCode Code, then func(conn net.Conn)) string {
	t.Helper()
	config := p.tsm.ServerTLS(pki.RequireClients, pki.RoleMerchant)
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		raw, err := readFrame(conn)
		if err != nil {
			return
		}
		m, err := unpack(raw)
		if err != nil {
			return
		}
		k, err := m.key(p.merchant.ID)
		if err != nil {
			return
		}
		raw, err = NetworkSignOn.answer(k, signOnCode).pack()
		if err != nil || writeFrame(conn, raw) != nil {
			return
		}
		then(conn)
	}()
	return l.Addr().String()
}

func TestNotSent(t *testing.T) {
	p := newParties(t, time.Now)
	q := authorisation(t, p.merchant.ID)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	tests := []struct {
		name string
		call func(t *testing.T) error
		want error
	}{
		{"nobody listens", func(t *testing.T) error {
			_, err := NewClient(closed.Addr().String(), p.clientTLS(t)).Authorise(t.Context(), q)
			return err
		}, ErrUnreachable},
		{"the caller has given up", func(t *testing.T) error {
			address, _ := start(t, p.serverConfig(&desk{}, zerolog.Nop()))
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := NewClient(address, p.clientTLS(t)).Authorise(ctx, q)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got error %v, want %v", err, context.Canceled)
			}
			return err
		}, ErrUnreachable},
		{"the server dies before the sign-on is answered", func(t *testing.T) error {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = l.Close() })
			go func() {
				if conn, err := l.Accept(); err == nil {
					_ = conn.Close()
				}
			}()
			_, err = NewClient(l.Addr().String(), p.clientTLS(t)).Authorise(t.Context(), q)
			return err
		}, ErrUnreachable},
		{"the sign-on is declined", func(t *testing.T) error {
			address := fakeTSM(t, p, CodeInvalidMerchant, func(net.Conn) {})
			_, err := NewClient(address, p.clientTLS(t)).Authorise(t.Context(), q)
			return err
		}, ErrRefused},
		{"another bench's TSM", func(t *testing.T) error {
			other := newParties(t, time.Now)
			address, _ := start(t, other.serverConfig(&desk{}, zerolog.Nop()))
			_, err := NewClient(address, p.clientTLS(t)).Authorise(t.Context(), q)
			return err
		}, ErrTLS},
		{"the TSM's certificate has expired", func(t *testing.T) error {
			old := newParties(t, func() time.Time { return time.Now().AddDate(-3, 0, 0) })
			address, _ := start(t, old.serverConfig(&desk{}, zerolog.Nop()))
			config := old.clientTLS(t)
			config.VerifyConnection = p.clientTLS(t).VerifyConnection
			_, err := NewClient(address, config).Authorise(t.Context(), q)
			return err
		}, ErrTLS},
		{"a request that breaks our own layout", func(t *testing.T) error {
			bad := q
			bad.STAN = 0
			_, err := NewClient(closed.Addr().String(), p.clientTLS(t)).Authorise(t.Context(), bad)
			return err
		}, ErrFormat},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.call(t)
			if !errors.Is(err, test.want) || errors.Is(err, ErrNoAnswer) {
				t.Errorf("Authorise: got error %v, want %v", err, test.want)
			}
		})
	}
}

func TestSentWithoutAnswer(t *testing.T) {
	p := newParties(t, time.Now)
	q := authorisation(t, p.merchant.ID)
	answerWith := func(raw func(isoMessage) []byte) func(conn net.Conn) {
		return func(conn net.Conn) {
			if _, err := readFrame(conn); err != nil {
				t.Errorf("reading the request: %v", err)
				return
			}
			m, err := approval().message(q)
			if err != nil {
				t.Errorf("making the answer: %v", err)
				return
			}
			_, _ = conn.Write(raw(m))
		}
	}
	tests := []struct {
		name string
		then func(conn net.Conn)
	}{
		{"the server dies before it reads the request", func(net.Conn) {}},
		{"the server dies after it has read the request", func(conn net.Conn) {
			_, _ = readFrame(conn)
		}},
		{"the server dies within its answer", answerWith(func(m isoMessage) []byte {
			return frame(t, m)[:40]
		})},
		{"the answer is too long", answerWith(func(isoMessage) []byte { return []byte("\xFF\xFF") })},
		{"the answer isn't a message", answerWith(func(isoMessage) []byte {
			return []byte("\x00\x04HTTP")
		})},
		{"the answer is to another request", answerWith(func(m isoMessage) []byte {
			m.fields[fieldSTAN] = "000099"
			return frame(t, m)
		})},
		{"the answer is an approval without its parts", answerWith(func(m isoMessage) []byte {
			delete(m.fields, fieldICC)
			return frame(t, m)
		})},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			address := fakeTSM(t, p, CodeApproved, test.then)
			_, err := NewClient(address, p.clientTLS(t)).Authorise(t.Context(), q)
			if !errors.Is(err, ErrNoAnswer) {
				t.Errorf("Authorise: got error %v, want %v", err, ErrNoAnswer)
			}
		})
	}
}

func TestLateAnswer(t *testing.T) {
	p := newParties(t, time.Now)
	release := make(chan struct{})
	d := &desk{authorise: func(context.Context, AuthorisationRequest) (AuthorisationResponse, error) {
		<-release
		return approval(), nil
	}}
	address, _ := start(t, p.serverConfig(d, zerolog.Nop()))
	t.Cleanup(func() { close(release) }) // before the server is waited for
	q := authorisation(t, p.merchant.ID)
	t.Run("after the time-out", func(t *testing.T) {
		c := NewClient(address, p.clientTLS(t))
		if err := c.Manage(t.Context(), q.Key, NetworkEcho); err != nil { // the line is there
			t.Fatal(err)
		}
		c.Timeout = time.Second
		_, err := c.Authorise(t.Context(), q)
		if !errors.Is(err, ErrNoAnswer) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Authorise: got error %v, want %v", err, ErrNoAnswer)
		}
	})
	t.Run("after the caller has given up", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := NewClient(address, p.clientTLS(t))
		c.Observe = func(string, int, int) { cancel() } // signed on
		_, err := c.Authorise(ctx, q)
		if err == nil || errors.Is(err, ErrFormat) {
			t.Errorf("Authorise: got error %v", err)
		}
	})
}
