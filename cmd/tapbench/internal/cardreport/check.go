package cardreport

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"time"

	"tapbench/cmd/tapbench/internal/cardcheck"
)

// Bounds of a report's lists and numbers.
const (
	maxCases    = 5000
	maxCommands = 200
	maxSeconds  = 7 * 24 * 3600
	maxCount    = 10_000_000
	maxTime     = int64(time.Hour / time.Microsecond)
)

// identifying are digits, or hexadecimal digits, in a row that could tell one piece from another.
const identifying = `[0-9]{6}|[0-9A-Fa-f]{9}`

// Check returns what keeps a report from being one, or nil: a member without its form, or a text
// that could name a person, a card or a reader. Errors wrap [ErrReport].
func (r *Report) Check() error {
	for _, check := range []func() error{r.checkHead, r.checkCard, r.checkCases, r.checkCommands} {
		if err := check(); err != nil {
			return fmt.Errorf("%w: %w", ErrReport, err)
		}
	}
	return nil
}

func (r *Report) checkHead() error {
	if _, err := time.Parse(time.DateOnly, r.Date); err != nil {
		return fmt.Errorf("date %q isn't YYYY-MM-DD", r.Date)
	}
	switch {
	case r.Format != Format:
		return fmt.Errorf("format %q isn't %q", r.Format, Format)
	case !regexp.MustCompile(`^[0-9A-Za-z.+-]{1,64}$`).MatchString(r.Tapbench):
		return fmt.Errorf("tapbench %q isn't a version", r.Tapbench)
	case r.Seconds < 0 || r.Seconds > maxSeconds || r.Fresh < 0 || r.Fresh > maxCount:
		return fmt.Errorf("%f seconds, %d fresh cards", r.Seconds, r.Fresh)
	}
	if err := CheckKind(r.Card.Kind); err != nil {
		return fmt.Errorf("card's kind: %w", err)
	}
	if err := CheckKind(r.Reader); err != nil {
		return fmt.Errorf("reader's kind: %w", err)
	}
	return nil
}

// CheckKind refuses what can't name a kind of card or reader: 1 to 40 letters, digits, blanks and
// ". , + - / &", and nothing in it that looks like a serial number.
func CheckKind(kind string) error {
	switch {
	case !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 .,+/&-]{0,39}$`).MatchString(kind):
		return fmt.Errorf("%q isn't 1 to 40 letters, digits, blanks and . , + - / &", kind)
	case regexp.MustCompile(identifying).MatchString(kind):
		return fmt.Errorf("%q may hold a serial number: leave it out", kind)
	}
	return nil
}

func (r *Report) checkCard() error {
	c := r.Card
	raw, err := hex.DecodeString(c.ATR)
	if err != nil || len(raw) < 2 || len(raw) > 33 {
		return fmt.Errorf("ATR %q isn't 2 to 33 bytes in hexadecimal digits", c.ATR)
	}
	if c.Protocol != "T=0" && c.Protocol != "T=1" {
		return fmt.Errorf("protocol %q is neither T=0 nor T=1", c.Protocol)
	}
	k := c.Capability
	for _, n := range []int{k.Version, k.BankSlots, k.TIDSlots, k.CardSlots, k.TokenSlots, k.TapTries} {
		if n < 0 || n > 0xFF {
			return fmt.Errorf("capability: %d isn't a byte", n)
		}
	}
	if k.Buffer < 0 || k.Buffer > 0xFFFF {
		return fmt.Errorf("capability: a buffer of %d bytes", k.Buffer)
	}
	for _, name := range slices.Concat(k.Algorithms, k.Missing) {
		if !slices.Contains(algorithms(), name) {
			return fmt.Errorf("capability: %q is no algorithm of DF01", name)
		}
	}
	return nil
}

func (r *Report) checkCases() error {
	name := regexp.MustCompile(`^[a-zA-Z0-9 ,.:;'()+/_-]{1,160}$`)
	if len(r.Cases) == 0 || len(r.Cases) > maxCases {
		return fmt.Errorf("%d cases, want 1 to %d", len(r.Cases), maxCases)
	}
	var count cardcheck.Result
	for _, c := range r.Cases {
		if !name.MatchString(c.Name) || regexp.MustCompile(identifying).MatchString(c.Name) {
			return fmt.Errorf("%q isn't a case's name", c.Name)
		}
		switch c.Outcome {
		case cardcheck.Passed, cardcheck.Failed, cardcheck.Errored, cardcheck.Skipped:
		default:
			return fmt.Errorf("%s: %q is no outcome", c.Name, c.Outcome)
		}
		count.Cases = append(count.Cases, cardcheck.Case{Outcome: c.Outcome})
	}
	if got := count.Count(); got != r.Count {
		return fmt.Errorf("count %+v, but the cases come to %+v", r.Count, got)
	}
	return nil
}

func (r *Report) checkCommands() error {
	name := regexp.MustCompile(`^[A-Za-z0-9 ,-]{1,40}$`)
	if len(r.Commands) > maxCommands {
		return fmt.Errorf("%d commands, at most %d", len(r.Commands), maxCommands)
	}
	for _, c := range r.Commands {
		if !name.MatchString(c.Name) || regexp.MustCompile(identifying).MatchString(c.Name) {
			return fmt.Errorf("%q isn't a command's name", c.Name)
		}
		if c.Count < 1 || c.Count > maxCount || c.Median < 0 || c.P95 < c.Median ||
			c.Most < c.P95 || c.Most > maxTime {
			return fmt.Errorf("%s: times that can't be: %+v", c.Name, c)
		}
	}
	return nil
}
