package pki

import (
	"crypto/ecdsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tapbench/applet/message"
)

// Lifetime is how long certificates are valid unless Config says otherwise: 365 days.
const Lifetime = 365 * 24 * time.Hour

// maxBanks is how many banks, and how many merchants, there are letters for.
const maxBanks = 26

// Config says which parties to make.
type Config struct {
	// Banks is how many banks, 1 to 26; their folders are bank-a, bank-b and so on.
	Banks int
	// Merchants is how many merchants, at most 26; 0 stands for 1. Their folders are merchant,
	// merchant-b, merchant-c and so on.
	Merchants int
	// Hosts are further host names or addresses in the servers' certificates, for other people's
	// TLS clients. 127.0.0.1, ::1 and localhost are always there.
	Hosts []string
	// Lifetime of the certificates; 0 stands for [Lifetime]. The root lives twice as long.
	Lifetime time.Duration
	// Now is the clock; nil stands for [time.Now].
	Now func() time.Time
	// Force replaces a folder that an earlier Init made.
	Force bool
}

// Member is one party of a bench: what may be shown of it.
type Member struct {
	Role Role
	ID   message.PartyID
	Name string // its subfolder
}

// Bench is what Init made.
type Bench struct {
	Dir     string
	Members []Member // in the order in which they were made, the CA first
}

// draft is a party in the making.
type draft struct {
	Member
	keys  map[use]*ecdsa.PrivateKey
	certs map[use]*x509.Certificate
}

// Init makes a folder with one subfolder for each party. It writes it beside its place and renames
// it, so it is there whole or not at all. It returns [ErrExists] for a folder that isn't empty
// unless it may replace it, and [ErrNotPKI] for one to be replaced that Init didn't make.
func Init(dir string, cfg Config) (*Bench, error) {
	bench, err := initialise(dir, cfg)
	if err != nil {
		return nil, fmt.Errorf("making keys in %s: %w", dir, err)
	}
	return bench, nil
}

func initialise(dir string, cfg Config) (*Bench, error) {
	if cfg.Banks < 1 || cfg.Banks > maxBanks {
		return nil, fmt.Errorf("%d banks, not 1 to %d", cfg.Banks, maxBanks)
	}
	if cfg.Merchants < 0 || cfg.Merchants > maxBanks {
		return nil, fmt.Errorf("%d merchants, not 1 to %d", cfg.Merchants, maxBanks)
	}
	if cfg.Lifetime < 0 {
		return nil, errors.New("negative lifetime")
	}
	if cfg.Lifetime == 0 {
		cfg.Lifetime = Lifetime
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := mayReplace(dir, cfg.Force); err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), ".pki-")
	if err != nil {
		return nil, err
	}
	members, err := build(filepath.Join(work, "new"), cfg)
	if err == nil {
		err = swap(work, dir)
	}
	if err := errors.Join(err, os.RemoveAll(work)); err != nil {
		return nil, err
	}
	return &Bench{Dir: dir, Members: members}, nil
}

// mayReplace checks what stands where the folder is to be.
func mayReplace(dir string, force bool) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) == 0, len(entries) == 1 && entries[0].Name() == EMVFolder:
		return nil
	case !force:
		return ErrExists
	}
	if _, _, err := readCard(filepath.Join(dir, string(RoleCA))); err != nil {
		return err
	}
	return nil
}

// swap puts work/new in dir's place; what stood there ends as work/old, but for the keys of EMV
// cards, which stay.
func swap(work, dir string) error {
	old := filepath.Join(work, "old")
	emv := filepath.Join(dir, EMVFolder)
	if err := os.Rename(emv, filepath.Join(work, "new", EMVFolder)); err != nil &&
		!errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(filepath.Join(work, "new"), dir); err != nil {
		if back := os.Rename(old, dir); !errors.Is(back, fs.ErrNotExist) {
			err = errors.Join(err, back)
		}
		if back := os.Rename(filepath.Join(work, "new", EMVFolder), emv); !errors.Is(
			back, fs.ErrNotExist) {
			err = errors.Join(err, back)
		}
		return err
	}
	return nil
}

// build makes all keys and certificates and writes every folder.
func build(dir string, cfg Config) ([]Member, error) {
	ca, err := newCA(cfg.Now, cfg.Lifetime)
	if err != nil {
		return nil, err
	}
	members := roster(ca.ID, cfg.Banks, max(1, cfg.Merchants))
	drafts := make([]draft, len(members))
	for i, m := range members {
		hosts := append([]string{"localhost", "127.0.0.1", "::1"}, cfg.Hosts...)
		if drafts[i], err = ca.equip(m, hosts, cfg.Lifetime); err != nil {
			return nil, err
		}
	}
	if err := writePublic(filepath.Join(dir, Public), ca, drafts); err != nil {
		return nil, err
	}
	for _, d := range drafts {
		if err := writeParty(filepath.Join(dir, d.Name), ca, d, drafts); err != nil {
			return nil, err
		}
	}
	ca.signKey = NewPrivate(drafts[0].keys[useSign]) // the CA's own draft comes first
	if err := ca.writeCompact(dir, drafts, cfg.Lifetime); err != nil {
		return nil, err
	}
	if err := ca.writeEpochs(dir); err != nil {
		return nil, err
	}
	return members, writeKey(filepath.Join(dir, string(RoleCA), fileRootKey), ca.rootKey.Reveal())
}

// roster lists the parties, the CA first.
func roster(ca message.PartyID, banks, merchants int) []Member {
	members := []Member{{RoleCA, ca, string(RoleCA)}}
	for i := range banks {
		id := newID("BK" + string(rune('A'+i)))
		members = append(members, Member{RoleBank, id, "bank-" + letter(i)})
	}
	members = append(members, Member{RoleTSM, newID("TSM"), string(RoleTSM)})
	for i := range merchants {
		name := string(RoleMerchant)
		if i > 0 {
			name += "-" + letter(i)
		}
		members = append(members, Member{RoleMerchant, newID("MRC"), name})
	}
	return append(members,
		Member{RoleWallet, newID("WLT"), string(RoleWallet)},
		Member{RoleSP, newID("SWP"), string(RoleSP)},
		Member{RoleJudge, newID("JDG"), string(RoleJudge)},
	)
}

// letter returns the name of the i-th of several, 0 to [maxBanks]-1.
func letter(i int) string { return "abcdefghijklmnopqrstuvwxyz"[i : i+1] }

// equip makes and certifies a party's key pairs.
func (ca *CA) equip(m Member, hosts []string, lifetime time.Duration) (draft, error) {
	d := draft{m, make(map[use]*ecdsa.PrivateKey), make(map[use]*x509.Certificate)}
	for _, u := range m.Role.uses() {
		key, err := newKey()
		if err != nil {
			return d, err
		}
		cert, err := ca.certify(subject{m.Role, m.ID, hosts}, u, key.Public(), lifetime)
		if err != nil {
			return d, err
		}
		d.keys[u], d.certs[u] = key, cert
	}
	return d, nil
}

func writePublic(dir string, ca *CA, drafts []draft) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // public on purpose
		return err
	}
	for _, d := range drafts {
		for u, cert := range d.certs {
			if err := writeCert(filepath.Join(dir, d.Name+"."+u.certFile()), cert); err != nil {
				return err
			}
		}
	}
	return writeCert(filepath.Join(dir, fileRoot), ca.root)
}

// writeParty writes one party's folder: its own keys, and the certificates of those it knows.
func writeParty(dir string, ca *CA, d draft, all []draft) error {
	if err := os.MkdirAll(filepath.Join(dir, dirPeers), 0o700); err != nil {
		return err
	}
	if err := writeCard(dir, card{format, d.Role, string(d.ID[:]), d.Name}); err != nil {
		return err
	}
	if err := writeCert(filepath.Join(dir, fileRoot), ca.root); err != nil {
		return err
	}
	for u, key := range d.keys {
		if err := writeKey(filepath.Join(dir, u.keyFile()), key); err != nil {
			return err
		}
		if err := writeCert(filepath.Join(dir, u.certFile()), d.certs[u]); err != nil {
			return err
		}
	}
	for _, peer := range all {
		if !slices.Contains(d.Role.knows(), peer.Role) {
			continue
		}
		for _, u := range []use{useSign, useKEM} {
			if cert := peer.certs[u]; cert != nil {
				if err := writeCert(filepath.Join(dir, peerFile(peer.Name, u)), cert); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
