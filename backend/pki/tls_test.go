package pki_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"tapbench/applet/message"
	"tapbench/backend/pki"
)

// handshake connects a client to a server over loopback, lets each send one byte, and returns what
// either end got.
func handshake(t *testing.T, server, client *tls.Config) (serverErr, clientErr error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	accepted := make(chan error, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			accepted <- err
			return
		}
		defer conn.Close()
		accepted <- exchange(ctx, tls.Server(conn, server))
	}()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	clientErr = exchange(ctx, tls.Client(conn, client))
	conn.Close()
	return <-accepted, clientErr
}

// exchange shakes hands, then writes and reads a byte: in TLS 1.3 a client learns only by reading
// that it was refused.
func exchange(ctx context.Context, conn *tls.Conn) error {
	if err := conn.HandshakeContext(ctx); err != nil {
		return err
	}
	if _, err := conn.Write([]byte{1}); err != nil {
		return err
	}
	_, err := io.ReadFull(conn, make([]byte, 1))
	return err
}

func clientTLS(t *testing.T, p *pki.Party, role pki.Role, id message.PartyID) *tls.Config {
	t.Helper()
	config, err := p.ClientTLS(role, id)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// outOfTime is the server of another bench, whose certificates ended an hour ago.
func outOfTime(t *testing.T) *tls.Config {
	t.Helper()
	past := start.Add(-2 * time.Hour)
	b, err := pki.Init(filepath.Join(t.TempDir(), "pki"), pki.Config{
		Banks: 1, Now: at(past), Lifetime: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	return openParty(t, b, "bank-a", past).ServerTLS(pki.NoClients)
}

// TestClientRefusesServer has a row for each check of ClientTLS.
func TestClientRefusesServer(t *testing.T) {
	b := bench(t)
	strangers := openParty(t, bench(t), "bank-a", start)
	oldServer := outOfTime(t)
	tsm, merchant := openParty(t, b, "tsm", start), openParty(t, b, "merchant", start)
	bankA, bankB := openParty(t, b, "bank-a", start), openParty(t, b, "bank-b", start)
	client := clientTLS(t, tsm, pki.RoleBank, bankA.ID)
	tests := []struct {
		name   string
		server *tls.Config
		want   error
	}{
		{"another CA, out of time", oldServer, pki.ErrExpired},
		{"another CA", strangers.ServerTLS(pki.NoClients), pki.ErrUnknownCA},
		{"another bank", bankB.ServerTLS(pki.NoClients), pki.ErrWrongPeer},
		{"another role", tsm.ServerTLS(pki.NoClients), pki.ErrWrongPeer},
		{"a client's certificate", merchant.ServerTLS(pki.NoClients), pki.ErrUsage},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			serverErr, clientErr := handshake(t, test.server, client)
			if !errors.Is(clientErr, test.want) {
				t.Errorf("client: got error %v, want %v", clientErr, test.want)
			}
			var verification *tls.CertificateVerificationError
			if !errors.As(clientErr, &verification) {
				t.Errorf("client: got a %T", clientErr)
			}
			if !errors.Is(pki.Explain(serverErr), pki.ErrRefused) {
				t.Errorf("server: got error %v, want %v", pki.Explain(serverErr), pki.ErrRefused)
			}
		})
	}
	if _, err := merchant.ClientTLS(pki.RoleBank, bankA.ID); !errors.Is(err, pki.ErrNoPeer) {
		t.Errorf("merchant to bank: got error %v, want %v", err, pki.ErrNoPeer)
	}
}

// TestExpired lets the clock run on after the folders were opened.
func TestExpired(t *testing.T) {
	b := bench(t)
	now := start
	clock := func() time.Time { return now }
	open := func(name string) *pki.Party {
		p, err := pki.OpenParty(filepath.Join(b.Dir, name), clock)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	tsm, bank := open("tsm"), open("bank-a")
	early := openParty(t, b, "tsm", start)
	server := bank.ServerTLS(pki.RequireClients, pki.RoleTSM)
	now = start.Add(pki.Lifetime + time.Minute)
	_, err := handshake(t, server, clientTLS(t, tsm, pki.RoleBank, bank.ID))
	if !errors.Is(err, pki.ErrExpired) {
		t.Errorf("client: got error %v, want %v", err, pki.ErrExpired)
	}
	// A client whose clock is slow still sends its own expired certificate.
	serverErr, clientErr := handshake(t, server, clientTLS(t, early, pki.RoleBank, bank.ID))
	if !errors.Is(serverErr, pki.ErrExpired) {
		t.Errorf("server: got error %v, want %v", serverErr, pki.ErrExpired)
	}
	if !errors.Is(pki.Explain(clientErr), pki.ErrRefused) {
		t.Errorf("client: got error %v, want %v", pki.Explain(clientErr), pki.ErrRefused)
	}
}

// TestServerRefusesClient has a row for each check of ServerTLS, then one for each policy.
func TestServerRefusesClient(t *testing.T) {
	b, other := bench(t), bench(t)
	bank, tsm := openParty(t, b, "bank-a", start), openParty(t, b, "tsm", start)
	wallet, merchant := openParty(t, b, "wallet", start), openParty(t, b, "merchant", start)
	call := func(p *pki.Party) *tls.Config { return clientTLS(t, p, pki.RoleTSM, tsm.ID) }
	with := func(config *tls.Config, cert tls.Certificate) *tls.Config {
		config.Certificates = nil
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return &cert, nil
		}
		return config
	}
	stranger := openParty(t, other, "merchant", start).ServerTLS(pki.NoClients).Certificates[0]
	server := bank.ServerTLS(pki.NoClients).Certificates[0]
	merchants, banks := []pki.Role{pki.RoleMerchant}, []pki.Role{pki.RoleBank}
	tests := []struct {
		name    string
		clients pki.Clients
		roles   []pki.Role
		client  *tls.Config
		want    error
	}{
		{"no certificate", pki.RequireClients, merchants, call(wallet), pki.ErrNoCertificate},
		{
			"another CA's, required", pki.RequireClients, merchants,
			with(call(wallet), stranger), pki.ErrUnknownCA,
		},
		{
			"another CA's, asked for", pki.AskClients, merchants,
			with(call(wallet), stranger), pki.ErrUnknownCA,
		},
		{"a server's", pki.AskClients, banks, with(call(wallet), server), pki.ErrUsage},
		{"a role that isn't let in", pki.AskClients, banks, call(merchant), pki.ErrWrongPeer},
		{"no role is let in", pki.RequireClients, nil, call(merchant), pki.ErrWrongPeer},
		{"nobody is asked", pki.NoClients, nil, call(wallet), nil},
		{"a wallet is asked", pki.AskClients, merchants, call(wallet), nil},
		{"a merchant is asked", pki.AskClients, merchants, call(merchant), nil},
		{"a merchant must", pki.RequireClients, merchants, call(merchant), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			serverErr, clientErr := handshake(t, tsm.ServerTLS(test.clients, test.roles...), test.client)
			if !errors.Is(serverErr, test.want) {
				t.Errorf("server: got error %v, want %v", serverErr, test.want)
			}
			if refused := errors.Is(pki.Explain(clientErr), pki.ErrRefused); refused != (test.want != nil) {
				t.Errorf("client: got error %v", clientErr)
			}
		})
	}
}

func TestOnlyTLS13(t *testing.T) {
	b := bench(t)
	bank := openParty(t, b, "bank-a", start)
	client := clientTLS(t, openParty(t, b, "wallet", start), pki.RoleBank, bank.ID)
	client.MinVersion, client.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	serverErr, clientErr := handshake(t, bank.ServerTLS(pki.NoClients), client)
	if serverErr == nil || clientErr == nil {
		t.Errorf("TLS 1.2: got errors %v, %v", serverErr, clientErr)
	}
}

// TestCaller asks an HTTP server who its clients are.
func TestCaller(t *testing.T) {
	b := bench(t)
	bank, tsm := openParty(t, b, "bank-a", start), openParty(t, b, "tsm", start)
	if _, err := bank.Caller(nil, pki.RoleTSM); !errors.Is(err, pki.ErrNoCertificate) {
		t.Errorf("no TLS: got error %v, want %v", err, pki.ErrNoCertificate)
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, err := bank.Caller(r.TLS, pki.RoleTSM)
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, id.String()) // the client sees what is missing
	})
	server := httptest.NewUnstartedServer(handler)
	server.TLS = bank.ServerTLS(pki.AskClients, pki.RoleTSM)
	server.StartTLS()
	defer server.Close()
	for _, test := range []struct {
		caller *pki.Party
		status int
		body   string
	}{
		{openParty(t, b, "wallet", start), http.StatusForbidden, pki.ErrNoCertificate.Error() + "\n"},
		{tsm, http.StatusOK, tsm.ID.String()},
	} {
		transport := &http.Transport{TLSClientConfig: clientTLS(t, test.caller, pki.RoleBank, bank.ID)}
		response, err := (&http.Client{Transport: transport}).Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		transport.CloseIdleConnections()
		if err != nil || response.StatusCode != test.status || string(body) != test.body {
			t.Errorf("%s: got %d %q, %v", test.caller.Name, response.StatusCode, body, err)
		}
	}
}

func TestExplainLeavesOthers(t *testing.T) {
	for _, err := range []error{nil, io.EOF, pki.ErrExpired, &net.OpError{Op: "dial", Err: io.EOF}} {
		if got := pki.Explain(err); got != err { //nolint:errorlint // the very same value
			t.Errorf("Explain(%v): got %v", err, got)
		}
	}
}
