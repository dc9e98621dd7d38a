package cli

import (
	"cmp"
	"context"
	"net"
	"path/filepath"

	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// emvKeysIn returns where a bed's folder has the keys of its EMV card.
func emvKeysIn(dir string) string { return filepath.Join(dir, "pki", pki.EMVFolder) }

// layProfile lays the card of a profile on the bed's reader. Remove takes it away.
func layProfile(ctx context.Context, a *shell.App, bed *bench.Bed, dir string, o upOptions) (
	remove func() error, err error,
) {
	return layServed(ctx, a, cardServeOptions{
		profile: o.profile, keys: emvKeysIn(dir), se: o.se, applet: o.bench.applet,
		state: cmp.Or(o.state, filepath.Join(dir, "card.state")), bind: new(bindFlag),
		model: o.model,
		dial:  func(ctx context.Context) (net.Conn, error) { return bed.Reader.DialSlot(ctx, 0) },
	})
}
