package generaltest

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// Check says what of a case's wants isn't so, or nothing:
//
//	approved, declined, terminated
//	tvr HEX, tsi HEX, cvm HEX          as they are in the end
//	decision KIND, final KIND          what the terminal asked for first and last: TC, AAC, ARQC
//	first KIND, second KIND            what the card answered
//	online, offline, unreachable       whether the issuer was asked
//	method none|SDA|DDA|CDA|fDDA       of offline data authentication
//	found PSE|PPSE|list, aid HEX       the application, and how it was found
//	fallback none|stripe|contact       what the terminal may try instead
//	error TEXT                         a reason has this text, whatever its case
//	sent HEADER, not-sent HEADER [#N]  a command was sent, or not the N-th time
//	carries HEX                        a command has these bytes in it
//	apdus N                            at most so many commands were
//	script 71|72 COMMANDS DONE SW      the last script, as it was carried out
func (c Case) Check(p Paid) []string {
	var wrong []string
	for _, want := range c.Want {
		if got := p.check(want); got != "" {
			wrong = append(wrong, fmt.Sprintf("want %s, got %s", want, got))
		}
	}
	for _, line := range p.Unapplied {
		wrong = append(wrong, fmt.Sprintf("the card never did %q", line))
	}
	return wrong
}

// check returns what is so instead, or "".
func (p Paid) check(want string) string {
	name, value, _ := strings.Cut(want, " ")
	switch name {
	case "sent":
		return unless(p.sent(value) > 0, "no such command")
	case "not-sent":
		return p.notSent(value)
	case "carries":
		return unless(p.carries(value), "no such command")
	case "apdus":
		n, err := strconv.Atoi(value)
		return unless(err == nil && len(p.Commands) <= n, fmt.Sprint(len(p.Commands)))
	case "error":
		return unless(strings.Contains(strings.ToLower(p.reasons()), strings.ToLower(value)), p.reasons())
	case "script":
		got := p.script()
		return unless(got == value, got)
	}
	facts := p.facts()
	if value == "" {
		return unless(facts[name] == "yes", p.result()+" "+p.reasons())
	}
	got, known := facts[name]
	if !known {
		return "no such want"
	}
	return unless(strings.EqualFold(got, value), got+" ("+p.reasons()+")")
}

func unless(so bool, got string) string {
	if so {
		return ""
	}
	if got == "" {
		return "nothing"
	}
	return got
}

// facts are what a want can name with one value, or as it is.
func (p Paid) facts() map[string]string {
	o := p.Outcome
	return map[string]string{
		p.result(): "yes",
		reach(o):   "yes",
		"tvr":      o.TVR.String(),
		"tsi":      o.TSI.String(),
		"cvm":      fmt.Sprintf("%X", o.CVM[:]),
		"decision": o.Decision.String(),
		"final":    o.Final.String(),
		"first":    kind(o.First),
		"second":   kind(o.Second),
		"method":   methodName(o.Authentication.Method),
		"found":    strings.TrimSuffix(o.Selected.Directory, " of AIDs"),
		"aid":      fmt.Sprintf("%X", o.Selected.AID),
		"fallback": fallbackName(o.Fallback),
	}
}

// result is how it ended, in a word.
func (p Paid) result() string {
	switch {
	case p.Err != nil && p.Outcome.Result == outcome.Unfinished:
		return "terminated"
	case p.Err == nil && p.Outcome.Result == outcome.Approved:
		return "approved"
	case p.Err == nil && p.Outcome.Result == outcome.Declined:
		return "declined"
	default:
		return fmt.Sprintf("result %d with error %v", p.Outcome.Result, p.Err)
	}
}

func reach(o outcome.Outcome) string {
	switch {
	case o.Unreachable:
		return "unreachable"
	case o.Online:
		return "online"
	default:
		return "offline"
	}
}

func kind(c *outcome.Cryptogram) string {
	if c == nil {
		return "none"
	}
	return rules.Decision(c.CID & 0xC0).String()
}

func methodName(m outcome.Method) string {
	return [...]string{"none", "SDA", "DDA", "CDA", "fDDA"}[m%5]
}

func fallbackName(f outcome.Fallback) string {
	switch f {
	case outcome.MagneticStripe:
		return "stripe"
	case outcome.ContactChip:
		return "contact"
	case outcome.NoFallback:
		return "none"
	default:
		return "unknown"
	}
}

// reasons are all texts that say why.
func (p Paid) reasons() string {
	var all []string
	for _, err := range []error{p.Err, p.Outcome.Authentication.Err} {
		if err != nil {
			all = append(all, err.Error())
		}
	}
	for _, r := range append([]outcome.Reason{p.Outcome.Why}, p.Outcome.Notes...) {
		if r.Text != "" {
			all = append(all, r.Text)
		}
	}
	return strings.Join(all, "; ")
}

func (p Paid) script() string {
	if len(p.Outcome.Scripts) == 0 {
		return "none"
	}
	s := p.Outcome.Scripts[len(p.Outcome.Scripts)-1]
	tag := 72
	if s.Before {
		tag = 71
	}
	return fmt.Sprintf("%d %d %d %s", tag, s.Commands, s.Done, s.SW.String())
}

// carries says whether a command has bytes in it.
func (p Paid) carries(digits string) bool {
	raw, err := hex.DecodeString(digits)
	return err == nil && slices.ContainsFunc(p.Commands, func(c []byte) bool {
		return bytes.Contains(c, raw)
	})
}

// sent counts the commands that begin so.
func (p Paid) sent(header string) int {
	n := 0
	for _, c := range p.Commands {
		if strings.HasPrefix(strings.ToUpper(hex.EncodeToString(c)), header) {
			n++
		}
	}
	return n
}

func (p Paid) notSent(value string) string {
	header, times, _ := strings.Cut(value, " #")
	most := 0
	if times != "" {
		n, err := strconv.Atoi(times)
		if err != nil {
			return err.Error()
		}
		most = n - 1
	}
	n := p.sent(header)
	return unless(n <= most, fmt.Sprintf("%d times", n))
}
