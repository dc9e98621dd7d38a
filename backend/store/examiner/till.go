package examiner

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// maxTillFile bounds what is read of a terminal's file.
const maxTillFile = 1 << 20

// slip is what a terminal's file says of one payment or refund.
type slip struct {
	Kind     string `json:"kind"`
	Outcome  string `json:"outcome"`
	Reversed bool   `json:"reversed"`
	Amount   string `json:"amount"` // such as EUR:12.50
	Merchant string `json:"merchant"`
	Terminal string `json:"terminal"`
	STAN     uint32 `json:"stan"`
	Sent     string `json:"sent"`
	Original string `json:"original"` // of a refund: the payment's reference number
	// Offline is there in the receipt of a payment that the TSM wasn't asked for.
	Offline *struct {
		Claim string `json:"claim"` // over the statement's signed fields, hexadecimal
		To    uint8  `json:"to"`    // the last unit that was taken
	} `json:"offline"`
}

// The kinds of slips.
const (
	kindPayment = "payment"
	kindRefund  = "refund"
)

// till is a terminal's folder.
type till struct {
	folder   string
	approved map[string]slip // receipts of payments that stand, by the TSM's name of the payment
	reversed map[string]bool // receipts of payments that were taken back
	pending  map[string]bool // payments that the journal still has to end
	refunds  map[string]slip // receipts of refunds, by the TSM's name of the refund
	asked    map[string]bool // the refund that the journal still has to ask for
	offline  []slip          // receipts of payments by token
}

// paymentID is the TSM's name of a payment: SHA-256 over party, merchant, terminal, STAN and time,
// each in its whole length (ISO 8583 fields 42, 41, 11 and 7).
func (s slip) paymentID() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%-8.8s%-15s%-8s%06d%s",
		s.Merchant, s.Merchant, s.Terminal, s.STAN, s.Sent))
	return string(sum[:])
}

// minor is the amount in minor units of a currency with two decimals.
func (s slip) minor() (int64, error) {
	_, text, found := strings.Cut(s.Amount, ":")
	whole, cents, two := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole+cents, 10, 64)
	if !found || !two || len(cents) != 2 || err != nil {
		return 0, fmt.Errorf("%w: amount %.32q", ErrForeign, s.Amount)
	}
	return n, nil
}

// openTill reads a stopped terminal's receipts and journal.
func openTill(folder string) (till, error) {
	t := till{
		folder: folder, approved: map[string]slip{}, reversed: map[string]bool{},
		pending: map[string]bool{}, refunds: map[string]slip{}, asked: map[string]bool{},
	}
	paths, err := filepath.Glob(filepath.Join(folder, "receipts", "receipt-*.json"))
	if err != nil {
		return t, fmt.Errorf("examining %s: %w", folder, err)
	}
	for _, path := range paths {
		var s slip
		if err := readJSON(path, &s); err != nil {
			return t, err
		}
		switch {
		case s.Outcome != "approved":
		case s.Kind == kindRefund:
			t.refunds[s.paymentID()] = s
		case s.Kind != kindPayment:
		case s.Offline != nil:
			t.offline = append(t.offline, s)
		case s.Reversed:
			t.reversed[s.paymentID()] = true
		default:
			t.approved[s.paymentID()] = s
		}
	}
	var journal struct {
		Pending []slip `json:"pending"`
		Refund  *slip  `json:"refund"`
	}
	err = readJSON(filepath.Join(folder, "journal"), &journal)
	if errors.Is(err, os.ErrNotExist) {
		return t, nil
	}
	for _, s := range journal.Pending {
		t.pending[s.paymentID()] = true
	}
	if journal.Refund != nil {
		t.asked[journal.Refund.paymentID()] = true
	}
	return t, err
}

// readJSON reads what it knows of a file's fields.
func readJSON(path string, v any) (err error) {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return fmt.Errorf("examining %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	raw, err := io.ReadAll(io.LimitReader(file, maxTillFile))
	if err == nil {
		err = json.Unmarshal(raw, v)
	}
	if err != nil {
		return fmt.Errorf("examining %s: %w: %w", path, ErrForeign, err)
	}
	return nil
}

// compareTills holds what terminals have told their customers against what the TSM has booked. What
// a journal still has to reverse may be booked or not.
func compareTills(r *Report, tills []till, services []tsm) error {
	booked := allPayments(services)
	known := map[string]bool{}
	for _, t := range tills {
		if err := t.compare(r, booked); err != nil {
			return fmt.Errorf("examining %s: %w", t.folder, err)
		}
		for _, ids := range []map[string]bool{t.pending, t.reversed} {
			for id := range ids {
				known[id] = true
			}
		}
		for id := range t.approved {
			known[id] = true
		}
	}
	for id, p := range booked {
		if !known[id] && !p.reversed {
			r.find(p.merchant, "a payment of %d is booked, and no terminal has it", p.minor)
		}
	}
	return compareRefunds(r, tills, services)
}

// compareOffline holds receipts of payments by token against the claims of all terminals: nobody
// was given one whose claim isn't kept.
func compareOffline(r *Report, tills []till, told []Told, all []Claimed) error {
	reach := map[string]uint8{} // by statement
	for _, c := range all {
		read, there, err := c.read()
		if err != nil {
			return err
		}
		name := hex.EncodeToString(read.account[:])
		if !there {
			name, read.units.to = hex.EncodeToString(c.Key[:]), math.MaxUint8 // it is paid
		}
		reach[name] = max(reach[name], read.units.to)
	}
	given := map[string][]slip{}
	for _, t := range tills {
		given[t.folder] = t.offline
	}
	for _, t := range told {
		if t.Offline != nil {
			given["customer"] = append(given["customer"], t.slip)
		}
	}
	for who, slips := range given {
		for _, s := range slips {
			if max(reach[s.Offline.Claim], reach[s.lastTick()]) < s.Offline.To {
				r.find(who, "the receipt %06d of %s has no claim", s.STAN, s.Amount)
			}
		}
	}
	return nil
}

// lastTick is the key under which a journal keeps the last tick of a metering commitment.
func (s slip) lastTick() string {
	account, err := hex.DecodeString(s.Offline.Claim)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(append(account, s.Offline.To))
	return hex.EncodeToString(sum[:])
}

// allPayments returns what TSMs have booked.
func allPayments(services []tsm) map[string]payment {
	booked := map[string]payment{}
	for _, t := range services {
		maps.Copy(booked, t.payments)
	}
	return booked
}

// compareRefunds holds what terminals say they have given back against what the TSM has booked.
// What a journal still has to ask for may be booked or not.
func compareRefunds(r *Report, tills []till, services []tsm) error {
	booked := allRefunds(services)
	known := map[string]bool{}
	for _, t := range tills {
		for id := range t.asked {
			known[id] = true
		}
		for id, s := range t.refunds {
			known[id] = true
			minor, err := s.minor()
			if err != nil {
				return fmt.Errorf("examining %s: %w", t.folder, err)
			}
			if got, ok := booked[id]; !ok || got != minor {
				r.find(t.folder, "the refund %06d of %s isn't booked at the TSM", s.STAN, s.Amount)
			}
		}
	}
	for id, minor := range booked {
		if !known[id] {
			r.find("all", "a refund of %d is booked, and no terminal has it", minor)
		}
	}
	return nil
}

// allRefunds returns what TSMs have given back, by their name of the refund.
func allRefunds(services []tsm) map[string]int64 {
	booked := map[string]int64{}
	for _, t := range services {
		maps.Copy(booked, t.refunds)
	}
	return booked
}

// compare holds one terminal's receipts against what is booked.
func (t till) compare(r *Report, booked map[string]payment) error {
	for id := range t.reversed {
		if p, ok := booked[id]; ok && !p.reversed && !t.pending[id] {
			r.find(t.folder, "a payment of %d was taken back here, and stands at the TSM", p.minor)
		}
	}
	for id, s := range t.approved {
		if t.pending[id] {
			continue
		}
		minor, err := s.minor()
		if err != nil {
			return err
		}
		if p, ok := booked[id]; !ok || p.reversed || p.minor != minor {
			r.find(t.folder, "the receipt %06d of %s isn't booked at the TSM", s.STAN, s.Amount)
		}
	}
	return nil
}
