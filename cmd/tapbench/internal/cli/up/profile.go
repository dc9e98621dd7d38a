package up

import (
	"cmp"
	"context"
	"net"
	"path/filepath"

	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/offer"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// emvKeysIn returns where a bed's folder has the keys of its EMV card.
func emvKeysIn(dir string) string { return filepath.Join(dir, "pki", pki.EMVFolder) }

// layProfile lays the card of a profile on the bed's reader. Remove takes it away.
func layProfile(ctx context.Context, a *shell.App, bed *bench.Bed, dir string, o upOptions) (
	remove func() error, err error,
) {
	return offer.Lay(ctx, a, offer.Options{
		Profile: o.profile, Seed: o.seed, Keys: emvKeysIn(dir),
		SE: o.se, Applet: o.bench.Applet,
		State: cmp.Or(o.state, filepath.Join(dir, "card.state")), Bind: new(device.BindFlag),
		Model: o.model,
		Dial:  func(ctx context.Context) (net.Conn, error) { return bed.Reader.DialSlot(ctx, 0) },
	})
}
