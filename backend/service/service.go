package service

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"net"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"tapbench/applet/message"
	"tapbench/backend/api"
)

// Identify says who a caller is by its TLS certificate. It returns a *api.Problem for one that may
// not use the path.
type Identify func(state *tls.ConnectionState) (message.PartyID, error)

// Mux holds a party's paths.
type Mux struct {
	http   *http.ServeMux
	log    zerolog.Logger
	record func(path string, body []byte)
}

// NewMux returns a Mux without paths. It logs one line per request, never a body.
func NewMux(log zerolog.Logger) *Mux {
	m := &Mux{http: http.NewServeMux(), log: log}
	m.http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		m.answer(w, r, time.Now(), nil, api.Refuse(api.CodeUnknown, "no such path: POST one of /v1/…"))
	})
	return m
}

// Record has each request's body told to add before it is read, in clear: for the audit of a bench,
// never elsewhere. It is called by several goroutines. Call it before requests are served.
func (m *Mux) Record(add func(path string, body []byte)) { m.record = add }

// Handle adds a path that anyone may use: the wallet has no certificate.
func Handle[Q, A any](m *Mux, path string, f func(context.Context, Q) (A, error)) {
	anyone := func(*tls.ConnectionState) (message.PartyID, error) { return message.PartyID{}, nil }
	HandlePeer(m, path, anyone, func(ctx context.Context, _ message.PartyID, q Q) (A, error) {
		return f(ctx, q)
	})
}

// HandlePeer adds a path for callers that identify lets in. Requests are Q, answers A.
func HandlePeer[Q, A any](
	m *Mux, path string, identify Identify,
	f func(context.Context, message.PartyID, Q) (A, error),
) {
	m.http.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		peer, err := identify(r.TLS)
		if err != nil {
			m.answer(w, r, start, nil, err)
			return
		}
		var request Q
		if err := m.read(w, r, &request); err != nil {
			m.answer(w, r, start, nil, err)
			return
		}
		response, err := f(r.Context(), peer, request)
		m.answer(w, r, start, response, err)
	})
}

func (m *Mux) read(w http.ResponseWriter, r *http.Request, request any) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, api.MaxRequest(r.URL.Path)))
	if m.record != nil {
		m.record(r.URL.Path, body)
	}
	if err != nil {
		return api.Refuse(api.CodeMalformed, "reading the request: %v", err)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(request); err != nil {
		return api.Refuse(api.CodeMalformed, "reading the request: %v", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return api.Refuse(api.CodeMalformed, "reading the request: bytes behind the JSON object")
	}
	return nil
}

func (m *Mux) answer(w http.ResponseWriter, r *http.Request, start time.Time, v any, err error) {
	code := http.StatusOK
	if err != nil {
		problem := new(api.Problem)
		if !errors.As(err, &problem) {
			m.log.Error().Err(err).Str("path", r.URL.Path).Msg("request failed")
			problem = &api.Problem{Code: api.CodeInternal, Detail: "internal error, see the log"}
		}
		v, code = problem, status(problem.Code)
	}
	body, jsonErr := json.Marshal(v)
	if jsonErr != nil {
		m.log.Error().Err(jsonErr).Msg("encoding an answer")
		body, code = []byte(`{"code":"internal","detail":"internal error"}`), 500
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(body) // the caller is gone: nobody to tell
	event := m.log.Info().Str("path", r.URL.Path).Int("status", code)
	if problem, ok := v.(*api.Problem); ok {
		event = event.Str("code", string(problem.Code)).Str("detail", problem.Detail)
	}
	event.Dur("dur_ms", time.Since(start)).Msg("request")
}

func status(code api.Code) int {
	switch code {
	case api.CodeMalformed:
		return http.StatusBadRequest
	case api.CodeForbidden:
		return http.StatusForbidden
	case api.CodeUnknown:
		return http.StatusNotFound
	case api.CodeState, api.CodeExpired, api.CodeMismatch:
		return http.StatusConflict
	case api.CodeSignature, api.CodeAttestation, api.CodeLimit:
		return http.StatusUnprocessableEntity
	case api.CodeUnavailable:
		return http.StatusServiceUnavailable
	case api.CodeInternal:
		return http.StatusInternalServerError
	default:
		return http.StatusInternalServerError
	}
}

// Serve answers on a listener until ctx is done, then lets running requests end for at most five
// seconds. It returns nil after a stop that was asked for.
func Serve(ctx context.Context, l net.Listener, config *tls.Config, m *Mux) error {
	server := &http.Server{
		Handler: m.http, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: stdlog.New(tlsErrors{m.log}, "", 0),
	}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(grace)
	})
	err := server.Serve(tls.NewListener(l, config))
	if !stop() && errors.Is(err, http.ErrServerClosed) {
		return <-stopped
	}
	return fmt.Errorf("serving: %w", err)
}

// tlsErrors takes net/http's own complaints, mostly failed handshakes.
type tlsErrors struct{ log zerolog.Logger }

// Write logs one line.
func (t tlsErrors) Write(line []byte) (int, error) {
	t.log.Warn().Str("detail", string(bytes.TrimSpace(line))).Msg("connection refused")
	return len(line), nil
}
