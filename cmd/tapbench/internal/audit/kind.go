package audit

import "slices"

// Kind is a kind of secret: something that not everybody may learn.
type Kind int

// The kinds of secrets.
const (
	User        Kind = iota + 1 // ID_U
	Account                     // the bank account ID
	TID                         // the TSM account ID
	PAN                         // a card number
	Merchant                    // a merchant's party ID
	Bank                        // a bank's party ID
	UserKey                     // PK_U
	ElementKey                  // PK_SE
	AccountKeys                 // PK_AID
	TIDKeys                     // PK_TID
	CardKey                     // PK_V
	Token                       // tokID
	TokenKey                    // PK_t
	Handle                      // h
	PrivateKeys                 // of the secure element
	SessionKeys                 // of the secure element: K_B,U, K_AID,B, K_TID,TSM, card keys
)

// Kinds returns all kinds, in the order in which they are shown.
func Kinds() []Kind {
	all := make([]Kind, 0, SessionKeys)
	for k := User; k <= SessionKeys; k++ {
		all = append(all, k)
	}
	return all
}

// String returns the kind in words, or "unknown".
func (k Kind) String() string {
	names := []string{
		"user", "bank account ID", "TSM account ID", "card number", "merchant", "bank", "user's key",
		"element's key", "bank account keys", "TSM account keys", "card key",
		"offline token", "token key", "handle",
		"element's private keys", "element's session keys",
	}
	if k < User || k > SessionKeys {
		return "unknown"
	}
	return names[k-1]
}

// MarshalText returns the kind in words.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Role is what a party does.
type Role string

// The roles, as the test PKI names them.
const (
	RoleBank     Role = "bank"
	RoleTSM      Role = "tsm"
	RoleMerchant Role = "merchant"
	RoleWallet   Role = "wallet" // the Host
	RoleCA       Role = "ca"
	RoleSP       Role = "sp"
	RoleJudge    Role = "judge"
)

// Never returns what a role must never learn. Bank, TSM, merchant and Host are those of the
// protocol's section 1. The others take part in no payment; that they learn nothing of one is our
// own rule.
func Never(r Role) []Kind {
	switch r {
	case RoleBank:
		return []Kind{TID, TIDKeys, PAN, CardKey, Token, TokenKey, Merchant}
	case RoleTSM:
		return []Kind{User, UserKey, ElementKey, Account, AccountKeys}
	case RoleMerchant:
		return []Kind{
			User, UserKey, ElementKey, Account, AccountKeys, TID, TIDKeys, Handle, Bank,
		}
	case RoleWallet:
		return []Kind{PrivateKeys, SessionKeys}
	case RoleCA:
		return []Kind{
			Account, AccountKeys, TID, TIDKeys, PAN, CardKey, Token, TokenKey, Handle, PrivateKeys,
			SessionKeys,
		}
	case RoleSP, RoleJudge:
		return []Kind{
			User, UserKey, ElementKey, Account, AccountKeys, TID, TIDKeys, PAN, CardKey, Token,
			TokenKey, Handle, PrivateKeys, SessionKeys,
		}
	default:
		return nil
	}
}

// forbidden reports whether a role must never learn a kind of secret.
func forbidden(r Role, k Kind) bool { return slices.Contains(Never(r), k) }

// Secret is one secret.
type Secret struct {
	Kind Kind
	// Value is its bytes, at most 200: a name without padding, a PAN as it is packed, a public key
	// as an uncompressed point.
	Value []byte
}
