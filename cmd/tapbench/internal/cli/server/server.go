package server

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/spf13/cobra"

	"tapbench/applet/message"
	"tapbench/backend/api"
	"tapbench/backend/money"
	"tapbench/backend/pki"
	"tapbench/backend/service"
	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/received"
)

// party is a server's own keys, opened.
type party struct {
	*pki.Party
	compact pki.Compact
	self    pki.Peer
	ca      pki.Peer
	// received records what the server is sent, or is nil.
	received *received.Recorder
}

func openServer(dir string, role pki.Role) (party, error) {
	var p party
	var err error
	if p.Party, err = pki.OpenParty(dir, time.Now); err != nil {
		return p, err
	}
	if p.Role != role {
		return p, shell.Usagef("--keys %s is the folder of a %s, not of a %s",
			dir, p.Role, role)
	}
	if p.compact, err = p.OpenCompact(dir); err != nil {
		return p, err
	}
	if p.self, err = p.Self(); err != nil {
		return p, err
	}
	p.ca, err = p.Authority()
	return p, err
}

// identify says who a caller is, for paths that need a certificate.
func (p party) identify(roles ...pki.Role) service.Identify {
	return func(state *tls.ConnectionState) (message.PartyID, error) {
		id, err := p.Caller(state, roles...)
		if err != nil {
			return id, api.Refuse(api.CodeForbidden, "%v", err)
		}
		return id, nil
	}
}

// listen opens a loopback listener.
func listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	return l, nil
}

// announce prints the one JSON line that says where a server listens. Scripts and the bench wait
// for it.
func announce(a *shell.App, ready bench.Ready) error {
	if err := json.NewEncoder(a.Out).Encode(ready); err != nil {
		return fmt.Errorf("announcing: %w", err)
	}
	return nil
}

// benign drops the errors with which a server ends that was told to.
func benign(ctx context.Context, err error) error {
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, net.ErrClosed)) {
		return nil
	}
	return err
}

// addLimitsFlag adds the list of limits that a server publishes. Bank and TSM take only those.
func addLimitsFlag(cmd *cobra.Command, limits *[]string) {
	cmd.Flags().StringSliceVar(limits, "limits", []string{"20.00", "50.00", "100.00", "200.00"},
		"published credit limits in EUR")
}

func parseLimits(texts []string) ([]money.Amount, error) {
	limits := make([]money.Amount, 0, len(texts))
	for _, text := range texts {
		limit, err := money.Parse(text, money.EUR)
		if err != nil {
			return nil, shell.Usagef("--limits: %w", err)
		}
		limits = append(limits, limit)
	}
	if len(limits) == 0 {
		return nil, shell.Usagef("--limits is empty: which limits are published?")
	}
	return limits, nil
}
