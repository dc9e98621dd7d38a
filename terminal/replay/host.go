package replay

import (
	"context"
	"errors"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/terminal/kernel"
)

// errSilent is the issuer's silence in a recorded tap.
var errSilent = errors.New("the recorded issuer gave no answer")

// host answers as the recorded issuer did.
type host struct{ *recorded }

var _ kernel.Host = host{}

func (r *recorded) host() host { return host{r} }

// Authorise implements kernel.Host: the answer is what the recorded terminal brought to the card. A
// response code of the terminal's own (EMV 4.3 Book 4, annex A6: it begins with Y or Z) and a tap
// without a second GENERATE AC mean that there was none.
func (h host) Authorise(context.Context, kernel.Request) (kernel.Answer, error) {
	arc := h.values[emv.TagARC]
	if !h.second || len(arc) != 2 || arc[0] == 'Y' || arc[0] == 'Z' {
		return kernel.Answer{}, fmt.Errorf("%w: %w", kernel.ErrNotSent, errSilent)
	}
	a := kernel.Answer{Approved: h.p1 == wire.P1TC, ARC: [2]byte(arc)}
	if auth := h.values[emv.TagIssuerAuth]; len(auth) == emv.IssuerAuthLen {
		a.IssuerAuth = (*[emv.IssuerAuthLen]byte)(auth)
	}
	return a, nil
}
