package service_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"tapbench/applet/message"
	"tapbench/backend/api"
	"tapbench/backend/client"
	"tapbench/backend/pki"
	"tapbench/backend/service"
)

type question struct {
	Number int `json:"number"`
}

type answer struct {
	Twice int `json:"twice"`
}

// server is a server of a bench's TSM with one open path, one for merchants and one that fails.
type server struct {
	address string
	wallet  *pki.Party
}

func start(t *testing.T) server {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	_, err := pki.Init(dir, pki.Config{Banks: 1})
	check(t, err)
	tsm, err := pki.OpenParty(filepath.Join(dir, "tsm"), nil)
	check(t, err)
	wallet, err := pki.OpenParty(filepath.Join(dir, "wallet"), nil)
	check(t, err)
	mux := service.NewMux(zerolog.Nop())
	service.Handle(mux, "/v1/twice", func(_ context.Context, q question) (answer, error) {
		return answer{2 * q.Number}, nil
	})
	service.Handle(mux, "/v1/fails", func(context.Context, question) (answer, error) {
		return answer{}, errors.New("a secret detail")
	})
	service.HandlePeer(mux, "/v1/merchants", func(s *tls.ConnectionState) (message.PartyID, error) {
		id, err := tsm.Caller(s, pki.RoleMerchant)
		if err != nil {
			err = api.Refuse(api.CodeForbidden, "%v", err)
		}
		return id, err
	}, func(context.Context, message.PartyID, question) (answer, error) { return answer{}, nil })
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	check(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- service.Serve(ctx, l, tsm.ServerTLS(pki.AskClients, pki.RoleMerchant), mux)
	}()
	t.Cleanup(func() {
		cancel()
		check(t, <-served)
	})
	return server{l.Addr().String(), wallet}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s server) config(t *testing.T) *tls.Config {
	t.Helper()
	config, err := s.wallet.ClientTLS(pki.RoleTSM, s.wallet.PeersOf(pki.RoleTSM)[0].ID)
	check(t, err)
	return config
}

// TestRefusals sends what no client of ours would.
func TestRefusals(t *testing.T) {
	s := start(t)
	web := &http.Client{Transport: &http.Transport{TLSClientConfig: s.config(t)}}
	defer web.CloseIdleConnections()
	for _, row := range []struct {
		name, method, path, body string
		want                     api.Code
	}{
		{"no JSON", "POST", "/v1/twice", "number=2", api.CodeMalformed},
		{"empty", "POST", "/v1/twice", "", api.CodeMalformed},
		{"cut off", "POST", "/v1/twice", `{"number": 2`, api.CodeMalformed},
		{"another type", "POST", "/v1/twice", `{"number": "two"}`, api.CodeMalformed},
		{"an unknown field", "POST", "/v1/twice", `{"number": 2, "more": 1}`, api.CodeMalformed},
		{"bytes behind it", "POST", "/v1/twice", `{"number": 2} {}`, api.CodeMalformed},
		{
			"too long", "POST", "/v1/twice", `{"number": 2` + strings.Repeat(" ", api.MaxBody) + "}",
			api.CodeMalformed,
		},
		{"another path", "POST", "/v1/thrice", `{}`, api.CodeUnknown},
		{"another method", "GET", "/v1/twice", ``, api.CodeUnknown},
		{"no certificate where one is needed", "POST", "/v1/merchants", `{}`, api.CodeForbidden},
		{"the server's own fault", "POST", "/v1/fails", `{}`, api.CodeInternal},
	} {
		t.Run(row.name, func(t *testing.T) {
			q, err := http.NewRequestWithContext(t.Context(), row.method, "https://"+s.address+row.path,
				strings.NewReader(row.body))
			check(t, err)
			r, err := web.Do(q)
			check(t, err)
			defer r.Body.Close()
			raw, err := io.ReadAll(r.Body)
			check(t, err)
			var problem api.Problem
			if err := json.Unmarshal(raw, &problem); err != nil || problem.Code != row.want {
				t.Errorf("got %d %s, want %s", r.StatusCode, raw, row.want)
			}
			if bytes.Contains(raw, []byte("secret detail")) {
				t.Error("it says too much")
			}
		})
	}
}

// TestClient calls over the real thing, and what isn't there.
func TestClient(t *testing.T) {
	s := start(t)
	c := client.New(s.address, s.config(t))
	defer c.Close()
	var got answer
	check(t, c.Post(t.Context(), "/v1/twice", question{21}, &got))
	if got.Twice != 42 {
		t.Errorf("got %d", got.Twice)
	}
	problem := new(api.Problem)
	if err := c.Post(t.Context(), "/v1/merchants", question{}, &got); !errors.As(err, &problem) ||
		problem.Code != api.CodeForbidden {
		t.Errorf("got %v", err)
	}
	other := start(t)
	stranger := client.New(s.address, other.config(t))
	defer stranger.Close()
	if err := stranger.Post(t.Context(), "/v1/twice", question{1}, &got); !errors.Is(
		err, client.ErrTLS) {
		t.Errorf("another CA: got %v", err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	check(t, err)
	nobody := client.New(l.Addr().String(), s.config(t))
	defer nobody.Close()
	check(t, l.Close())
	if err := nobody.Post(t.Context(), "/v1/twice", question{1}, &got); !errors.Is(
		err, client.ErrUnreachable) {
		t.Errorf("nobody there: got %v", err)
	}
}
