package generaltest

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"tapbench/applet/emv/oda"
	"tapbench/applet/emv/pinblock"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/rules"
)

// Terminal returns the right terminal of the cases: attended, it may go online, knows every way to
// verify a cardholder, takes 100.00 offline and has no action code that names a bit.
func Terminal(keys oda.CAKeys) general.Config {
	terminal := general.PointOfSale()
	terminal.Country, terminal.Currency = [2]byte{0x07, 0x56}, [2]byte{0x07, 0x56}
	return general.Config{
		Terminal: terminal,
		Applications: []general.Application{
			application([]byte("\xF0TAPBENCH\x10")),
		},
		Way:    entry.Contact,
		CAKeys: keys,
		PINPad: &pad{},
		Now:    func() time.Time { return time.Date(2026, time.November, 21, 12, 0, 0, 0, time.UTC) },
		Rand:   rand.NewChaCha8([32]byte{1}),
	}
}

func application(aid []byte) general.Application {
	return general.Application{
		Application: entry.Application{AID: aid},
		Versions:    [][2]byte{{0x00, 0x01}},
		Limits:      rules.Limits{Floor: 10000},
		DDOL:        general.DefaultDDOL(),
	}
}

// pad is a PIN pad at which the PINs are entered one after the other, and none after the last.
type pad struct {
	pins   []string
	broken bool
}

func (p *pad) next() (string, error) {
	switch {
	case p.broken:
		return "", general.ErrNoPad
	case len(p.pins) == 0:
		return "", general.ErrNotEntered
	}
	pin := p.pins[0]
	p.pins = p.pins[1:]
	return pin, nil
}

// Offline enters the next PIN.
func (p *pad) Offline(context.Context, int, bool) (string, error) { return p.next() }

// Online enters the next PIN, under the key that the issuer has too.
func (p *pad) Online(_ context.Context, pan string) (pinblock.Block, error) {
	digits, err := p.next()
	if err != nil {
		return nil, err
	}
	pin, err := pinblock.ParsePIN(digits)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", general.ErrNoPad, err)
	}
	block, err := pinKey().Seal(rand.NewChaCha8([32]byte{2}), pin, pan)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", general.ErrNoPad, err)
	}
	return block, nil
}

// chooser is a cardholder.
type chooser struct {
	place   int // -1: none
	refuses bool
}

func (c chooser) Choose(context.Context, []entry.Candidate) (int, bool) {
	return max(0, c.place), c.place >= 0
}

func (c chooser) Confirm(context.Context, entry.Candidate) bool { return !c.refuses }

// setter changes a terminal word by word.
type setter struct {
	config *general.Config
	listed bool // the first aid has taken the right terminal's away
	pad    pad
}

// set changes a terminal by one word of a line:
//
//	type XX, capabilities HEX, version HEX, country HEX, currency HEX    its data
//	tac-denial HEX, tac-online HEX, tac-default HEX                      its action codes
//	floor N, random PERCENT MOST THRESHOLD, before N                     risk management
//	aid HEX, aid HEX partial     the applications that it takes, in place of the right one's
//	way contact|contactless|listed
//	choose N, refuse             the cardholder chooses (-1: none), or confirms nothing
//	pin DIGITS                   entered, one after the other
//	skip-pin, broken-pad, no-pad
//	no-ca, other-ca, ca-expired, other-rid, revoked, no-ddol, tdol HEX, exception
//	referral yes|no              somebody is there whom the issuer's call reaches
//	twice                        the card has paid once before; see Case.Run
func (s *setter) set(word string) error {
	name, value, _ := strings.Cut(word, " ")
	for _, try := range []func(name, value string) (bool, error){
		s.plain, s.data, s.codes, s.amounts, s.people,
	} {
		if known, err := try(name, value); known || err != nil {
			return err
		}
	}
	return fmt.Errorf("terminal: %q isn't known", word)
}

// plain are the words without a value.
func (s *setter) plain(name, _ string) (bool, error) {
	c := s.config
	switch name {
	case "skip-pin", "twice":
	case "broken-pad":
		s.pad.broken = true
	case "no-pad":
		c.PINPad = nil
	case "no-ca":
		c.CAKeys = nil
	case "ca-expired":
		for i := range c.CAKeys {
			c.CAKeys[i].Expiry = c.Now().AddDate(0, 0, -1)
		}
	case "other-ca":
		for i, key := range c.CAKeys {
			key.Key = c.CAKeys[(i+1)%len(c.CAKeys)].Key
			c.CAKeys[i] = key
		}
	case "other-rid":
		for i := range c.CAKeys {
			c.CAKeys[i].RID[0] ^= 0x01
		}
	case "revoked":
		c.Revoked = func([oda.RIDLen]byte, byte, oda.Serial) bool { return true }
	case "no-ddol":
		c.Applications[0].DDOL = nil
	case "exception":
		c.Exception = func(string, byte) bool { return true }
	case "refuse":
		c.Chooser = chooser{refuses: true}
	default:
		return false, nil
	}
	return true, nil
}

// data are data objects.
func (s *setter) data(name, value string) (bool, error) {
	terminal := &s.config.Terminal
	var to []byte
	switch name {
	case "type":
		b, err := hexadecimal(value, 1)
		terminal.Type = b[0]
		return true, err
	case "capabilities":
		to = terminal.Capabilities[:]
	case "version":
		to = s.config.Applications[0].Versions[0][:]
	case "country":
		to = terminal.Country[:]
	case "currency":
		to = terminal.Currency[:]
	default:
		return false, nil
	}
	b, err := hexadecimal(value, len(to))
	copy(to, b)
	return true, err
}

func (s *setter) codes(name, value string) (bool, error) {
	codes := &s.config.Applications[0].Codes
	to := map[string]*[5]byte{
		"tac-denial": &codes.Denial, "tac-online": &codes.Online, "tac-default": &codes.Default,
	}[name]
	if to == nil {
		return false, nil
	}
	b, err := hexadecimal(value, len(to))
	copy(to[:], b)
	return true, err
}

func (s *setter) amounts(name, value string) (bool, error) {
	limits := &s.config.Applications[0].Limits
	switch name {
	case "floor":
		n, err := strconv.ParseUint(value, 10, 64)
		limits.Floor = n
		return true, err
	case "before":
		n, err := strconv.ParseUint(value, 10, 64)
		s.config.Before = func(string, byte) uint64 { return n }
		return true, err
	case "random":
		_, err := fmt.Sscan(value, &limits.Percent, &limits.Most, &limits.Threshold)
		return true, err
	default:
		return false, nil
	}
}

// people are what is chosen and entered.
func (s *setter) people(name, value string) (bool, error) {
	c := s.config
	switch name {
	case "aid":
		text, partial, _ := strings.Cut(value, " ")
		aid, err := hex.DecodeString(text)
		a := application(aid)
		a.Partial = partial == "partial"
		if !s.listed {
			s.listed, c.Applications = true, nil
		}
		c.Applications = append(c.Applications, a)
		return true, err
	case "way":
		way, known := map[string]entry.Way{
			"contact": entry.Contact, "contactless": entry.Contactless, "listed": entry.Listed,
		}[value]
		c.Way = way
		return known, nil
	case "choose":
		n, err := strconv.Atoi(value)
		c.Chooser = chooser{place: n}
		return true, err
	case "tdol":
		list, err := hex.DecodeString(value)
		c.Applications[0].TDOL = list
		return true, err
	case "pin":
		s.pad.pins = append(s.pad.pins, value)
		return true, nil
	case "referral":
		c.Referral = func() bool { return value == "yes" }
		return true, nil
	default:
		return false, nil
	}
}

// hexadecimal reads n bytes; it returns so many also with an error.
func hexadecimal(text string, n int) ([]byte, error) {
	b, err := hex.DecodeString(text)
	if err == nil && len(b) != n {
		err = fmt.Errorf("%q isn't %d bytes", text, n)
	}
	if err != nil {
		return make([]byte, n), err
	}
	return b, nil
}
