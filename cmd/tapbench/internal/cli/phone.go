package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/backend/client"
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/received"
	"tapbench/pcsc"
	"tapbench/tpm"
	"tapbench/wallet"
)

// phone is a wallet with its element, its TPM and its view of the servers, opened for one command.
type phone struct {
	*wallet.Wallet
	Counter *pcsc.Counter
	party   *pki.Party
	device  *tpm.TPM   // nil: none was needed
	bound   *boundJSON // nil: the state isn't bound
	// received records what the servers answer, or is nil.
	received *received.Recorder
	close    []func() error
}

// phoneConfig says what a phone is made of.
type phoneConfig struct {
	folder string
	pki    string   // the bench's folder of keys
	tpm    *tpmFlag // nil: none needed
	// bind, if it is asked for, binds the wallet's state; look is for a command that only looks, and
	// may do so without a TPM.
	bind *bindFlag
	look bool
	list string // the measurement list
	desk bool   // whether the CA's desk is needed
	card pcsc.Card
	// started is the digest that the wallet was started as, consent where the bank listens that has
	// to agree to a launch.
	started [32]byte
	consent string
	// observe, if set, is told of each message.
	observe func(wallet.Step)
	// received, if set, records what card and servers answer.
	received *received.Recorder
}

// openPhone opens a phone; it owns the card from then on.
func openPhone(ctx context.Context, c phoneConfig) (_ *phone, err error) {
	p := &phone{
		Counter: pcsc.NewCounter(overheardCard{c.card, c.received}), received: c.received,
	}
	p.close = append(p.close, p.Counter.Close)
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	config := wallet.Config{
		SE:       applet.NewClient(pcsc.NewSession(p.Counter)),
		Software: softwareID, Observe: c.observe, Started: c.started,
		Consent: func(bank message.PartyID) (wallet.Caller, error) {
			return p.consenting(bank, c.consent)
		},
	}
	keys := filepath.Join(c.pki, string(pki.RoleWallet))
	if p.party, err = pki.OpenParty(keys, time.Now); err != nil {
		return nil, err
	}
	if c.desk {
		ca, err := pki.OpenCA(filepath.Join(c.pki, string(pki.RoleCA)), time.Now)
		if err != nil {
			return nil, err
		}
		config.Desk = pki.NewDesk(ca)
	}
	config.Epochs = func() ([]message.EpochCertificate, error) { return p.party.OpenEpochs(keys) }
	if c.tpm != nil {
		if config.Attester, err = p.openTPM(ctx, c); err != nil {
			return nil, err
		}
	}
	if config.Folder, err = p.openFolder(ctx, c); err != nil {
		return nil, err
	}
	p.Wallet, err = wallet.New(config)
	return p, err
}

// openFolder opens the wallet's folder, bound to the TPM if that is asked for.
func (p *phone) openFolder(ctx context.Context, c phoneConfig) (wallet.Store, error) {
	folder := wallet.Folder(c.folder)
	if c.bind == nil || !c.bind.asked() || c.look && c.bind.tpm.where == "" {
		if !c.look {
			return folder, nil
		}
		isBound, err := folder.IsBound()
		if isBound {
			p.bound = &boundJSON{}
		}
		return wallet.View(folder), err
	}
	if err := c.bind.check(); err != nil {
		return nil, err
	}
	if p.device == nil {
		if err := p.openDevice(ctx, c.bind.tpm); err != nil {
			return nil, err
		}
	}
	index, err := c.bind.index(p.device)
	if err != nil {
		return nil, err
	}
	held, err := wallet.OpenBound(folder, index)
	if err != nil {
		return nil, err
	}
	p.close = append(p.close, held.Close)
	p.bound = &boundJSON{Index: fmt.Sprintf("%08X", index.Handle), Verified: true}
	return held, nil
}

// openDevice opens the TPM until the phone is closed.
func (p *phone) openDevice(ctx context.Context, f *tpmFlag) error {
	device, end, err := f.open(ctx)
	if err != nil {
		return err
	}
	p.device = device
	p.close = append(p.close, end)
	return nil
}

func (p *phone) openTPM(ctx context.Context, c phoneConfig) (wallet.Attester, error) {
	if err := p.openDevice(ctx, c.tpm); err != nil {
		return nil, err
	}
	seed, err := akSeed(c.folder)
	if err != nil {
		return nil, err
	}
	if _, own := cutSWTPM(c.tpm.where); own {
		c.list = ownList(c.folder, c.list)
		if err := startHere(ctx, p.device, c.list); err != nil {
			return nil, err
		}
	}
	return wallet.NewPhone(ctx, p.device, seed, c.list)
}

// akSeed returns the wallet's seed of its attestation key, which it makes at first use.
func akSeed(folder string) (seed [tpm.SeedSize]byte, err error) {
	path := filepath.Join(folder, "ak.seed")
	raw, err := os.ReadFile(filepath.Clean(path))
	switch {
	case err == nil && len(raw) == len(seed):
		copy(seed[:], raw)
		return seed, nil
	case err == nil:
		return seed, fmt.Errorf("%w: %s", wallet.ErrForeignWallet, path)
	case !errors.Is(err, os.ErrNotExist):
		return seed, fmt.Errorf("reading the AK's seed: %w", err)
	}
	if _, err := rand.Read(seed[:]); err != nil {
		return seed, fmt.Errorf("making the AK's seed: %w", err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return seed, fmt.Errorf("making the wallet's folder: %w", err)
	}
	if err := os.WriteFile(path, seed[:], 0o600); err != nil {
		return seed, fmt.Errorf("keeping the AK's seed: %w", err)
	}
	return seed, nil
}

// server returns a caller for a server that the wallet knows.
func (p *phone) server(role pki.Role, name, address string) (*client.Client, error) {
	peer, err := peerByName(p.party, role, name)
	if err != nil {
		return nil, err
	}
	config, err := p.party.ClientTLS(role, peer.ID)
	if err != nil {
		return nil, err
	}
	server := client.New(address, config)
	server.Received = p.received.Add
	return server, nil
}

// consenting returns a caller for the bank that has to agree to a launch.
func (p *phone) consenting(bank message.PartyID, address string) (wallet.Caller, error) {
	config, err := p.party.ClientTLS(pki.RoleBank, bank)
	if err != nil {
		return nil, err
	}
	c := client.New(address, config)
	p.close = append(p.close, func() error { c.Close(); return nil })
	return c, nil
}

// Close closes card and TPM.
func (p *phone) Close() error {
	var all []error
	for i := len(p.close) - 1; i >= 0; i-- {
		all = append(all, p.close[i]())
	}
	p.close = nil
	return errors.Join(all...)
}

var _ io.Closer = (*phone)(nil)

// useCards has the wallet use the kind of card that --card names; empty: as before.
func (p *phone) useCards(text string) error {
	if text == "" {
		return nil
	}
	kind, err := shell.ParseCardKind("--card", text)
	if err != nil {
		return err
	}
	return p.UseCards(kind)
}
