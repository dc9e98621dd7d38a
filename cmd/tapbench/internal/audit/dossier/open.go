package dossier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tapbench/cmd/tapbench/internal/audit"
)

// ErrNotBench means that a folder isn't a kept bench: it has no pki folder with parties in it. Keep
// one: tapbench demo --keep DIR.
var ErrNotBench = errors.New("not a kept bench")

// Bench is a kept bench.
type Bench struct {
	audit.Bench
	// Unclaimed are files that belong to no party and weren't looked at.
	Unclaimed []string
}

// party is a party's files.
type party struct {
	dir   string // the bench's
	name  string
	id    string
	role  audit.Role
	files []string // below dir
}

// Open reads who the parties of a bench are, and their secrets.
func Open(ctx context.Context, dir string) (Bench, error) {
	parties, err := findParties(dir)
	if err != nil {
		return Bench{}, err
	}
	b := Bench{Unclaimed: []string{}}
	if err := b.share(dir, parties); err != nil {
		return Bench{}, err
	}
	for _, p := range parties {
		b.Parties = append(b.Parties, audit.Party{Name: p.name, Role: p.role, Visit: p.visit})
		secrets, err := p.secrets(ctx)
		if err != nil {
			return Bench{}, fmt.Errorf("taking the secrets of %s: %w", p.name, err)
		}
		b.Secrets = append(b.Secrets, secrets...)
	}
	element, err := elementSecrets(dir)
	b.Secrets = distinct(append(b.Secrets, element...))
	return b, err
}

// distinct leaves out secrets that two parties have in common.
func distinct(all []audit.Secret) []audit.Secret {
	type name struct {
		kind  audit.Kind
		value string
	}
	seen := make(map[name]bool)
	return slices.DeleteFunc(all, func(s audit.Secret) bool {
		n := name{s.Kind, string(s.Value)}
		drop := seen[n]
		seen[n] = true
		return drop
	})
}

// findParties reads the folders of the PKI. Banks come first.
func findParties(dir string) ([]*party, error) {
	cards, err := filepath.Glob(filepath.Join(dir, "pki", "*", "party.json"))
	if err != nil || len(cards) == 0 {
		return nil, fmt.Errorf("%w: %s has no pki/*/party.json", ErrNotBench, dir)
	}
	var all []*party
	for _, path := range cards {
		var card struct {
			Role audit.Role `json:"role"`
			ID   string     `json:"id"`
		}
		raw, err := os.ReadFile(filepath.Clean(path))
		if err != nil {
			return nil, fmt.Errorf("reading a party's name: %w", err)
		}
		if err := json.Unmarshal(raw, &card); err != nil || card.Role == "" {
			return nil, fmt.Errorf("%w: %s", ErrNotBench, path)
		}
		all = append(all, &party{
			dir: dir, name: filepath.Base(filepath.Dir(path)), id: card.ID, role: card.Role,
		})
	}
	order := []audit.Role{
		audit.RoleBank, audit.RoleTSM, audit.RoleMerchant, audit.RoleWallet, audit.RoleCA,
		audit.RoleSP, audit.RoleJudge,
	}
	slices.SortStableFunc(all, func(a, b *party) int {
		return slices.Index(order, a.role) - slices.Index(order, b.role)
	})
	return all, nil
}

// share gives each file of the bench to the party that it belongs to.
func (b *Bench) share(dir string, parties []*party) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		path, err = filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name, role := owner(dir, path)
		i := slices.IndexFunc(parties, func(p *party) bool {
			return p.name == name || role != "" && p.role == role
		})
		switch {
		case i >= 0:
			parties[i].files = append(parties[i].files, path)
		case !ownerless(path):
			b.Unclaimed = append(b.Unclaimed, path)
		}
		return nil
	})
}

// owner says whose a file is, by its party's name or role.
func owner(dir, path string) (name string, role audit.Role) {
	top, rest, below := strings.Cut(filepath.ToSlash(path), "/")
	switch {
	case !below:
		name, _, _ = strings.Cut(top, ".db")
		return name, ""
	case top == "pki":
		name, _, _ = strings.Cut(rest, "/")
		return name, ""
	case top == "received":
		return strings.TrimSuffix(rest, ".jsonl"), ""
	case top == "logs":
		return strings.TrimSuffix(rest, ".log"), ""
	case exists(filepath.Join(dir, top, "journal")), exists(filepath.Join(dir, top, claimsFolder)):
		return "", audit.RoleMerchant
	case exists(filepath.Join(dir, top, "wallet.json")):
		return "", audit.RoleWallet
	default:
		return "", ""
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// ownerless reports whether a file is known to be no party's: the secure element's, the TPM's, the
// bed's, or everybody's.
func ownerless(path string) bool {
	path = filepath.ToSlash(path)
	top, _, _ := strings.Cut(path, "/")
	return slices.Contains([]string{
		"env", "measurements", "measurements.lock", "tpm", "card.state", "card.state.lock",
	}, top) || strings.HasPrefix(top, "pcscd-") || strings.HasPrefix(path, "pki/public/")
}
