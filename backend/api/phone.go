package api

// The purposes of a phone's nonce.
const (
	PurposeDownload = "download" // PathReference
	PurposeLaunch   = "launch"   // PathConsent
)

// The launch policies.
const (
	PolicyLocal = "local" // the element judges a quote by itself
	PolicyBank  = "bank"  // the bank consents to each launch
)

// PhoneNonceRequest asks a bank for the nonce of a phone's next evidence, on PathPhoneNonce.
type PhoneNonceRequest struct {
	UserCertificate []byte `json:"user_certificate"`
	Purpose         string `json:"purpose"`
}

// PhoneNonceResponse is a nonce, good for one piece of evidence within five minutes.
type PhoneNonceResponse struct {
	Nonce []byte `json:"nonce"`
}

// ReferenceRequest asks a bank to sign which program unlocks the user's element, on PathReference.
// The evidence's quote has the purpose "download", the bank's nonce, and the element's challenge in
// the place of the session. Repeatable.
type ReferenceRequest struct {
	UserCertificate []byte `json:"user_certificate"`
	Nonce           []byte `json:"nonce"`     // the bank's
	Challenge       []byte `json:"challenge"` // the element's, 16 bytes
	Software        string `json:"software"`  // software id
	Program         []byte `json:"program"`   // SHA-256 of the executable
	Policy          string `json:"policy"`
	Evidence        []byte `json:"evidence"`
}

// ReferenceResponse is SIG(SK_B, "reference").
type ReferenceResponse struct {
	Signature []byte `json:"signature"`
}

// ConsentRequest asks a bank to let the user's element unlock once, on PathConsent. The evidence's
// quote has the purpose "launch", the bank's nonce, and the element's challenge in the place of the
// session. Repeatable.
type ConsentRequest struct {
	UserCertificate []byte `json:"user_certificate"`
	Nonce           []byte `json:"nonce"`
	Challenge       []byte `json:"challenge"`
	Evidence        []byte `json:"evidence"`
}

// ConsentResponse is SIG(SK_B, "launch-consent").
type ConsentResponse struct {
	Signature []byte `json:"signature"`
}
