package device

import (
	"tapbench/applet/redact"
	"tapbench/pcsc/trace"
)

// redaction decides what of a dialogue a recording holds.
type redaction struct {
	word     string // the header's
	exchange trace.Redactor
	reset    func()          // the card was reset, or is another
	warnings func() []string // what the user is to know, the oldest first
}

// newRedaction returns what takes secrets out of one file, with a key of its own: a secret has the
// same stand-in all through the file, and another one in every other file. Unredacted, it lets
// everything pass.
func newRedaction(unredacted bool) redaction {
	if unredacted {
		return redaction{
			word: trace.RedactionNone, exchange: trace.RevealAll,
			reset: func() {}, warnings: func() []string { return nil },
		}
	}
	r := redact.New(redact.Config{}) // which draws a key
	return redaction{
		word: trace.RedactionStandIns, exchange: r.Redact, reset: r.Reset, warnings: r.Warnings,
	}
}
