package api

// PathPayout takes batches of offline claims from merchants. Its clients need no certificate of
// their own: a batch is signed, and brings the merchant's compact certificate.
const PathPayout = "/v1/merchant/payout"

// MaxClaims is how many claims one batch holds at most.
const MaxClaims = 1024

// maxPayoutBody is more than a batch of [MaxClaims] claims of the longest kind needs.
const maxPayoutBody = 1 << 20

// maxPayoutAnswer is more than the answers to a batch need, each with the longest reason.
const maxPayoutAnswer = 512 << 10

// PayoutRequest is one batch of offline claims, on PathPayout. Repeatable: what is paid is paid
// once, whichever batch it comes in.
type PayoutRequest struct {
	Certificate []byte `json:"certificate"` // 158 bytes: CertMerchant, by the CA
	Payout      []byte `json:"payout"`      // message.Payout, encoded
	// Claims holds each claim as it is encoded (message.SpendClaim, message.MeterClaim), one
	// behind the other, in the order that the batch's hash is over.
	Claims []byte `json:"claims"`
}

// PayoutResponse answers each claim of a batch, in its order.
type PayoutResponse struct {
	Answers []ClaimAnswer `json:"answers"`
}

// ClaimAnswer says what a claim has come to.
type ClaimAnswer struct {
	Key []byte `json:"key"` // 32 bytes: message.Spend's or message.Meter's Digest
	// Paid is what the claim is worth, in minor units, all of which is now booked, by this batch or
	// by one before; 0: it is refused. Of a metering commitment it is the ticks up to the claim's.
	Paid    int64        `json:"paid"`
	Refused ClaimRefusal `json:"refused,omitempty"` // empty: it is paid
	Reason  string       `json:"reason,omitempty"`  // for people
}

// ClaimRefusal says why a claim isn't paid. It is stable; the text beside it is for people.
type ClaimRefusal string

// Why claims are refused, in the order of the checks. No later attempt changes any of them.
const (
	// ClaimMerchant: the claim is another merchant's than the batch.
	ClaimMerchant ClaimRefusal = "merchant"
	// ClaimCertificate: the claim was signed to another certificate than the batch's.
	ClaimCertificate ClaimRefusal = "certificate"
	// ClaimToken: the claim's statement names another token than the claim brings; or, found last of
	// all, the TSM has issued no such token.
	ClaimToken ClaimRefusal = "token"
	// ClaimInterval: the units are reversed, none, or past the token's or the commitment's end.
	ClaimInterval ClaimRefusal = "interval"
	// ClaimCurrency: another currency than the token's.
	ClaimCurrency ClaimRefusal = "currency"
	// ClaimAmount: the amount isn't what the units are worth, or the unit isn't the token's.
	ClaimAmount ClaimRefusal = "amount"
	// ClaimTime: the terminal's time lies outside the token's life.
	ClaimTime ClaimRefusal = "time"
	// ClaimSignature: the token's key hasn't signed the statement.
	ClaimSignature ClaimRefusal = "signature"
	// ClaimChain: the value shown for the last tick doesn't lead to the token's root.
	ClaimChain ClaimRefusal = "chain"
	// ClaimReclaimed: expiry and grace are over, and the units have gone back.
	ClaimReclaimed ClaimRefusal = "reclaimed"
	// ClaimSpentTwice: the same units were claimed under another statement first, and there is
	// nobody to pay for: that claim was this merchant's too.
	ClaimSpentTwice ClaimRefusal = "spent-twice"
)

// ClaimRefusals returns why claims are refused, in the order of the checks.
func ClaimRefusals() []ClaimRefusal {
	return []ClaimRefusal{
		ClaimMerchant, ClaimCertificate, ClaimToken, ClaimInterval, ClaimCurrency, ClaimAmount,
		ClaimTime, ClaimSignature, ClaimChain, ClaimReclaimed, ClaimSpentTwice,
	}
}
