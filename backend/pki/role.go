package pki

import (
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"

	"tapbench/applet/message"
)

// Role is what a party does in the protocol.
type Role string

// The roles that have a folder.
const (
	// RoleCA is the certificate authority, which knows users by name.
	RoleCA Role = "ca"
	// RoleBank is a bank, the papers' B.
	RoleBank Role = "bank"
	// RoleTSM is the trusted service manager, which is also the merchant's acquirer.
	RoleTSM Role = "tsm"
	// RoleMerchant is a merchant, the papers' M.
	RoleMerchant Role = "merchant"
	// RoleWallet is the phone's payment app, the papers' Host. It has no key.
	RoleWallet Role = "wallet"
	// RoleSP is the software provider, who signs releases.
	RoleSP Role = "sp"
	// RoleJudge is who may have a disputed payment opened.
	RoleJudge Role = "judge"
)

// use is what a key pair is for.
type use string

// The three uses.
const (
	useTLS  use = "tls"
	useSign use = "sign"
	useKEM  use = "kem"
)

// uses returns the key pairs that a role has beside the CA's root.
func (r Role) uses() []use {
	switch r {
	case RoleBank, RoleTSM, RoleMerchant:
		return []use{useTLS, useSign, useKEM}
	case RoleCA, RoleSP:
		return []use{useSign}
	case RoleJudge:
		return []use{useTLS}
	case RoleWallet:
		return nil
	default:
		return nil
	}
}

// knows returns the roles whose certificates a role's folder holds. It keeps protocol.md's rule of
// who must never learn of whom.
func (r Role) knows() []Role {
	switch r {
	case RoleBank:
		return []Role{RoleCA, RoleTSM, RoleSP}
	case RoleTSM:
		return []Role{RoleCA, RoleBank, RoleMerchant}
	case RoleMerchant:
		return []Role{RoleCA, RoleTSM}
	case RoleWallet:
		return []Role{RoleCA, RoleBank, RoleTSM, RoleSP}
	case RoleJudge:
		return []Role{RoleCA, RoleBank, RoleTSM}
	case RoleCA, RoleSP:
		return nil
	default:
		return nil
	}
}

// known reports whether r is one of the roles.
func (r Role) known() bool {
	switch r {
	case RoleCA, RoleBank, RoleTSM, RoleMerchant, RoleWallet, RoleSP, RoleJudge:
		return true
	default:
		return false
	}
}

// newID returns a party ID: three letters and five random ones out of RFC 4648's base 32.
func newID(prefix string) message.PartyID {
	var id message.PartyID
	copy(id[:], prefix+rand.Text())
	return id
}

// parseID reads the 8 characters of an ID: capital letters, digits and "-".
func parseID(text string) (message.PartyID, error) {
	var id message.PartyID
	if len(text) != len(id) {
		return id, fmt.Errorf("%w: party ID of %d bytes", ErrDamaged, len(text))
	}
	for i := range len(text) {
		c := text[i]
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return id, fmt.Errorf("%w: party ID %q", ErrDamaged, text)
		}
	}
	copy(id[:], text)
	return id, nil
}

// identity returns the URI by which a certificate names a party, such as
// "tapbench:bank/BKA4KD2Q".
func identity(r Role, id message.PartyID) *url.URL {
	return &url.URL{Scheme: "tapbench", Opaque: string(r) + "/" + string(id[:])}
}

// parseIdentity is the inverse of identity. It returns [ErrWrongPeer] for any other URI.
func parseIdentity(u *url.URL) (Role, message.PartyID, error) {
	role, text, found := strings.Cut(u.Opaque, "/")
	id, err := parseID(text)
	if !found || err != nil || !Role(role).known() || u.String() != identity(Role(role), id).String() {
		return "", message.PartyID{}, fmt.Errorf("%w: it names %.64q", ErrWrongPeer, u)
	}
	return Role(role), id, nil
}
