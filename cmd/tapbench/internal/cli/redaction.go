package cli

import "tapbench/pcsc/trace"

// redaction decides what of a dialogue a recording holds.
type redaction struct {
	word     string // the header's
	exchange trace.Redactor
	reset    func()          // the card was reset, or is another
	warnings func() []string // what the user is to know, the oldest first
}

// newRedaction returns what takes secrets out of one file, with a key of its own, or, unredacted,
// what lets everything pass.
func newRedaction(unredacted bool) (redaction, error) {
	r := redaction{
		word: "none", exchange: trace.RevealAll,
		reset: func() {}, warnings: func() []string { return nil },
	}
	if !unredacted {
		r.word, r.exchange = "hidden", trace.HideData
	}
	return r, nil
}
