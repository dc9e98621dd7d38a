package api

// The paths of the TSM beside PathInfo. Its clients are anonymous: no certificate.
const (
	PathHello    = "/v1/tid/hello"
	PathRegister = "/v1/tid/register"
	PathTIDFund  = "/v1/tid/fund"
	PathCard     = "/v1/tid/card"
	PathTIDClose = "/v1/tid/close"
)

// HelloRequest starts a registration, on PathHello.
type HelloRequest struct {
	Bank string `json:"bank"` // ID_B, padding left out
}

// HelloResponse brings the nonces. Run names the registration, and later the account, to the TSM.
type HelloResponse struct {
	Run       []byte `json:"run"` // 16 random bytes
	NonceTSM  []byte `json:"nonce_tsm"`
	NonceBank []byte `json:"nonce_bank"`
	Session   []byte `json:"session"`
}

// RegisterRequest is phase 3 message 1, on PathRegister. Repeatable.
type RegisterRequest struct {
	Run      []byte `json:"run"`
	Message1 []byte `json:"message_1"`
}

// RegisterResponse is phase 3 message 2.
type RegisterResponse struct {
	Message2 []byte `json:"message_2"`
}

// TIDFundRequest is BINFO and TSMINFO, on PathTIDFund. Repeatable.
type TIDFundRequest struct {
	Run     []byte `json:"run"`
	BINFO   []byte `json:"binfo"`
	TSMINFO []byte `json:"tsminfo"`
}

// TIDFundResponse is phase 3 message 6.
type TIDFundResponse struct {
	Message6 []byte `json:"message_6"`
}

// CardRequest asks for one virtual card, on PathCard. Repeatable.
type CardRequest struct {
	Run     []byte `json:"run"`
	Request []byte `json:"request"`
}

// CardResponse is the sealed card.
type CardResponse struct {
	Card []byte `json:"card"`
}

// TIDCloseRequest gives an account up, on PathTIDClose. Repeatable.
type TIDCloseRequest struct {
	Run     []byte `json:"run"`
	Message []byte `json:"message"`
}

// TIDCloseResponse says that the account's cards are declined from now on. What is left comes back
// at the bank when its epoch is over.
type TIDCloseResponse struct{}
