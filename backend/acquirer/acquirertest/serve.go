package acquirertest

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"tapbench/applet/message"
	"tapbench/backend/acquirer"
	"tapbench/backend/pki"
)

// Serve has a TSM's party serve merchants on a free port, over TLS and by their certificates, and
// ask decider. It returns the address and how to stop; the test's end stops it, too. An error of
// the server's is one of the test's.
func Serve(
	tb testing.TB, party *pki.Party, decider acquirer.Decider,
) (address string, stop func()) {
	tb.Helper()
	l, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- acquirer.Serve(ctx, l, acquirer.ServerConfig{
			Decider: decider, TLS: party.ServerTLS(pki.RequireClients, pki.RoleMerchant),
			Identify: func(state *tls.ConnectionState) (message.PartyID, error) {
				return party.Caller(state, pki.RoleMerchant)
			},
			Log: zerolog.Nop(),
		})
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Errorf("Serve: %v", err)
		}
	})
	tb.Cleanup(stop)
	return l.Addr().String(), stop
}
