package dossier

import (
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"tapbench/applet/emulator"
	"tapbench/backend/store/columns"
	"tapbench/cmd/tapbench/internal/audit"
)

// origins says which columns of which role are secrets of which kind.
func origins() map[audit.Role]map[string]audit.Kind {
	return map[audit.Role]map[string]audit.Kind{
		audit.RoleBank: {
			"users.user_id": audit.User, "users.certificate": audit.UserKey,
			"users.se": audit.ElementKey, "accounts.account": audit.Account,
			"accounts.certificate": audit.AccountKeys, "fundings.handle": audit.Handle,
		},
		audit.RoleTSM: {
			"runs.tid": audit.TID, "runs.sign": audit.TIDKeys, "runs.kem": audit.TIDKeys,
			"runs.handle": audit.Handle, "cards.pan": audit.PAN, "cards.key": audit.CardKey,
			"tokens.tokid": audit.Token, "tokens.key": audit.TokenKey,
		},
	}
}

// secrets returns a party's own.
func (p *party) secrets(ctx context.Context) (all []audit.Secret, err error) {
	switch p.role {
	case audit.RoleMerchant:
		return []audit.Secret{{Kind: audit.Merchant, Value: []byte(p.id)}}, nil
	case audit.RoleBank:
		all = append(all, audit.Secret{Kind: audit.Bank, Value: []byte(p.id)})
	case audit.RoleTSM:
	default:
		return nil, nil
	}
	if !slices.Contains(p.files, p.name+".db") {
		return all, nil // it never ran
	}
	store, err := columns.Open(ctx, filepath.Join(p.dir, p.name+".db"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	kinds := origins()[p.role]
	return all, store.Each(ctx, func(c columns.Cell) error {
		kind, ok := kinds[c.String()]
		if !ok {
			return nil
		}
		for _, value := range identifiers(kind, c.Value) {
			all = append(all, audit.Secret{Kind: kind, Value: slices.Clone(value)})
		}
		return nil
	})
}

// identifiers returns what of a column's value is the secret: of a certificate the public keys.
func identifiers(kind audit.Kind, value []byte) [][]byte {
	switch kind {
	case audit.UserKey, audit.ElementKey, audit.AccountKeys:
		return publicKeys(value)
	default:
		return [][]byte{value}
	}
}

// publicKeys returns the uncompressed points of P-256 in a certificate.
func publicKeys(certificate []byte) [][]byte {
	const size = 65
	var keys [][]byte
	for i := 0; i+size <= len(certificate); {
		point := certificate[i : i+size]
		if _, err := ecdh.P256().NewPublicKey(point); point[0] == 4 && err == nil {
			keys = append(keys, point)
			i += size
			continue
		}
		i++
	}
	return keys
}

// elementSecrets returns the secure element's keys. A bench with a real card, on a reader, has no
// file of them.
func elementSecrets(dir string) ([]audit.Secret, error) {
	raw, err := os.ReadFile(filepath.Join(filepath.Clean(dir), "card.state"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	private, session, err := emulator.Keys(raw)
	if err != nil {
		return nil, err
	}
	var all []audit.Secret
	for _, key := range private {
		all = append(all, audit.Secret{Kind: audit.PrivateKeys, Value: key})
	}
	for _, key := range session {
		all = append(all, audit.Secret{Kind: audit.SessionKeys, Value: key})
	}
	return all, nil
}

// privateKey returns the number in a key file, or nil for another file.
func privateKey(raw []byte) []byte {
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil
	}
	scalar, err := key.Bytes()
	if err != nil {
		return nil
	}
	return scalar
}
