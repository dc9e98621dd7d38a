package moneytest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rs/zerolog"

	"tapbench/applet/message"
	"tapbench/backend/acquirer"
	"tapbench/backend/money"
	"tapbench/pcsc"
	"tapbench/terminal"
	"tapbench/terminal/archive"
	"tapbench/terminal/claims"
	"tapbench/terminal/journal"
	"tapbench/terminal/offline"
	"tapbench/terminal/settle"
)

// till is a merchant's terminal.
type till struct {
	*World
	n       int
	shop    shop
	pos     *terminal.POS
	offline *terminal.Offline
	claims  *claims.Journal
	disk    *claims.Folder
	file    *journal.File
	dead    bool
	card    func() (pcsc.Card, error) // who comes next
	// acked are the payments by token that a customer was told of, with the last unit of each.
	acked map[string]uint8
}

func (t *till) folder() string { return filepath.Join(t.dir, fmt.Sprintf("terminal-%d", t.n)) }

func (t *till) name() string { return fmt.Sprintf("POS%05d", t.n+1) }

// open starts the terminal on its folder.
func (t *till) open() error {
	if err := os.MkdirAll(t.folder(), 0o700); err != nil {
		return err
	}
	var err error
	if t.file, err = journal.OpenFile(filepath.Join(t.folder(), "journal")); err != nil {
		return err
	}
	book, err := journal.Open(mortal{t})
	if err != nil {
		return err
	}
	receipts, err := archive.Open(filepath.Join(t.folder(), "receipts"))
	if err != nil {
		return err
	}
	name, err := acquirer.NewTerminal(t.name())
	if err != nil {
		return err
	}
	if err := t.openOffline(); err != nil {
		return err
	}
	merchant := acquirer.Merchant(t.shop.id)
	t.pos, err = terminal.Open(terminal.Config{
		Merchant: merchant, Terminal: name, Country: [2]byte{0x02, 0x76}, CA: t.template.caKey,
		EpochKeys: []message.Certificate{t.face.TSM.Epoch},
		Acquirer:  decider{t.World, merchant.String()[:8]},
		Manage: func(context.Context, acquirer.Key, acquirer.Network) error {
			if t.tsmDB.dead {
				return acquirer.ErrUnreachable
			}
			return nil
		},
		Journal: book, Archive: receipts, Currency: money.EUR,
		Cards: terminal.CardSourceFunc(func(context.Context) (pcsc.Card, error) { return t.card() }),
		Now:   t.clock, Rand: rand.Reader, Log: zerolog.Nop(), MerchantKey: t.shop.key,
		Offline: t.offline,
	})
	return err
}

func (t *till) openOffline() error {
	var err error
	if t.disk, err = claims.OpenFolder(filepath.Join(t.folder(), "claims")); err != nil {
		return err
	}
	t.claims, err = claims.Open(mortalDisk{t.disk, t}, claims.Identity{
		Merchant: acquirer.Merchant(t.shop.id).String(), Terminal: t.name(),
	})
	if err != nil {
		return err
	}
	issuer, err := offline.NewIssuer(t.face.TSM.ID, t.face.TSM.Sign.Key)
	if err != nil {
		return err
	}
	seen := new(offline.Table)
	verifier, err := offline.New(offline.Config{
		Issuers: []offline.Issuer{issuer}, Merchant: t.shop.id,
		Certificate: t.shop.key.Certificate.Sum(), Seen: seen, Denied: trusting{}, Reuse: true,
	})
	if err != nil {
		return err
	}
	floor, err := money.New(5000, money.EUR)
	t.offline = &terminal.Offline{
		Mode: terminal.OfflineOnly, Floor: floor, Verifier: verifier, Denied: trusting{}, Seen: seen,
		Claims: t.claims,
	}
	return err
}

// trusting denies no token: what is spent twice has to come out at the TSM.
type trusting struct{}

// Usable implements [offline.DenyList].
func (trusting) Usable(uint32) error { return nil }

// Contains implements [offline.DenyList].
func (trusting) Contains(message.Hash) bool { return false }

// close takes the terminal's files from it, as the end of its process does.
func (t *till) close() error {
	var errs []error
	if t.disk != nil {
		errs = append(errs, t.disk.Close())
	}
	if t.file != nil {
		errs = append(errs, t.file.Close())
	}
	t.disk, t.file = nil, nil
	return errors.Join(errs...)
}

// reopen starts the terminal again after it was killed.
func (t *till) reopen() error {
	t.dead = false
	return errors.Join(t.close(), t.open())
}

// settler brings the claims to the TSM, so many in a batch.
func (t *till) settler(size int) *settle.Settler {
	return &settle.Settler{
		Claims: t.claims, TSM: t.tsmLine(), ID: t.face.TSM.ID, Merchant: t.shop.id,
		Key: t.shop.key.Key, Certificate: t.shop.key.Certificate, Size: size,
	}
}

// mortal is the file of the terminal's journal. The terminal can be killed at a write to it.
type mortal struct{ *till }

// Load implements [journal.Disk].
func (m mortal) Load() ([]byte, error) { return m.file.Load() }

// Commit implements [journal.Disk].
func (m mortal) Commit(state []byte) error {
	return m.dies(func() error { return m.file.Commit(state) })
}

// dies carries a write out, unless the terminal is killed before it or behind it.
func (t *till) dies(write func() error) error {
	if t.dead {
		return fmt.Errorf("%w: %s is gone", errFault, t.name())
	}
	if t.fault.strikes(KillTill) {
		t.dead = true
		return fmt.Errorf("%w: %s was killed before a write", errFault, t.name())
	}
	err := write()
	if err == nil && t.fault.strikes(KillSynced) {
		t.dead = true
		return fmt.Errorf("%w: %s was killed behind a write", errFault, t.name())
	}
	return err
}

// mortalDisk is where the terminal keeps its claims. What was written and not synced stays.
type mortalDisk struct {
	*claims.Folder
	till *till
}

// WriteAt implements [claims.Disk].
func (d mortalDisk) WriteAt(name string, p []byte, at int64) error {
	return d.till.dies(func() error { return d.Folder.WriteAt(name, p, at) })
}

// Sync implements [claims.Disk].
func (d mortalDisk) Sync(name string) error {
	return d.till.dies(func() error { return d.Folder.Sync(name) })
}
