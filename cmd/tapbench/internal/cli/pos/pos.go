package pos

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
	"tapbench/cmd/tapbench/internal/cli/parties"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/received"
	"tapbench/terminal"
	"tapbench/terminal/archive"
	"tapbench/terminal/journal"
	"tapbench/terminal/kernel"
)

// Flags say which point of sale takes a payment.
type Flags struct {
	Keys     string
	Folder   string
	Acquirer string
	TSM      string
	Terminal string
	Offline  OfflineFlags
	Relay    relayFlags
	// Exchanged, if set, is told the lengths of each ISO 8583 message and its answer.
	Exchanged func(mti string, sent, received int)
	// Posted, if set, is told the lengths of each request to the TSM's other face and its answer.
	Posted func(path string, sent, received int)
	// Received, if set, records what the TSM answers.
	Received *received.Recorder
}

// AddFlags adds the flags of every command of a terminal.
func AddFlags(cmd *cobra.Command) *Flags {
	o := new(Flags)
	f := cmd.Flags()
	f.StringVar(&o.Keys, "keys", filepath.Join("pki", "merchant"), "the merchant's own `folder`")
	f.StringVar(&o.Folder, "folder", "terminal",
		"the terminal's `folder`, with its journal and receipts")
	f.StringVar(&o.Acquirer, "acquirer", "127.0.0.1:8583", "`address` where the TSM takes payments")
	f.StringVar(&o.TSM, "tsm", "tsm", "`name` of the TSM")
	f.StringVar(&o.Terminal, "terminal", "POS00001", "terminal identification, up to 8 characters")
	return o
}

// country is where the bench's merchants are: Germany, n3 of ISO 3166-1.
func country() [2]byte { return [2]byte{0x02, 0x76} }

// Open opens a point of sale and returns how to close it.
func Open(
	a *shell.App, o Flags, cards terminal.CardSourceFunc, observe func(kernel.Step),
) (*terminal.POS, func() error, error) {
	config, stop, err := Config(a, o)
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

// Config opens what a point of sale lies in, and returns how to close it.
func Config(a *shell.App, o Flags) (terminal.Config, func() error, error) {
	config, party, err := merchantConfig(o)
	if err != nil {
		return config, nil, err
	}
	if err := os.MkdirAll(o.Folder, 0o700); err != nil {
		return config, nil, fmt.Errorf("making the terminal's folder: %w", err)
	}
	disk, err := journal.OpenFile(filepath.Join(o.Folder, "journal"))
	if err != nil {
		return config, nil, err
	}
	if config.Journal, err = journal.Open(disk); err != nil {
		return config, nil, errors.Join(err, disk.Close())
	}
	if config.Archive, err = archive.Open(filepath.Join(o.Folder, "receipts")); err != nil {
		return config, nil, errors.Join(err, disk.Close())
	}
	if config.Relay, err = RelayPolicy(a, o.Relay); err != nil {
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
func merchantConfig(o Flags) (terminal.Config, *pki.Party, error) {
	c := terminal.Config{Country: country(), Now: time.Now, Rand: rand.Reader}
	party, err := OpenMerchant(o.Keys)
	if err != nil {
		return c, nil, err
	}
	compact, err := party.OpenCompact(o.Keys)
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
	if c.Terminal, err = acquirer.NewTerminal(o.Terminal); err != nil {
		return c, nil, shell.Usagef("--terminal: %w", err)
	}
	tsm, err := parties.Peer(party, pki.RoleTSM, o.TSM)
	if err != nil {
		return c, nil, err
	}
	config, err := party.ClientTLS(pki.RoleTSM, tsm.ID)
	if err != nil {
		return c, nil, err
	}
	client := acquirer.NewClient(o.Acquirer, config)
	client.Observe = o.Exchanged
	client.Received = func(raw []byte) { o.Received.Add(received.AtISO8583, raw) }
	c.Acquirer, c.Manage = client, client.Manage
	return c, party, nil
}

// OpenMerchant opens the merchant's own folder.
func OpenMerchant(folder string) (*pki.Party, error) {
	party, err := pki.OpenParty(folder, time.Now)
	if err != nil {
		return nil, err
	}
	if party.Role != pki.RoleMerchant {
		return nil, shell.Usagef("--keys %s is the folder of a %s", folder, party.Role)
	}
	return party, nil
}

// CardKeys returns what a terminal knows the TSM's cards by.
func CardKeys(
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
