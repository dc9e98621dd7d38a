package acquirer

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"tapbench/applet/message"
	"tapbench/backend/pki"
)

// buffer is a log that many goroutines write.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestServeWantsASafeConfiguration(t *testing.T) {
	p := newParties(t, time.Now)
	for name, change := range map[string]func(*ServerConfig){
		"no decider":     func(c *ServerConfig) { c.Decider = nil },
		"no TLS":         func(c *ServerConfig) { c.TLS = nil },
		"TLS 1.2":        func(c *ServerConfig) { c.TLS.MinVersion = tls.VersionTLS12 },
		"no way to know": func(c *ServerConfig) { c.Identify = nil },
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			c := p.serverConfig(&desk{}, zerolog.Nop())
			change(&c)
			if err := Serve(t.Context(), l, c); !errors.Is(err, ErrConfig) {
				t.Errorf("Serve: got error %v, want %v", err, ErrConfig)
			}
		})
	}
}

func TestPayment(t *testing.T) {
	p := newParties(t, time.Now)
	d, log := &desk{}, &buffer{}
	address, stop := start(t, p.serverConfig(d, zerolog.New(log)))
	c := NewClient(address, p.clientTLS(t))
	var seen []string
	c.Observe = func(mti string, sent, received int) {
		if sent == 0 || received == 0 {
			t.Errorf("Observe(%s, %d, %d)", mti, sent, received)
		}
		seen = append(seen, mti)
	}
	q := authorisation(t, p.merchant.ID)
	a, err := c.Authorise(t.Context(), q)
	if err != nil || !cmp.Equal(a, approval()) {
		t.Fatalf("Authorise: %v, %s", err, cmp.Diff(approval(), a))
	}
	r, err := c.Reverse(t.Context(), reversal(q))
	if err != nil || r.Code != CodeApproved {
		t.Fatalf("Reverse: got %v, %v", r, err)
	}
	stop()
	q.Party = p.merchant.ID
	if len(d.asked) != 1 || !cmp.Equal(d.asked[0], q) {
		t.Errorf("the TSM was asked %v", d.asked)
	}
	if len(d.reversed) != 1 || d.reversed[0].Original != q.Key {
		t.Errorf("the TSM was asked to reverse %v", d.reversed)
	}
	if want := []string{"0800", "0100", "0400"}; !cmp.Equal(seen, want) {
		t.Errorf("the client sent %v, want %v", seen, want)
	}
	text := log.String()
	if strings.Count(text, "answered") != 3 || strings.Contains(text, canary[4:15]) {
		t.Errorf("log: %s", text)
	}
}

func TestDeclinesAreAnswers(t *testing.T) {
	p := newParties(t, time.Now)
	d := &desk{}
	address, _ := start(t, p.serverConfig(d, zerolog.Nop()))
	for _, row := range Codes()[1:] {
		code := row.Code
		t.Run(code.String(), func(t *testing.T) {
			d.authorise = func(context.Context, AuthorisationRequest) (AuthorisationResponse, error) {
				return AuthorisationResponse{Code: code}, nil
			}
			c := NewClient(address, p.clientTLS(t))
			a, err := c.Authorise(t.Context(), authorisation(t, p.merchant.ID))
			if err != nil || a.Code != code {
				t.Errorf("Authorise: got %v, %v, want %s", a, err, code)
			}
		})
	}
}

func TestFailedDecisionIsMalfunction(t *testing.T) {
	p := newParties(t, time.Now)
	broken := errors.New("store is gone")
	d := &desk{
		authorise: func(context.Context, AuthorisationRequest) (AuthorisationResponse, error) {
			return AuthorisationResponse{}, broken
		},
		reverse: func(context.Context, ReversalRequest) (ReversalResponse, error) {
			return ReversalResponse{}, broken
		},
	}
	address, _ := start(t, p.serverConfig(d, zerolog.Nop()))
	c := NewClient(address, p.clientTLS(t))
	q := authorisation(t, p.merchant.ID)
	if a, err := c.Authorise(t.Context(), q); err != nil || !a.Code.Uncertain() {
		t.Errorf("Authorise: got %v, %v, want %s", a, err, CodeMalfunction)
	}
	if r, err := c.Reverse(t.Context(), reversal(q)); err != nil || !r.Code.Uncertain() {
		t.Errorf("Reverse: got %v, %v, want %s", r, err, CodeMalfunction)
	}
}

func TestAnotherMerchantsName(t *testing.T) {
	p := newParties(t, time.Now)
	d := &desk{}
	address, stop := start(t, p.serverConfig(d, zerolog.Nop()))
	c := NewClient(address, p.clientTLS(t))
	_, err := c.Authorise(t.Context(), authorisation(t, message.NewPartyID("MEROTHER")))
	if !errors.Is(err, ErrRefused) || errors.Is(err, ErrNoAnswer) {
		t.Errorf("Authorise: got error %v, want %v", err, ErrRefused)
	}
	stop()
	if len(d.asked) != 0 {
		t.Errorf("the TSM was asked %v", d.asked)
	}
}

// signedOn connects as a terminal does and signs on.
func signedOn(t *testing.T, address string, config *tls.Config, k Key) net.Conn {
	t.Helper()
	c := NewClient(address, config)
	conn, err := c.dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := c.signOn(t.Context(), conn, k); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestServerEndsConnections(t *testing.T) {
	p := newParties(t, time.Now)
	d := &desk{}
	address, stop := start(t, p.serverConfig(d, zerolog.Nop()))
	q := authorisation(t, p.merchant.ID)
	advice := isoMessage{mti: "0120", fields: NetworkSignOn.message(q.Key).fields}
	for name, raw := range map[string][]byte{
		"frame above the maximum":   {0x04, 0x01},
		"frame of nothing":          {0x00, 0x00},
		"no message":                []byte("\x00\x04GET "),
		"message that isn't taken":  frame(t, advice),
		"message without a key":     frame(t, isoMessage{mti: "0800"}),
		"message in halves, no end": []byte("\x00\x40080"),
	} {
		t.Run(name, func(t *testing.T) {
			conn := signedOn(t, address, p.clientTLS(t), q.Key)
			if _, err := conn.Write(raw); err != nil {
				t.Fatal(err)
			}
			if name == "message in halves, no end" {
				_ = conn.(*tls.Conn).CloseWrite()
			}
			if answer, err := readFrame(conn); err == nil {
				t.Errorf("got answer %q", answer)
			}
		})
	}
	stop()
	if len(d.asked) != 0 {
		t.Errorf("the TSM was asked %v", d.asked)
	}
}

func TestReadableButWrongIsAnswered(t *testing.T) {
	p := newParties(t, time.Now)
	d := &desk{}
	address, stop := start(t, p.serverConfig(d, zerolog.Nop()))
	q := authorisation(t, p.merchant.ID)
	conn := signedOn(t, address, p.clientTLS(t), q.Key)
	for _, mti := range []string{mtiAuthorise, mtiReverse, mtiNetwork} {
		m := isoMessage{mti: mti, fields: NetworkSignOn.message(q.Key).fields}
		m.fields[fieldNetwork] = "003" // no field of the first two, and no sign-on of the last
		if _, err := conn.Write(frame(t, m)); err != nil {
			t.Fatal(err)
		}
		raw, err := readFrame(conn)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := unpack(raw)
		if err != nil || Code(answer.fields[fieldCode]) != CodeFormat {
			t.Errorf("%s: got %v, %v, want %s", mti, answer.fields, err, CodeFormat)
		}
	}
	stop()
	if len(d.asked)+len(d.reversed) != 0 {
		t.Error("the TSM was asked")
	}
}

func frame(t *testing.T, m isoMessage) []byte {
	t.Helper()
	raw, err := m.pack()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := writeFrame(&b, raw); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestServerStopsDuringADecision(t *testing.T) {
	p := newParties(t, time.Now)
	entered, leave := make(chan struct{}), make(chan struct{})
	d := &desk{authorise: func(context.Context, AuthorisationRequest) (AuthorisationResponse, error) {
		close(entered)
		<-leave
		return approval(), nil
	}}
	address, stop := start(t, p.serverConfig(d, zerolog.Nop()))
	c := NewClient(address, p.clientTLS(t))
	done := make(chan error, 1)
	go func() {
		a, err := c.Authorise(t.Context(), authorisation(t, p.merchant.ID))
		if err == nil && !a.Code.Approved() {
			err = errors.New(a.Code.String())
		}
		done <- err
	}()
	<-entered
	stopped := make(chan struct{})
	go func() {
		stop()
		close(stopped)
	}()
	// The listener is closed before the decision ends.
	for {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			break
		}
		_ = conn.Close()
	}
	close(leave)
	if err := <-done; err != nil {
		t.Errorf("Authorise: %v", err)
	}
	<-stopped
}

func TestReadFrame(t *testing.T) {
	tests := []struct {
		name, raw string
		err       error
	}{
		{"nothing", "", io.EOF},
		{"half a length", "\x00", io.ErrUnexpectedEOF},
		{"no message", "\x00\x00", ErrFormat},
		{"too long", "\x04\x01", ErrTooLong},
		{"longest that can be said", "\xFF\xFF", ErrTooLong},
		{"no body", "\x00\x01", io.ErrUnexpectedEOF},
		{"half a body", "\x00\x02a", io.ErrUnexpectedEOF},
		{"whole", "\x00\x02ab", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := readFrame(strings.NewReader(test.raw))
			if !errors.Is(err, test.err) || test.err == nil && err != nil {
				t.Errorf("readFrame(%q): got error %v, want %v", test.raw, err, test.err)
			}
		})
	}
	if err := writeFrame(io.Discard, make([]byte, MaxMessage+1)); !errors.Is(err, ErrTooLong) {
		t.Errorf("writeFrame: got error %v, want %v", err, ErrTooLong)
	}
}

func TestServerRefusesPeers(t *testing.T) {
	p := newParties(t, time.Now)
	d := &desk{}
	address, stop := start(t, p.serverConfig(d, zerolog.Nop()))
	q := authorisation(t, p.merchant.ID)
	bare := p.clientTLS(t)
	bare.Certificates = nil
	stranger := newParties(t, time.Now).clientTLS(t)
	stranger.VerifyConnection = nil
	old := p.clientTLS(t)
	old.MaxVersion = tls.VersionTLS12
	old.MinVersion = tls.VersionTLS12
	self := p.tsm.ServerTLS(pki.NoClients) // the TSM's own certificate, as a client
	self.InsecureSkipVerify = true
	for name, config := range map[string]*tls.Config{
		"no certificate": bare, "certificate of another CA": stranger, "TLS 1.2": old,
		"certificate of another role": self,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewClient(address, config).Authorise(t.Context(), q)
			if !errors.Is(err, ErrTLS) {
				t.Errorf("Authorise: got error %v, want %v", err, ErrTLS)
			}
		})
	}
	stop()
	if len(d.asked) != 0 {
		t.Errorf("the TSM was asked %v", d.asked)
	}
}
