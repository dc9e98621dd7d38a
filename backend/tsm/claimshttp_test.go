package tsm_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"

	"github.com/rs/zerolog"

	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/client"
	"tapbench/backend/payout/payouttest"
	"tapbench/backend/pki"
	"tapbench/backend/service"
)

// TestPayoutOverHTTPS sends the largest batch, of the longest claims, all of which are refused at
// length, and fetches a deny list; one claim more is refused as a whole.
func TestPayoutOverHTTPS(t *testing.T) {
	s := newClaimStand(t, filepath.Join(t.TempDir(), "tsm.db"))
	c := s.serve(t)
	stranger := payouttest.NewElement(t, s.key, payouttest.Fields(5, 100, claimEpoch))
	claim := stranger.Meter(t, s.shop.Terms(s.now, 1), 0, 60, 10)
	claims := make([][]byte, api.MaxClaims+1)
	for i := range claims {
		claims[i] = claim
	}
	var got api.PayoutResponse
	err := c.Post(t.Context(), api.PathPayout, s.shop.Batch(t, claims...), &got)
	if !errors.Is(err, &api.Problem{Code: api.CodeMalformed}) {
		t.Errorf("too many claims: %v", err)
	}
	check(t, c.Post(t.Context(), api.PathPayout, s.shop.Batch(t, claims[1:]...), &got))
	if n := len(got.Answers); n != api.MaxClaims || got.Answers[n-1].Refused != api.ClaimToken {
		t.Errorf("%d answers", n)
	}
	var list api.DenyListResponse
	check(t, c.Post(t.Context(), api.PathDenyList, api.DenyListRequest{}, &list))
	if len(list.List) == 0 || list.List[0] != byte(wire.SigDenyList) {
		t.Errorf("a list of %d bytes", len(list.List))
	}
}

// serve serves the TSM's paths over HTTPS and returns a client without a certificate.
func (s *claimStand) serve(t *testing.T) *client.Client {
	t.Helper()
	dir := t.TempDir()
	_, err := pki.Init(dir, pki.Config{Banks: 1})
	check(t, err)
	server, err := pki.OpenParty(filepath.Join(dir, "tsm"), nil)
	check(t, err)
	wallet, err := pki.OpenParty(filepath.Join(dir, "wallet"), nil)
	check(t, err)
	config, err := wallet.ClientTLS(pki.RoleTSM, server.ID)
	check(t, err)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	check(t, err)
	mux := service.NewMux(zerolog.Nop())
	s.tsm.Handle(mux, nil)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- service.Serve(ctx, l, server.ServerTLS(pki.AskClients, pki.RoleJudge), mux)
	}()
	t.Cleanup(func() {
		stop()
		check(t, <-ended)
	})
	c := client.New(l.Addr().String(), config)
	t.Cleanup(c.Close)
	return c
}
