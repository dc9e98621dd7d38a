package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"tapbench/applet/message"
	"tapbench/backend/acquirer"
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/received"
	"tapbench/terminal"
	"tapbench/terminal/archive"
	"tapbench/terminal/journal"
	"tapbench/terminal/kernel"
)

// posFlags say which point of sale takes a payment.
type posFlags struct {
	keys     string
	folder   string
	acquirer string
	tsm      string
	terminal string
	offline  offlineFlags
	relay    relayFlags
	// exchanged, if set, is told the lengths of each ISO 8583 message and its answer.
	exchanged func(mti string, sent, received int)
	// posted, if set, is told the lengths of each request to the TSM's other face and its answer.
	posted func(path string, sent, received int)
	// received, if set, records what the TSM answers.
	received *received.Recorder
}

// addPOSFlags adds the flags of every command of a terminal.
func addPOSFlags(cmd *cobra.Command) *posFlags {
	o := new(posFlags)
	f := cmd.Flags()
	f.StringVar(&o.keys, "keys", filepath.Join("pki", "merchant"), "the merchant's own `folder`")
	f.StringVar(&o.folder, "folder", "terminal",
		"the terminal's `folder`, with its journal and receipts")
	f.StringVar(&o.acquirer, "acquirer", "127.0.0.1:8583", "`address` where the TSM takes payments")
	f.StringVar(&o.tsm, "tsm", "tsm", "`name` of the TSM")
	f.StringVar(&o.terminal, "terminal", "POS00001", "terminal identification, up to 8 characters")
	return o
}

// country is where the bench's merchants are: Germany, n3 of ISO 3166-1.
func country() [2]byte { return [2]byte{0x02, 0x76} }

// openPOS opens a point of sale and returns how to close it.
func openPOS(
	a *shell.App, o posFlags, cards terminal.CardSourceFunc, observe func(kernel.Step),
) (*terminal.POS, func() error, error) {
	config, stop, err := posConfig(a, o)
	if err != nil {
		return nil, nil, err
	}
	config.Cards, config.Observe = cards, observe
	pos, err := terminal.Open(config)
	if err != nil {
		return nil, nil, errors.Join(err, stop())
	}
	return pos, stop, nil
}

// posConfig opens what a point of sale lies in, and returns how to close it.
func posConfig(a *shell.App, o posFlags) (terminal.Config, func() error, error) {
	config, party, err := merchantConfig(o)
	if err != nil {
		return config, nil, err
	}
	if err := os.MkdirAll(o.folder, 0o700); err != nil {
		return config, nil, fmt.Errorf("making the terminal's folder: %w", err)
	}
	disk, err := journal.OpenFile(filepath.Join(o.folder, "journal"))
	if err != nil {
		return config, nil, err
	}
	if config.Journal, err = journal.Open(disk); err != nil {
		return config, nil, errors.Join(err, disk.Close())
	}
	if config.Archive, err = archive.Open(filepath.Join(o.folder, "receipts")); err != nil {
		return config, nil, errors.Join(err, disk.Close())
	}
	if config.Relay, err = relayPolicy(a, o.relay); err != nil {
		return config, nil, errors.Join(err, disk.Close())
	}
	config.Log = a.Log
	stop, err := addOffline(a, &config, o, party)
	if err != nil {
		return config, nil, errors.Join(err, disk.Close())
	}
	return config, func() error { return errors.Join(stop(), disk.Close()) }, nil
}

// merchantConfig puts a point of sale together from the merchant's folder.
func merchantConfig(o posFlags) (terminal.Config, *pki.Party, error) {
	c := terminal.Config{Country: country(), Now: time.Now, Rand: rand.Reader}
	party, err := openMerchant(o.keys)
	if err != nil {
		return c, nil, err
	}
	compact, err := party.OpenCompact(o.keys)
	if err != nil {
		return c, nil, err
	}
	authority, err := party.Authority()
	if err != nil {
		return c, nil, err
	}
	c.CA, c.EpochKeys = authority.Sign, []message.Certificate{compact.Epoch}
	c.MerchantKey = merchantKey(party, compact)
	c.Merchant = acquirer.Merchant(party.MerchantID())
	if c.Terminal, err = acquirer.NewTerminal(o.terminal); err != nil {
		return c, nil, shell.Usagef("--terminal: %w", err)
	}
	tsm, err := peerByName(party, pki.RoleTSM, o.tsm)
	if err != nil {
		return c, nil, err
	}
	config, err := party.ClientTLS(pki.RoleTSM, tsm.ID)
	if err != nil {
		return c, nil, err
	}
	client := acquirer.NewClient(o.acquirer, config)
	client.Observe = o.exchanged
	client.Received = func(raw []byte) { o.received.Add(received.AtISO8583, raw) }
	c.Acquirer, c.Manage = client, client.Manage
	return c, party, nil
}

// openMerchant opens the merchant's own folder.
func openMerchant(folder string) (*pki.Party, error) {
	party, err := pki.OpenParty(folder, time.Now)
	if err != nil {
		return nil, err
	}
	if party.Role != pki.RoleMerchant {
		return nil, shell.Usagef("--keys %s is the folder of a %s", folder, party.Role)
	}
	return party, nil
}

// cardKeys returns what a terminal knows the TSM's cards by.
func cardKeys(
	party *pki.Party, folder string,
) (ca message.PublicKey, epochs []message.Certificate, err error) {
	compact, err := party.OpenCompact(folder)
	if err != nil {
		return ca, nil, err
	}
	authority, err := party.Authority()
	if err != nil {
		return ca, nil, err
	}
	return authority.Sign, []message.Certificate{compact.Epoch}, nil
}
