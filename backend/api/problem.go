package api

import "fmt"

// MaxBody is the largest request or response body in bytes, unless a path has its own.
const MaxBody = 64 << 10

// maxReturnBody is the largest batch of remainders: half a million accounts of one bank and epoch.
const maxReturnBody = 16 << 20

// MaxRequest returns the largest request body that a path takes, in bytes.
func MaxRequest(path string) int64 {
	switch path {
	case PathReturn:
		return maxReturnBody
	case PathPayout:
		return maxPayoutBody
	default:
		return MaxBody
	}
}

// MaxResponse returns the largest response body of a path, in bytes.
func MaxResponse(path string) int64 {
	switch path {
	case PathPayout:
		return maxPayoutAnswer
	case PathDenyList:
		return maxDenyList
	default:
		return MaxBody
	}
}

// Code says why a request was refused. It is stable; the text beside it is for people.
type Code string

// The codes, in the order in which a handler finds them.
const (
	// CodeMalformed: not JSON, an unknown field, a wrong length or a message of another layout.
	CodeMalformed Code = "malformed"
	// CodeForbidden: the caller's certificate isn't of the role that this path needs.
	CodeForbidden Code = "forbidden"
	// CodeUnknown: no such run, account, user or bank.
	CodeUnknown Code = "unknown"
	// CodeState: the run or account isn't where this message belongs.
	CodeState Code = "state"
	// CodeFrozen: double spending from the account was proven; nothing more is issued for it.
	CodeFrozen Code = "frozen"
	// CodeReclaimed: the token's time is over, and what was left of it has come back.
	CodeReclaimed Code = "reclaimed"
	// CodeExpired: a nonce, a run, a certificate or an account has expired.
	CodeExpired Code = "expired"
	// CodeSignature: a signature, a MAC, a seal or a certificate is wrong.
	CodeSignature Code = "signature"
	// CodeAttestation: the phone's evidence was refused.
	CodeAttestation Code = "attestation"
	// CodeMismatch: two messages that must say the same don't.
	CodeMismatch Code = "mismatch"
	// CodeDoubleSpent: the token's key has signed two things that contradict each other.
	CodeDoubleSpent Code = "double-spent"
	// CodeLimit: the amount isn't covered, or isn't one of the published limits.
	CodeLimit Code = "limit"
	// CodePolicy: the published policy doesn't allow what was asked for.
	CodePolicy Code = "policy"
	// CodeUnavailable: another party that is needed doesn't answer, or not with what it must. Whether
	// it has moved anything isn't known here: send the same request again.
	CodeUnavailable Code = "unavailable"
	// CodeInternal: the party's own fault. Its log says more.
	CodeInternal Code = "internal"
)

// Problem is the body of every answer that isn't 200, and an error. It never says anything of
// another user, nor which check of several failed inside a sealed message.
type Problem struct {
	Code   Code   `json:"code"`
	Detail string `json:"detail"`
}

// Error returns the detail and the code.
func (p *Problem) Error() string { return fmt.Sprintf("%s (%s)", p.Detail, p.Code) }

// Is reports whether target is a *Problem of the same code.
func (p *Problem) Is(target error) bool {
	other, ok := target.(*Problem)
	return ok && other.Code == p.Code
}

// Final reports whether the party has decided, so that the same request needn't come again. Else it
// couldn't say what has happened: send the request again.
func (p *Problem) Final() bool { return p.Code != CodeUnavailable && p.Code != CodeInternal }

// Refuse returns a Problem as an error.
func Refuse(code Code, format string, args ...any) error {
	return &Problem{Code: code, Detail: fmt.Sprintf(format, args...)}
}
