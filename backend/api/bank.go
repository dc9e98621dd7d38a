package api

// The paths of a bank. The wallet is a TLS client without a certificate; PathNonce, PathFund,
// PathReturn and PathDraw need the TSM's.
const (
	PathInfo     = "/v1/info"
	PathOpen     = "/v1/account/open"
	PathActivate = "/v1/account/activate"
	PathAID      = "/v1/aid/request"
	PathAIDKeys  = "/v1/aid/keys"
	PathNonce    = "/v1/tsm/nonce"
	PathFund     = "/v1/tsm/fund"
	PathAIDClose = "/v1/aid/close"
	PathReturn   = "/v1/tsm/return"
	PathDraw     = "/v1/tsm/draw"

	PathPhoneNonce = "/v1/phone/nonce"
	PathReference  = "/v1/phone/reference"
	PathConsent    = "/v1/phone/consent"
)

// Info is a bank's or the TSM's public face, on PathInfo. The request has no fields.
type Info struct {
	ID     string   `json:"id"`               // 8 bytes, padding left out
	Sign   []byte   `json:"sign_certificate"` // compact, 158 bytes
	KEM    []byte   `json:"kem_certificate"`  // compact, 158 bytes
	Epoch  []byte   `json:"epoch_certificate,omitempty"`
	Limits []uint64 `json:"limits"` // the published limits of accounts, minor units
	// Cards names the kinds of card that the TSM issues; without it one-show.
	Cards []string `json:"cards,omitempty"`
	// Tokens are the classes of offline tokens that the TSM issues, TokenRules what it allows with
	// them.
	Tokens     []TokenOffer `json:"tokens,omitempty"`
	TokenRules *TokenRules  `json:"token_rules,omitempty"`
}

// OpenRequest opens an account in person, on PathOpen: the clerk has seen the user. Repeatable.
type OpenRequest struct {
	UserCertificate []byte `json:"user_certificate"` // compact, by the CA
	SECertificate   []byte `json:"se_certificate"`   // compact, by the CA
	UserKey         []byte `json:"user_key"`         // signature user-key by SK_SE
	Enc             []byte `json:"enc"`              // HPKE encapsulation for K_B,U
	EKCertificate   []byte `json:"ek_certificate"`   // X.509, DER
	AKPublic        []byte `json:"ak_public"`        // TPMT_PUBLIC
	AKBind          []byte `json:"ak_bind"`          // signature ak-bind by SK_SE
	DepositMinor    uint64 `json:"deposit_minor"`    // cash over the counter, minor units
}

// OpenResponse carries the credential that only the TPM with that EK and AK can open.
type OpenResponse struct {
	CredentialBlob  []byte `json:"credential_blob"`
	EncryptedSecret []byte `json:"encrypted_secret"`
}

// ActivateRequest brings the credential's secret, on PathActivate: the account is open from then
// on. Repeatable.
type ActivateRequest struct {
	UserCertificate []byte `json:"user_certificate"`
	Secret          []byte `json:"secret"`
}

// ActivateResponse says what the account holds.
type ActivateResponse struct {
	BalanceMinor uint64 `json:"balance_minor"`
}

// AIDRequest is phase 2 message 1, on PathAID. Repeatable.
type AIDRequest struct {
	Message1   []byte `json:"message_1"`
	LimitMinor uint64 `json:"limit_minor"` // one of the published limits
}

// AIDResponse is phase 2 message 2.
type AIDResponse struct {
	Message2 []byte `json:"message_2"`
}

// AIDKeysRequest is phase 2 message 3 with the evidence beside it, on PathAIDKeys. Run is th_2.
// Repeatable.
type AIDKeysRequest struct {
	Run      []byte `json:"run"`
	Message3 []byte `json:"message_3"`
	Evidence []byte `json:"evidence"`
}

// AIDKeysResponse is phase 2 message 4.
type AIDKeysResponse struct {
	Message4 []byte `json:"message_4"`
}

// NonceRequest asks a bank for a registration's nonce, TSM only, on PathNonce.
type NonceRequest struct{}

// NonceResponse is n_B and SID, good for one funding within five minutes.
type NonceResponse struct {
	Nonce   []byte `json:"nonce"`
	Session []byte `json:"session"`
}

// FundRequest is BINFO and TSMBINFO, TSM only, on PathFund. Repeatable.
type FundRequest struct {
	BINFO    []byte `json:"binfo"`
	TSMBINFO []byte `json:"tsmbinfo"`
}

// FundResponse is AUTH.
type FundResponse struct {
	Auth []byte `json:"auth"`
}

// AIDCloseRequest gives a bank account ID up, on PathAIDClose. Repeatable.
type AIDCloseRequest struct {
	Account []byte `json:"account"`
	Message []byte `json:"message"`
}

// AIDCloseResponse says that the bank account ID funds nothing any more.
type AIDCloseResponse struct{}

// DrawRequest draws lots from the TSM's escrow, TSM only, on PathDraw, once in each settlement
// slot. Repeatable, and answered alike under another signature.
type DrawRequest struct {
	Draw []byte `json:"draw"` // what the TSM has signed
}

// DrawResponse is the bank's receipt.
type DrawResponse struct {
	Receipt []byte `json:"receipt"`
}

// ReturnRequest brings what is left of all accounts of one epoch back, TSM only, on PathReturn.
// Repeatable, and answered alike under another signature.
type ReturnRequest struct {
	Batch      []byte `json:"batch"`      // what the TSM has signed
	Remainders []byte `json:"remainders"` // 24 bytes for each handle, ascending
}

// ReturnResponse is the bank's receipt.
type ReturnResponse struct {
	Receipt []byte `json:"receipt"`
}
