package issuer

import (
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
)

// Response codes (tag 8A, ISO 8583:1987).
const (
	codeApproved = "00"
	codeDeclined = "05"
)

// Config is what an issuer goes by.
type Config struct {
	// Keys are one set of each scheme and index that a card may name.
	Keys []Keys
	// Limit is the highest amount that is approved, in minor units of any currency; 0: none is
	// declined for its amount.
	Limit uint64
	// Declined are the account numbers that get no approval.
	Declined []string
	// Scripts are sent once to each card, in their order, those before the second GENERATE AC first.
	Scripts []Script
	// Status is what a card status update says beside approval and counters: bits of
	// [cryptogram.CSU]. Method 1 has none.
	Status cryptogram.CSU
	// PINs are for requests with a PIN that was entered for the issuer.
	PINs PINs
}

// Issuer authorises.
type Issuer struct {
	config Config
	mu     sync.Mutex
	cards  map[name]*card
}

// name is which card it is.
type name struct {
	pan      string
	sequence byte
}

// card is what is remembered of one.
type card struct {
	last    uint16 // highest ATC of a cryptogram that was right
	waiting []Script
	// wrongPINs came one after the other.
	wrongPINs int
}

// New makes an issuer.
func New(c Config) *Issuer { return &Issuer{config: c, cards: make(map[name]*card)} }

// Answer is what the issuer says.
type Answer struct {
	ARC [2]byte // 8A
	// IssuerAuth is 91's value: ARPC [8] || code [2] by method 1, ARPC [4] || card status update [4] by
	// method 2; nil where the cryptogram was wrong.
	IssuerAuth []byte
	// Scripts are templates 71 and 72, one after the other, at most 128 bytes.
	Scripts []byte
	// Why is the reason in words, for a log.
	Why string
}

// Approved says whether the payment is.
func (a Answer) Approved() bool { return string(a.ARC[:]) == codeApproved }

// Send has a script sent with the next answer to a card. An error wraps [cryptogram.ErrPAN]
// or [ErrScript], also when what waits already leaves no room for it.
func (i *Issuer) Send(pan string, sequence byte, s Script) error {
	if err := checkPAN(pan, sequence); err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	c := i.card(name{pan, sequence})
	waiting := append(slices.Clone(c.waiting), s)
	if err := checkAll(waiting); err != nil {
		return err
	}
	c.waiting = waiting
	return nil
}

// card is what is remembered of one. The lock is held.
func (i *Issuer) card(n name) *card {
	c, known := i.cards[n]
	if !known {
		c = &card{waiting: slices.Clone(i.config.Scripts)}
		i.cards[n] = c
	}
	return c
}

// Check checks the cryptogram of a request, or of the data of a payment that was approved offline,
// and returns its kind. A wrong one is [ErrCryptogram]; other errors wrap [ErrRequest],
// [cryptogram.ErrScheme] or [cryptogram.ErrPAN].
func (i *Issuer) Check(q Request) (Kind, error) {
	s, err := i.open(q)
	return s.kind, err
}

// open reads and checks a request.
func (i *Issuer) open(q Request) (signed, error) {
	s, err := parseICC(q.ICC)
	if err != nil {
		return signed{}, err
	}
	keys, err := keysFor(i.config.Keys, s.data.IAD)
	if err != nil {
		return signed{}, err
	}
	s.scheme, s.macLen = keys.Scheme, int(keys.MACLen)
	if s.card, err = keys.Card(q.PAN.Reveal(), q.Sequence); err != nil {
		return signed{}, err
	}
	want, err := s.scheme.Compute(s.card.AC, s.data)
	if err != nil {
		return signed{}, fmt.Errorf("%w: %w", ErrRequest, err)
	}
	if subtle.ConstantTimeCompare(want[:], s.ac[:]) == 0 {
		return s, ErrCryptogram
	}
	return s, nil
}

// Authorise decides on a request and answers it. What the card's cryptogram doesn't carry is
// declined by an answer; an error means that the request can't be read, and wraps [ErrRequest],
// [cryptogram.ErrScheme] or [cryptogram.ErrPAN].
func (i *Issuer) Authorise(q Request) (Answer, error) {
	s, err := i.open(q)
	if err == ErrCryptogram { //nolint:errorlint // open returns it as it is
		return decline("the cryptogram is wrong"), nil
	}
	if err != nil {
		return Answer{}, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	c := i.card(name{q.PAN.Reveal(), q.Sequence})
	atc := binary.BigEndian.Uint16(s.data.ATC[:])
	if atc <= c.last {
		return decline(fmt.Sprintf("transaction %d of this card was seen before", atc)), nil
	}
	c.last = atc
	answer := i.decide(q, s, c)
	messaging := s.scheme.Messaging(s.card, s.data.ATC, s.ac, s.macLen)
	if answer.Scripts, err = encode(c.waiting, messaging); err != nil {
		return Answer{}, err
	}
	c.waiting = nil
	answer.IssuerAuth, err = i.authenticate(s, answer)
	if err != nil {
		return Answer{}, err
	}
	return answer, nil
}

func decline(why string) Answer { return declineWith(codeDeclined, why) }

func declineWith(code, why string) Answer { return Answer{ARC: [2]byte([]byte(code)), Why: why} }

// decide goes by the rules. The lock is held.
func (i *Issuer) decide(q Request, s signed, c *card) Answer {
	switch {
	case s.kind != ARQC:
		return decline("the card asks for nothing: " + s.kind.String())
	case s.amount != q.Amount || s.currency != q.Currency:
		return decline("the card has signed another amount or currency")
	case slices.Contains(i.config.Declined, q.PAN.Reveal()):
		return decline("the account number is to be declined")
	case i.config.Limit != 0 && s.amount > i.config.Limit:
		return decline(fmt.Sprintf("the amount is above the limit of %d", i.config.Limit))
	}
	if code, why := i.checkPIN(q, s, c); code != "" {
		return declineWith(code, why)
	}
	return Answer{ARC: [2]byte([]byte(codeApproved)), Why: "approved"}
}

// authenticate makes the issuer authentication data.
func (i *Issuer) authenticate(s signed, a Answer) ([]byte, error) {
	update := a.ARC[:]
	if s.scheme != cryptogram.VersionCVN10 {
		csu := emv.CSUDeclined()
		if a.Approved() {
			csu = emv.CSUApproved()
		}
		for n, b := range i.config.Status {
			csu[n] |= b
		}
		update = csu[:]
	}
	auth, err := s.scheme.IssuerAuth(s.card.AC, s.data.ATC, s.ac, update, nil)
	if err != nil {
		return nil, fmt.Errorf("answering a card: %w", err)
	}
	return auth, nil
}
