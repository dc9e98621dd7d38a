package convert

import (
	"errors"
	"fmt"
	"slices"
)

// Form names how a dialogue is written down.
type Form string

// The forms.
const (
	Trace    Form = "trace"     // the trace grammar, docs/trace-format.md
	JSON     Form = "json"      // its JSON Lines form
	APDU4J   Form = "apdu4j"    // dump of apdu4j
	GPPro    Form = "gppro"     // log of GlobalPlatformPro or apdu4j with --debug
	PCSCD    Form = "pcscd"     // log of pcscd --apdu
	OpenSC   Form = "opensc"    // debug log of OpenSC
	PCAP     Form = "pcap"      // pcap or pcapng of ISO 14443 or of GSMTAP
	ISO14443 Form = "iso14443"  // pcapng of link type 264
	GSMTAP   Form = "gsmtap"    // pcapng of GSMTAP in UDP
	Go       Form = "go"        // Go source
	unknown  Form = "not known" // none of them
)

// Readable returns the forms that can be read.
func Readable() []Form { return []Form{Trace, JSON, APDU4J, GPPro, PCSCD, OpenSC, PCAP} }

// Writable returns the forms that can be written.
func Writable() []Form { return []Form{Trace, JSON, APDU4J, ISO14443, GSMTAP, Go} }

// ErrForm means that a form isn't one of those that can be read, or written.
var ErrForm = errors.New("no such form")

// check refuses a form that isn't among those allowed.
func (f Form) check(act string, allowed []Form) error {
	if slices.Contains(allowed, f) {
		return nil
	}
	return fmt.Errorf("%w to %s: %q; there are %v", ErrForm, act, string(f), allowed)
}
