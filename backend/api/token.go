package api

// The paths of offline tokens that wallets use. As on all paths of the TSM but those of judges, the
// client is anonymous.
const (
	PathToken      = "/v1/tid/token"       //nolint:gosec // a path
	PathTokenClose = "/v1/tid/token/close" //nolint:gosec // a path
)

// TokenOffer is a class of offline tokens that the TSM issues: Length units of Unit minor units.
type TokenOffer struct {
	Unit   uint8 `json:"unit"`
	Length uint8 `json:"length"`
}

// TokenRules is what the TSM allows with its tokens, published so that wallets can plan; what binds
// is the policy in each token. Amounts are in minor units.
type TokenRules struct {
	PerTap  uint16 `json:"per_tap"` // in one payment
	Offline uint32 `json:"offline"` // between two withdrawals
	Taps    uint8  `json:"taps"`    // payments from one token
	Grace   uint8  `json:"grace"`   // epochs after a token's last one in which claims are taken
}

// TokenRequest asks for one offline token, on PathToken. Repeatable; and another request for the
// same token key gets the same token, sealed anew.
type TokenRequest struct {
	Run     []byte `json:"run"`
	Request []byte `json:"request"`
}

// TokenResponse is the sealed token.
type TokenResponse struct {
	Token []byte `json:"token"`
}

// TokenCloseRequest brings an element's word that a token is closed for good, on PathTokenClose.
// Repeatable.
type TokenCloseRequest struct {
	Run       []byte `json:"run"`
	Token     []byte `json:"token"` // tokID, 32 bytes
	At        uint8  `json:"at"`    // the last unit that was given out
	Signature []byte `json:"signature"`
}

// TokenCloseResponse says what has come back to the account: all units above At.
type TokenCloseResponse struct {
	Back uint64 `json:"back"` // minor units
}
