package phone

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
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/parties"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/received"
	"tapbench/pcsc"
	"tapbench/tpm"
	"tapbench/wallet"
)

// Phone is a wallet with its element, its TPM and its view of the servers, opened for one command.
type Phone struct {
	*wallet.Wallet
	Counter *pcsc.Counter
	Party   *pki.Party
	device  *tpm.TPM          // nil: none was needed
	Bound   *device.BoundJSON // nil: the state isn't bound
	// received records what the servers answer, or is nil.
	received *received.Recorder
	close    []func() error
}

// Config says what a phone is made of.
type Config struct {
	Folder string
	PKI    string          // the bench's folder of keys
	TPM    *device.TPMFlag // nil: none needed
	// Bind, if it is asked for, binds the wallet's state; look is for a command that only looks, and
	// may do so without a TPM.
	Bind *device.BindFlag
	look bool
	List string // the measurement list
	Desk bool   // whether the CA's desk is needed
	Card pcsc.Card
	// started is the digest that the wallet was started as, consent where the bank listens that has
	// to agree to a launch.
	started [32]byte
	consent string
	// Observe, if set, is told of each message.
	Observe func(wallet.Step)
	// Received, if set, records what card and servers answer.
	Received *received.Recorder
}

// Open opens a phone; it owns the card from then on.
func Open(ctx context.Context, c Config) (_ *Phone, err error) {
	p := &Phone{
		Counter: pcsc.NewCounter(OverheardCard{c.Card, c.Received}), received: c.Received,
	}
	p.close = append(p.close, p.Counter.Close)
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	config := wallet.Config{
		SE:       applet.NewClient(pcsc.NewSession(p.Counter)),
		Software: parties.SoftwareID, Observe: c.Observe, Started: c.started,
		Consent: func(bank message.PartyID) (wallet.Caller, error) {
			return p.consenting(bank, c.consent)
		},
	}
	keys := filepath.Join(c.PKI, string(pki.RoleWallet))
	if p.Party, err = pki.OpenParty(keys, time.Now); err != nil {
		return nil, err
	}
	if c.Desk {
		ca, err := pki.OpenCA(filepath.Join(c.PKI, string(pki.RoleCA)), time.Now)
		if err != nil {
			return nil, err
		}
		config.Desk = pki.NewDesk(ca)
	}
	config.Epochs = func() ([]message.EpochCertificate, error) { return p.Party.OpenEpochs(keys) }
	if c.TPM != nil {
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
func (p *Phone) openFolder(ctx context.Context, c Config) (wallet.Store, error) {
	folder := wallet.Folder(c.Folder)
	if c.Bind == nil || !c.Bind.Asked() || c.look && c.Bind.TPM.Where == "" {
		if !c.look {
			return folder, nil
		}
		isBound, err := folder.IsBound()
		if isBound {
			p.Bound = &device.BoundJSON{}
		}
		return wallet.View(folder), err
	}
	if err := c.Bind.Check(); err != nil {
		return nil, err
	}
	if p.device == nil {
		if err := p.openDevice(ctx, c.Bind.TPM); err != nil {
			return nil, err
		}
	}
	index, err := c.Bind.Index(p.device)
	if err != nil {
		return nil, err
	}
	held, err := wallet.OpenBound(folder, index)
	if err != nil {
		return nil, err
	}
	p.close = append(p.close, held.Close)
	p.Bound = &device.BoundJSON{Index: fmt.Sprintf("%08X", index.Handle), Verified: true}
	return held, nil
}

// openDevice opens the TPM until the phone is closed.
func (p *Phone) openDevice(ctx context.Context, f *device.TPMFlag) error {
	device, end, err := f.Open(ctx)
	if err != nil {
		return err
	}
	p.device = device
	p.close = append(p.close, end)
	return nil
}

func (p *Phone) openTPM(ctx context.Context, c Config) (wallet.Attester, error) {
	if err := p.openDevice(ctx, c.TPM); err != nil {
		return nil, err
	}
	seed, err := AKSeed(c.Folder)
	if err != nil {
		return nil, err
	}
	if _, own := device.CutSWTPM(c.TPM.Where); own {
		c.List = ownList(c.Folder, c.List)
		if err := startHere(ctx, p.device, c.List); err != nil {
			return nil, err
		}
	}
	return wallet.NewPhone(ctx, p.device, seed, c.List)
}

// AKSeed returns the wallet's seed of its attestation key, which it makes at first use.
func AKSeed(folder string) (seed [tpm.SeedSize]byte, err error) {
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

// Server returns a caller for a server that the wallet knows.
func (p *Phone) Server(role pki.Role, name, address string) (*client.Client, error) {
	peer, err := parties.Peer(p.Party, role, name)
	if err != nil {
		return nil, err
	}
	config, err := p.Party.ClientTLS(role, peer.ID)
	if err != nil {
		return nil, err
	}
	server := client.New(address, config)
	server.Received = p.received.Add
	return server, nil
}

// consenting returns a caller for the bank that has to agree to a launch.
func (p *Phone) consenting(bank message.PartyID, address string) (wallet.Caller, error) {
	config, err := p.Party.ClientTLS(pki.RoleBank, bank)
	if err != nil {
		return nil, err
	}
	c := client.New(address, config)
	p.close = append(p.close, func() error { c.Close(); return nil })
	return c, nil
}

// Close closes card and TPM.
func (p *Phone) Close() error {
	var all []error
	for i := len(p.close) - 1; i >= 0; i-- {
		all = append(all, p.close[i]())
	}
	p.close = nil
	return errors.Join(all...)
}

var _ io.Closer = (*Phone)(nil)

// UseKind has the wallet use the kind of card that --card names; empty: as before.
func (p *Phone) UseKind(text string) error {
	if text == "" {
		return nil
	}
	kind, err := shell.ParseCardKind("--card", text)
	if err != nil {
		return err
	}
	return p.UseCards(kind)
}
