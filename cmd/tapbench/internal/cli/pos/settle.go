package pos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"tapbench/backend/acquirer"
	"tapbench/backend/client"
	"tapbench/backend/money"
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/parties"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/terminal/settle"
)

// Settle settles a terminal's claims.
func Settle(
	ctx context.Context, a *shell.App, o Flags, address string, size int,
) (done settle.Done, err error) {
	party, err := OpenMerchant(o.Keys)
	if err != nil {
		return done, err
	}
	compact, err := party.OpenCompact(o.Keys)
	if err != nil {
		return done, err
	}
	tsm, err := parties.Peer(party, pki.RoleTSM, o.TSM)
	if err != nil {
		return done, err
	}
	config, err := party.ClientTLS(pki.RoleTSM, tsm.ID)
	if err != nil {
		return done, err
	}
	config.Certificates = nil // a batch is signed; on this address the TSM's callers have no name
	if err := os.MkdirAll(o.Folder, 0o700); err != nil {
		return done, fmt.Errorf("making the terminal's folder: %w", err)
	}
	id := party.MerchantID()
	journal, stop, err := openClaims(o, acquirer.Merchant(id).String())
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	server := client.New(address, config)
	server.Received, server.Observe = o.Received.Add, o.Posted
	defer server.Close()
	s := settle.Settler{
		Claims: journal, TSM: server, ID: tsm.ID, Merchant: id, Key: party.Sign.Reveal(),
		Certificate: compact.Sign, Size: size,
		Observe: func(d settle.Done) {
			if o.Posted == nil {
				a.Say("  batch: %d paid, %d refused", d.Paid, len(d.Refused))
			}
		},
	}
	if done, err = s.Settle(ctx); err != nil {
		return done, err
	}
	return done, syncDenyList(ctx, o, tsm, server)
}

// WriteSettled writes what was paid and what was refused.
func WriteSettled(w io.Writer, done settle.Done) {
	for _, r := range done.Refused {
		_, _ = fmt.Fprintf(w, "refused   %s  %s: %s\n", r.Key, r.Code, r.Reason)
	}
	worth := fmt.Sprintf("%d minor units", done.Minor)
	if amount, err := money.New(done.Minor, money.EUR); err == nil {
		worth = "EUR " + amount.Decimal()
	}
	_, _ = fmt.Fprintf(w, "%d claims paid, %s; %d refused; %d batches\n", done.Paid, worth,
		len(done.Refused), done.Batches)
}
