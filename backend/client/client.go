package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"tapbench/backend/api"
)

// How a call can fail without an answer.
var (
	// ErrUnreachable means that no connection came about: nothing was sent, nothing has changed.
	// Start the server, or check its address.
	ErrUnreachable = errors.New("server can't be reached")
	// ErrTLS means that the server's certificate, or ours, was refused: nothing was sent.
	ErrTLS = errors.New("TLS certificate refused")
	// ErrNoAnswer means that the request was sent and no whole answer came. It may have been
	// carried out; repeating it is safe where its type says so.
	ErrNoAnswer = errors.New("server didn't answer")
)

// Client calls one server.
type Client struct {
	base string
	http *http.Client
	// Observe, if set, is told the size of each request and answer, for timelines.
	Observe func(path string, sent, received int)
	// Received, if set, is told each answer's body, in clear: for the audit of a bench.
	Received func(path string, body []byte)
}

// New returns a client of the server at an address, host:port.
func New(address string, config *tls.Config) *Client {
	transport := &http.Transport{
		TLSClientConfig:     config,
		TLSHandshakeTimeout: 5 * time.Second,
		MaxIdleConns:        4,
		IdleConnTimeout:     30 * time.Second,
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
	}
	return &Client{
		base: "https://" + address,
		http: &http.Client{Transport: transport, Timeout: 30 * time.Second},
	}
}

// Close drops idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Post calls a path and decodes the answer into answer, a pointer.
func (c *Client) Post(ctx context.Context, path string, request, answer any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("encoding the request: %w", err)
	}
	raw, status, err := c.post(ctx, path, body)
	if err != nil {
		return err
	}
	if c.Observe != nil {
		c.Observe(path, len(body), len(raw))
	}
	if c.Received != nil {
		c.Received(path, raw)
	}
	if status != http.StatusOK {
		problem := new(api.Problem)
		if json.Unmarshal(raw, problem) != nil || problem.Code == "" {
			return fmt.Errorf("%w: HTTP status %d from %s", ErrNoAnswer, status, c.base)
		}
		return problem
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(answer); err != nil {
		return fmt.Errorf("%w: reading the answer of %s: %w", ErrNoAnswer, c.base, err)
	}
	return nil
}

func (c *Client) post(ctx context.Context, path string, body []byte) ([]byte, int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, 0, fmt.Errorf("making the request: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := c.http.Do(r)
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", cause(err), err)
	}
	defer func() { _ = response.Body.Close() }()
	most := api.MaxResponse(path)
	raw, err := io.ReadAll(io.LimitReader(response.Body, most+1))
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %s: %w", ErrNoAnswer, c.base, err)
	}
	if int64(len(raw)) > most {
		return nil, 0, fmt.Errorf("%w: %s: answer of more than %d bytes", ErrNoAnswer, c.base,
			most)
	}
	return raw, response.StatusCode, nil
}

// cause says which of the three failures an error of net/http is.
func cause(err error) error {
	var (
		verification *tls.CertificateVerificationError
		network      *net.OpError
	)
	switch {
	case errors.As(err, &verification):
		return ErrTLS
	case errors.As(err, &network) && network.Op == "remote error": // a TLS alert of the server's
		return ErrTLS
	case errors.As(err, &network) && network.Op == "dial":
		return ErrUnreachable
	default:
		return ErrNoAnswer
	}
}
