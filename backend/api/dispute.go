package api

// The paths of a dispute, at the TSM and at a bank. Only a judge may use them.
const (
	PathOpenPayment = "/v1/dispute/payment" // at the TSM
	PathOpenFunding = "/v1/dispute/funding" // at a bank
	PathOpenings    = "/v1/dispute/log"     // at both
)

// OpenPaymentRequest is the evidence of a payment or of a double spend, on PathOpenPayment.
// Repeatable.
type OpenPaymentRequest struct {
	Payment []byte `json:"payment"` // a dispute.Subject, encoded
}

// OpenFundingRequest is the head of the TSM's opening, on PathOpenFunding: the bank learns of a
// handle, and nothing of the payment. Repeatable.
type OpenFundingRequest struct {
	Head      []byte `json:"head"` // dispute.Head
	Signature []byte `json:"signature"`
}

// Opening is the answer to both.
type Opening struct {
	Head        []byte `json:"head"`
	Signature   []byte `json:"signature"`
	Certificate []byte `json:"certificate"` // of the key that made Signature
	Chain       []byte `json:"chain"`       // dispute.TSMChain or dispute.BankChain
}

// MaxOpenings is how many entries of a log one answer brings at most.
const MaxOpenings = 100

// OpeningsRequest asks for the log, on PathOpenings, from behind an entry on.
type OpeningsRequest struct {
	After uint64 `json:"after"` // its number; 0: from the first
}

// OpeningsResponse is the next [MaxOpenings] entries, or fewer at the log's end.
type OpeningsResponse struct {
	Certificate []byte        `json:"certificate"`
	Entries     []OpenedEntry `json:"entries"`
}

// OpenedEntry is one entry of a log.
type OpenedEntry struct {
	Head      []byte `json:"head"`
	Signature []byte `json:"signature"`
}
